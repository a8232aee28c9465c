"""A Pulumi project in a directory of its own, run by the sandbox's engine, and scanned for secret values."""

import base64
import io
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from sandbox.engine.checkpoint import Checkpoint
from sandbox.engine.operations import Options, Result, run
from sandbox.environment import Sandbox, copy_project
from tests.canary import leaks

NAMESPACE = "team-a"
PROJECT = """\
name: parameter-store
runtime:
  name: python
  options: {toolchain: pip, virtualenv: .venv}
stackConfigDir: stacks
"""
STORE = {"name": "team-a", "namespace": NAMESPACE, "region": "eu-central-1"}


@dataclass(frozen=True)
class Outcome:
    """What one operation of the engine came to."""

    result: Result
    output: str

    @property
    def changes(self) -> dict[str, str]:
        """Resource name -> operation, of everything but `same`."""
        return {step.urn.rpartition("::")[2]: step.op for step in self.result.steps if step.op != "same"}


class Project:
    """One stack of the repository's own program.

    Attributes:
        settings: whether the stack file names the two settings; a program of the test's own needs none.
        secrets: the `externalSecrets` setting.
        stores: the `secretStores` setting.
    """

    def __init__(self, sandbox: Sandbox, directory: Path) -> None:
        self.sandbox = sandbox
        self._directory = directory
        self._outputs: list[str] = []
        self._canaries: list[str] = []
        self.stores: list[dict[str, Any]] = [STORE]
        self.secrets: list[dict[str, Any]] = []
        self.path = copy_project(directory)
        self.settings = True
        for name in ("state", "tmp"):
            (directory / name).mkdir()
        self.environment = {
            **sandbox.environment(),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "TMPDIR": str(directory / "tmp"),
        }

    def put(self, name: str, *keys: str) -> dict[str, str]:
        """Write a JSON parameter with a new secret value for each key, and return them."""
        values = {key: f"canary-{key}-{secrets.token_hex(8)}" for key in keys}
        self._canaries += values.values()
        self.sandbox.aws.put_parameter(name, json.dumps(values))
        return values

    def declare(
        self, name: str, parameter: str, *keys: str, version: int | None = None, target: str | None = None
    ) -> None:
        """Declare an ExternalSecret with a key for each property of one parameter; in place of one of that name."""
        pinned = {} if version is None else {"version": version}
        data = [{"secretKey": key, "remoteRef": {"key": parameter, "property": key, **pinned}} for key in keys]
        secret: dict[str, Any] = {"name": name, "secretStoreRef": "team-a", "data": data}
        if target:
            secret["target"] = {"name": target}
        self.secrets = [each for each in self.secrets if each["name"] != name] + [secret]

    def write_program(self, text: str) -> None:
        """Replace the repository's program, and its settings, by a program of the test's own."""
        (self.path / "__main__.py").write_text(text)
        (self.path / "Pulumi.yaml").write_text(PROJECT)
        self.settings = False

    def preview(self, **options: Any) -> Outcome:
        """Run a preview."""
        return self._run("preview", options)

    def up(self, **options: Any) -> Outcome:
        """Run an update without a preview before it."""
        return self._run("up", {"skip_preview": True, **options})

    def refresh(self) -> Outcome:
        """Run a refresh."""
        return self._run("refresh", {"skip_preview": True})

    def destroy(self) -> Outcome:
        """Run a destroy."""
        return self._run("destroy", {"skip_preview": True})

    def _run(self, operation: str, options: dict[str, Any]) -> Outcome:
        stack = self.path / "stacks" / "Pulumi.dev.yaml"
        kept = yaml.safe_load(stack.read_text()) or {}
        stack.write_text(yaml.safe_dump({**kept, "config": self._settings()}))
        self.sandbox.aws.clear_calls()
        self.sandbox.kubernetes.clear_calls()
        out = io.StringIO()
        asked = Options(stack="dev", cwd=self.path, diff=True, environment=self.environment, **options)
        result = run(operation, asked, out)
        self._outputs += [out.getvalue(), repr(result)]
        return Outcome(result, out.getvalue())

    def _settings(self) -> dict[str, Any]:
        if not self.settings:
            return {}
        return {"parameter-store:secretStores": self.stores, "parameter-store:externalSecrets": self.secrets}

    def reads(self, *, decrypt: bool) -> list[tuple[str, ...]]:
        """The names of each GetParameters call of the last operation."""
        calls = [call for call in self.sandbox.aws.calls if call.operation == "GetParameters"]
        return [call.names for call in calls if call.decrypt is decrypt]

    def writes(self) -> list[tuple[str, str]]:
        """The writes to Kubernetes of the last operation: verb and name."""
        calls = [call for call in self.sandbox.kubernetes.calls if call.verb not in ("get", "list")]
        return [(call.verb, call.name) for call in calls if not call.dry_run]

    def cluster(self, field_manager: str = "test") -> KubernetesClient:
        """A client of its own, for looking and for playing somebody else."""
        return KubernetesClient(load_cluster(None, None, self.environment), field_manager=field_manager)

    def secret(self, name: str) -> dict[str, str] | None:
        """The live values of a Secret, decoded; None when there is none."""
        secret = self.cluster().get_secret(NAMESPACE, name)
        if secret is None:
            return None
        return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        state = Checkpoint(self._directory / "state", "parameter-store", "dev").read()
        stack = next(each for each in state["resources"] if each["type"] == "pulumi:pulumi:Stack")
        return dict(stack["outputs"])

    def scan(self) -> None:
        """Find no secret value in anything that the operations printed or left behind; see tests/canary.py."""
        left = {"the printed output": "\n".join(self._outputs).encode()}
        for file in self._directory.rglob("*"):
            if file.is_file() and not file.is_symlink() and ".venv" not in file.parts:
                left[str(file.relative_to(self._directory))] = file.read_bytes()
        assert self._canaries, "the test used no secret value"
        assert len(left) > 1, "nothing was left behind, so nothing was scanned"
        found = leaks(self._canaries, left)
        assert not found, f"secret values in {found}"
