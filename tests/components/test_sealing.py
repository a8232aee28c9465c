"""A store knows the references of all its secrets, also of those that are declared after it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from components.core.spec.entries import RemoteRef as StoredRef
from components.core.spec.refresh import NEVER, RefreshSpec
from components.external_secret import ExternalSecret, Extract, Find, RemoteRef
from components.parameter_store import InvalidArgumentsError, SecretStore
from tests.components.support import declare


def slow() -> pulumi.Output[str]:
    async def later() -> str:
        await asyncio.sleep(0)
        return "friendslist"

    waited_for: pulumi.Input[str] = later()
    return pulumi.Output.from_input(waited_for)


def store(name: str = "team-a") -> SecretStore:
    return SecretStore(name, namespace="team-a", region="eu-central-1")


def test_references_of_later_secrets_are_collected_once_each_and_sorted() -> None:
    def program() -> None:
        shop = store()
        ExternalSecret("a", store=shop, data={"x": "friendslist", "y": RemoteRef("/app/db", version=3)})
        ExternalSecret("b", store=shop, data={"x": RemoteRef("friendslist", property="name.first"), "z": "/app/db"})

    snapshot = declare(program).registered["Snapshot", "team-a"]
    assert snapshot["references"] == ["/app/db", "/app/db:3", "friendslist"]


def test_a_reference_may_be_an_output() -> None:
    def program() -> None:
        ExternalSecret("a", store=store(), data={"x": RemoteRef(pulumi.Output.from_input("/app/db"), version=3)})

    registered = declare(program).registered
    assert registered["Snapshot", "team-a"]["references"] == ["/app/db:3"]
    assert registered["SecretSync", "a"]["data"]["x"] == {"key": "/app/db", "version": 3}


def test_a_store_knows_how_long_each_source_may_rest() -> None:
    def program() -> None:
        shop = store()
        ExternalSecret("a", store=shop, data={"x": "friendslist", "y": "/app/db"}, refresh_interval="1h")
        ExternalSecret("b", store=shop, data={"x": "/app/db"}, refresh_interval="30m")
        ExternalSecret("c", store=shop, data={"x": "/once"}, refresh_policy="CreatedOnce")
        ExternalSecret("d", store=shop, data={"x": "/always", "y": "/shared"})
        ExternalSecret("e", store=shop, data={"x": "/shared"}, refresh_policy="OnChange")

    snapshot = declare(program).registered["Snapshot", "team-a"]
    assert snapshot["operation"]["waits"] == {"/app/db": 1800, "/once": -1, "friendslist": 3600}


def test_entries_of_another_store_are_read_there() -> None:
    def program() -> None:
        here, there = store("here"), store("there")
        ExternalSecret(
            "a",
            store=here,
            data={"x": "/one", "y": RemoteRef("/two", store=there)},
            data_from=[Find(path="/team", name=".", store=there), Extract("/three")],
        )

    registered = declare(program).registered
    assert registered["Snapshot", "here"]["references"] == ["/one", "/three"]
    assert registered["Snapshot", "there"]["references"] == ["/two", 'find {"name": {"regexp": "."}, "path": "/team"}']
    sync = registered["SecretSync", "a"]
    assert sync["data"]["y"] == {"key": "/two", "store": "there"}
    assert sync["dataFrom"] == [
        {"find": {"path": "/team", "name": {"regexp": "."}}, "store": "there"},
        {"extract": {"key": "/three"}},
    ]
    assert list(sync["stores"]) == ["there"]


def test_a_prefix_stands_before_keys_but_not_before_what_is_found() -> None:
    def program() -> None:
        shop = SecretStore("shop", namespace="team-a", region="eu-central-1", prefix="/shop/")
        ExternalSecret(
            "a",
            store=shop,
            data={"x": "x", "t": RemoteRef(pulumi.Output.from_input("t"), metadata_policy="Fetch")},
            data_from=[Extract("e"), Find(name="db$")],
        )

    registered = declare(program).registered
    found = 'find {"name": {"regexp": "db$"}}'
    assert registered["Snapshot", "shop"]["references"] == ["/shop/e", "/shop/x", found, "tags of /shop/t"]
    assert registered["SecretSync", "a"]["data"]["x"] == {"key": "/shop/x"}


def test_the_secrets_of_a_store_are_known_though_a_source_is_not() -> None:
    def program() -> None:
        unknown: pulumi.Output[str] = pulumi.Output.from_input(Unknown())  # type: ignore[no-untyped-call, arg-type]
        ExternalSecret("a", store=store(), data={"x": unknown, "y": "/known"})

    told = declare(program).registered["Snapshot", "team-a"]
    assert told["operation"]["targets"] == [{"secret": "a", "namespace": "team-a", "name": "a"}]
    assert "references" not in told, "it is not known"


def test_stores_do_not_mix() -> None:
    def program() -> None:
        ExternalSecret("a", store=store("one"), data={"x": "friendslist"})
        ExternalSecret("b", store=store("two"), data={"x": "/app/db"})

    registered = declare(program).registered
    assert registered["Snapshot", "one"]["references"] == ["friendslist"]
    assert registered["Snapshot", "two"]["references"] == ["/app/db"]


def test_a_secret_declared_inside_apply_is_an_error_that_says_so() -> None:
    caught: list[str] = []

    def program() -> pulumi.Output[None]:
        shop = store()

        def late(_: object) -> None:
            try:
                ExternalSecret("late", store=shop, data={"x": "friendslist"})
            except InvalidArgumentsError as error:
                caught.append(str(error))

        return shop.versions.apply(late)

    declare(program)
    assert len(caught) == 1
    assert "ExternalSecret 'late' is declared after the references of SecretStore 'team-a' were collected" in caught[0]
    assert "not inside apply()" in caught[0]


@pytest.mark.parametrize(
    "known",
    [
        lambda: pulumi.Output.from_input("friendslist"),
        lambda: pulumi.Output.secret("friendslist"),
        lambda: pulumi.Output.from_input("friends").apply(lambda text: f"{text}list"),
    ],
)
def test_a_secret_declared_inside_apply_of_what_is_known_at_once_is_one_of_the_stores(
    known: Callable[[], pulumi.Output[str]],
) -> None:
    def program() -> pulumi.Output[None]:
        shop = store()

        def declare_it(key: str) -> None:
            ExternalSecret("early", store=shop, data={"x": f"/{len(key)}"})

        return known().apply(declare_it)

    registered = declare(program).registered
    assert registered["Snapshot", "team-a"]["references"] == ["/11"]
    assert ("SecretSync", "early") in registered


@pytest.mark.parametrize(
    "later",
    [
        lambda: pulumi.Output.concat("friends", pulumi.Output.from_input("list")),
        lambda: pulumi.Output.all(pulumi.Output.from_input("friendslist")),
        slow,
    ],
)
def test_a_secret_declared_inside_apply_of_what_has_to_be_waited_for_is_an_error(
    later: Callable[[], pulumi.Output[Any]],
) -> None:
    caught: list[str] = []

    def program() -> pulumi.Output[None]:
        shop = store()

        def declare_it(_: object) -> None:
            try:
                ExternalSecret("late", store=shop, data={"x": "friendslist"})
            except InvalidArgumentsError as error:
                caught.append(str(error))

        return later().apply(declare_it)

    declare(program)
    assert len(caught) == 1
    assert "ExternalSecret 'late' is declared after" in caught[0]


def test_a_parameter_of_the_same_program_may_be_missing_in_preview() -> None:
    class Maker(pulumi.CustomResource):
        name: pulumi.Output[str]

        def __init__(self) -> None:
            super().__init__("aws:ssm/parameter:Parameter", "made", {"name": "/made/here"})

    def program() -> None:
        shop = store()
        made = Maker()
        ExternalSecret("a", store=shop, data={"x": RemoteRef(made.name), "y": "friendslist"})
        ExternalSecret("b", store=shop, data={"z": "/waits"}, opts=pulumi.ResourceOptions(depends_on=[made]))

    registered = declare(program, preview=True).registered
    assert registered["Snapshot", "team-a"]["operation"]["pending"] == ["/made/here", "/waits"]
    assert registered["SecretSync", "a"]["operation"]["pending"] == ["/made/here"]
    assert registered["SecretSync", "b"]["operation"]["pending"] == ["/waits"]


def test_a_secret_that_waits_for_anything_else_reads_for_itself() -> None:
    """Else the snapshot would wait for a resource that may wait for another secret of the same store."""

    class Job(pulumi.CustomResource):
        def __init__(self) -> None:
            super().__init__("kubernetes:batch/v1:Job", "job", {})

    def program() -> None:
        shop = store()
        ExternalSecret("a", store=shop, data={"x": "friendslist"})
        ExternalSecret("b", store=shop, data={"z": "/by/job"}, opts=pulumi.ResourceOptions(depends_on=[Job()]))

    registered = declare(program).registered
    assert registered["Snapshot", "team-a"]["references"] == ["friendslist"]
    assert registered["SecretSync", "b"]["operation"]["late"] is True
    assert registered["SecretSync", "a"]["operation"]["late"] is False


@pytest.mark.parametrize("preview", [True, False])
def test_the_operation_says_whether_values_may_be_decrypted(preview: bool) -> None:  # noqa: FBT001  a test's parameter
    def program() -> None:
        ExternalSecret("a", store=store(), data={"x": "friendslist"})
        SecretStore("full", namespace="team-a", region="eu-central-1", preview_decrypts=True)

    registered = declare(program, preview=preview).registered
    assert registered["Snapshot", "team-a"]["operation"]["preview"] is preview
    assert registered["Snapshot", "team-a"]["operation"]["decrypt"] is not preview
    assert registered["Snapshot", "full"]["operation"]["decrypt"] is True


@pytest.mark.parametrize(
    ("version", "source"),
    [(3, "/app/db:3"), (3.0, "/app/db:3"), ("3", "/app/db:3"), ("", "/app/db"), ("blue", "/app/db:blue")],
)
def test_the_ledger_asks_for_what_the_sync_asks_for(version: Any, source: str) -> None:
    def program() -> None:
        late = pulumi.Output.from_input(version)
        ExternalSecret("a", store=store(), data={"x": RemoteRef("/app/db", version=late)})

    registered = declare(program).registered
    assert registered["Snapshot", "team-a"]["references"] == [source]
    assert StoredRef.from_bag(registered["SecretSync", "a"]["data"]["x"]).source == source


@pytest.mark.parametrize("interval", [0, "0", "1h"])
def test_an_interval_is_to_the_sync_what_it_is_to_the_ledger(interval: str | int) -> None:
    def program() -> None:
        ExternalSecret("a", store=store(), data={"x": "/app/db"}, refresh_interval=interval)

    registered = declare(program).registered
    period = RefreshSpec.from_bag(registered["SecretSync", "a"]["refresh"]).period
    assert period == (3600 if interval == "1h" else NEVER)
    assert registered["Snapshot", "team-a"]["operation"]["waits"] == {"/app/db": -1 if period == NEVER else period}
