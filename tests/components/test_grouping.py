"""What a grouped store keeps in its groups, what keeps a resource of its own, and names that are there twice."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import get_root_resource

from components.errors import SpecError
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import ClusterSecretStore, SecretStore
from components.program.resources import GroupMember
from tests.components.support import Engine, declare

Opts = pulumi.ResourceOptions
DATA = {"password": RemoteRef("/app/db")}


class Team(pulumi.ComponentResource):
    """A component of the program's own."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **options: Any) -> None:
        super().__init__("shop:index:Team", name, {}, opts or (Opts(**options) if options else None))


class Database(ExternalSecret):
    """A class of the program's own."""


def store(name: str = "team", **more: Any) -> SecretStore:
    return SecretStore(name, **{"namespace": "team-a", "region": "eu-central-1", "grouped": True, **more})


def secret(name: str, of: SecretStore, **more: Any) -> ExternalSecret:
    return ExternalSecret(name, **{"store": of, "data": DATA, **more})


def groups(engine: Engine) -> dict[str, list[str]]:
    """Store -> the names in its group."""
    return {name: sorted(bag["secrets"]) for (kind, name), bag in engine.registered.items() if kind == "SecretGroup"}


def alone(engine: Engine) -> list[str]:
    return sorted(name for kind, name in engine.registered if kind == "SecretSync")


GROUPED: dict[str, Callable[[SecretStore], object]] = {
    "no options": lambda s: secret("db", s),
    "the store as its parent": lambda s: secret("db", s, opts=Opts(parent=s)),
    "options that say nothing": lambda s: secret("db", s, opts=Opts(depends_on=[], protect=False)),
    "a namespace": lambda s: secret("db", s, namespace="team-a"),
    "a class of its own": lambda s: Database("db", store=s, data=DATA),
}
ALONE: dict[str, Callable[[SecretStore], object]] = {
    "depends_on": lambda s: secret("db", s, opts=Opts(depends_on=[Team("t")])),
    "depends_on a grouped one": lambda s: secret("db", s, opts=Opts(depends_on=[secret("other", s)])),
    "below a grouped one": lambda s: secret("db", s, opts=Opts(parent=secret("other", s))),
    "a parent of its own": lambda s: secret("db", s, opts=Opts(parent=Team("t"))),
    "protect": lambda s: secret("db", s, opts=Opts(protect=True)),
    "retain_on_delete": lambda s: secret("db", s, opts=Opts(retain_on_delete=True)),
    "aliases": lambda s: secret("db", s, opts=Opts(aliases=[pulumi.Alias(name="old")])),
    "transformations": lambda s: secret("db", s, opts=Opts(transformations=[lambda _: None])),
    "an Output as its namespace": lambda s: secret("db", s, namespace=pulumi.Output.from_input("team-a")),
    "an Output as its target": lambda s: secret("db", s, target=pulumi.Output.from_input("x")),
    "an Output as a parameter": lambda s: secret("db", s, data={"a": pulumi.Output.from_input("/app/db")}),
    "a second store": lambda s: secret("db", s, data={"a": RemoteRef("/app/db", store=store("second"))}),
}


@pytest.mark.parametrize("program", GROUPED.values(), ids=GROUPED)
def test_what_waits_for_nothing_is_in_the_group(program: Callable[[SecretStore], object]) -> None:
    engine = declare(lambda: program(store()))
    assert (groups(engine), alone(engine)) == ({"team": ["db"]}, [])


@pytest.mark.parametrize("program", ALONE.values(), ids=ALONE)
def test_what_waits_or_has_options_keeps_a_resource_of_its_own(program: Callable[[SecretStore], object]) -> None:
    engine = declare(lambda: program(store()))
    assert "db" not in groups(engine).get("team", [])
    assert alone(engine) == ["db"]


def test_a_parent_that_is_the_store_s_own_too_is_no_reason_to_be_alone() -> None:
    def program() -> None:
        team = Team("t")
        secret("db", store(opts=Opts(parent=team)), opts=Opts(parent=team))

    assert groups(declare(program)) == {"team": ["db"]}


def test_a_transformation_of_the_stack_may_be_about_each(monkeypatch: pytest.MonkeyPatch) -> None:
    def program() -> None:
        monkeypatch.setattr(get_root_resource(), "_transformations", [])  # Pulumi's mocks keep the stack of this test
        pulumi.runtime.register_stack_transformation(lambda _: None)
        secret("db", store())

    engine = declare(program)
    assert (groups(engine), alone(engine)) == ({}, ["db"])


def test_each_store_has_its_group_and_one_that_keeps_nothing_has_none() -> None:
    def program() -> None:
        everywhere = ClusterSecretStore("all", region="eu-central-1", grouped=True)
        ExternalSecret("a", store=everywhere, namespace="x", data=DATA)
        ExternalSecret("b", store=everywhere, namespace="y", data=DATA)
        secret("c", store())
        store("empty")

    engine = declare(program)
    assert groups(engine) == {"all": ["a", "b"], "team": ["c"]}
    assert alone(engine) == []


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
@pytest.mark.parametrize("same", [True, False], ids=["of one store", "of two stores"])
def test_two_of_one_name_are_an_error_as_they_are_to_pulumi(*, first: bool, second: bool, same: bool) -> None:
    """Each would write with the other's mark, and Pulumi, which knows neither, would not see it."""

    def program() -> None:
        one = store(grouped=first)
        secret("db", one)
        secret("db", one if same else store("second", grouped=second), target="another")

    if first or (second and not same):
        with pytest.raises(SpecError, match="ExternalSecret 'db': the program has one of this name already"):
            declare(program)
    else:
        assert alone(declare(program)) == ["db"]  # Pulumi itself refuses the second, and its mocks do not


def test_two_of_one_name_below_two_parents_are_two() -> None:
    def program() -> None:
        one = store()
        secret("db", one)
        secret("db", one, target="second", opts=Opts(parent=one))
        secret("db", store("other"), target="third", opts=Opts(parent=Team("t")))

    engine = declare(program)
    assert (groups(engine), alone(engine)) == ({"team": ["db"]}, ["db"])


@pytest.mark.parametrize("kept", [None, {}, {"__other": {"status": "SecretSynced"}}])
def test_an_output_of_a_group_that_failed_is_not_known(kept: Any) -> None:
    """With --continue-on-error the program goes on, and must not take what it does not know for nothing."""
    seen: list[str] = []

    def program() -> None:
        GroupMember(pulumi.Output.from_input(kept), "db").of("secretName").apply(seen.append)

    declare(program)
    assert seen == []


def test_a_test_with_pulumi_s_mocks_knows_what_is_declared() -> None:
    seen: list[str] = []

    def program() -> None:
        secret("db", store(), target="post").secret_name.apply(seen.append)

    declare(program)
    assert seen == ["post"]
