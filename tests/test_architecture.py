"""Imports flow one way: between the apps, and between the modules of an app."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "orgs", "profiles", "projects")
# Lower may not name higher. Modules of one line may know each other.
FLOORS = (
    {"enums", "stands"},
    {"codes", "fingerprint", "guide", "hooks", "identity", "managers", "paths", "privacy", "usage"},
    {"queries"},
    {"models"},
    {
        "actors",
        "audit",
        "maintenance",
        "stored_codes",
        "sealing",
        "tasks",
        "throttles",
        "staff",
        "sessions",
        "session_store",
    },
    {"bulletin", "facts", "measures", "references", "trail", "reveal", "reveals"},
    {"contents", "workflow", "titles", "money", "snapshot"},
    {"notices", "call_notices", "rules", "sections", "attachments", "particulars"},
    {"completeness", "figures", "progress", "versions"},
    {"documents", "own_data", "pdf"},
    {"kept_forms", "oidc", "services"},
    {
        "dashboard",
        "forms",
        "bulletin_forms",
        "call_forms",
        "maintenance_forms",
        "filters",
        "tables",
        "imports",
        "exports",
        "context",
        "middleware",
        "demo",
    },
    {"templatetags", "views"},
    {"urls", "admin_site", "admin_lists", "daily"},
    {"admin", "management"},
    {"apps"},
)
FLOOR = {module: number for number, modules in enumerate(FLOORS) for module in modules}
# Where an import inside a block has a reason: apps are ready only then, and production never has zhgg.dev.
MAY_IMPORT_LATE = {"zhgg/settings.py", "zhgg/urls.py", "zhgg/kit/apps.py", *(f"{app}/apps.py" for app in APPS)}


def sources(*folders):
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def name(path):
    return str(path.relative_to(ROOT))


def imports(path):
    """Dotted names that the file imports, with `from a import b` as both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports relatively; write the whole name"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sources("zhgg/kit", *APPS), ids=name)
def test_no_app_names_a_higher_one(path):
    order = ("zhgg", *APPS)
    own = order.index(path.relative_to(ROOT).parts[0])

    higher = {imported for imported in imports(path) if imported.split(".")[0] in order[own + 1 :]}
    outside_the_kit = {
        imported for imported in imports(path) if imported.startswith("zhgg.") and not imported.startswith("zhgg.kit")
    }

    assert higher == set()
    assert outside_the_kit == set()


@pytest.mark.parametrize("path", sources(*APPS), ids=name)
def test_modules_of_an_app_import_downwards(path):
    app, module = path.relative_to(ROOT).with_suffix("").parts[:2]
    if module == "__init__":
        return
    assert module in FLOOR, f"{name(path)}: give this room a floor"

    upwards = set()
    for imported in imports(path):
        parts = imported.split(".")
        if parts[0] == app and len(parts) > 1 and parts[1] in FLOOR and FLOOR[parts[1]] > FLOOR[module]:
            upwards.add(imported)

    assert upwards == set()


@pytest.mark.parametrize("path", sources("zhgg", *APPS), ids=name)
def test_imports_stand_at_the_top(path):
    if name(path) in MAY_IMPORT_LATE:
        return
    tree = ast.parse(path.read_text())
    late = [
        f"line {inner.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]

    assert late == []


@pytest.mark.parametrize("path", sources(*APPS), ids=name)
def test_only_services_change_a_state(path):
    """`state` is written by services (and read everywhere); `update(state=…)` would walk past lock and rule."""
    if "services" in path.parts or path.stem == "services":
        return
    written = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state"
    ] + [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "update"
        and any(keyword.arg == "state" for keyword in node.keywords)
    ]

    assert written == []


def test_the_top_level_is_what_was_commissioned():
    allowed = {"zhgg", *APPS, "templates", "static", "tests", "docs", "deploy"}

    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

    assert folders - {"staticfiles", "media"} <= allowed
