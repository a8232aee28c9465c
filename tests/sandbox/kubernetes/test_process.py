"""The server as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

from tests.sandbox.kubernetes_api.support import Client

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "sandbox.kubernetes"]


class Remote:
    """What a test knows of a server in another process."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    with subprocess.Popen(
        [*COMMAND, "--kubeconfig", str(path), "--namespace", "prove"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().strip()
        config = yaml.safe_load(path.read_text())
        assert config["clusters"][0]["cluster"]["server"] == url
        client = Client(Remote(url, config["users"][0]["user"]["token"]))
        assert client.get("/api/v1/namespaces/prove").status == 200
        client.connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_it_explains_itself() -> None:
    shown = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True).stdout
    assert "python -m sandbox.kubernetes" in shown
    for option in ("--port", "--tls", "--kubeconfig", "--namespace"):
        assert option in shown
