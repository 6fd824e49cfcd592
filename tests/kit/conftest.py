"""Hypothesis judges values here, not the speed of a busy machine; tests of speed say so and measure by themselves."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
