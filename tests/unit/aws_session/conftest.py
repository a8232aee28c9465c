"""One AWS for each test module, emptied before each test, and an environment in which the SDK finds no credentials."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.aws import AwsApi


@pytest.fixture(scope="module")
def running() -> Iterator[AwsApi]:
    with AwsApi() as aws:
        yield aws


@pytest.fixture
def aws(running: AwsApi) -> AwsApi:
    running.reset()
    return running


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The home of an AWS configuration that is empty."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path
