"""Stub."""

from django.http import HttpResponse


def proposal(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")


def act(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")
