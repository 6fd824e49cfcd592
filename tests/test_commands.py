"""Our commands of manage.py: each says what it does, and what changes much can be tried first."""

import pytest
from django.core.management import get_commands, load_command_class

OURS = ("accounts", "orgs", "profiles", "projects", "zhgg.kit")
COMMANDS = sorted((name, app) for name, app in get_commands().items() if app in OURS)


def options_of(name, app):
    command = load_command_class(app, name)
    own = command.create_parser("manage.py", name)._actions
    return command, {option for action in own for option in action.option_strings}


def test_the_commands_of_the_readme_are_there():
    commissioned = "create_staff load_codes rotate_field_keys seal_audit seed_demo send_reminders verify_audit"
    assert set(commissioned.split()) <= {name for name, _ in COMMANDS}


@pytest.mark.parametrize(("name", "app"), COMMANDS)
def test_each_says_what_it_does(name, app):
    command, _ = options_of(name, app)
    assert len(command.help) > 8
    assert all(action.help for action in command.create_parser("manage.py", name)._actions)


@pytest.mark.parametrize("name", ["load_codes", "rotate_field_keys", "seal_audit", "send_reminders"])
def test_what_changes_many_rows_can_be_tried_first(name):
    assert "--dry-run" in options_of(name, dict(COMMANDS)[name])[1]
