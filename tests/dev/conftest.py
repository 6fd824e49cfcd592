"""What the tests of the development tools share. They use a PostgreSQL of their own, far from anybody's data."""

import os
import socket
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def free_port():
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def plain_environment():
    """An environment as a new terminal has it: nothing of ours, nothing of the test run."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    taken = {name: value for name, value in os.environ.items() if name in kept or name.startswith(("PIP_", "SSL_"))}
    return {**taken, "NO_PROXY": "127.0.0.1,localhost"}
