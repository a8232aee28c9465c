"""An environment that names a kubeconfig alone, and a stack without settings."""

from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "PULUMI_K8S_DELETE_UNREACHABLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", "/home/ci/kubeconfig")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    pulumi.runtime.set_all_config({})
    yield
    pulumi.runtime.set_all_config({})
