"""Server-side apply while time passes: what keeps and what changes versions and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.kubernetes_api.support import secret

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client, Clock


def test_an_unchanged_apply_changes_nothing(client: Client, clock: Clock) -> None:
    first = client.apply(secret(data={"a": "1"}))
    clock.forward(60)
    second = client.apply(secret(data={"a": "1"}))
    assert (first.status, second.status) == (201, 200)
    assert second.json == first.json


def test_a_changed_value_moves_version_and_time(client: Client, clock: Clock) -> None:
    first = client.apply(secret(data={"a": "1"}))
    clock.forward(60)
    second = client.apply(secret(data={"a": "2"}))
    assert int(second.version) > int(first.version)
    assert first.json["metadata"]["managedFields"][0]["time"] == "2026-01-01T00:00:00Z"
    assert second.json["metadata"]["managedFields"][0]["time"] == "2026-01-01T00:01:00Z"
    assert second.json["metadata"]["uid"] == first.json["metadata"]["uid"]
    assert second.json["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"


def test_an_edit_by_hand_shows_in_managed_fields(client: Client, clock: Clock) -> None:
    client.apply(secret(data={"a": "1", "b": "1"}), "ours")
    clock.forward(60)
    edited = client.merge("app", {"data": {"a": "Mg=="}})
    fields = {one["manager"]: one for one in edited.json["metadata"]["managedFields"]}
    assert fields["ours"]["fieldsV1"] == {"f:data": {"f:b": {}}}
    assert fields["ours"]["time"] == "2026-01-01T00:00:00Z"
    assert fields["editor"]["operation"] == "Update"
    assert fields["editor"]["fieldsV1"] == {"f:data": {"f:a": {}}}
    assert fields["editor"]["time"] == "2026-01-01T00:01:00Z"
    refused = client.apply(secret(data={"a": "1", "b": "1"}), "ours")
    assert refused.status == 409
    assert refused.json["message"] == 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.a'
