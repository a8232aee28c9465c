"""An operation interrupted at any moment leaves a state that the next one goes on from."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.checkpoint import Checkpoint
from sandbox.engine.errors import UsageError
from tests.sandbox.engine.support import Project, ProjectFactory
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

CHAIN = """
    import pulumi
    from things import Thing
    first = Thing("first", value="one")
    second = Thing("second", value=first.value)
    Thing("third", value=second.value)
"""
Calls = Callable[[], list[dict[str, Any]]]


@contextmanager
def stopped_in_second_create(project: Project, tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Start `up` in a process of its own and wait until it creates `second`; yields it and what opens the gate."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    environment = project.env({"WAIT_IN": "second", "GATE": str(gate)})
    engine = subprocess.Popen(
        project.engine_command("up", "--skip-preview"),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    writer = os.open(gate, os.O_WRONLY)  # waits for the provider to open the other end
    try:
        yield engine, writer
    finally:
        engine.kill()
        engine.wait()
        if engine.stdout is not None:
            engine.stdout.close()


def names(calls: list[dict[str, Any]], op: str) -> list[str]:
    return [call["name"] for call in calls if call["op"] == op]


def test_killed_engine_is_resumed(make_project: ProjectFactory, tmp_path: Path, calls: Calls) -> None:
    project = make_project(CHAIN)
    with stopped_in_second_create(project, tmp_path) as (engine, gate):
        engine.kill()
        engine.communicate()
        os.close(gate)
    journal = next((project.root / ".sandbox").rglob("*.journal"))
    written = journal.read_bytes() + b'{"put": {"urn": "urn:pul'  # as if the last line had been cut off
    journal.write_bytes(written)
    result, _ = project.run("preview")
    assert result.summary == {"same": 2, "create": 2}
    assert journal.read_bytes() == written
    _, text = project.up()
    assert "interrupted while creating" in text
    assert "::second" in text
    assert project.names() == ["first", "second", "third"]
    assert project.state()["pending_operations"] == []
    assert names(calls(), "create") == ["first", "second", "second", "third"]


def test_refresh_clears_interrupted_operations(make_project: ProjectFactory, tmp_path: Path) -> None:
    project = make_project(CHAIN)
    with stopped_in_second_create(project, tmp_path) as (engine, gate):
        engine.kill()
        engine.communicate()
        os.close(gate)
    project.run("refresh")
    assert project.state()["pending_operations"] == []
    assert project.names() == ["first"]


def test_provider_killed_during_a_create_fails_the_update_and_the_next_completes(
    make_project: ProjectFactory, tmp_path: Path, calls: Calls
) -> None:
    project = make_project(CHAIN)
    with stopped_in_second_create(project, tmp_path) as (engine, gate):
        os.kill(calls()[-1]["pid"], signal.SIGKILL)
        text, _ = engine.communicate(timeout=60)
        os.close(gate)
    assert engine.returncode == 1
    assert "the provider process has ended during the call" in text
    assert project.names() == ["first"]
    project.up()
    assert project.names() == ["first", "second", "third"]


def test_interrupt_lets_the_running_step_finish_and_starts_nothing_more(
    make_project: ProjectFactory, tmp_path: Path, calls: Calls
) -> None:
    project = make_project(CHAIN)
    with stopped_in_second_create(project, tmp_path) as (engine, gate):
        engine.send_signal(signal.SIGINT)
        os.close(gate)
        text, _ = engine.communicate(timeout=60)
    assert engine.returncode == 1
    assert "update canceled" in text
    assert project.names() == ["first", "second"]
    assert project.state()["pending_operations"] == []
    assert names(calls(), "create") == ["first", "second"]


def test_second_interrupt_ends_the_engine_at_once(make_project: ProjectFactory, tmp_path: Path) -> None:
    project = make_project(CHAIN)
    with stopped_in_second_create(project, tmp_path) as (engine, gate):
        engine.send_signal(signal.SIGINT)
        assert engine.stdout is not None
        while "nothing new is started" not in engine.stdout.readline():
            assert engine.poll() is None
        engine.send_signal(signal.SIGINT)
        engine.communicate(timeout=60)
        os.close(gate)
    assert engine.returncode == 130
    project.up()
    assert project.names() == ["first", "second", "third"]


def test_journal_of_another_checkpoint_is_ignored(make_project: ProjectFactory) -> None:
    project = make_project("")
    project.up()
    journal = project.state_file.with_suffix(".journal")
    journal.write_text(json.dumps({"checkpoint": "another", "slots": 0}) + '\n{"drop": 0}\n')
    result, _ = project.up()
    assert result.summary == {"same": 1}
    assert not journal.exists()


def test_lock_of_a_live_process_is_respected_and_of_a_dead_one_taken_over(make_project: ProjectFactory) -> None:
    project = make_project("")
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    with Checkpoint(project.root / ".sandbox", "test", "dev").lock():
        with pytest.raises(UsageError, match="currently locked by 1 lock"):
            project.run("up")
        lock = next((project.root / ".sandbox/.pulumi/locks").rglob("*.json"))
        holder = json.loads(lock.read_text())
        lock.write_text(json.dumps({**holder, "pid": dead.pid}))
        project.up()
