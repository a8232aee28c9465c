"""Runs one program and takes the time of its operations, with AWS and Kubernetes in a process of their own."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3.session
import urllib3
import yaml

from components.core.secrets_manager import SECRETS_MANAGER
from components.core.service import Service
from components.core.ssm import PARAMETER_STORE
from sandbox.engines import Engine
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
    """What one operation took.

    Attributes:
        seconds: by the clock.
        calls: to AWS and Kubernetes, by kind.
        memory: MiB that the process of the dynamic providers had at most.
        state: bytes of the state after it, as compact JSON.
    """

    seconds: float
    calls: Mapping[str, int]
    memory: float
    state: int


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
        client = self._client(service)
        for number in range(size):
            name = f"/bench/p{number:04}"
            value = json.dumps({"user": f"u{number}", "password": f"p{number}", "host": "db.internal"})
            if service is SECRETS_MANAGER:
                client.create_secret(Name=name, SecretString=value)
            else:
                client.put_parameter(Name=name, Value=value, Type="SecureString")

    def rotate(self, service: Service) -> None:
        """Give one parameter or secret another value."""
        value = json.dumps({"user": "u", "password": "rotated", "host": "db.internal"})
        if service is SECRETS_MANAGER:
            self._client(service).put_secret_value(SecretId="/bench/p0000", SecretString=value)
        else:
            self._client(service).put_parameter(Name="/bench/p0000", Value=value, Type="SecureString", Overwrite=True)

    def drift(self, size: int) -> None:
        """Change every Secret, as somebody who edits it does."""
        for number in range(size):
            path = f"/api/v1/namespaces/bench/secrets/s{number:04}?fieldManager=kubectl-edit"
            self._kubernetes("PATCH", path, {"data": {"password": base64.b64encode(b"edited").decode()}})

    def _client(self, service: Service) -> Any:
        session = boto3.session.Session(
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_REGION"],
        )
        create: Any = session.client  # typed for literal names of services only
        return create(service.client, endpoint_url=self.environment["AWS_ENDPOINT_URL"])

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
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}", "Content-Type": kind}
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


OPERATIONS = ("first", "unchanged", "preview", "rotated", "drifted")
"""`rotated` and `drifted` are what the product alone has: one parameter of another version, and all Secrets edited."""


def measure(
    engine: Engine, program: str, size: int, requests_per_second: float, service: Service = PARAMETER_STORE
) -> Iterator[tuple[str, Measured]]:
    """Run a program's operations one after the other, each with its name.

    Args:
        engine: what runs the program.
        program: a folder of this one; `grouped` is `secrets` with `grouped=True`.
        size: how many Secrets, or how many parameters are pushed.
        requests_per_second: the store's.
        service: what is read.

    Raises:
        BenchmarkError: an operation failed, or did something else than what is measured.
    """
    with servers() as running, tempfile.TemporaryDirectory(prefix="benchmark-") as directory:
        running.fill(size, service, pushed=program == "pushes")
        running.take_calls()
        project = _project("secrets" if program == "grouped" else program, Path(directory))
        environment = {
            **os.environ,
            **running.environment,
            "BENCHMARK_SIZE": str(size),
            "BENCHMARK_SERVICE": service.name,
            "BENCHMARK_REQUESTS_PER_SECOND": str(requests_per_second),
            "BENCHMARK_GROUPED": "1" if program == "grouped" else "",
            "PULUMI_BACKEND_URL": f"file://{directory}",
            "PULUMI_HOME": str(Path(directory) / "home"),
        }
        engine.prepare(project, environment)
        reads = program in ("secrets", "grouped")
        written = {"first": size, "rotated": 1, "drifted": size}
        for name in OPERATIONS if reads else OPERATIONS[:3]:
            if name == "rotated":
                running.rotate(service)
            elif name == "drifted":
                running.drift(size)
            running.take_calls()
            found = _operate(engine, project, environment, name, running)
            if reads and (writes := found.calls["Secret writes"]) != written.get(name, 0):
                raise BenchmarkError(f"{name} wrote {writes} Secrets, where {written.get(name, 0)} were expected")
            yield name, found


def _project(program: str, directory: Path) -> Path:
    project = directory / "project"
    project.mkdir()
    shutil.copy(HERE / program / "program.py", project / "__main__.py")
    (project / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    for name in ("components", "benchmarks", ".venv"):
        (project / name).symlink_to(ROOT / name, target_is_directory=True)
    return project


def _operate(engine: Engine, project: Path, environment: Mapping[str, str], name: str, running: Servers) -> Measured:
    asked = ("preview",) if name == "preview" else ("up", "--yes", "--skip-preview")
    with peak_memory() as peak:
        began = time.perf_counter()
        done = engine.run(project, environment, *asked, "--stack", "dev")
        seconds = time.perf_counter() - began
    if done.returncode:
        raise BenchmarkError(f"{name} ended with exit code {done.returncode}:\n{done.stdout[-2000:]}")
    calls = running.take_calls()
    state = json.loads(engine.run(project, environment, "stack", "export", "--stack", "dev").stdout)
    return Measured(seconds, calls, peak[0], len(json.dumps(state, separators=(",", ":"))))


@contextmanager
def peak_memory() -> Iterator[list[float]]:
    """Watch the dynamic providers' process; what it had at most, in MiB, stands in the list."""
    peak, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max([peak[0], *map(_memory, _descendants(os.getpid()))])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _descendants(process: int) -> list[int]:
    found, children = [process], Path("/proc")
    for each in found:
        with suppress(OSError):  # one that has ended
            for task in (children / str(each) / "task").iterdir():
                found += map(int, (task / "children").read_text(encoding="utf-8").split())
    return found[1:]


def _memory(process: int) -> float:
    with suppress(OSError):
        if b"pulumi.dynamic" in Path(f"/proc/{process}/cmdline").read_bytes():
            status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
            return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return 0.0
