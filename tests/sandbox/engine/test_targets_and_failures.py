"""Operations limited to targets, and operations in which something fails."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.engine.errors import UsageError
from tests.sandbox.engine.support import ProjectFactory

Calls = Callable[[], list[dict[str, Any]]]
IMPORTS = "import pulumi\nfrom things import Thing\nfrom pulumi import ResourceOptions as O\n"
PREFIX = "urn:pulumi:dev::test::pulumi-python:dynamic/test:Thing::"
THREE = IMPORTS + "a = Thing('a', value='1')\nThing('b', value=a.value)\nThing('c', value='1')"


def called(calls: list[dict[str, Any]], *ops: str) -> list[tuple[str, str]]:
    return [(call["op"], call["name"]) for call in calls if call["op"] in ops]


def test_only_targets_are_created(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(THREE)
    project.up(targets=(f"{PREFIX}a",))
    assert project.names() == ["a"]
    assert called(calls(), "check", "create") == [("check", "a"), ("create", "a")]


def test_patterns_name_several_targets(make_project: ProjectFactory) -> None:
    project = make_project(THREE)
    project.up(targets=("**::Thing::a", f"{PREFIX}c"))
    project.up(targets=("**Thing::*",))
    assert sorted(project.names()) == ["a", "b", "c"]


def test_dependents_of_targets(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(THREE)
    project.up()
    project.write("__main__.py", THREE.replace("'1'", "'2'"))
    project.up(targets=(f"{PREFIX}a",), target_dependents=True)
    assert called(calls(), "update") == [("update", "a"), ("update", "b")]


def test_others_are_kept_as_they_were(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(THREE)
    project.up()
    project.write("__main__.py", IMPORTS + "Thing('c', value='2')")
    result, _ = project.up(targets=(f"{PREFIX}c",))
    assert sorted(project.names()) == ["a", "b", "c"]
    assert called(calls(), "delete") == []
    assert result.summary["update"] == 1
    assert project.up()[0].summary == {"same": 2, "delete": 2}


def test_targeted_destroy_needs_the_dependents(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(THREE)
    project.up()
    result, text = project.run("destroy", targets=(f"{PREFIX}a",))
    assert result.exit_code == 1
    assert f"Resource '{PREFIX}b' will be destroyed but was not specified in --target list." in text
    result, _ = project.run("destroy", targets=(f"{PREFIX}a",), target_dependents=True)
    assert result.exit_code == 0
    assert called(calls(), "delete") == [("delete", "b"), ("delete", "a")]
    assert project.names() == ["c"]


def test_targets_of_a_destroy_must_exist(make_project: ProjectFactory) -> None:
    project = make_project(THREE)
    project.up()
    result, text = project.run("destroy", targets=("urn:nothing",))
    assert result.exit_code == 1
    assert "no resource named 'urn:nothing' found" in text


FAILING = (
    IMPORTS
    + """
bad = Thing('bad', fail=True)
Thing('after', value=bad.value)
good = Thing('good', value='1')
Thing('last', value=good.value)
"""
)


def test_continue_on_error_goes_on_with_what_is_independent(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(FAILING)
    result, text = project.run("up", continue_on_error=True)
    assert result.exit_code == 1
    assert sorted(project.names()) == ["good", "last"]
    assert ("create", "after") not in called(calls(), "create")
    assert "remote says no" in text
    assert [event.error.splitlines()[-1] for event in result.steps if event.error] == ["Exception: remote says no"]


def test_failed_update_keeps_the_old_state(make_project: ProjectFactory) -> None:
    project = make_project(IMPORTS + "Thing('a', value='1')")
    project.up()
    things = (project.root / "things.py").read_text()
    project.write("things.py", things.replace('note("update", name=news["name"])', 'raise Exception("busy")'))
    project.write("__main__.py", IMPORTS + "Thing('a', value='2')")
    result, _ = project.run("up")
    assert result.exit_code == 1
    assert project.resource("a")["inputs"]["value"] == "1"
    assert project.resource("a")["outputs"]["value"] == "1"


def test_failed_program_deletes_nothing_and_keeps_old_outputs(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(IMPORTS + "a = Thing('a', value='1')\npulumi.export('x', a.value)")
    project.up()
    project.write("__main__.py", "import pulumi\npulumi.export('y', 1)\nraise ValueError('no')")
    result, text = project.run("up")
    assert result.exit_code == 1
    assert "ValueError: no" in text
    assert called(calls(), "delete") == []
    stack = next(item for item in project.state()["resources"] if item["type"] == "pulumi:pulumi:Stack")
    assert stack["outputs"] == {"x": "1", "y": 1}


def test_run_errors_of_programs_are_one_line(make_project: ProjectFactory) -> None:
    project = make_project("import pulumi\nraise pulumi.RunError('set the region')")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "error: set the region" in text
    assert "Traceback" not in text


def test_missing_plugins_are_named(make_project: ProjectFactory) -> None:
    project = make_project("import pulumi\npulumi.CustomResource('nosuch:index:Thing', 'a', {})")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "no resource plugin 'pulumi-resource-nosuch' found" in text
    assert "sandbox/bin" not in text


def test_a_missing_plugin_that_the_sandbox_has_is_said_to_be_there(make_project: ProjectFactory) -> None:
    project = make_project("import pulumi\npulumi.CustomResource('kubernetes:core/v1:Secret', 'a', {})")
    result, text = project.run("preview", env={"PATH": os.defpath, "PULUMI_HOME": str(project.root)})
    assert result.exit_code == 1
    assert "no resource plugin 'pulumi-resource-kubernetes' found" in text
    assert "for the sandbox's, run it inside `sandbox run -- bash`, or put " in text
    assert "sandbox/bin on PATH" in text


def test_without_a_virtual_environment_a_missing_package_names_the_options(make_project: ProjectFactory) -> None:
    project = make_project("import nosuch_package")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "No module named 'nosuch_package' in " in text
    assert "`toolchain: pip` and `virtualenv: .venv`" in text
    assert "Traceback" not in text


def test_changes_need_no_confirmation_in_a_preview_only_run(make_project: ProjectFactory) -> None:
    project = make_project(THREE)
    result, text = project.run("up", skip_preview=False, confirm=lambda _question: False)
    assert (result.exit_code, project.names()) == (1, [])
    assert "confirmation declined" in text
    result, _ = project.run("up", skip_preview=False, preview_only=True)
    assert (result.exit_code, project.names()) == (0, [])


def test_unknown_values_reach_the_provider_in_previews_only(make_project: ProjectFactory, calls: Calls) -> None:
    computed = "Thing('b', value=a.id.apply(lambda id: id + '!'))"
    project = make_project(IMPORTS + f"a = Thing('a')\n{computed}")
    _, text = project.run("preview", diff=True)
    assert "Unknown object" in [call["news"] for call in calls() if call["op"] == "check"][-1]["value"]
    assert "value     : [unknown]" in text
    project.up()
    assert [call["news"] for call in calls() if call["op"] == "check"][-1]["value"] == "id-a!"
    assert project.resource("b")["propertyDependencies"]["value"] == [f"{PREFIX}a"]


def test_dependents_of_an_unchanged_resource_see_known_values_in_a_preview(make_project: ProjectFactory) -> None:
    project = make_project(IMPORTS + "a = Thing('a', value='1')\nThing('b', value=a.value)")
    project.up()
    result, _ = project.run("preview")
    assert result.summary == {"same": 3}


def test_output_of_the_program_is_shown(make_project: ProjectFactory) -> None:
    project = make_project("import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)")
    _, text = project.run("preview")
    diagnostics = text.partition("Diagnostics:")[2]
    assert "    to stdout\n" in diagnostics
    assert "    to stderr\n" in diagnostics


def test_other_backends_are_refused(make_project: ProjectFactory) -> None:
    project = make_project("")
    with pytest.raises(UsageError, match="state in files only"):
        project.run("up", env={"PULUMI_BACKEND_URL": "s3://bucket"})
