"""The plugin as a process: what it prints, what it says of itself, and when it ends."""

import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from tests.sandbox.providers.support import BIN, Plugin, failure_of

BOTH = pytest.mark.parametrize("package", ["aws", "kubernetes"])


@BOTH
def test_says_what_it_is_and_can(package: str) -> None:
    with Plugin(package, {}) as plugin:
        assert plugin.stub.GetPluginInfo(empty_pb2.Empty()).version == version(f"pulumi-{package}")
        answer = plugin.configure()
        assert (answer.acceptSecrets, answer.supportsPreview) == (True, True)
        schema = json.loads(plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
        assert schema["name"] == package
        assert all(token.startswith(f"{package}:") for token in schema["resources"])
        text = failure_of(plugin.check, f"{package}:other:Thing", "it", {})
        assert text.startswith(f"the sandbox has no resource type {package}:other:Thing; it has ")
        assert all(token in text for token in schema["resources"])
        assert plugin.stop() == ("", ""), "a plugin prints its port and nothing else"
        assert plugin.process.returncode == 0


@BOTH
def test_each_cancel_is_answered_and_the_interrupt_after_it_ends_it(package: str) -> None:
    with Plugin(package, {}) as plugin:
        for _ in range(2):
            plugin.stub.Cancel(empty_pb2.Empty())
            with pytest.raises(subprocess.TimeoutExpired):
                plugin.process.wait(timeout=1)
        plugin.process.send_signal(signal.SIGINT)
        assert plugin.process.wait(timeout=20) == 0


def test_death_of_the_engine_ends_it() -> None:
    engine = (
        "import subprocess, sys; p = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE);"
        "p.stdout.readline(); print(p.pid, flush=True)"
    )
    run = subprocess.run(
        [sys.executable, "-c", engine, str(BIN / "pulumi-resource-aws")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # The plugin held the other end of stderr: that `run` returned means that it has ended.
    assert run.stdout.strip().isdigit()
    assert run.stderr == ""


def test_starts_with_another_python(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o700)
    run = subprocess.run(
        [str(BIN / "pulumi-resource-kubernetes"), "127.0.0.1:1"],
        env={"PATH": os.environ["PATH"], "SANDBOX_PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.split() == ["-P", "-m", "sandbox.providers.kubernetes", "127.0.0.1:1"]


@BOTH
def test_start_imports_no_big_sdk(package: str) -> None:
    code = (
        f"import sys, sandbox.providers.{package}.provider, sandbox.providers.plugin;"
        "print([name for name in ('boto3', 'pulumi_aws', 'pulumi_kubernetes', 'moto') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"


def test_bug_shows_its_place_and_no_text() -> None:
    with Plugin("aws", {"AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}) as plugin:
        plugin.configure()
        token = "aws:iam/rolePolicy:RolePolicy"
        text = failure_of(plugin.create, token, "it", {"policy": "canary-value"})
        assert text.startswith("a bug in the sandbox's aws provider: KeyError at iam.py:")
