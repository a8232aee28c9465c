"""Configuration: typed defaults of the project, the stack file, the command line, secrets."""

import argparse
import json

import pytest

from sandbox.engine.cli import add_commands
from sandbox.engine.errors import ProjectError
from tests.sandbox.engine.support import Project, ProjectFactory

SHOW = """
    import pulumi
    config, other = pulumi.Config(), pulumi.Config("other")
    pulumi.export("name", config.require("name"))
    pulumi.export("count", config.get_int("count"))
    pulumi.export("enabled", config.get_bool("enabled"))
    pulumi.export("list", config.get_object("list"))
    pulumi.export("map", config.get_object("map"))
    pulumi.export("other", other.get("key"))
"""
PROJECT = """
    name: test
    runtime:
      name: python
    stackConfigDir: stacks
    config:
      name:
        type: string
        default: from-project
      count:
        type: integer
        default: 3
      enabled:
        type: boolean
        default: true
      list:
        type: array
        items: {type: string}
        default: [a, b]
      other:key:
        value: namespaced
"""


def outputs(project: Project) -> dict[str, object]:
    result, text = project.run("up")
    assert result.exit_code == 0, text
    stack = next(item for item in project.state()["resources"] if item["type"] == "pulumi:pulumi:Stack")
    found: dict[str, object] = stack["outputs"]
    return found


def project_with(make_project: ProjectFactory, stack: str = "") -> Project:
    project = make_project(SHOW)
    project.write("Pulumi.yaml", PROJECT)
    if stack:
        project.write("stacks/Pulumi.dev.yaml", stack)
    return project


def test_defaults_of_the_project(make_project: ProjectFactory) -> None:
    assert outputs(project_with(make_project)) == {
        "name": "from-project",
        "count": 3,
        "enabled": True,
        "list": ["a", "b"],
        "other": "namespaced",
    }


def test_stack_file_wins_over_defaults(make_project: ProjectFactory) -> None:
    stack = "config:\n  test:name: from-stack\n  count: 5\n  test:map:\n    deep: {x: 1}\n"
    found = outputs(project_with(make_project, stack))
    assert (found["name"], found["count"], found["map"]) == ("from-stack", 5, {"deep": {"x": 1}})


def test_command_line_wins_over_the_stack_file(make_project: ProjectFactory) -> None:
    project = project_with(make_project, "config:\n  test:name: from-stack\n")
    project.run("up", config=("name=from-command", "other:key=a=b"))
    stack = next(item for item in project.state()["resources"] if item["type"] == "pulumi:pulumi:Stack")
    assert stack["outputs"]["name"] == "from-command"
    assert stack["outputs"]["other"] == "a=b"


def test_missing_values_are_named(make_project: ProjectFactory) -> None:
    project = project_with(make_project)
    project.write("Pulumi.yaml", PROJECT.replace("        default: from-project\n", ""))
    with pytest.raises(ProjectError, match="Stack 'dev' is missing configuration value 'name'"):
        project.run("preview")


@pytest.mark.parametrize(
    ("key", "value", "type_"),
    [
        ("count", "many", "integer"),
        ("count", "1.5", "integer"),
        ("enabled", "maybe", "boolean"),
        ("list", "{}", "array<string>"),
    ],
)
def test_wrong_types_are_named(make_project: ProjectFactory, key: str, value: str, type_: str) -> None:
    project = project_with(make_project)
    with pytest.raises(ProjectError, match=f"configuration key '{key}' must be of type '{type_}'"):
        project.run("preview", config=(f"{key}={value}",))


def test_secret_declared_in_the_project_must_be_encrypted(make_project: ProjectFactory) -> None:
    project = project_with(make_project, "config:\n  test:token: plain\n")
    project.write("Pulumi.yaml", PROJECT + "      token: {type: string, secret: true}\n")
    with pytest.raises(ProjectError, match="'token' must be encrypted"):
        project.run("preview")


def complaint(project: Project) -> str:
    """What a preview that cannot start, or that fails at once, says."""
    try:
        result, output = project.run("preview")
    except ProjectError as error:
        return str(error)
    assert result.exit_code
    return output


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: x\nruntime: nodejs\n", "runtime: python"),
        ("runtime: python\n", "missing a 'name'"),
        ("name: x\nruntime: {name: python, options: {toolchain: conda}}\n", "unsupported toolchain"),
        ("name: x\nruntime: python\nmain: nowhere\n", "does not exist"),
        ("name: x\nruntime: python\nconfig: a\nstackConfigDir: b\n", "keep one"),
        ("name: [x\n", "not valid YAML"),
        ("- x\n", "expected a map"),
        ("name: x\nruntime: {name: python, options: {virtualenv: nowhere}}\n", "is not a virtual environment"),
    ],
)
def test_wrong_projects_are_explained(make_project: ProjectFactory, text: str, problem: str) -> None:
    project = make_project("")
    project.write("Pulumi.yaml", text)
    assert problem in complaint(project)


def test_program_in_another_folder(make_project: ProjectFactory) -> None:
    project = make_project("raise Exception('the wrong program')")
    project.write("Pulumi.yaml", "name: test\nruntime: python\nmain: src\n")
    project.write("src/__main__.py", "import os, pulumi\npulumi.export('folder', os.path.basename(os.getcwd()))")
    assert outputs(project) == {"folder": "src"}


def test_configuration_reaches_dynamic_providers(make_project: ProjectFactory) -> None:
    project = make_project("from configured import Shown\nShown('shown')")
    project.write(
        "configured.py",
        """
        import pulumi
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider
        class Shows(ResourceProvider):
            serialize_as_secret_always = False
            def configure(self, request):
                self.seen = [request.config.get("key"), request.config.get("aws:region")]
            def create(self, props):
                return CreateResult("id", {"seen": self.seen})
        class Shown(Resource, module="test", name="Shown"):
            seen: pulumi.Output[list]
            def __init__(self, rn):
                super().__init__(Shows(), rn, {"seen": None})
        """,
    )
    project.run("up", config=("key=value", "aws:region=eu-central-1"))
    assert project.resource("shown")["outputs"]["seen"] == ["value", "eu-central-1"]
    assert json.loads(json.dumps(project.resource("default")["inputs"])) == {
        "aws:region": "eu-central-1",
        "test:key": "value",
    }


@pytest.mark.parametrize(
    ("file", "config"),
    [("Pulumi.dev.yaml", "5"), ("Pulumi.dev.yaml", "text"), ("Pulumi.yaml", "5"), ("Pulumi.yaml", "[a]")],
)
def test_a_config_that_is_no_map_is_named(make_project: ProjectFactory, config: str, file: str) -> None:
    project = make_project("")
    header = "name: test\nruntime: python\n" if file == "Pulumi.yaml" else ""
    project.write(file, f"{header}config: {config}\n")
    with pytest.raises(ProjectError, match=rf"{file}: expected a map of keys and .* in 'config'"):
        project.run("preview")


def test_a_configuration_that_no_environment_holds_is_one_line(make_project: ProjectFactory) -> None:
    project = make_project("")
    project.write("Pulumi.dev.yaml", f"config: {{test:long: {'x' * 200_000}}}\n")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "error: the program cannot be started: the configuration is larger than a process's environment" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("a/b c", "error: 'a/b c' is no stack's name: it may have up to 100 letters, digits, hyphens"),
        ("x" * 101, "is no stack's name"),
        ("dve", "error: no stack named 'dve' found (there are dev, prod); to begin one, write "),
    ],
)
def test_a_stack_that_is_none_is_an_error(
    make_project: ProjectFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stack: str,
    message: str,
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    project = make_project("")
    for name in ("dev", "prod"):
        project.write(f"Pulumi.{name}.yaml", "")
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    asked = parser.parse_args(["preview", "--cwd", str(project.root), "--stack", stack])
    assert asked.run(asked) == 1
    assert message in capsys.readouterr().err
