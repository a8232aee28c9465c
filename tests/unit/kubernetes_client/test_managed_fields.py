"""Reading `metadata.managedFields`: who owns which key, and by which operation."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.clients.kubernetes.managed_fields import data_keys_applied_by, owners_of_data_key, parse_managed_fields

# As Kubernetes 1.36.3 sends it.
ENTRIES: list[dict[str, Any]] = [
    {
        "manager": "pulumi-parameter-store",
        "operation": "Apply",
        "apiVersion": "v1",
        "time": "2026-11-24T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:data": {"f:password": {}, "f:.dockerconfigjson": {}},
            "f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}, "f:finalizers": {'v:"a/b"': {}}},
            "f:type": {},
        },
    },
    {
        "manager": "kubectl-edit",
        "operation": "Update",
        "apiVersion": "v1",
        "time": "2026-11-24T00:00:01Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {".": {}, "f:password": {}, "f:extra": {}}},
    },
    {"manager": "pulumi-parameter-store", "operation": "Update", "fieldsV1": {"f:data": {"f:other": {}}}},
    {"manager": "empty", "operation": "Apply"},
]


def test_entries() -> None:
    ours, edit, _, empty = parse_managed_fields(ENTRIES)
    assert (ours.manager, ours.operation) == ("pulumi-parameter-store", "Apply")
    assert ours.time == datetime(2026, 11, 24, tzinfo=UTC)
    assert ours.data_keys == {"password", ".dockerconfigjson"}
    assert ours.fields == {
        ("data", "password"),
        ("data", ".dockerconfigjson"),
        ("metadata", "labels", "app.kubernetes.io/managed-by"),
        ("metadata", "finalizers", 'v:"a/b"'),
        ("type",),
    }
    assert edit.fields == {("data",), ("data", "password"), ("data", "extra")}
    assert edit.data_keys == {"password", "extra"}
    assert (empty.time, empty.fields) == (None, frozenset())


def test_keys_that_a_manager_applied() -> None:
    managed = parse_managed_fields(ENTRIES)
    # What the same name owns by an update belongs to another owner.
    assert data_keys_applied_by(managed, "pulumi-parameter-store") == {"password", ".dockerconfigjson"}
    assert data_keys_applied_by(managed, "kubectl-edit") == frozenset()
    assert data_keys_applied_by((), "anybody") == frozenset()


def test_owners_of_a_key() -> None:
    managed = parse_managed_fields(ENTRIES)
    assert [(owner.manager, owner.operation) for owner in owners_of_data_key(managed, "password")] == [
        ("pulumi-parameter-store", "Apply"),
        ("kubectl-edit", "Update"),
    ]
    assert owners_of_data_key(managed, "nobody's") == ()


@given(keys=st.sets(st.from_regex(r"[-._a-zA-Z0-9]+", fullmatch=True).filter(lambda key: key not in {".", ".."})))
def test_every_key_that_a_secret_may_have_is_found(keys: set[str]) -> None:
    fields: dict[str, Any] = {"f:data": {f"f:{key}": {} for key in keys}}
    (entry,) = parse_managed_fields([{"manager": "m", "operation": "Apply", "fieldsV1": fields}])
    assert entry.data_keys == keys
