"""Stub."""

from django.http import HttpResponse


def calls(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")


def call(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")


def apply(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")
