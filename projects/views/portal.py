"""Stub."""

from django.http import HttpResponse


def portal(request, **kwargs):
    """Not written yet."""
    return HttpResponse("")
