"""Which lines of the audit trail each service can write, read from the code: its own, and those of what it calls."""

import ast
import importlib
import pkgutil
from functools import cache
from pathlib import Path

APPS = ("accounts", "orgs", "profiles", "projects")
OTHERS = ("profiles.documents",)
"""Modules of writes beside the `services` of an app."""


@cache
def modules():
    """`{dotted name: its syntax tree}` of every module of services."""
    found = []
    for app in APPS:
        services = importlib.import_module(f"{app}.services")
        within = getattr(services, "__path__", ())
        found += [services.__name__, *(f"{services.__name__}.{each.name}" for each in pkgutil.iter_modules(within))]
    return {name: ast.parse(Path(importlib.import_module(name).__file__).read_text()) for name in [*found, *OTHERS]}


@cache
def functions():
    """`{(module, function): its node}`, private ones included."""
    return {(module, node.name): node for module, tree in modules().items() for node in tree.body if _is_function(node)}


def _is_function(node):
    return isinstance(node, ast.FunctionDef)


def public():
    """Names of all services: `accounts.services.sign_in`."""
    return sorted(f"{module}.{name}" for module, name in functions() if not name.startswith("_"))


def actions_of(service):
    """Names of the AuditActions that the service can write, itself or by what it calls."""
    return sorted(_reached((service.rpartition(".")[0], service.rpartition(".")[2]), frozenset()))


def _reached(key, seen):
    if key in seen:
        return set()
    node, found = functions()[key], set()
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "AuditAction":
            found.add(each.attr)
        elif isinstance(each, (ast.Name, ast.Attribute)) and (called := _named(key[0], each)):
            found |= _reached(called, seen | {key})
    return found


def _named(module, node):
    """The function of our services that a name in `module` means, or None."""
    if isinstance(node, ast.Attribute):
        if not isinstance(node.value, ast.Name):
            return None
        key = (_imports(module).get(node.value.id, ""), node.attr)
    else:
        whole = _imports(module).get(node.id, f"{module}.{node.id}")
        key = (whole.rpartition(".")[0], whole.rpartition(".")[2])
    return key if key in functions() else None


@cache
def _imports(module):
    """`{name in the module: dotted name of what it means}`."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in modules()[module].body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
