"""System checks stop a start that would end in unreadable, readable or unfindable data."""

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.db import connection
from django.test import override_settings

from tests.kit.test_fields import Vault
from zhgg.kit import checks


def test_a_malformed_key_ring_is_an_error():
    with override_settings(FIELD_KEYS="a:short", DIGEST_KEY=""):
        [problem] = checks.keys_can_be_used(None)
    assert problem.id == "kit.E002"
    assert "FIELD_KEYS" in problem.msg


def test_a_good_key_ring_is_none(settings):
    assert checks.keys_can_be_used(None) == []


@pytest.mark.parametrize("option", ["list_display", "readonly_fields", "fields", "search_fields"])
def test_an_admin_page_with_an_encrypted_field_is_an_error(option, monkeypatch):
    site = SimpleNamespace(_registry={Vault: type("VaultAdmin", (admin.ModelAdmin,), {option: ["name", "account"]})})
    monkeypatch.setattr(checks, "all_sites", [site])
    [problem] = checks.admin_shows_no_encrypted_value(None)
    assert problem.id == "kit.E003"
    assert "'account'" in problem.msg


def test_an_admin_page_without_one_is_none(monkeypatch):
    site = SimpleNamespace(_registry={Vault: type("VaultAdmin", (admin.ModelAdmin,), {"list_display": ["name", "x"]})})
    monkeypatch.setattr(checks, "all_sites", [site])
    assert checks.admin_shows_no_encrypted_value(None) == []


def test_synthetic_numbers_are_a_warning_of_the_deployment():
    with override_settings(ALLOW_SYNTHETIC_IDS=True):
        assert [problem.id for problem in checks.synthetic_numbers_are_refused(None)] == ["kit.W001"]
    with override_settings(ALLOW_SYNTHETIC_IDS=False):
        assert checks.synthetic_numbers_are_refused(None) == []


@pytest.mark.django_db
def test_a_database_whose_trigrams_know_chinese_is_fine():
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert checks.trigrams_know_chinese(None, databases=["default"]) == []
    assert checks.trigrams_know_chinese(None, databases=None) == []
