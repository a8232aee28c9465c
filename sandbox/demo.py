"""The demo: what the product does in six moments, on real input, in half a minute and half a page."""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
import yaml

from components.display import plain

from .engines import Engine, real_engine, sandbox_engine
from .environment import ROOT, Sandbox, copy_project

NAMESPACE = "team-a"
SECRET = "friends"  # noqa: S105  a name
TOKEN = "t0p-s3cret-t0ken"  # noqa: S105  of the demo alone
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
RULES = {"namespace-owns-prefix": {"pattern": "/{namespace}/*"}}
POKEMON = "charmander"
PUSHED = "my-first-parameter"
PUSH = {
    "name": "pokedex",
    "secretStoreRefs": ["team-a"],
    "selector": {"secret": {"name": "pokedex-credentials"}},
    "data": [{"match": {"secretKey": "best-pokemon", "remoteRef": {"remoteKey": PUSHED}}}],
}
MAY_READ_FRIENDS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:*:*:parameter/friendslist"}
    ],
}


class DemoFailedError(Exception):
    """A step did not come out as it should."""


@dataclass
class Tally:
    """What operations did to AWS and to the cluster.

    Attributes:
        calls: calls to Parameter Store.
        decrypted: parameters that were asked for with decryption.
        written: writes to the cluster.
        pushed: writes to Parameter Store.
        deleted: Secrets that were deleted.
    """

    calls: int = 0
    decrypted: int = 0
    written: int = 0
    pushed: int = 0
    deleted: int = 0

    def __str__(self) -> str:
        """In words."""
        counted = {"call to AWS": self.calls, "value decrypted": self.decrypted, "Secret written": self.written}
        counted |= {"parameter written": self.pushed} if self.pushed else {}
        counted |= {"Secret deleted": self.deleted} if self.deleted else {}
        return ", ".join(f"{number} {_plural(what, number)}" for what, number in counted.items())

    def add(self, other: "Tally") -> None:
        """Count another operation."""
        self.calls += other.calls
        self.decrypted += other.decrypted
        self.written += other.written
        self.pushed += other.pushed
        self.deleted += other.deleted


def demo(wanted: str, *, detail: bool = False, rules: bool = False) -> int:
    """Show the six moments and return an exit code.

    Args:
        wanted: `pulumi`, `sandbox`, or `auto` for pulumi where it works.
        detail: whether to show all that the engine prints.
        rules: whether to show a seventh: a rule of the policy pack refuses.
    """
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="demo-") as directory:
        environment = sandbox.environment()
        real = real_engine(environment) if wanted != "sandbox" else None
        if wanted == "pulumi" and real is None:
            print("demo: there is no working pulumi CLI on PATH")
            return 1
        try:
            engine = real or sandbox_engine()
            show = Show(sandbox, engine, copy_project(Path(directory)), environment, detail=detail)
            show.play(rules=rules)
        except DemoFailedError as error:
            print(f"\nThe demo FAILED: {plain(str(error))}")
            return 1
    return 0


class Show:
    """The moments of the demo, each with what it did to AWS and to the cluster."""

    def __init__(
        self, sandbox: Sandbox, engine: Engine, project: Path, environment: dict[str, str], *, detail: bool
    ) -> None:
        """Prepare; nothing runs yet."""
        self._sandbox = sandbox
        self._engine = engine
        self._project = project
        self._environment = environment
        self._detail = detail
        self._total = Tally()
        self._began = time.monotonic()
        self._http = urllib3.PoolManager(headers={"Authorization": f"Bearer {sandbox.kubernetes.token}"})

    def play(self, *, rules: bool) -> None:
        """All moments in order, that of the policy pack's rules where it is wanted.

        Raises:
            DemoFailedError: a step did not come out as it should; the rest is not shown.
        """
        _say(f"With {self._engine.title}, AWS by moto and the sandbox's Kubernetes API. Nothing leaves this machine.")
        _say("In AWS: friendslist (JSON) and /team-a/api-token (SecureString). In the cluster: the namespace team-a.")
        self.prepare()

        _heading("1. Preview tells by key what up will do. Nothing is decrypted.")
        self._run(PREVIEW, "5 to create", shown="keys")
        _heading("2. Up reads the parameters and writes the Secret.")
        self._run(UP, "5 created")
        self._show_secret({"my_name": "Tom", "first_friend": "Roger"})
        _heading("3. Somebody rotates friendslist. Preview tells which keys change; up decrypts that parameter alone.")
        self._put_friends("Thomas")
        self._run(PREVIEW, "friendslist, version 2", shown="keys")
        self._run(UP, "updated")
        self._show_secret({"my_name": "Thomas", "first_friend": "Roger"})
        _heading("4. Somebody edits the Secret. Preview tells who and when, without reading a value; up repairs it.")
        self._edit_by_hand()
        self._run(PREVIEW, "key my_name edited in the cluster by kubectl-edit at", shown="drift")
        self._run(UP, "updated")
        self._show_secret({"my_name": "Thomas", "first_friend": "Roger"})
        _heading("5. A caller without the right to read is told which statement to add. The Secret stays.")
        self._run_denied()
        _heading(
            "6. The other way round: a PushSecret writes key best-pokemon of the Secret pokedex-credentials to "
            f"{PUSHED}."
        )
        self._declare_push()
        self._run(PREVIEW, f"create {PUSHED}", shown="changes")
        self._run(UP, "2 created")
        self._show_parameter()
        if rules:
            self.show_refusal()
        self._end()

    def show_refusal(self) -> None:
        """A rule of the policy pack refuses what another namespace owns.

        Raises:
            DemoFailedError: it does not.
        """
        _heading("7. A rule says that team-a reads /team-a/* alone. Preview refuses what reads friendslist.")
        config = self._project / "rules.json"
        config.write_text(json.dumps(RULES), "utf-8")
        pack = ("--policy-pack", str(ROOT / "policies"), "--policy-pack-config", str(config))
        printed = self._run((*PREVIEW, *pack), "[mandatory] [severity: high]  namespace-owns-prefix", exit_code=1)
        if not self._detail:
            told = ("namespace-owns-prefix", "outside of what namespaces may read")
            _say(*(f"     {line.strip()}" for line in printed.splitlines() if any(each in line for each in told)))

    def prepare(self) -> None:
        """Put into AWS and the cluster what is there before the first moment."""
        self._put_friends("Tom")
        self._sandbox.aws.put_parameter("/team-a/api-token", TOKEN, "SecureString")
        self._request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        self._engine.prepare(self._project, self._environment)

    def _put_friends(self, first: str) -> None:
        value = {**FRIENDS, "name": {**FRIENDS["name"], "first": first}}  # type: ignore[dict-item]
        self._sandbox.aws.put_parameter("friendslist", json.dumps(value), "String")

    def _run(
        self,
        arguments: tuple[str, ...],
        expected: str,
        *,
        shown: str = "",
        environment: dict[str, str] | None = None,
        exit_code: int = 0,
    ) -> str:
        """Run one operation, show a part of what it printed, and return all of it.

        Args:
            arguments: the operation.
            expected: what the output must contain for the demo to be true.
            shown: the property of the Secret's resource to show.
            environment: in place of the demo's own.
            exit_code: which one the operation must end with: 0, or 1 for any other.
        """
        self._sandbox.aws.clear_calls()
        self._sandbox.kubernetes.clear_calls()
        _say(f"   $ pulumi {_typed(arguments)}")
        done = self._engine.run(self._project, environment or self._environment, *arguments, "--stack", "dev")
        tally = self._tally()
        self._total.add(tally)
        if self._detail:
            _say(done.stdout.strip())
        if (done.returncode != 0) != exit_code or expected not in done.stdout:
            _say("" if self._detail else done.stdout.strip())
            raise DemoFailedError(f"expected {expected!r} and exit code {exit_code}, got exit code {done.returncode}")
        for line in _block(done.stdout, shown) if shown and not self._detail else ():
            _say(f"     {line}")
        _say(f"     {tally}")
        return done.stdout

    def _run_denied(self) -> None:
        iam = self._sandbox.aws.client("iam")
        iam.create_user(UserName="ci")
        iam.put_user_policy(UserName="ci", PolicyName="friends", PolicyDocument=json.dumps(MAY_READ_FRIENDS))
        key = iam.create_access_key(UserName="ci")["AccessKey"]
        keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        printed = self._run(PREVIEW, "ssm:GetParameters", environment=self._environment | keys, exit_code=1)
        if not self._detail:
            errors = [
                line.strip() for line in printed.splitlines() if "error: " in line and "ssm:GetParameters" in line
            ]
            _say(*(f"     {error}" for error in errors[:1]))

    def _declare_push(self) -> None:
        """Make the Secret by hand, and add the PushSecret to the stack's settings."""
        data = {"best-pokemon": base64.b64encode(POKEMON.encode()).decode()}
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
        self._request("POST", path, {"metadata": {"name": "pokedex-credentials"}, "data": data})
        file = self._project / "stacks" / "Pulumi.dev.yaml"
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
        settings["config"]["parameter-store:pushSecrets"] = [PUSH]
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def _show_parameter(self) -> None:
        """Read what was pushed, with AWS's own CLI where one works, else with boto3.

        Raises:
            DemoFailedError: it is not there, or is another value.
        """
        told, value = read_parameter(PUSHED, self._environment, self._sandbox.aws.client("ssm"))
        _say(f"   $ {told}", plain(f"     {value}"))
        if value != POKEMON:
            raise DemoFailedError(f"{PUSHED} does not hold what the Secret holds")

    def _end(self) -> None:
        """Preview once more, destroy, and sum up."""
        _heading(
            f"At the end preview has nothing to do. Destroy deletes the Secret {SECRET}. Parameters stay, {PUSHED} "
            "too: its PushSecret's deletionPolicy is None."
        )
        self._run(PREVIEW, "7 unchanged")
        self._look_for_values()
        self._run(DESTROY, "deleted")
        if self._secret() is not None:
            raise DemoFailedError("the Secret is still there")
        found = self._sandbox.aws.client("ssm").get_parameters(Names=[PUSHED, "friendslist", "/team-a/api-token"])
        if found["InvalidParameters"]:
            raise DemoFailedError("destroy deleted a parameter")
        _heading(f"In {time.monotonic() - self._began:.0f} s: {self._total}; no value in Pulumi's state.")
        _say(
            'Next: README.md, "Use it", has your first program, docs/moving-from-eso.md the way from ESO; '
            "`make demo DETAIL=1` shows more."
        )

    def _look_for_values(self) -> None:
        """Look for the values in all that the engine keeps.

        Raises:
            DemoFailedError: one is there.
        """
        kept = "".join(file.read_text() for file in (self._sandbox.home / "state").rglob("*") if file.is_file())
        values = (TOKEN, base64.b64encode(TOKEN.encode()).decode(), "Thomas", "Anderson", POKEMON)
        if not kept or any(value in kept for value in values):
            raise DemoFailedError("a value is in Pulumi's state, or there is no state")

    def _tally(self) -> Tally:
        calls = [call for call in self._sandbox.aws.calls if call.service == "ssm"]
        return Tally(
            len(calls),
            sum(len(call.names) for call in calls if call.decrypt),
            sum(
                call.verb not in {"get", "list", "delete"} and not call.dry_run
                for call in self._sandbox.kubernetes.calls
            ),
            sum(call.operation == "PutParameter" for call in calls),
            sum(call.verb == "delete" and not call.dry_run for call in self._sandbox.kubernetes.calls),
        )

    def _show_secret(self, expected: dict[str, str]) -> None:
        secret = self._secret()
        if secret is None:
            raise DemoFailedError("there is no Secret")
        data = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        sizes = ", ".join(f"{key} ({len(value)} bytes)" for key, value in sorted(data.items()))
        _say(plain(f"     Secret {NAMESPACE}/{SECRET}: {sizes}"))
        for key, value in expected.items():
            if data.get(key) != value:
                raise DemoFailedError(f"key {key} does not hold what AWS holds")

    def _edit_by_hand(self) -> None:
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}?fieldManager=kubectl-edit"
        patch = {"data": {"my_name": base64.b64encode(b"Mallory").decode()}}
        self._request("PATCH", path, patch, "application/merge-patch+json")

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


def read_parameter(name: str, environment: Mapping[str, str], ssm: Any) -> tuple[str, str]:
    """How a parameter is read by hand, and its value.

    Args:
        name: the parameter's name.
        environment: of the AWS CLI, which is on its PATH or is not.
        ssm: a client for where it is not there, or does not work.
    """
    options = ("--name", name, "--with-decryption", "--query", "Parameter.Value", "--output", "text")
    if found := shutil.which("aws", path=environment.get("PATH")):
        command = (found, "ssm", "get-parameter", *options)
        done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return f"aws ssm get-parameter {' '.join(options)}", done.stdout.removesuffix("\n")
    value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return f'python: boto3.client("ssm").get_parameter(Name="{name}", WithDecryption=True)["Parameter"]["Value"]', value


def _block(printed: str, name: str) -> Sequence[str]:
    """The lines of one property, from its name to the bracket that closes it; of a list only its entries."""
    lines = printed.splitlines()
    for at, line in enumerate(lines):
        opening = re.match(rf"(\s*(?:[+~-] )?\s*){name} *: [{{\[]$", line)
        if opening:
            block = [line]
            depth = len(opening[1])
            for inner in lines[at + 1 :]:
                block.append(inner)
                if re.fullmatch(rf".{{0,{depth + 2}}}[}}\]]", inner):
                    break
            if block[0].endswith("["):
                block = block[1:-1]  # the entries of a list say by themselves what it is
            margin = min(len(each) - len(each.lstrip()) for each in block)
            return [each[margin:] for each in block]
    raise DemoFailedError(f"preview shows no {name}")


def _typed(arguments: Sequence[str]) -> str:
    """A command as one would type it in the checkout: without the folders of this run."""
    return " ".join(Path(each).name if each.startswith("/") else each for each in arguments)


def _plural(what: str, number: int) -> str:
    noun, *rest = what.split(" ")
    return " ".join([noun if number == 1 else f"{noun}s", *rest])


def _heading(text: str) -> None:
    print(f"\n{text}", flush=True)


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)
