"""The policy pack as Pulumi runs it: a process of its own, in its own virtualenv, asked over gRPC."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from policies.rules.resource import Resource as Declared
from sandbox.engine.analyzer import Pack, PackOptions, start_packs, stop_packs
from sandbox.engine.events import PolicyFinding
from sandbox.engine.plugins import PluginSettings
from sandbox.engine.project import Project
from sandbox.engine.state import Resource
from tests.support.paths import ROOT

POLICIES = ROOT / "policies"
STACK = "prod"


class Runner:
    """A pack that runs, asked as the engine asks it; in tests that know of no event loop."""

    def __init__(self, loop: asyncio.Runner, pack: Pack, said: list[str]) -> None:
        self._loop = loop
        self.pack = pack
        self.said = said

    def ask(self, call: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run(call)

    def findings(self, declared: Sequence[Declared]) -> list[PolicyFinding]:
        """What the pack finds in resources, each by itself and then together."""
        known = {each.urn: _resource(each) for each in declared}
        found: list[PolicyFinding] = []
        for each in known.values():
            found += self.ask(self.pack.analyze(each, known))
        return [*found, *self.ask(self.pack.analyze_stack(known))]


def _resource(each: Declared) -> Resource:
    props = dict(each.props)
    return Resource(
        each.urn,
        each.type,
        not each.type.startswith("parameterstore:"),
        inputs=props,
        outputs=props,
        parent=each.parent,
        protect=each.protect,
        dependencies=list(each.dependencies),
    )


@contextmanager
def running(folder: Path, config: Path | None = None) -> Iterator[Runner]:
    """Start a pack, and end it."""
    assert (POLICIES / ".venv/bin/python").exists(), "run `make policies` first, or `make test-policies`"
    said: list[str] = []
    project = Project("shop", ROOT, ROOT, ROOT)
    settings = PluginSettings(project, {**os.environ}, "127.0.0.1:1", said.append)
    with asyncio.Runner() as loop:
        packs = loop.run(start_packs([PackOptions(folder, config)], settings, STACK, dry_run=True))
        try:
            yield Runner(loop, packs[0], said)
        finally:
            loop.run(stop_packs(packs))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Start this repository's pack with a configuration, or another one."""
    with ExitStack() as stack:

        def begin(config: str | None = None, folder: Path = POLICIES) -> Runner:
            file = tmp_path / "config.json"
            if config is not None:
                file.write_text(config, "utf-8")
            return stack.enter_context(running(folder, None if config is None else file))

        yield begin


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """This repository's pack, as it is."""
    with running(POLICIES) as made:
        yield made
