"""The demo: the product's main job on real input, from an empty account to an empty preview, in under a minute."""

import base64
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from components.display import plain

from .engines import Engine, real_engine, sandbox_engine
from .environment import Sandbox, copy_project

NAMESPACE = "team-a"
SECRET = "friends"  # noqa: S105  a name
PREVIEW = ("preview", "--diff")
UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")
FRIENDS = {
    "name": {"first": "Tom", "last": "Anderson"},
    "friends": [
        {"first": "Dale", "last": "Murphy"},
        {"first": "Roger", "last": "Craig"},
        {"first": "Jane", "last": "Murphy"},
    ],
}


class DemoFailedError(Exception):
    """A step did not come out as it should."""


@dataclass(frozen=True)
class Step:
    """One operation of the engine.

    Attributes:
        title: what the audience is told before.
        arguments: the operation.
        expected: what the output must contain for the demo to be true.
    """

    title: str
    arguments: tuple[str, ...]
    expected: str


def demo(wanted: str) -> int:
    """Show the whole thread and return an exit code.

    Args:
        wanted: `pulumi`, `sandbox`, or `auto` for pulumi where it works.
    """
    began = time.monotonic()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="demo-") as directory:
        environment = sandbox.environment()
        real = real_engine(environment) if wanted != "sandbox" else None
        if wanted == "pulumi" and real is None:
            print("demo: there is no working pulumi CLI on PATH")
            return 1
        try:
            Show(sandbox, real or sandbox_engine(), copy_project(Path(directory)), environment).play()
        except DemoFailedError as error:
            print(f"\nThe demo FAILED: {plain(str(error))}")
            return 1
    print(f"\nDone in {time.monotonic() - began:.0f} s.")
    return 0


class Show:
    """The steps of the demo, each with what it did to AWS and to the cluster."""

    def __init__(self, sandbox: Sandbox, engine: Engine, project: Path, environment: dict[str, str]) -> None:
        """Prepare; nothing runs yet."""
        self._sandbox = sandbox
        self._engine = engine
        self._project = project
        self._environment = environment
        self._http = urllib3.PoolManager(headers={"Authorization": f"Bearer {sandbox.kubernetes.token}"})

    def play(self) -> None:
        """All steps in order.

        Raises:
            DemoFailedError: a step did not come out as it should; the rest is not shown.
        """
        _say(f"Engine: {self._engine.title}. AWS: moto. Kubernetes: the sandbox's API. Nothing leaves this machine.")
        self._prepare()
        self._run(Step("Preview of an empty cluster. Nothing is decrypted.", PREVIEW, "5 to create"))
        self._run(Step("Up reads the parameters and writes the Secret.", UP, "5 created"))
        self._show_secret({"my_name": "Tom", "first_friend": "Roger"})
        _heading("Somebody rotates the parameter friendslist in AWS.")
        self._put_friends("Thomas")
        self._run(Step("Preview says which version and which keys change.", PREVIEW, "friendslist, version 2"))
        self._run(Step("Up applies it; only the changed parameter is decrypted.", UP, "updated"))
        self._show_secret({"my_name": "Thomas", "first_friend": "Roger"})
        _heading("Somebody edits the Secret by hand.")
        self._edit_by_hand()
        self._run(
            Step("Preview sees it without reading a value.", PREVIEW, "key my_name edited in the cluster by kubectl")
        )
        self._run(Step("Up repairs it.", UP, "updated"))
        self._show_secret({"my_name": "Thomas", "first_friend": "Roger"})
        self._run(Step("Preview again: nothing to do.", PREVIEW, "5 unchanged"))
        self._run(Step("Destroy: the Secret goes, the parameters stay.", DESTROY, "deleted"))
        if self._secret() is not None:
            raise DemoFailedError("the Secret is still there")
        _say("The Secret is gone.")

    def _prepare(self) -> None:
        _heading("Two parameters are put into AWS, and a namespace is made.")
        self._put_friends("Tom")
        self._sandbox.aws.put_parameter("/team-a/api-token", "t0p-s3cret-t0ken", "SecureString")
        _say("friendslist (String, JSON) and /team-a/api-token (SecureString); namespace team-a")
        self._request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        self._engine.prepare(self._project, self._environment)

    def _put_friends(self, first: str) -> None:
        value = {**FRIENDS, "name": {**FRIENDS["name"], "first": first}}  # type: ignore[dict-item]
        version = self._sandbox.aws.put_parameter("friendslist", json.dumps(value), "String")
        _say(f"friendslist is at version {version}")

    def _run(self, step: Step) -> None:
        self._sandbox.aws.clear_calls()
        self._sandbox.kubernetes.clear_calls()
        _heading(f"{step.title}\n$ pulumi {' '.join(step.arguments)}")
        done = self._engine.run(self._project, self._environment, *step.arguments, "--stack", "dev")
        _say(done.stdout.strip())
        _say(self._account())
        if done.returncode != 0 or step.expected not in done.stdout:
            raise DemoFailedError(f"expected {step.expected!r} and exit code 0, got exit code {done.returncode}")

    def _account(self) -> str:
        calls = [call for call in self._sandbox.aws.calls if call.service == "ssm"]
        decrypted = sum(len(call.names) for call in calls if call.decrypt)
        writes = sum(call.verb not in {"get", "list"} and not call.dry_run for call in self._sandbox.kubernetes.calls)
        return f"[AWS: {len(calls)} GetParameters, {decrypted} values decrypted. Kubernetes: {writes} writes.]"

    def _show_secret(self, expected: dict[str, str]) -> None:
        secret = self._secret()
        if secret is None:
            raise DemoFailedError("there is no Secret")
        data = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        sizes = ", ".join(f"{key} ({len(value)} bytes)" for key, value in sorted(data.items()))
        _say(plain(f"Secret {NAMESPACE}/{SECRET} has the keys {sizes}"))
        for key, value in expected.items():
            if data.get(key) != value:
                raise DemoFailedError(f"key {key} does not hold what AWS holds")

    def _edit_by_hand(self) -> None:
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}?fieldManager=kubectl-edit"
        patch = {"data": {"my_name": base64.b64encode(b"Mallory").decode()}}
        self._request("PATCH", path, patch, "application/merge-patch+json")
        _say("key my_name of the Secret now holds something else")

    def _secret(self) -> dict[str, Any] | None:
        return self._request("GET", f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}", missing_ok=True)

    def _request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        content_type: str = "application/json",
        *,
        missing_ok: bool = False,
    ) -> dict[str, Any] | None:
        url = f"{self._sandbox.kubernetes.url}{path}"
        sent = None if body is None else json.dumps(body).encode()
        answer = self._http.request(
            method, url, body=sent, headers={**self._http.headers, "Content-Type": content_type}
        )
        if missing_ok and answer.status == 404:  # noqa: PLR2004  HTTP's own number
            return None
        if answer.status >= 400:  # noqa: PLR2004  HTTP's own number
            raise DemoFailedError(f"{method} {path} answered {answer.status}")
        found: dict[str, Any] = answer.json()
        return found


def _heading(text: str) -> None:
    print(f"\n--- {text}", flush=True)


def _say(text: str) -> None:
    print(text, flush=True)
