"""A Pulumi project in a directory of its own, run by one of the engines, and scanned for secret values."""

import base64
import json
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from sandbox.engine.checkpoint import Checkpoint
from sandbox.environment import Sandbox, copy_project
from tests.end_to_end.engines import STACK, Outcome, ProjectEngine, SandboxEngine
from tests.support.canary import forms_of, leaks
from tests.support.compiled import forget_compiled

NAMESPACE = "team-a"
STORE = {"name": "team-a", "namespace": NAMESPACE, "region": "eu-central-1"}


class Project:
    """One stack of the repository's own program.

    Attributes:
        settings: whether the stack file names the two settings; a program of the test's own needs none.
        secrets: the `externalSecrets` setting.
        stores: the `secretStores` setting.
        manifests: the `manifests` setting.
        config: further settings of the stack, with their namespaces.
        history: what each operation came to: what it said, did, left as state, and asked of AWS and Kubernetes.
    """

    def __init__(self, sandbox: Sandbox, directory: Path, engine: ProjectEngine | None = None) -> None:
        self.sandbox = sandbox
        self.history: list[dict[str, Any]] = []
        self._engine = engine or SandboxEngine()
        self._directory = directory
        self._outputs: list[str] = []
        self._canaries: list[str] = []
        self.stores: list[dict[str, Any]] = [STORE]
        self.cluster_stores: list[dict[str, Any]] = []
        self.secrets: list[dict[str, Any]] = []
        self.manifests: list[Any] = []
        self.config: dict[str, Any] = {}
        self.path = copy_project(directory)
        self.settings = True
        for name in ("state", "tmp", "traces"):
            (directory / name).mkdir()
        self.environment = {
            **sandbox.environment(),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "TMPDIR": str(directory / "tmp"),
        }
        self._engine.prepare(self.path, self.environment)

    def put(self, name: str, *keys: str) -> dict[str, str]:
        """Write a JSON parameter with a new secret value for each key, and return them."""
        values = {key: f"canary-{key}-{secrets.token_hex(8)}" for key in keys}
        self._canaries += values.values()
        self.sandbox.aws.put_parameter(name, json.dumps(values))
        return values

    def guard(self, *values: str) -> None:
        """Have the scan look for further values."""
        self._canaries += values

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
        forget_compiled(self.path)
        settings = yaml.safe_load((self.path / "Pulumi.yaml").read_text())
        settings.pop("config", None)
        (self.path / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
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
        stack = self.path / "stacks" / f"Pulumi.{STACK}.yaml"
        kept = yaml.safe_load(stack.read_text()) or {}
        stack.write_text(yaml.safe_dump({**kept, "config": self._settings()}))
        self.sandbox.aws.clear_calls()
        self.sandbox.kubernetes.clear_calls()
        outcome = self._engine.operate(operation, self.path, self.environment, self._directory / "traces", **options)
        self._outputs += [outcome.output, repr(outcome.result)]
        self._remember(operation, outcome)
        return outcome

    def _remember(self, operation: str, outcome: Outcome) -> None:
        result = outcome.result
        state = self._state()
        self.history.append(
            {
                "operation": operation,
                "exit_code": result.exit_code,
                "summary": dict(result.summary),
                "steps": [[step.op, step.urn, bool(step.error)] for step in result.steps],
                "output": outcome.output,
                "resources": state.get("resources") or [],
                "pending_operations": state.get("pending_operations") or [],
                "aws": [asdict(call) for call in self.sandbox.aws.calls],
                "kubernetes": [asdict(call) for call in self.sandbox.kubernetes.calls],
            }
        )

    def said(self) -> str:
        """What the last operation printed, without secret values: why a scenario failed is often told only there."""
        text = self.history[-1]["output"] if self.history else ""
        for form in {form for value in self._canaries for form in forms_of(value)}:
            text = text.replace(form.decode("latin-1"), "<a secret value>")
        return text

    def rename_in_state(self, urn: str, new: str) -> None:
        """Give a resource of the state another URN, as `pulumi state rename` does."""
        state = json.loads(self.state_file.read_text())
        for each in state["checkpoint"]["latest"]["resources"]:
            kept = {name: each.pop(name) for name in ("inputs", "outputs") if name in each}
            renamed = json.loads(json.dumps(each).replace(json.dumps(urn), json.dumps(new)))
            each.update({**renamed, **kept})
        self.state_file.write_text(json.dumps(state, indent=4))

    @property
    def state_file(self) -> Path:
        """The stack's state, as a backend in files keeps it."""
        return Checkpoint(self._directory / "state", "parameter-store", STACK).file

    def _state(self) -> dict[str, Any]:
        return Checkpoint(self._directory / "state", "parameter-store", STACK).read()

    def _settings(self) -> dict[str, Any]:
        if not self.settings:
            return dict(self.config)
        settings: dict[str, Any] = {"secretStores": self.stores, "externalSecrets": self.secrets}
        if self.cluster_stores:
            settings["clusterSecretStores"] = self.cluster_stores
        if self.manifests:
            settings["manifests"] = self.manifests
        return {**{f"parameter-store:{name}": value for name, value in settings.items()}, **self.config}

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

    def state(self) -> list[dict[str, Any]]:
        """The resources of the state, as they are stored."""
        return list(self._state().get("resources") or [])

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        state = self._state()
        stack = next(each for each in state["resources"] if each["type"] == "pulumi:pulumi:Stack")
        return dict(stack["outputs"])

    def settle(self) -> None:
        """After an `up` that went well, find that a preview has nothing to do; unless one was just seen."""
        last = self.history[-1]
        if (last["operation"], last["exit_code"]) == ("up", 0):
            preview = self.preview()
            assert (preview.result.exit_code, preview.changes) == (0, {}), preview.output

    def export(self) -> None:
        """Have the stack exported with its secrets shown, for the history and for the scan."""
        text = self._engine.export(self.path, self.environment)
        self._outputs.append(text)
        # What an environment wants logged stands before it.
        document = json.loads(text[max(text.find("{\n"), 0) :])
        self.history.append({"operation": "export", "resources": document["deployment"].get("resources") or []})

    def scan(self) -> None:
        """Find no secret value in anything that the operations printed or left behind; see tests/support/canary.py."""
        left = {"the printed output": "\n".join(self._outputs).encode()}
        for file in self._directory.rglob("*"):
            if file.is_file() and not file.is_symlink() and ".venv" not in file.parts:
                left[str(file.relative_to(self._directory))] = file.read_bytes()
        assert self._canaries, "the test used no secret value"
        assert len(left) > 1, "nothing was left behind, so nothing was scanned"
        found = leaks(self._canaries, left)
        assert not found, f"secret values in {found}"
