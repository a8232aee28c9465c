"""Provider plugins on PATH are driven over Pulumi's provider protocol."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.engine.support import Project, ProjectFactory

pytestmark = pytest.mark.slow

Calls = Callable[[], list[dict[str, Any]]]
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
PROGRAM = """
    import pulumi
    class Item(pulumi.CustomResource):
        arn: pulumi.Output[str]
        def __init__(self, name, opts=None, **props):
            super().__init__("fake:index:Item", name, {"arn": None, **props}, opts)
    class Fake(pulumi.ProviderResource):
        def __init__(self, name, **props):
            super().__init__("fake", name, props)
"""


@pytest.fixture
def fake(make_project: ProjectFactory, tmp_path: Path) -> Callable[[str], Project]:
    """Write a project with the fake plugin on its PATH and a default region."""

    def make(program: str) -> Project:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        plugin = folder / "pulumi-resource-fake"
        script = Path(__file__).with_name("fake_plugin.py")
        plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        plugin.chmod(0o755)
        project = make_project(PROGRAM + program)
        project.environment["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        project.write("Pulumi.dev.yaml", "config:\n  fake:region: eu-central-1\n")
        return project

    return make


def of(calls: list[dict[str, Any]], op: str) -> list[dict[str, Any]]:
    return [call for call in calls if call["op"] == op]


def test_secrets_travel_marked_to_a_provider_that_knows_them(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    Item('a', password=pulumi.Output.secret('hunter2'))")
    project.up()
    created = of(calls(), "create")[0]
    assert created["properties"]["password"] == SECRET
    assert (created["name"], created["type"]) == ("a", "fake:index:Item")
    assert "ciphertext" in project.resource("a")["outputs"]["password"]


def test_previews_are_made_by_the_provider(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    a = Item('a', value='1')\n    Item('b', value=a.arn)\n    pulumi.export('region', a.arn)")
    _, text = project.run("preview", diff=True)
    assert [call["preview"] for call in of(calls(), "create")] == [True, True]
    assert of(calls(), "check")[1]["news"]["value"] == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert "region: [unknown]" in text
    project.up()
    assert of(calls(), "check")[-1]["news"]["value"] == "arn:eu-central-1"


def test_updates_show_the_details_that_the_provider_tells(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    Item('a', value='1', other='1')")
    project.up()
    project.write("__main__.py", PROGRAM + "    Item('a', value='2', other='1')")
    result, text = project.up()
    assert "[diff: ~value]" in text
    updated = of(calls(), "update")[0]
    assert (updated["oldInputs"]["value"], updated["olds"]["value"], updated["news"]["value"]) == ("1", "1", "2")
    assert updated["olds"]["arn"] == "arn:eu-central-1"
    assert [event.diff for event in result.steps if event.op == "update"] == [("value",)]


def test_default_provider_is_configured_and_stored(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    Item('a')")
    project.up()
    configured = of(calls(), "configure")
    assert [call["variables"] for call in configured] == [{"fake:config:region": "eu-central-1"}]
    provider = project.resource("default")
    assert provider["inputs"] == {"region": "eu-central-1"}
    assert project.resource("a")["provider"] == f"{provider['urn']}::{provider['id']}"


def test_version_of_the_sdk_names_the_default_provider(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    Item('a', opts=pulumi.ResourceOptions(version='1.2.3'))")
    project.up()
    provider = project.resource("default_1_2_3")
    assert provider["inputs"] == {"region": "eu-central-1", "version": "1.2.3", "__internal": {}}
    assert provider["outputs"] == {"region": "eu-central-1", "version": "1.2.3"}
    project.up()
    [diff] = of(calls(), "diff_config")
    assert diff["olds"] == diff["news"] == {"region": "eu-central-1"}
    assert project.resource("default_1_2_3")["outputs"] == provider["outputs"]


def test_a_preview_leaves_out_stack_outputs_that_only_become_unknown(fake: Callable[[str], Project]) -> None:
    program = """
    item = Item('a', value='VALUE')
    pulumi.export('arn', item.arn)
    pulumi.export('nested', {'inner': item.arn, 'list': [item.arn, 'VALUE'], 'fixed': 'VALUE'})"""
    project = fake(program.replace("VALUE", "1"))
    project.up()
    project.write("__main__.py", PROGRAM + program.replace("VALUE", "2"))
    _, text = project.run("preview", diff=True)
    outputs = text.partition("--outputs:--")[2].partition("Resources:")[0]
    assert 'fixed: "1" => "2"' in outputs, text
    assert '[0]: "arn:eu-central-1" => [unknown]' in outputs, "items of a list are not left out"
    assert "arn :" not in outputs
    assert "inner" not in outputs


def test_explicit_providers(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake(
        "    other = Fake('other', region='us-east-1')\n    Item('a', opts=pulumi.ResourceOptions(provider=other))"
    )
    project.up()
    assert project.resource("a")["outputs"]["region"] == "us-east-1"
    assert project.resource("a")["provider"].startswith(project.resource("other")["urn"])
    result, _ = project.up()
    assert result.summary == {"same": 3}
    assert len(of(calls(), "create")) == 1


def test_replaced_provider_replaces_its_resources(fake: Callable[[str], Project], calls: Calls) -> None:
    program = "    other = Fake('other', region='REGION')\n    Item('a', opts=pulumi.ResourceOptions(provider=other))"
    project = fake(program.replace("REGION", "us-east-1"))
    project.up()
    project.write("__main__.py", PROGRAM + program.replace("REGION", "us-west-2"))
    result, _ = project.up()
    assert result.summary == {"same": 1, "replace": 2}
    assert project.resource("a")["outputs"]["region"] == "us-west-2"
    assert len(of(calls(), "delete")) == 1


def test_unknown_configuration_is_waited_for(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake(
        "    a = Item('a')\n    other = Fake('other', region=a.arn)\n"
        "    Item('b', value='1', opts=pulumi.ResourceOptions(provider=other))"
    )
    result, text = project.run("preview")
    assert result.exit_code == 0, text
    assert [call["name"] for call in of(calls(), "check")] == ["a"]
    project.up()
    assert project.resource("b")["outputs"]["region"] == "arn:eu-central-1"


def test_rejected_configuration_is_one_line(fake: Callable[[str], Project]) -> None:
    project = fake("    Item('a')")
    project.write("Pulumi.dev.yaml", "config: {}\n")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "property region value {None} has a problem: a region is needed" in text


def test_invokes(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake(
        "    found = pulumi.runtime.invoke('fake:index:lookup', {'name': 'x'})\n"
        "    pulumi.export('found', found.value['found'])"
    )
    project.up()
    stack = next(item for item in project.state()["resources"] if item["type"] == "pulumi:pulumi:Stack")
    assert stack["outputs"] == {"found": "eu-central-1/x"}
    assert [call["tok"] for call in of(calls(), "invoke")] == ["fake:index:lookup"]


def test_refused_invokes_are_errors_of_the_program(fake: Callable[[str], Project]) -> None:
    project = fake("    pulumi.runtime.invoke('fake:index:refuse', {'name': 'x'})")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "no such name" in text


def test_resources_that_are_only_read(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    a = Item('a', opts=pulumi.ResourceOptions(id='other-id'))\n    pulumi.export('arn', a.arn)")
    result, _ = project.up()
    assert result.summary == {"create": 1}
    assert [call["id"] for call in of(calls(), "read")] == ["other-id"]
    assert project.resource("a")["external"] is True
    project.run("destroy")
    assert of(calls(), "delete") == []
    assert project.names() == []


def test_unhealthy_resources_are_kept_and_continued(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    Item('a', unhealthy=True)")
    result, text = project.run("up")
    assert result.exit_code == 1
    assert "created, but not healthy" in text
    assert "* not ready" in text
    assert project.resource("a")["id"] == "half"
    assert project.resource("a")["initErrors"] == ["not ready"]
    project.up()
    assert len(of(calls(), "update")) == 1
    assert "initErrors" not in project.resource("a")


def test_plugins_get_the_old_inputs_when_they_delete(fake: Callable[[str], Project], calls: Calls) -> None:
    project = fake("    Item('a', value='1')")
    project.up()
    project.run("destroy")
    assert of(calls(), "delete")[0]["oldInputs"]["value"] == "1"


def test_output_of_plugins_is_shown(fake: Callable[[str], Project]) -> None:
    _, text = fake("    Item('a')").up()
    assert "    the plugin has started\n" in text.partition("Diagnostics:")[2]


def test_plugins_that_do_not_serve_are_explained(fake: Callable[[str], Project], tmp_path: Path) -> None:
    project = fake("    Item('a')")
    (tmp_path / "bin/pulumi-resource-fake").write_text("#!/bin/sh\necho 'a library is missing' >&2\nexit 3\n")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "ended before it served" in text
    assert "a library is missing" in text
