"""Policy packs in the sandbox's engine: what is refused and when, what is shown, and what ends in one line."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.analyzer import PackOptions
from sandbox.engine.operations import Result
from tests.policies.conftest import POLICIES
from tests.sandbox.engine.support import THINGS, Project
from tests.support.paths import ROOT

pytestmark = pytest.mark.policy_pack
PROGRAM = """
import pulumi
from things import Things
from pulumi.dynamic import Resource

class SecretSync(Resource, module="parameterstore", name="SecretSync"):
    def __init__(self, name, after=(), **props):
        super().__init__(Things(), name, {"name": name, **props}, pulumi.ResourceOptions(depends_on=list(after)))

class Snapshot(Resource, module="parameterstore", name="Snapshot"):
    def __init__(self, name, **props):
        super().__init__(Things(), name, {"name": name, **props})

"""
TITLE = "pulumi-parameter-store@v0.1.0"
WIDE = "SecretSync('wide', dataFrom=[{'find': {}}])"


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Project]:
    """A project with dynamic resources of the library's types."""

    def project(program: str) -> Project:
        made = Project(tmp_path / "project", {"CALLS": str(tmp_path / "calls.jsonl")})
        made.write("Pulumi.yaml", "name: test\nruntime: python\n")
        made.write("things.py", THINGS)
        made.write("__main__.py", PROGRAM + program)
        return made

    return project


def run(project: Project, operation: str, **options: Any) -> tuple[Result, str]:
    return project.run(operation, policy_packs=(PackOptions(POLICIES),), **options)


def test_preview_finds_all_and_up_stops_at_the_first(make: Callable[[str], Project]) -> None:
    project = make(f"SecretSync('fine')\nwide = {WIDE}\nSecretSync('taking', after=[wide], target={{'adopt': True}})\n")
    result, text = run(project, "preview")
    assert result.exit_code == 1
    assert result.summary == {"create": 4}
    shown = text[text.index("Policies:") :]
    assert shown.startswith(f"""Policies:
    ❌ {TITLE} (local: {POLICIES})
        - [mandatory] [severity: high]  find-scope  (pulumi-python:dynamic/parameterstore:SecretSync: wide)
          dataFrom[].find looks below a path.
          dataFrom[0].find looks through every parameter of the account and region; give it a path
        - [advisory] [severity: medium]  no-foreign-adopt  (pulumi-python:dynamic/parameterstore:SecretSync: taking)
          What somebody else made is left to them.
          target.adopt takes over what somebody else made; leave it out when that is done

Diagnostics:
  pulumi:pulumi:Stack (test-dev):
    error: preview failed
""")
    assert "Resources:" not in shown
    result, text = run(project, "up")
    assert result.exit_code == 1
    assert "no-foreign-adopt" not in text
    assert "wide" not in project.names()


def test_what_is_only_advised_goes_on(make: Callable[[str], Project]) -> None:
    project = make("SecretSync('taking', target={'adopt': True})\n")
    result, text = run(project, "up")
    assert result.exit_code == 0, text
    assert f"    ⚠️ {TITLE} (local: {POLICIES})\n        - [advisory] " in text
    assert project.names() == ["taking"]
    project.write("__main__.py", PROGRAM + "SecretSync('taking')\n")
    _, text = run(project, "preview")
    assert f"Policies:\n    ✅ {TITLE} (local: {POLICIES})\n\n" in text


def test_what_is_not_known_in_preview_is_refused_in_up(make: Callable[[str], Project]) -> None:
    project = make(
        "path = SecretSync('first').id.apply(lambda _: '/')\nSecretSync('later', dataFrom=[{'find': {'path': path}}])\n"
    )
    result, text = run(project, "preview")
    assert result.exit_code == 0, text
    assert "can't run policy 'find-scope'" in text
    result, text = run(project, "up")
    assert result.exit_code == 1
    assert "[mandatory] [severity: high]  find-scope" in text
    assert project.names() == ["first"]


def test_stack_rules_see_outputs_at_the_end_and_fail_the_operation(make: Callable[[str], Project]) -> None:
    project = make("Snapshot('all', references=[str(n) for n in range(9)])\n")
    config = project.write("rules.json", '{"cost": {"enforcementLevel": "mandatory", "callsPerMonth": 10}}')
    for operation in ("preview", "up"):
        result, text = project.run(operation, policy_packs=(PackOptions(POLICIES, config),), diff=True)
        assert result.exit_code == 1
        assert f"    {TITLE} [mandatory] [severity: low]  cost  (pulumi:pulumi:Stack: test-dev)" in text
        assert f"Policy Packs run:\n    Name{' ' * (len(str(POLICIES)) + 27)}Version\n" in text
    assert project.names() == ["all"]


def test_secrets_reach_a_pack_and_no_display(make: Callable[[str], Project]) -> None:
    project = make("SecretSync('sealed', dataFrom=pulumi.Output.secret([{'find': {'path': '/canary-77'}}]))\n")
    config = project.write("rules.json", '{"find-scope": {"minimumDepth": 2}}')
    result, text = project.run("preview", policy_packs=(PackOptions(POLICIES, config),))
    assert result.exit_code == 1
    assert "canary-77" not in text


@pytest.mark.parametrize(
    ("described", "error"),
    [
        (None, "holds no policy pack: there is no PulumiPolicy.yaml in it"),
        ("runtime: nodejs", "the sandbox engine does not support policy packs in other languages than Python"),
        (
            "runtime: {name: python, options: {virtualenv: none}}",
            "has no virtualenv none: `make policies` creates that",
        ),
        ("runtime: {name: python, options: {virtualenv: VENV}}", "ended before it served"),
    ],
)
def test_a_pack_that_cannot_run_ends_the_operation(
    described: str | None, error: str, make: Callable[[str], Project], tmp_path: Path
) -> None:
    if described is not None:
        (tmp_path / "PulumiPolicy.yaml").write_text(described.replace("VENV", str(POLICIES / ".venv")), "utf-8")
    result, text = make("SecretSync('one')\n").run("up", policy_packs=(PackOptions(tmp_path),))
    assert result.exit_code == 1
    assert error in text
    assert "created" not in text


def test_the_command_line_takes_the_options_as_pulumi_does(make: Callable[[str], Project]) -> None:
    project = make(f"{WIDE}\n")
    config = project.write("rules.json", '{"find-scope": "disabled"}')

    def preview(*options: str) -> subprocess.CompletedProcess[str]:
        command = project.engine_command("preview", "--policy-pack", str(POLICIES), *options)
        return subprocess.run(command, env=project.env(), capture_output=True, text=True, check=False, cwd=ROOT)

    assert preview().returncode == 1
    assert preview("--policy-pack-config", str(config)).returncode == 0
    wrong = preview("--policy-pack-config", str(config), "--policy-pack-config", str(config))
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "error: the number of --policy-pack-config flags must match the number of --policy-pack flags\n",
    )
