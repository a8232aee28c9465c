"""`preview --json` says each step with its states and no secret; `--expect-no-changes` fails where there are some."""

import json

from tests.sandbox.engine.support import ProjectFactory

PROGRAM = """
import pulumi
from things import Thing

Thing("a", value="1")
Thing("b", value=pulumi.Output.secret("hidden-canary"))
"""


def test_the_document(make_project: ProjectFactory) -> None:
    project = make_project(PROGRAM)
    result, text = project.run("preview", json=True)
    document = json.loads(text)
    assert result.exit_code == 0
    created = {step["urn"].rpartition("::")[2]: step for step in document["steps"] if step["op"] == "create"}
    assert created["a"]["newState"]["inputs"]["value"] == "1"
    assert "oldState" not in created["a"]
    assert created["b"]["newState"]["inputs"]["value"] == "[secret]"
    assert "hidden-canary" not in text
    assert document["changeSummary"]["create"] == len(created)


def test_what_stays_as_it_is_is_told_where_that_is_asked_for(make_project: ProjectFactory) -> None:
    project = make_project(PROGRAM)
    project.up()
    assert json.loads(project.run("preview", json=True)[1])["steps"] == []
    steps = json.loads(project.run("preview", json=True, show_sames=True)[1])["steps"]
    assert {step["op"] for step in steps} == {"same"}
    assert "hidden-canary" not in json.dumps(steps)
    assert all(step["oldState"]["urn"] == step["newState"]["urn"] == step["urn"] for step in steps)


def test_a_failure_is_in_the_document(make_project: ProjectFactory) -> None:
    result, text = make_project("raise RuntimeError('no')").run("preview", json=True)
    assert result.exit_code == 1
    assert any(each["severity"] == "error" for each in json.loads(text)["diagnostics"])


def test_changes_that_are_not_expected_are_a_failure(make_project: ProjectFactory) -> None:
    project = make_project(PROGRAM)
    result, text = project.run("preview", expect_no_changes=True)
    assert result.exit_code == 1
    assert "error: no changes were expected but changes were proposed" in text
    project.up()
    assert project.run("preview", expect_no_changes=True)[0].exit_code == 0
