"""Rows of a table chosen by typing part of their name, in the Django admin."""

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple


def _is_key(value) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 18


class RowSelect(AutocompleteSelect):
    """One row. Django's own shows the chosen row again by whatever was posted, and breaks on what is no number."""

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name) or ""
        return value if _is_key(value) else ""


class RowsSelect(AutocompleteSelectMultiple):
    """Several rows, likewise."""

    def value_from_datadict(self, data, files, name):
        return [value for value in super().value_from_datadict(data, files, name) or () if _is_key(value)]
