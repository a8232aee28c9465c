"""The tests that start a server run only where one is asked for."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave test_server.py out unless `--api server` is given."""
    if collection_path.name == "test_server.py" and config.getoption("api") != "server":
        return True
    return None
