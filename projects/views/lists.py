"""Stub."""

from django.http import HttpResponse


def my_proposals(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")


def proposals(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")
