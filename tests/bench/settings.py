"""The site as production serves it, with a bare page of django-tables2 beside it to compare with."""

import os

from zhgg.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.site"
# What only development does with every request.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = False
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "tests/bench/templates"]}]  # noqa: F405
if folder := os.environ.get("BENCH_STATIC"):
    # Stylesheets and scripts as production has them: compressed, under names that a browser keeps for good.
    STATIC_ROOT = folder
    STORAGES = {
        **STORAGES,  # noqa: F405
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
