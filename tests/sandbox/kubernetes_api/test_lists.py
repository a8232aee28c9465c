"""Lists: by label, by page, over namespaces, and of metadata alone."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.kubernetes_api.support import PARTIAL_LIST, SECRETS, secret

if TYPE_CHECKING:
    from sandbox.environment import Kubernetes
    from tests.sandbox.kubernetes_api.support import Answer, Client


def names(answer: Answer) -> list[str]:
    return [item["metadata"]["name"] for item in answer.json["items"]]


@pytest.fixture
def labelled(client: Client) -> Client:
    for name, labels in (("a", {"env": "dev"}), ("b", {"env": "prod", "team": "x"}), ("c", {"team": "y"}), ("d", {})):
        client.apply(secret(name, metadata={"labels": labels}))
    return client


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("env%3Ddev", "a"),
        ("env==prod", "b"),
        ("env!=prod", "acd"),
        ("env", "ab"),
        ("!env", "cd"),
        ("env%20in%20(dev,prod)", "ab"),
        ("env%20notin%20(dev)", "bcd"),
        ("env,team", "b"),
        ("team%20in%20(x,y),!env", "c"),
        ("", "abcd"),
    ],
)
def test_labels_select(labelled: Client, selector: str, expected: str) -> None:
    assert "".join(names(labelled.get(f"{SECRETS}?labelSelector={selector}"))) == expected


def test_a_name_selects(labelled: Client) -> None:
    assert names(labelled.get(f"{SECRETS}?fieldSelector=metadata.name%3Db")) == ["b"]


def test_pages_make_the_whole(client: Client) -> None:
    wanted = [f"s{number:02}" for number in range(25)]
    for name in reversed(wanted):
        client.apply(secret(name))
    found: list[str] = []
    token = ""
    pages = 0
    while pages == 0 or token:
        page = client.get(f"{SECRETS}?limit=10&continue={token}")
        found += names(page)
        token = page.json["metadata"].get("continue", "")
        pages += 1
    assert (found, pages) == (wanted, 3)


def test_all_namespaces_are_listed_together(api: Kubernetes, client: Client) -> None:
    api.create_namespace("also")
    client.apply(secret("a"))
    client.apply(secret("a"), namespace="also")
    items = client.get("/api/v1/secrets").json["items"]
    assert [item["metadata"]["namespace"] for item in items] == ["also", "prove"]


def test_a_metadata_list_has_owners_and_no_values(client: Client) -> None:
    client.apply(secret("a", data={"key": "not-to-be-seen"}), "ours")
    answer = client.get(SECRETS, PARTIAL_LIST)
    assert (answer.json["kind"], answer.json["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    (item,) = answer.json["items"]
    assert set(item) == {"kind", "apiVersion", "metadata"}
    assert item["metadata"]["managedFields"][0]["fieldsV1"] == {"f:data": {"f:key": {}}}
    assert base64.b64encode(b"not-to-be-seen") not in answer.raw
