"""A Secret belongs to one resource of one stack's state: it moves along when asked, and is never lost or taken."""

import json
from pathlib import Path

import pytest

from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.core.spec.owner import MOVED_FROM
from tests.end_to_end.engines import ProjectEngine
from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

HEAD = """
import pulumi
from components.external_secret import ExternalSecret, RemoteRef, Target
from components.parameter_store import SecretStore

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
team = pulumi.ComponentResource("app:index:Team", "team")
below = pulumi.ResourceOptions(parent=team)
moved = pulumi.ResourceOptions(parent=team, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])
data = {"user": RemoteRef("/app/db", property="user")}
"""
AT_ROOT = HEAD + 'ExternalSecret("db", store=store, data=data)\n'
BELOW = HEAD + 'ExternalSecret("db", store=store, data=data, opts=below)\n'
ALIASED = HEAD + 'ExternalSecret("db", store=store, data=data, opts=moved)\n'
ADOPTED = HEAD + 'ExternalSecret("db", store=store, data=data, target=Target(adopt=True), opts=below)\n'
SYNC = "parameterstore:index:ExternalSecret$pulumi-python:dynamic/parameterstore:SecretSync"


def uid(project: Project, name: str = "db") -> str:
    live = project.cluster().get_secret_metadata(NAMESPACE, name)
    assert live is not None
    return live.uid


@pytest.fixture
def values(project: Project) -> dict[str, str]:
    """The values of a Secret that an ExternalSecret without a parent wrote."""
    values = project.put("/app/db", "user")
    project.write_program(AT_ROOT)
    assert project.up().result.exit_code == 0
    assert project.secret("db") == values
    return values


@pytest.mark.parametrize("program", [ALIASED, ADOPTED], ids=["aliases", "adopt"])
def test_one_that_is_moved_below_another_parent_keeps_its_secret(
    project: Project, values: dict[str, str], program: str
) -> None:
    before = uid(project)
    project.write_program(BELOW)
    refused = project.preview()
    assert refused.result.exit_code != 0
    assert "set `adopt` on the target, if that one got this name or another parent" in refused.output
    assert "ResourceOptions(aliases=['urn:pulumi:dev::parameter-store::" in refused.output
    project.write_program(program)
    assert project.preview().result.exit_code == 0
    assert project.up().result.exit_code == 0
    assert {verb for verb, _ in project.writes()} == {"patch"}
    assert (uid(project), project.secret("db")) == (before, values)
    assert project.preview().changes == {}
    project.write_program(BELOW if program == ADOPTED else program)
    assert project.up().result.exit_code == 0
    project.destroy()
    assert project.secret("db") is None


def test_the_alias_that_the_error_names_keeps_the_secret(project: Project, values: dict[str, str]) -> None:
    project.write_program(BELOW)
    line = next(line for line in project.preview().output.splitlines() if "ResourceOptions(aliases=" in line)
    advised = line.partition("ResourceOptions(")[2].partition(")")[0]
    project.write_program(BELOW.replace("parent=team)", f"parent=team, {advised})", 1))
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert {verb for verb, _ in project.writes()} == {"patch"}
    assert project.secret("db") == values


def test_one_that_is_moved_without_a_word_keeps_its_secret_though_all_else_goes_on(
    project: Project, values: dict[str, str]
) -> None:
    project.write_program(BELOW)
    for _ in range(2):
        up = project.up(continue_on_error=True)
        assert up.result.exit_code != 0
        assert project.secret("db") == values
        assert project.writes() == []
    assert "Secret team-a/db is not deleted: ExternalSecret parameter-store/dev/db" in up.output
    project.write_program(ADOPTED)
    assert project.up().result.exit_code == 0
    assert project.secret("db") == values


def test_a_renamed_entry_of_the_state_does_not_take_the_secret_away(project: Project, values: dict[str, str]) -> None:
    before = uid(project)
    urn = f"urn:pulumi:dev::parameter-store::{SYNC}::"
    project.rename_in_state(urn + "db", urn + "elsewhere")
    preview = project.preview()
    assert preview.result.exit_code == 0
    assert "the Secret is there and bears our mark, though the state does not record it" in preview.output
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert up.changes == {"db": "create", "elsewhere": "delete"}
    assert (uid(project), project.secret("db")) == (before, values)
    assert project.preview().changes == {}


def test_nor_does_it_in_an_operation_of_its_own(project: Project, values: dict[str, str]) -> None:
    before = uid(project)
    urn = f"urn:pulumi:dev::parameter-store::{SYNC}::"
    project.rename_in_state(urn + "db", urn + "elsewhere")
    for name in ("db", "elsewhere"):
        up = project.up(targets=[urn + name])
        assert up.result.exit_code == 0, up.output
    assert up.changes == {"elsewhere": "delete"}
    assert (uid(project), project.secret("db")) == (before, values)
    assert project.preview().changes == {}


def test_two_stores_that_name_one_cluster_in_two_ways_do_not_share_a_target(project: Project) -> None:
    project.put("/app/db", "user")
    project.write_program(
        HEAD
        + """
import os
from components.parameter_store import Cluster
way = Cluster(kubeconfig=os.environ["KUBECONFIG"])
other = SecretStore("other", namespace="team-a", region="eu-central-1", cluster=way)
target = Target("db", adopt=True)
ExternalSecret("db", store=store, data=data, target=target)
ExternalSecret("other", store=other, data=data, target=target)
"""
    )
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        assert "the target is owned by another ExternalSecret, parameter-store/dev/" in outcome.output


def test_one_that_is_renamed_in_the_state_too_renews_its_marks(project: Project, values: dict[str, str]) -> None:
    before = uid(project)
    for kind in ("parameterstore:index:ExternalSecret", SYNC):
        urn = f"urn:pulumi:dev::parameter-store::{kind}::"
        project.rename_in_state(urn + "db", urn + "web")
    project.write_program(AT_ROOT.replace('"db", store', '"web", target="db", store'))
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert up.changes == {"web": "update"}
    assert project.reads(decrypt=True) == []
    assert (uid(project), project.secret("db")) == (before, values)


def test_two_of_one_name_below_two_parents_do_not_share_a_target(project: Project) -> None:
    project.put("/app/db", "user")
    project.write_program(AT_ROOT + 'ExternalSecret("db", store=store, data=data, opts=below)\n')
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        assert "the target is owned by another ExternalSecret, parameter-store/dev/db (urn:" in outcome.output
        assert "Traceback" not in outcome.output


@pytest.fixture
def other(project: Project, tmp_path_factory: pytest.TempPathFactory, engine: ProjectEngine) -> Project:
    """The same project and stack in another backend, on the same account and cluster."""
    return Project(project.sandbox, Path(tmp_path_factory.mktemp("other")), engine)


def test_a_second_backend_neither_overwrites_nor_deletes(project: Project, other: Project) -> None:
    values = project.put("/app/db", "user")
    other.put("/b/db", "user")
    project.declare("db", "/app/db", "user")
    other.declare("db", "/b/db", "user")
    assert project.up().result.exit_code == 0
    for outcome in (other.preview(), other.up(), other.up(continue_on_error=True)):
        assert outcome.result.exit_code != 0
        assert "written by ExternalSecret parameter-store/dev/db (urn:pulumi:dev::" in outcome.output
        assert "which another state keeps, so it is not touched" in outcome.output
        assert "Traceback" not in outcome.output
    assert other.writes() == []
    assert other.destroy().result.exit_code == 0
    assert project.secret("db") == values
    other.scan()


@pytest.fixture
def handed_over(project: Project, other: Project) -> str:
    """The uid of a Secret that went from one state to the other by `adopt`."""
    project.put("/app/db", "user")
    other._canaries += project._canaries
    for each in (project, other):
        each.declare("db", "/app/db", "user")
    assert project.up().result.exit_code == 0
    before = uid(project)
    other.secrets[0]["target"] = {"adopt": True}
    up = other.up()
    assert up.result.exit_code == 0, up.output
    assert "the Secret from ExternalSecret parameter-store/dev/db (urn:" in up.output
    return before


def test_a_secret_that_went_to_another_state_stays_when_the_old_one_lets_it_go(
    project: Project, other: Project, handed_over: str
) -> None:
    project.secrets = []
    removed = project.up()
    assert removed.result.exit_code == 0
    assert "Secret team-a/db stays, though ExternalSecret parameter-store/dev/db goes" in removed.output
    assert uid(project) == handed_over
    other.secrets[0].pop("target")
    assert other.up().result.exit_code == 0
    assert other.preview().changes == {}
    other.scan()


@pytest.mark.usefixtures("handed_over")
def test_a_secret_that_went_to_another_state_is_not_taken_back(project: Project) -> None:
    for target in ({}, {"adopt": True}):
        project.secrets[0]["target"] = target
        refused = project.preview()
        assert refused.result.exit_code != 0
        assert (
            "It was taken over from here. Remove this ExternalSecret, which leaves the Secret alone" in refused.output
        )


def test_a_state_that_another_stack_wrote_takes_and_deletes_nothing_until_that_is_said(
    project: Project, values: dict[str, str]
) -> None:
    """So `pulumi stack rename` and `pulumi state move` leave it, and a copy of it in another stack."""
    before = uid(project)
    old, new = "urn:pulumi:old::parameter-store::", "urn:pulumi:dev::parameter-store::"
    state = json.loads(project.state_file.read_text())
    for each in state["checkpoint"]["latest"]["resources"]:
        for bag in (each.get("inputs") or {}, each.get("outputs") or {}):
            if "owner" in bag:
                bag["owner"]["urn"] = bag["owner"]["urn"].replace(new, old)
                mark = f"{bag['owner']['id']} {bag['owner']['urn']}"
    project.state_file.write_text(json.dumps(state, indent=4))
    live = project.cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    patch = {"metadata": {"annotations": {OWNER_ANNOTATION: mark}}}
    project.cluster().patch_secret(NAMESPACE, "db", patch, resource_version=live.resource_version)
    for outcome in (project.preview(), project.up(), project.destroy()):
        assert outcome.result.exit_code != 0
        assert "Secret team-a/db was written by stack parameter-store/old (ExternalSecret" in outcome.output
        assert "Traceback" not in outcome.output
        assert (uid(project), project.secret("db")) == (before, values)
    project.environment[MOVED_FROM] = "parameter-store/old"
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert (uid(project), project.secret("db")) == (before, values)
    del project.environment[MOVED_FROM]
    assert project.preview().changes == {}
    assert project.destroy().result.exit_code == 0
    assert project.secret("db") is None


def test_two_states_that_both_adopt_do_not_take_a_secret_in_turns(
    project: Project, other: Project, handed_over: str
) -> None:
    project.secrets[0]["target"] = {"adopt": True}
    for _ in range(2):
        assert project.refresh().result.exit_code == 0
        refused = project.up()
        assert refused.result.exit_code != 0
        assert "It was taken over from here" in refused.output
    assert other.preview().changes == {}
    assert project.destroy().result.exit_code == 0
    assert uid(project) == handed_over
    other.scan()
