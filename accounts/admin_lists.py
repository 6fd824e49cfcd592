"""What every list of the Django admin shares: quick pages, and a search that keeps numbers of people out of addresses.

A 证件号码 or 手机号码 in the search box is posted; the address then carries its keyed digest. Lists that know no
digests say that they cannot be searched by such a number.
"""

import re
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.utils.functional import cached_property

from accounts.identity import identity_digest
from accounts.throttles import SEARCH, counted
from zhgg.kit.arrays import array
from zhgg.kit.crypto import digest
from zhgg.kit.identifiers import id_documents, resident_id, uscc
from zhgg.kit.identifiers.digits import compact
from zhgg.kit.phones import clean_mobile

GIVEN = "（已填号码）"
"""What stands in the search box in place of a number that was given before; sent back it means the same number."""
LENGTH = 1000
"""How much of a search is kept: the digests of a number are the longest."""
WORDS = 5
"""How many words of a search are looked for."""
FILTERS = {"exact", "isnull", "isempty", "gte", "lt"}
"""What Django's filters beside a list ask of a field."""
_DIGESTS = re.compile(r"[0-9a-f]{64}(,[0-9a-f]{64})*", re.ASCII)
# 证件号码 of all types, phone and bank numbers. An 申报编号 has other letters.
_NUMBER = re.compile(r"\+?\d[\d-]{7,}[A-Z]?|[A-Z]{1,2}\d{7,8}|[HM]\d{10}|[A-Z]{3}\d{12}", re.ASCII)


def _name_of(list_filter):
    """The field or parameter of an entry of `list_filter`."""
    if isinstance(list_filter, tuple):
        return list_filter[0]
    return getattr(list_filter, "parameter_name", list_filter)


def is_personal_number(text):
    """Whether `text` looks like a 证件号码, phone or bank number, and must not stand in an address."""
    number = compact(text)
    return bool(_NUMBER.fullmatch(number)) and not _passes(uscc.validate, number)


def digests_of(text):
    """The keyed digests by which a 证件号码 of any type or a 手机号码 can be found."""
    number = compact(text)
    try:
        return [digest("mobile", clean_mobile(number))]
    except ValidationError:
        pass
    if _passes(resident_id.validate, number):
        return [identity_digest(id_documents.RESIDENT_ID, number)]
    return list(dict.fromkeys(identity_digest(kind, number) for kind in id_documents.DOCUMENTS))


def _passes(validate, number):
    try:
        validate(number)
    except ValidationError:
        return False
    return True


class KeysFirstPaginator(Paginator):
    """Finds and orders the keys of a page alone, and looks up only these rows: deep pages cost no more than others."""

    @cached_property
    def count(self):
        """How many rows there are. A search with few results is not carried out a second time for the count."""
        return len(self._first) if len(self._first) <= self.per_page else super().count

    @cached_property
    def _first(self):
        return list(self._keys[: self.per_page + 1])

    @property
    def _keys(self):
        return self.object_list.select_related(None).values_list("pk", flat=True)

    def page(self, number):
        """The page, its rows in order."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        keys = self._first[: self.per_page] if number == 1 else list(self._keys[start : start + self.per_page])
        shown = self.object_list.model._default_manager.all()
        shown.query.select_related = self.object_list.query.select_related
        found = shown.in_bulk(keys)
        return self._get_page([found[key] for key in keys if key in found], number, self)


class List(ChangeList):
    """A list that does not repeat a number that was searched for."""

    def get_results(self, request):
        """The rows of the page, by their keys for a short list too."""
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list

    @property
    def shown_query(self):
        """What stands in the search box."""
        return GIVEN if _DIGESTS.fullmatch(self.query) else self.query


class ListAdmin(admin.ModelAdmin):
    """The base of every ModelAdmin here. `digest_lookups` are the fields by whose digest a number is found."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = KeysFirstPaginator
    digest_lookups: tuple[str, ...] = ()

    def get_changelist(self, request, **kwargs):
        return List

    @counted(SEARCH, lambda request: bool(request.GET.get(SEARCH_VAR) or request.POST.get(SEARCH_VAR)))
    def changelist_view(self, request, extra_context=None):
        """The list. A search is posted, and answered with the address that holds no number. What nobody can ask is
        answered with the whole list: Django leads it to ERROR_FLAG, and there speaks of a broken database.
        """
        if ERROR_FLAG in request.GET or any("\0" in value for _, values in request.GET.lists() for value in values):
            self.message_user(request, "查询条件有误，已列出全部。", messages.WARNING)
            return HttpResponseRedirect(request.path)
        posted = request.method == "POST" and SEARCH_VAR in request.POST
        text = (request.POST if posted else request.GET).get(SEARCH_VAR, "").strip()[:LENGTH]
        if posted and text == GIVEN:
            text = request.GET.get(SEARCH_VAR, "")[:LENGTH]
        if posted or is_personal_number(text):
            return self._search(request, text)
        return super().changelist_view(request, extra_context)

    def lookup_allowed(self, lookup, value, request):
        """What the filters beside the list ask, and nothing else; the rest is the 400 page. Django would let an address
        try any column letter by letter, digests and passwords too."""
        return any(
            lookup == name or (lookup.startswith(f"{name}__") and lookup.removeprefix(f"{name}__") in FILTERS)
            for name in map(_name_of, self.get_list_filter(request))
        )

    def _search(self, request, text):
        asked = {name: value for name, value in request.GET.items() if name not in (SEARCH_VAR, PAGE_VAR)}
        if is_personal_number(text):
            if not self.digest_lookups:
                self.message_user(request, "这个列表不能按证件号码、手机号码或银行账号查找。", messages.WARNING)
            text = ",".join(digests_of(text)) if self.digest_lookups else ""
        query = urlencode(asked | ({SEARCH_VAR: text} if text else {}))
        return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)

    def get_search_results(self, request, queryset, search_term):
        """By the digests of a number where the term is such; else every word in it must be found in some field.

        Each field is searched by itself, so that it can use its index: with OR over several tables none is used.
        """
        if not search_term.strip():
            return queryset, False
        rows = self.model._base_manager.all()
        if _DIGESTS.fullmatch(search_term):
            rows = self._found(rows, {f"{lookup}__in": search_term.split(",") for lookup in self.digest_lookups})
        else:
            for word in search_term.split()[:WORDS]:
                rows = self._found(rows, dict.fromkeys(self.search_fields, word))
        # Looked for once, though the list asks twice: for the number of rows and for those of the page.
        return queryset.filter(pk__any_of=array(rows.values_list("pk", flat=True))), False

    def _found(self, rows, lookups):
        parts = [self.model._base_manager.filter(**{lookup: value}).values("pk") for lookup, value in lookups.items()]
        if not parts:
            return rows.none()
        return rows.filter(pk__in=parts[0].union(*parts[1:]) if parts[1:] else parts[0])


class ReadOnlyAdmin(ListAdmin):
    """To look at, never to change."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
