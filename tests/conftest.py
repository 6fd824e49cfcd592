"""Fixtures that all tests share. The database comes from DATABASE_URL, which `./dev test` sets."""

import math
import os
import time

import pytest
from django.db import connection
from django.test import Client

from accounts.sessions import BEGAN
from orgs import stored_codes
from projects import maintenance

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Before the test database is dropped, end the sessions that a server thread of a browser test may still hold."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Staff passwords hashed in no time: the real hasher takes a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def code_tables_of_the_files(monkeypatch):
    """No request looks for changed code tables, so that each page takes the same number of queries every time."""
    monkeypatch.setattr(stored_codes, "LIFE_SECONDS", math.inf)


@pytest.fixture(autouse=True)
def no_maintenance(settings):
    """No maintenance is set, and nobody asks the database whether one is: it would come and go in counts of queries."""
    settings.MAINTENANCE_READ_SECONDS = 3600
    maintenance.know_of_none()


@pytest.fixture(autouse=True)
def nothing_remembered(settings):
    """Pages show at once what a test has just changed."""
    settings.REMEMBERED_SECONDS = 0


@pytest.fixture(scope="session")
def upload_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(autouse=True)
def upload_root(settings, upload_folder):
    """Uploaded files of the tests stay out of the checkout's own."""
    settings.UPLOAD_ROOT = upload_folder


@pytest.fixture
def login():
    """`login(user)` is a test client logged in as that user; staff have passed the second factor."""

    def make(user):
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(user, backend=backend_of(user))
        session = client.session
        session[BEGAN] = int(time.time())
        if user.kind == "staff":
            device = user.totpdevice_set.first() or user.totpdevice_set.create(name="test", confirmed=True)
            session["otp_device_id"] = device.persistent_id
        session.save()
        return client

    return make


def backend_of(user):
    """The backend through which such an account logs in."""
    return {
        "legal": "accounts.oidc.backend.LegalBackend",
        "person": "accounts.oidc.backend.PersonBackend",
        "staff": "accounts.staff.StaffBackend",
    }[user.kind]
