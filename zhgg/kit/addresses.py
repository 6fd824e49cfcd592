"""Addresses of pages that are asked for again and again: `reverse` takes long for a page with thirty of them."""

from functools import cache

from django.urls import reverse

_ANY = 1234567890


@cache
def address_of(name):
    """Where the page `name` is, one that takes no arguments."""
    return reverse(name)


@cache
def addresses(name):
    """`address(pk)` of the pages of that name."""
    before, after = reverse(name, args=[_ANY]).split(str(_ANY))
    return lambda pk: f"{before}{pk}{after}"
