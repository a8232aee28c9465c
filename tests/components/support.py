"""Runs a program against Pulumi's own mocks and gives back what it registered."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.runtime import mocks

VERSIONS = {"/app/db": 4.0, "friendslist": 2.0, "/app/db:3": 3.0}


LOOP = asyncio.new_event_loop()


class Engine(mocks.Mocks):
    """Answers registrations as the dynamic providers would: the snapshot knows VERSIONS, a sync reports itself."""

    def __init__(self) -> None:
        self.registered: dict[tuple[str, str], dict[str, Any]] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        inputs = dict(args.inputs)
        self.registered[args.typ.rpartition(":")[2], args.name] = inputs
        if args.typ.endswith(":Snapshot"):
            return "parameters", {**inputs, "versions": VERSIONS, "problems": {}}
        if args.typ.endswith(":SecretSync"):
            versions = {ref["key"]: VERSIONS.get(ref["key"], 1.0) for ref in inputs["data"].values() if "key" in ref}
            done = {"versions": versions, "status": "SecretSynced", "refreshTime": "2026-11-24T00:00:00+00:00"}
            return f"{inputs['namespace']}/{inputs['secretName']}", {**inputs, **done}
        if args.typ.endswith(":SecretPush"):
            done = {"versions": {}, "status": "Synced", "refreshTime": "2026-11-24T00:00:00+00:00"}
            return f"{inputs['namespace']}/{inputs.get('secret')}", {**inputs, **done}
        if args.typ.endswith((":ClusterSecretSync", ":ClusterSecretPush")):
            done = {"status": "SecretSynced", "message": "secret synced", "refreshTime": "2026-11-24T00:00:00+00:00"}
            namespaces = {"team-a": {**done, "versions": {}}}
            return args.name, {**inputs, "namespaces": namespaces, "provisionedNamespaces": ["team-a"]}
        return f"{args.name}-id", inputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the components call no function, but called {args.token}")


def declare(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    engine: Engine | None = None,
    stack: str = "dev",
    monitor: mocks.MockMonitor | None = None,
) -> Engine:
    """Run a program to its end; what it raises comes out."""
    engine = engine or Engine()
    # Pulumi's mocks leave loops in the threads of this one's executor, so it stays open as long as the process does.
    asyncio.set_event_loop(LOOP)
    mocks.set_mocks(engine, project="shop", stack=stack, preview=preview, monitor=monitor)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # Pulumi's decorator has no types
    return engine


def resolved(output: pulumi.Output[Any], into: dict[str, Any], name: str) -> None:
    """Note an output's value once it is known."""
    output.apply(lambda value: into.__setitem__(name, value))
