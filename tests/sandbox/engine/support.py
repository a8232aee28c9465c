"""Runs the sandbox engine on projects written into temporary folders, and looks at the state it leaves."""

import io
import json
import os
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.engine.operations import Options, Result, run
from tests.support.compiled import forget_compiled


@dataclass
class Project:
    """A Pulumi project in a temporary folder."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        forget_compiled(file.parent)
        return file

    def env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment that operations run in."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        return {**kept, "PULUMI_CONFIG_PASSPHRASE": "correct horse", **self.environment, **(extra or {})}

    def run(self, operation: str, **options: Any) -> tuple[Result, str]:
        """Run an operation on stack dev without asking; returns the result and what was printed."""
        out = io.StringIO()
        environment = self.env(options.pop("env", None))
        options.setdefault("skip_preview", True)
        result = run(operation, Options(stack="dev", cwd=self.root, environment=environment, **options), out)
        return result, out.getvalue()

    def up(self, **options: Any) -> tuple[Result, str]:
        """Run `up`; it must succeed."""
        result, text = self.run("up", **options)
        assert result.exit_code == 0, text
        return result, text

    @property
    def state_file(self) -> Path:
        """The stack's checkpoint."""
        return next(iter((self.root / ".sandbox/.pulumi/stacks").glob("*/dev.json")), self.root / "none")

    def state(self) -> dict[str, Any]:
        """The stored deployment."""
        if not self.state_file.exists():
            return {"resources": [], "pending_operations": []}
        latest: dict[str, Any] = json.loads(self.state_file.read_text())["checkpoint"]["latest"]
        return latest

    def resource(self, name: str) -> dict[str, Any]:
        """The stored resource with this name."""
        found: dict[str, Any] = next(item for item in self.state()["resources"] if item["urn"].endswith(f"::{name}"))
        return found

    def names(self) -> list[str]:
        """The names of the stored resources, without stack and providers, in order."""
        shown = (item for item in self.state()["resources"] if ":providers:" not in item["type"])
        return [item["urn"].rpartition("::")[2] for item in shown if item["type"] != "pulumi:pulumi:Stack"]

    def engine_command(self, *arguments: str) -> list[str]:
        """The command line of the engine in a process of its own."""
        script = "import argparse, sys\nfrom sandbox.engine.cli import add_commands\np = argparse.ArgumentParser()\n"
        script += "add_commands(p.add_subparsers())\no = p.parse_args()\nsys.exit(o.run(o))"
        return [sys.executable, "-c", script, *arguments, "--cwd", str(self.root), "--stack", "dev"]


ProjectFactory = Callable[[str], Project]

# A dynamic provider that does what its inputs say and notes every call in the file CALLS.
THINGS = '''
    """Dynamic resources for tests."""
    import json, os
    import pulumi
    from pulumi.dynamic import (
        CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult)

    def note(op, **more):
        with open(os.environ["CALLS"], "a") as file:
            file.write(json.dumps({"op": op, "pid": os.getpid(), **more}, default=repr) + "\\n")

    class Things(ResourceProvider):
        serialize_as_secret_always = False
        def check(self, olds, news):
            note("check", name=news["name"], news={k: v for k, v in news.items() if k != "__provider"})
            return CheckResult(news, [])
        def diff(self, id, olds, news):
            note("diff", name=news["name"])
            changed = [k for k in {**olds, **news} if olds.get(k) != news.get(k)]
            return DiffResult(changes=bool(changed), replaces=[k for k in changed if k == "size"])
        def create(self, props):
            note("create", name=props["name"])
            if props.get("fail"):
                raise Exception("remote says no")
            if os.environ.get("WAIT_IN") == props["name"]:
                with open(os.environ["GATE"]) as gate:  # a FIFO: goes on when the test closes its end
                    gate.read()
            return CreateResult("id-" + props["name"], {k: v for k, v in props.items() if k != "__provider"})
        def update(self, id, olds, news):
            note("update", name=news["name"])
            return UpdateResult({k: v for k, v in news.items() if k != "__provider"})
        def read(self, id, props):
            note("read", name=props["name"])
            values = {k: v for k, v in props.items() if k != "__provider"}
            return ReadResult(id, values, dict(values))
        def delete(self, id, props):
            note("delete", name=props["name"])

    class Thing(Resource, module="test", name="Thing"):
        name: pulumi.Output[str]
        value: pulumi.Output[str]
        def __init__(self, rn, opts=None, **props):
            super().__init__(Things(), rn, {"name": rn, "value": None, **props}, opts)
'''
