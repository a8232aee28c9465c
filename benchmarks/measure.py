"""Runs one program on the sandbox's engine and takes the time, with AWS and Kubernetes in a process of their own."""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3.session
import urllib3
import yaml

from components.core.secrets_manager import SECRETS_MANAGER
from components.core.service import Service
from components.core.ssm import PARAMETER_STORE
from sandbox.engine.operations import Options, run
from sandbox.environment import ROOT

_READS = ("GetParameters", "DescribeSecret", "GetSecretValue")
KEYS_PUSHED = 10
"""Keys of each PushSecret's Secret."""
HERE = Path(__file__).parent
PROJECT = "name: benchmark\nruntime: {name: python, options: {toolchain: pip, virtualenv: .venv}}\n"


class BenchmarkError(Exception):
    """An operation failed or did not do what is being measured."""


@dataclass(frozen=True)
class Measured:
    """One program's two operations.

    Attributes:
        first: seconds of the first up.
        unchanged: seconds of an up that finds nothing to do.
        first_calls: calls of the first up, by kind.
        unchanged_calls: calls of the unchanged up, by kind.
    """

    first: float
    unchanged: float
    first_calls: Mapping[str, int]
    unchanged_calls: Mapping[str, int]


@dataclass(frozen=True)
class Servers:
    """AWS and Kubernetes in another process: what programs need to use them, and their call logs."""

    environment: Mapping[str, str]

    def fill(self, size: int, service: Service, *, pushed: bool) -> None:
        """Make the namespace, and put what the service keeps, or the Secrets where they are pushed."""
        self._kubernetes("POST", "/api/v1/namespaces", {"metadata": {"name": "bench"}})
        if pushed:
            for number in range(size // KEYS_PUSHED):
                keys = {f"k{key}": base64.b64encode(b"v%d" % key).decode() for key in range(KEYS_PUSHED)}
                body = {"metadata": {"name": f"s{number:04}"}, "data": keys}
                self._kubernetes("POST", "/api/v1/namespaces/bench/secrets", body)
            return
        session = boto3.session.Session(
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_REGION"],
        )
        create: Any = session.client  # typed for literal names of services only
        client = create(service.client, endpoint_url=self.environment["AWS_ENDPOINT_URL"])
        for number in range(size):
            name = f"/bench/p{number:04}"
            value = json.dumps({"user": f"u{number}", "password": f"p{number}", "host": "db.internal"})
            if service is SECRETS_MANAGER:
                client.create_secret(Name=name, SecretString=value)
            else:
                client.put_parameter(Name=name, Value=value, Type="SecureString")

    def take_calls(self) -> dict[str, int]:
        """How many calls of each kind were made since the last time."""
        aws = urllib3.request("GET", f"{self.environment['AWS_ENDPOINT_URL']}/sandbox/calls").json()
        urllib3.request("DELETE", f"{self.environment['AWS_ENDPOINT_URL']}/sandbox/calls")
        reads = [call for call in aws if call["operation"] in _READS]
        kubernetes = self._kubernetes("GET", "/sandbox/calls")["calls"]
        self._kubernetes("DELETE", "/sandbox/calls")
        looks = [call for call in kubernetes if call["verb"] in ("get", "list")]
        return {
            "version reads": sum(not call["decrypt"] for call in reads),
            "decrypting reads": sum(call["decrypt"] for call in reads),
            "parameter writes": sum(call["operation"] == "PutParameter" for call in aws),
            "other calls": sum(
                call["service"] != "sts" and call["operation"] not in (*_READS, "PutParameter") for call in aws
            ),
            "STS": sum(call["service"] == "sts" for call in aws),
            "Secret writes": sum(call["verb"] == "patch" and not call["dry_run"] for call in kubernetes),
            "Secret looks": len(looks),
        }

    def _kubernetes(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        config = yaml.safe_load(Path(self.environment["KUBECONFIG"]).read_text(encoding="utf-8"))
        headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        url = config["clusters"][0]["cluster"]["server"] + path
        answer: dict[str, Any] = urllib3.request(method, url, body=sent, headers=headers).json()
        return answer


@contextmanager
def servers() -> Iterator[Servers]:
    """Start `python -m sandbox start` and stop it whatever happens."""
    command = [sys.executable, "-u", "-m", "sandbox", "start"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  asked for above
            variables = {}
            for line in process.stdout:
                if line.startswith("export "):
                    name, _, value = line.removeprefix("export ").strip().partition("=")
                    variables[name] = value
                if "PULUMI_SKIP_UPDATE_CHECK" in variables:
                    break
            yield Servers(variables)
        finally:
            process.terminate()


def measure(program: str, size: int, requests_per_second: float, service: Service = PARAMETER_STORE) -> Measured:
    """Time the first and the unchanged up of a program.

    Raises:
        BenchmarkError: an operation failed, or the second one found something to do.
    """
    with servers() as running, tempfile.TemporaryDirectory(prefix="benchmark-") as directory:
        running.fill(size, service, pushed=program == "pushes")
        running.take_calls()
        project = _project(program, Path(directory))
        environment = {
            **os.environ,
            **running.environment,
            "BENCHMARK_SIZE": str(size),
            "BENCHMARK_SERVICE": service.name,
            "BENCHMARK_REQUESTS_PER_SECOND": str(requests_per_second),
        }
        first = _up(project, environment, "create")
        first_calls = running.take_calls()
        unchanged = _up(project, environment, "same")
        return Measured(first, unchanged, first_calls, running.take_calls())


def _project(program: str, directory: Path) -> Path:
    shutil.copy(HERE / program / "program.py", directory / "__main__.py")
    (directory / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    for name in ("components", "benchmarks", ".venv"):
        (directory / name).symlink_to(ROOT / name, target_is_directory=True)
    return directory


def _up(project: Path, environment: Mapping[str, str], expected: str) -> float:
    out = io.StringIO()
    began = time.perf_counter()
    result = run("up", Options(stack="dev", cwd=project, skip_preview=True, environment=environment), out)
    seconds = time.perf_counter() - began
    if result.exit_code or set(result.summary) != {expected}:
        raise BenchmarkError(
            f"up came to {dict(result.summary)} with exit code {result.exit_code}:\n{out.getvalue()[-2000:]}"
        )
    return seconds
