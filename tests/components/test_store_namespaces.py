"""A SecretStore is for one namespace, also where that namespace or the Secret's is only known later."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.external_secret import ExternalSecret, Extract, Find, RemoteRef
from components.parameter_store import ClusterSecretStore, SecretStore
from tests.components.support import declare

REGION = "eu-central-1"


def known_later(text: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(text)


def plain(text: str) -> str:
    return text


def told(program: Callable[[], Any]) -> list[dict[str, str]]:
    """What the sync is told to compare with the Secret's namespace."""
    operation = declare(program).registered["SecretSync", "x"]["operation"]
    return list(operation.get("storeNamespaces", []))


@pytest.mark.parametrize(("of_store", "of_secret"), [(plain, known_later), (known_later, plain), (known_later,) * 2])
@pytest.mark.parametrize("namespace", ["team-a", "team-b"])
def test_the_sync_compares_what_the_program_cannot(
    of_store: Callable[[str], Any], of_secret: Callable[[str], Any], namespace: str
) -> None:
    def program() -> None:
        store = SecretStore("s", namespace=of_store("team-a"), region=REGION)
        ExternalSecret("x", store=store, data={"a": "/a", "b": "/b"}, namespace=of_secret(namespace))

    assert told(program) == [{"place": "", "namespace": "team-a"}]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (lambda store: {"data": {"k": RemoteRef("/a", store=store)}}, "key k"),
        (lambda store: {"data_from": [Extract("/a", store=store)]}, "dataFrom[0].extract"),
        (lambda store: {"data_from": [Find(name="a", store=store)], "data": {"k": "/a"}}, "dataFrom[0].find"),
    ],
)
@pytest.mark.parametrize(("of_store", "of_secret"), [(plain, known_later), (known_later, plain)])
def test_so_it_does_for_the_store_of_an_entry(
    given: Callable[[SecretStore], dict[str, Any]],
    place: str,
    of_store: Callable[[str], Any],
    of_secret: Callable[[str], Any],
) -> None:
    def program() -> None:
        everywhere = ClusterSecretStore("all", region=REGION)
        other = SecretStore("o", namespace=of_store("team-b"), region=REGION)
        ExternalSecret("x", store=everywhere, namespace=of_secret("team-a"), **given(other))

    assert told(program) == [{"place": place, "namespace": "team-b"}]


def test_the_stores_own_namespace_needs_no_comparison() -> None:
    def program() -> None:
        store = SecretStore("s", namespace=known_later("team-a"), region=REGION)
        ExternalSecret("x", store=store, data={"a": "/a"})

    assert told(program) == []


def test_the_namespace_of_one_store_is_compared_with_that_of_the_other() -> None:
    def program() -> None:
        store = SecretStore("s", namespace=known_later("team-a"), region=REGION)
        other = SecretStore("o", namespace="team-b", region=REGION)
        ExternalSecret("x", store=store, data={"a": "/a", "b": RemoteRef("/b", store=other)})

    assert told(program) == [{"place": "key b", "namespace": "team-b"}]


def test_what_is_known_is_compared_by_the_program() -> None:
    def program() -> None:
        store = SecretStore("s", namespace="team-a", region=REGION)
        ExternalSecret("x", store=store, data={"a": "/a"}, namespace="team-a")

    assert told(program) == []
