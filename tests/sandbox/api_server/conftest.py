"""The tests that start a server run only where one is asked for."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave them out unless `--api server` is given."""
    servers = ("test_server.py", "test_secret_readers.py", "test_mutating_policies.py")
    return True if collection_path.name in servers and config.getoption("api") != "server" else None
