"""A program that fails takes nothing away: what it did not come to declare stays, in a group as without one."""

import pytest

from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

HEAD = """
import asyncio
import sys
import pulumi
from components.external_secret import ExternalSecret, PushSecret, PushData, RemoteRef
from components.parameter_store import SecretStore

store = SecretStore("team-a", namespace="team-a", region="eu-central-1", grouped=GROUPED)


def declare(*names):
    for name in names:
        ExternalSecret(name, store=store, data={"user": RemoteRef("/app/db", property="user")})


def push(*names):
    for name in names:
        entry = PushData(f"/out/{name}", secret_key="user")
        PushSecret(name, stores=[store], secret="pushed", data=[entry], deletion_policy="Delete")


"""
ENDS = {
    "an error": 'raise ValueError("no network")',
    "an error of Pulumi": 'raise pulumi.RunError("no network")',
    "an argument": "declare(7)",
    "an exit code": "sys.exit(3)",
    "a coroutine": """
async def main():
    await asyncio.sleep(0.01)
    declare("three")

pulumi.run(main)
""",
    "a coroutine that fails": """
async def main():
    declare("three")
    await asyncio.sleep(0.01)
    raise ValueError("no network")

pulumi.run(main)
""",
}


FAILURES = [("an error", "False"), *((name, "True") for name in ENDS)]  # without a group it is Pulumi that sees to it


@pytest.mark.parametrize(("name", "grouping"), FAILURES)
def test_what_a_failed_program_did_not_declare_stays(project: Project, name: str, grouping: str) -> None:
    project.put("/app/db", "user")
    head = HEAD.replace("GROUPED", grouping)
    project.write_program(head + 'declare("pushed")\n')
    assert project.up().result.exit_code == 0
    project.write_program(head + 'declare("pushed", "one", "two", "three")\npush("one", "two")\n')
    assert project.up().result.exit_code == 0
    uids = {name: uid(project, name) for name in ("pushed", "one", "two", "three")}
    project.write_program(head + f'declare("pushed", "one")\npush("one")\n{ENDS[name]}\n')
    for outcome in (project.preview(), project.up(), project.up(continue_on_error=True)):
        assert outcome.result.exit_code != 0
        assert "delete" not in outcome.changes.values()
        assert {name: uid(project, name) for name in uids} == uids
        assert pushed(project) == {"/out/one", "/out/two"}
    project.write_program(head + 'declare("pushed", "one")\npush("one")\nsys.exit(0)\n')
    assert project.up().result.exit_code == 0
    assert project.secret("three") is None
    assert pushed(project) == {"/out/one"}


@pytest.mark.parametrize("grouping", ["False", "True"], ids=["alone", "grouped"])
def test_an_asynchronous_program_declares_and_takes_away(project: Project, grouping: str) -> None:
    values = project.put("/app/db", "user")
    head = HEAD.replace("GROUPED", grouping)
    waits = "\nasync def main():\n    declare(NAMES)\n    await asyncio.sleep(0.01)\n\npulumi.run(main)\n"
    project.write_program(head + waits.replace("NAMES", '"one", "two"'))
    assert project.up().result.exit_code == 0
    assert (project.secret("one"), project.secret("two")) == (values, values)
    project.write_program(head + waits.replace("NAMES", '"one"'))
    assert project.up().result.exit_code == 0
    assert (project.secret("one"), project.secret("two")) == (values, None)


def test_it_is_said_that_a_program_waits_for_what_waits_for_it(project: Project) -> None:
    project.put("/app/db", "user")
    program = """
from components.program import ending

ending._PATIENCE = 0.1
secret = ExternalSecret("one", store=store, data={"user": RemoteRef("/app/db", property="user")})


async def main():
    await asyncio.wait([secret.secret_name._data], timeout=2)
    raise pulumi.RunError("waited in vain")

pulumi.run(main)
"""
    project.write_program(HEAD.replace("GROUPED", "True") + program)
    outcome = project.up()
    assert outcome.result.exit_code != 0
    assert "of store 'team-a' waits for the program to end" in outcome.output
    assert "waited in vain" in outcome.output
    assert project.secret("one") is None


def pushed(project: Project) -> set[str]:
    found = project.sandbox.aws.client("ssm").get_parameters_by_path(Path="/out")
    return {each["Name"] for each in found["Parameters"]}


def uid(project: Project, name: str) -> str:
    live = project.cluster().get_secret_metadata(NAMESPACE, name)
    assert live is not None
    return live.uid
