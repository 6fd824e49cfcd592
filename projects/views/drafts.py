"""Stub."""

from django.http import HttpResponse


def check(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")


def edit(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")
