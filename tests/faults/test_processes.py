"""Processes that are killed."""

import pytest

pytestmark = pytest.mark.xdist_group("faults")


def test_the_site_comes_up(world):
    assert world.visitor("legal").get("/departments/").status == 200
    assert world.visitor("officers", 0).get("/projects/").status == 200
