"""An upload area of its own for each test here."""

import pytest


@pytest.fixture(autouse=True)
def upload_root(settings, tmp_path):
    """Empty, and not made yet."""
    settings.UPLOAD_ROOT = tmp_path / "area"
    return settings.UPLOAD_ROOT
