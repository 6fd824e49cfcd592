"""How accounts come to be: the only ways that respect what an account is."""

import hashlib

from django.contrib.auth.base_user import BaseUserManager
from django.db.models import OuterRef

from accounts.enums import Kind
from accounts.identity import identity_digest
from zhgg.kit.crypto import digest
from zhgg.kit.identifiers.id_documents import RESIDENT_ID


def username_for(issuer, subject):
    """The username of a 渝快办 account: a hash, so that it tells nothing and nobody can log in by guessing it."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return f"ykb-{digest[:40]}"


class UserManager(BaseUserManager):
    """Accounts."""

    def known_by(self, digests):
        """个人用户 whose verified 证件号码 has one of these digests: a value, a list or a query of them.

        That no digest is empty lets PostgreSQL use the unique index, which leaves the empty ones out.
        """
        one = isinstance(digests, (str, OuterRef))
        found = self.filter(kind=Kind.PERSON, **{"identity_digest" if one else "identity_digest__in": digests})
        return found.exclude(identity_digest="")

    def create_ykb(self, *, kind, issuer, subject, id_type="", id_number="", uscc="", **fields):
        """An account from 渝快办 (法人用户 or 个人用户): no password, no rights in the admin.

        `id_number` and `uscc` are normalised already and count as verified; a number without a type is a 居民身份证's.
        """
        if kind not in (Kind.LEGAL, Kind.PERSON):
            raise ValueError("渝快办 knows legal and person accounts only")
        identity = identity_digest(id_type or RESIDENT_ID, id_number)
        user = self.model(
            kind=kind,
            issuer=issuer,
            subject=subject,
            username=username_for(issuer, subject),
            id_type=id_type,
            id_number=id_number,
            identity_digest=identity,
            uscc=uscc,
            known_as=identity or (digest("uscc", uscc) if uscc else ""),
            **fields,
        )
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_staff(self, username, password, *, name="", superuser=False, **fields):
        """A member of the bureau's staff. Only superusers reach the Django admin."""
        user = self.model(
            kind=Kind.STAFF, username=username, name=name, is_staff=superuser, is_superuser=superuser, **fields
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        """An administrator, for Django's own `createsuperuser`."""
        return self.create_staff(username, password, superuser=True, **fields)
