"""Server-side apply over time: what keeps and what changes owners and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.kubernetes_api.support import SECRETS, secret

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client


def test_force_takes_the_field_back(client: Client) -> None:
    client.apply(secret(data={"a": "1"}), "ours")
    client.merge("app", {"data": {"a": "Mg=="}})
    forced = client.apply(secret(data={"a": "1"}), "ours", "&force=true")
    assert forced.status == 200
    assert forced.managers == ["ours Apply"]
    assert forced.data == {"a": "1"}


def test_an_equal_value_is_owned_together_until_one_changes_it(client: Client) -> None:
    client.apply(secret(data={"a": "1"}), "helm")
    shared = client.apply(secret(data={"a": "1"}), "ours")
    assert sorted(shared.managers) == ["helm Apply", "ours Apply"]
    assert client.apply(secret(data={"a": "2"}), "ours").json["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "helm"', "field": ".data.a"}
    ]


def test_a_key_left_out_goes_and_others_keys_stay(client: Client) -> None:
    client.apply(secret(data={"a": "1", "b": "2"}), "ours")
    client.apply(secret(data={"c": "3"}), "helm")
    assert client.apply(secret(data={"a": "1"}), "ours").data == {"a": "1", "c": "3"}
    nothing = client.apply(secret(), "ours")
    assert nothing.data == {"c": "3"}
    assert nothing.managers == ["helm Apply"]


def test_a_dry_run_answers_and_stores_nothing(client: Client) -> None:
    assert client.apply(secret(data={"a": "1"}), query="&dryRun=All").status == 201
    assert client.get(f"{SECRETS}/app").status == 404
    before = client.apply(secret(data={"a": "1"}))
    dry = client.apply(secret(data={"a": "2"}), query="&dryRun=All")
    assert (dry.status, dry.data, dry.version) == (200, {"a": "2"}, before.version)
    assert client.apply(secret(data={"a": "2"}), "other", "&dryRun=All").status == 409
    assert client.get(f"{SECRETS}/app").json == before.json


def test_every_change_gets_a_new_version(client: Client) -> None:
    versions = [client.apply(secret(data={"a": str(number)})).version for number in range(5)]
    assert versions == sorted(set(versions), key=int)


def test_a_version_guards_an_update(client: Client) -> None:
    old = client.apply(secret(data={"a": "1"})).version
    client.apply(secret(data={"a": "2"}))
    stale = client.apply(secret(metadata={"resourceVersion": old}, data={"a": "3"}))
    assert (stale.status, stale.json["reason"]) == (409, "Conflict")
    assert stale.json["message"] == (
        'Operation cannot be fulfilled on secrets "app": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


def test_a_key_that_nobody_owns_stays_as_long_as_its_map_is_owned(client: Client) -> None:
    client.apply(secret(data={"a": "1", "c": "3"}), "ours")
    edited = client.merge("app", {"data": {"b": "Mg=="}}).json
    del edited["metadata"]["resourceVersion"]
    owners = edited["metadata"]["managedFields"]
    edited["metadata"]["managedFields"] = [one for one in owners if one["manager"] == "ours"]
    assert client.send("PUT", f"{SECRETS}/app", edited).managers == ["ours Apply"]
    assert client.apply(secret(data={"a": "1"}), "ours").data == {"a": "1", "b": "2"}
    given_up = client.apply(secret(), "ours")  # surprising, and what a real server does
    assert (given_up.data, given_up.managers) == ({}, [])
