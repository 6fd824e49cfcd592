"""The settings of production for the sites of these tests, without what `collectstatic` prepares, and with the quick
hasher of all tests: the real one takes a second on purpose."""

from zhgg.settings import *  # noqa: F403
from zhgg.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
