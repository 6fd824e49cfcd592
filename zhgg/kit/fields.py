"""Model fields: text that is encrypted in the database."""

import base64
import binascii
import logging
import uuid

from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from zhgg.kit import crypto
from zhgg.kit.masking import UNREADABLE
from zhgg.kit.metrics import count_unreadable
from zhgg.kit.partly import PartlyRead

log = logging.getLogger("zhgg.fields")


class SealedModel(PartlyRead):
    """A model with encrypted columns. `seal_id` names the row in what is authenticated with each value, so that a value
    copied into another row cannot be read. It exists before the row does and never changes."""

    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class SealedToken(bytes):
    """An encrypted value as it is in the database. Its repr does not show it."""

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class SealedAttribute(DeferredAttribute):
    """Reads and writes plaintext on an instance that holds the token, or the plaintext not sealed yet.

    In the instance's `__dict__` stands None (empty), a SealedToken (as in the database), or a str that was assigned and
    is sealed by the next save.

    A token that cannot be opened raises crypto.Undecipherable, which `AnswerMiddleware` turns into a page: nothing is
    done with what cannot be read, and nothing overwrites it unseen. What is only shown is read by `to_show`.
    """

    def __get__(self, instance, cls=None):
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            self._load(instance)
        value = instance.__dict__[self.field.attname]
        if isinstance(value, SealedToken):
            return self._opened(instance, value)
        return value or ""

    def __set__(self, instance, value):
        if not (value is None or isinstance(value, str | SealedToken)):
            raise TypeError(f"{self.field} takes a str, not {type(value).__name__}")
        if isinstance(value, str) and self._holds(instance, value):
            return
        instance.__dict__[self.field.attname] = value or None

    def _holds(self, instance, text):
        """Whether the instance's token already says `text` under the newest key and can stay as it is."""
        token = instance.__dict__.get(self.field.attname)
        if not isinstance(token, SealedToken):
            return False
        try:
            return crypto.sealed_with_newest_key(token) and self._opened(instance, token) == text
        except crypto.Undecipherable:
            return False

    def _opened(self, instance, token):
        try:
            return crypto.unseal(token, self.field.context(instance))
        except crypto.Undecipherable as error:
            self.field.note_unreadable(instance.pk, error)
            raise

    def _load(self, instance):
        """Fetch a deferred column and the row's seal_id in one query, as a token."""
        rows = type(instance)._base_manager.db_manager(instance._state.db).filter(pk=instance.pk)
        token, seal_id = rows.values_list(self.field.attname, "seal_id").get()
        instance.__dict__[self.field.attname] = token
        instance.__dict__["seal_id"] = seal_id


def to_show(instance, name):
    """The text of the encrypted column `name`, for showing alone; UNREADABLE where it cannot be read."""
    try:
        return getattr(instance, name)
    except crypto.Undecipherable:
        return UNREADABLE


class EncryptedTextField(models.BinaryField):
    """Text in a `bytea` column, encrypted with `kit.crypto` for this table, column and row.

    The attribute is a str, "" when empty (NULL in the database). A row whose value was not changed keeps its token;
    assigning the same text again re-encrypts only when the key ring has a newer key. The column cannot be searched or
    sorted by, only tested with `__isnull`: keep a `kit.crypto.digest` in a second column for look-ups. `update()` and
    `bulk_update()` refuse plaintext, because they know no row: set the attribute and save. Take `seal_id` along in
    `only()`. Renaming the table or the column makes old values unreadable: read them before, save them after.
    """

    description = "encrypted text"
    descriptor_class = SealedAttribute
    empty_values = [None, "", b""]

    def __init__(self, *args, **kwargs):
        for option in ("default", "unique", "db_index", "primary_key", "choices", "db_default"):
            if kwargs.get(option):
                raise TypeError(f"an encrypted column cannot have {option}=")
        kwargs["null"] = True  # NULL is the empty text
        kwargs["editable"] = False  # neither the admin nor a ModelForm shows it unasked
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"]
        return name, path, args, kwargs

    def check(self, **kwargs):
        problems = super().check(**kwargs)
        if not any(field.name == "seal_id" for field in self.model._meta.get_fields()):
            problems.append(
                checks.Error("A model with an EncryptedTextField must inherit SealedModel.", obj=self, id="kit.E001")
            )
        return problems

    def context(self, instance) -> str:
        """What a token of this row is bound to."""
        return self._context(instance.seal_id)

    def _context(self, row):
        return f"{self.model._meta.db_table}|{self.column}|{row}"

    def note_unreadable(self, key, error):
        """Write down that the value in the row with this key could not be opened, and count it for monitoring."""
        # Never the value, whatever is left of it.
        log.error("%s of row %s cannot be read: %s", self, key, error)
        count_unreadable(str(self))

    def resealed(self, rows, *, into):
        """Tokens of this column, sealed for the column `into` of other rows: `{key: token}`, thousands at once.

        `rows` holds `(key, token, seal_id, seal_id of the other row)`, both as text. None stays None. What cannot be
        opened is written down and left out.
        """
        sealed = [row for row in rows if row[1] is not None]
        here, there = self._context(""), into._context("")
        moves = [(token, here + row, there + other) for _, token, row, other in sealed]
        tokens = {key: None for key, token, *_ in rows if token is None}
        for (key, *_), token in zip(sealed, crypto.reseal_each(moves), strict=True):
            if isinstance(token, crypto.Undecipherable):
                self.note_unreadable(key, token)
            else:
                tokens[key] = token
        return tokens

    def pre_save(self, model_instance, add):
        attribute = model_instance.__dict__
        if self.attname not in attribute:
            self.value_from_object(model_instance)
        if isinstance(attribute[self.attname], str):
            attribute[self.attname] = SealedToken(
                crypto.seal(attribute[self.attname], self.context(model_instance)),
            )
        return attribute[self.attname]

    def from_db_value(self, value, expression, connection):
        return None if value is None else SealedToken(value)

    def get_db_prep_save(self, value, connection):
        # Django would let an expression through, and Value("…") carries plaintext.
        return self.get_db_prep_value(value, connection, prepared=False)

    def get_db_prep_value(self, value, connection, prepared=False):
        if not (value is None or isinstance(value, SealedToken)):
            raise TypeError(f"{self} takes no plaintext in SQL: set the attribute and save the object")
        return super().get_db_prep_value(None if value is None else bytes(value), connection, prepared)

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            raise FieldError(f"{self} is encrypted and knows only __isnull: look up its digest instead")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name):
        raise FieldError(f"{self} is encrypted and knows only __isnull, not {lookup_name}")

    def clean(self, value, model_instance):
        if not isinstance(value, str):
            raise ValidationError("应为文字，请重新填写")
        self.validate(value, model_instance)
        self.run_validators(value)
        return value

    def value_to_string(self, obj):
        """The sealed token in base64, for dumpdata."""
        token = self.pre_save(obj, add=False)
        return "" if token is None else base64.b64encode(token).decode("ascii")

    def to_python(self, value):
        """The token that `value_to_string` wrote; never plaintext."""
        if not isinstance(value, str):
            return value
        try:
            return SealedToken(base64.b64decode(value, validate=True)) or None
        except (binascii.Error, ValueError):
            raise ValidationError(f"{self}: no base64 of an encrypted value") from None
