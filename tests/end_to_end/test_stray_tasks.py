"""What a program declares in a task or a thread that it does not wait for is never lost without a word."""

import pytest

from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

HEAD = """
import asyncio
import threading
import time
from components.arguments import stray_tasks
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import SecretStore

store = SecretStore("team-a", namespace="team-a", region="eu-central-1", grouped=GROUPED)


def declare(name, of=store, **more):
    ExternalSecret(name, store=of, data={"user": RemoteRef("/app/db", property="user")}, **more)


def begin(seconds, function, *arguments, **named):
    async def later():
        await asyncio.sleep(seconds)
        function(*arguments, **named)

    return asyncio.ensure_future(later())


def call_soon(function, *arguments):
    asyncio.get_event_loop().call_soon(function, *arguments)


declare("one")
"""
LATE = "ExternalSecret 'two' is declared after the references of SecretStore 'team-a' were collected."
THREAD = "ExternalSecret 'two' is declared in a thread that the program started; Pulumi cannot take it there."
MISTAKE = "ExternalSecret 'two': there is no argument 'colour'"
WAYS = {
    "a task": ("task = begin(0.01, declare, 'two')", LATE),
    "a task that takes longer than all the rest": ("task = begin(3, declare, 'two')", LATE),
    "a task in a library's": ("task = asyncio.ensure_future(asyncio.wait_for(begin(3, declare, 'two'), 9))", LATE),
    "a mistake in a task": ("task = begin(0.01, declare, 'two', colour='red')", MISTAKE),
    "a callback of the loop": ("store.versions.apply(lambda _: call_soon(declare, 'two'))", LATE),
    "a thread": ("threading.Thread(target=declare, args=('two',)).start()", THREAD),
    "a thread that is waited for": ("t = threading.Thread(target=declare, args=('two',)); t.start(); t.join()", THREAD),
    "a thread of the loop": ("asyncio.get_event_loop().run_in_executor(None, declare, 'two')", THREAD),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_secret_that_is_declared_where_nobody_waits_fails_the_program_and_stays(project: Project, name: str) -> None:
    values = project.put("/app/db", "user")
    head = HEAD.replace("GROUPED", str(name == "a task"))
    project.write_program(f"{head}declare('two')\n")
    assert project.up().result.exit_code == 0
    way, line = WAYS[name]
    project.write_program(f"{head}{way}\n")
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        assert sum(line in text for *_, severity, text in outcome.result.diagnostics if severity == "error") == 1
        assert "delete" not in outcome.changes.values()
        assert project.secret("two") == values


def test_what_a_task_declares_of_its_own_is_waited_for(project: Project) -> None:
    values = project.put("/app/db", "user")
    program = """
def team():
    declare("two", SecretStore("team-b", namespace="team-a", region="eu-central-1"))

task = begin(3, team)
"""
    project.write_program(HEAD.replace("GROUPED", "False") + program)
    assert project.up().result.exit_code == 0
    assert project.secret("two") == values
    project.settle()


def test_a_task_without_an_end_is_named(project: Project) -> None:
    project.put("/app/db", "user")
    program = """
stray_tasks._PATIENCE, stray_tasks._LIMIT = 0.1, 0.2

async def beat():
    while True:
        await asyncio.sleep(0.05)

task = asyncio.ensure_future(beat())
"""
    project.write_program(HEAD.replace("GROUPED", "False") + program)
    outcome = project.preview()
    line = 1 + (project.path / "__main__.py").read_text().splitlines().index("async def beat():")
    assert outcome.result.exit_code != 0
    assert f"waiting for task beat() in __main__.py, line {line}, which the program started" in outcome.output
    assert f"task beat() in __main__.py, line {line} still runs 0.2 s after the end of the program" in outcome.output
