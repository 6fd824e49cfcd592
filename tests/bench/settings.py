"""The site as production serves it, with a bare page of django-tables2 beside it to compare with."""

from zhgg.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.site"
# What only development does with every request.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = False
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "tests/bench/templates"]}]  # noqa: F405
