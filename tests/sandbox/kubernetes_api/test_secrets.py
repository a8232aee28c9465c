"""The client's calls against an API server: what is applied, refused, listed and deleted."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.clients.kubernetes import client as client_module
from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import (
    ConflictError,
    FieldConflictError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UidMismatchError,
    UnauthorizedError,
)
from components.clients.kubernetes.connection import ClusterConnection
from components.clients.kubernetes.credentials import Credential, FixedCredentials
from components.clients.kubernetes.managed_fields import data_keys_applied_by, owners_of_data_key
from components.clients.kubernetes.metadata import SecretMetadata
from components.clients.kubernetes.transport import Request, Transport
from components.core.secret.kubernetes_secret import FIELD_MANAGER
from tests.sandbox.kubernetes_api.cluster import Cluster, body

Apply = Callable[..., SecretMetadata]


@pytest.fixture
def apply(cluster: Cluster) -> Apply:
    def apply(
        secret: dict[str, object], name: str = "db", *, force: bool = False, dry_run: bool = False
    ) -> SecretMetadata:
        return cluster.client.apply_secret(cluster.namespace, name, secret, force=force, dry_run=dry_run)

    return apply


@pytest.fixture
def other(cluster: Cluster) -> Iterator[KubernetesClient]:
    """Another program that applies Secrets."""
    client = KubernetesClient(cluster.connection, field_manager="helm")
    yield client
    client.close()


def metadata(cluster: Cluster, name: str = "db") -> SecretMetadata:
    found = cluster.client.get_secret_metadata(cluster.namespace, name)
    assert found is not None
    return found


def test_life_of_a_secret(cluster: Cluster, apply: Apply) -> None:
    client, namespace = cluster.client, cluster.namespace
    assert client.get_secret(namespace, "db") is None
    assert client.get_secret_metadata(namespace, "db") is None
    created = apply(body({"team": "a"}, password="p1", user="u"))
    assert (created.namespace, created.name, created.labels) == (namespace, "db", {"team": "a"})
    assert data_keys_applied_by(created.managed_fields, FIELD_MANAGER) == {"password", "user"}
    assert created.creation is not None
    assert cluster.values("db") == {"password": "p1", "user": "u"}
    assert metadata(cluster) == created
    # The same again changes nothing; a change does; a key that is left out goes.
    assert apply(body({"team": "a"}, password="p1", user="u")).resource_version == created.resource_version
    changed = apply(body({"team": "a"}, password="p2"))
    assert changed.resource_version != created.resource_version
    assert changed.uid == created.uid
    assert cluster.values("db") == {"password": "p2"}
    assert client.delete_secret(namespace, "db", uid=created.uid) is True
    assert client.delete_secret(namespace, "db", uid=created.uid) is False
    assert client.get_secret_metadata(namespace, "db") is None


def test_keys_of_other_managers_are_left_alone(cluster: Cluster, apply: Apply, other: KubernetesClient) -> None:
    other.apply_secret(cluster.namespace, "db", body(theirs="t"), force=False)
    apply(body(ours="o"))
    assert cluster.values("db") == {"theirs": "t", "ours": "o"}
    apply(body())
    assert cluster.values("db") == {"theirs": "t"}


def test_key_of_another_manager_is_a_conflict_until_forced(
    cluster: Cluster, apply: Apply, other: KubernetesClient
) -> None:
    other.apply_secret(cluster.namespace, "db", body(password="theirs"), force=False)
    with pytest.raises(FieldConflictError) as caught:
        apply(body(password="ours"))
    assert caught.value.conflicts == ((".data.password", "helm"),)
    with pytest.raises(FieldConflictError):
        apply(body(password="ours"), dry_run=True)
    assert cluster.values("db") == {"password": "theirs"}
    apply(body(password="ours"), force=True)
    assert cluster.values("db") == {"password": "ours"}
    assert [entry.manager for entry in owners_of_data_key(metadata(cluster).managed_fields, "password")] == [
        FIELD_MANAGER
    ]


def test_same_value_is_shared(cluster: Cluster, apply: Apply, other: KubernetesClient) -> None:
    other.apply_secret(cluster.namespace, "db", body(password="same"), force=False)
    applied = apply(body(password="same"))
    assert {entry.manager for entry in owners_of_data_key(applied.managed_fields, "password")} == {
        "helm",
        FIELD_MANAGER,
    }


def test_edit_by_hand_moves_the_key_to_its_editor(cluster: Cluster, apply: Apply) -> None:
    apply(body(password="ours", user="u"))
    cluster.edit("db", {"data": {"password": "ZWRpdGVk", "extra": "eA=="}})
    managed = metadata(cluster).managed_fields
    assert data_keys_applied_by(managed, FIELD_MANAGER) == {"user"}
    (owner,) = owners_of_data_key(managed, "password")
    assert (owner.manager, owner.operation) == ("kubectl-edit", "Update")
    with pytest.raises(FieldConflictError) as caught:
        apply(body(password="ours", user="u"))
    assert caught.value.conflicts == ((".data.password", "kubectl-edit"),)
    apply(body(password="ours", user="u"), force=True)
    assert cluster.values("db") == {"password": "ours", "user": "u", "extra": "x"}


def test_dry_run_stores_nothing(cluster: Cluster, apply: Apply) -> None:
    assert apply(body(password="p"), dry_run=True).name == "db"
    assert cluster.client.get_secret_metadata(cluster.namespace, "db") is None


def test_another_object_of_the_same_name_is_spared(cluster: Cluster, apply: Apply) -> None:
    wrong = "00000000-0000-0000-0000-000000000000"
    apply(body(password="p"))
    with pytest.raises(UidMismatchError):
        cluster.client.delete_secret(cluster.namespace, "db", uid=wrong)
    meant = body(password="q")
    meant["metadata"]["uid"] = wrong
    with pytest.raises(UidMismatchError):
        apply(meant)
    with pytest.raises(UidMismatchError):
        apply(meant, "gone")
    assert cluster.values("db") == {"password": "p"}


def test_stale_resource_version(cluster: Cluster, apply: Apply) -> None:
    old = apply(body(password="p")).resource_version
    apply(body(password="q"))
    stale = body(password="r")
    stale["metadata"]["resourceVersion"] = old
    with pytest.raises(ConflictError, match="changed or created by somebody else") as caught:
        apply(stale)
    assert not isinstance(caught.value, UidMismatchError)
    assert cluster.values("db") == {"password": "q"}


def test_missing_namespace(cluster: Cluster) -> None:
    with pytest.raises(NotFoundError, match="no namespace 'nowhere'") as caught:
        cluster.client.apply_secret("nowhere", "db", body(), force=False)
    assert caught.value.kind == "namespaces"
    assert cluster.client.get_secret("nowhere", "db") is None
    assert cluster.client.delete_secret("nowhere", "db", uid="u") is False
    assert cluster.client.list_secret_metadata("nowhere", "") == []


def test_namespace_being_deleted(cluster: Cluster, apply: Apply) -> None:
    apply(body(password="p"))
    cluster.delete_namespace()
    with pytest.raises(NamespaceTerminatingError):
        apply(body(password="p"), "late")


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"data": {"a b": "eA=="}}, "data[a b] is not valid"),
        ({"data": {"..a": "eA=="}}, "data[..a] is not valid"),
        ({"data": {"a": "canary!"}}, "illegal base64 data at input byte 6"),
        ({"data": {"a": 5}}, ".data.a: expected string"),
        ({"dota": {}}, ".dota: field not declared in schema"),
        ({"type": "kubernetes.io/tls"}, "data[tls.crt] is required and missing"),
        (
            {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "bm90IGpzb24="}},
            "must be a JSON document",
        ),
        ({"metadata": {"labels": {"a": "canary with spaces"}}}, "metadata.labels is not valid"),
    ],
)
def test_rules_of_the_api(apply: Apply, change: dict[str, object], shown: str) -> None:
    with pytest.raises(InvalidError) as caught:
        apply(body() | change)
    assert shown in str(caught.value)
    assert "canary" not in str(caught.value)


def test_what_is_fixed_at_creation(cluster: Cluster, apply: Apply) -> None:
    apply(body(password="p"))
    with pytest.raises(InvalidError, match="type is fixed when it is created"):
        apply(body(password="p") | {"type": "example.com/x"})
    apply(body(password="p") | {"immutable": True})
    with pytest.raises(InvalidError, match="The Secret is immutable"):
        apply(body(password="q") | {"immutable": True})
    with pytest.raises(InvalidError, match="The Secret is immutable"):
        apply(body(password="p"))
    assert cluster.values("db") == {"password": "p"}


def test_limits_of_size(apply: Apply) -> None:
    apply(body(a="x" * 1_048_576))
    with pytest.raises(TooLargeError, match="1 MiB"):
        apply(body(a="x" * 1_048_577))
    with pytest.raises(TooLargeError, match="3 MiB"):
        apply(body(a="x" * 3_000_000))
    annotated = body()
    annotated["metadata"]["annotations"] = {"a": "x" * 262_144}
    with pytest.raises(TooLargeError, match="256 KiB"):
        apply(annotated)


def test_field_manager_has_a_limit_too(cluster: Cluster) -> None:
    client = KubernetesClient(cluster.connection, field_manager="m" * 129)
    with pytest.raises(InvalidError, match="fieldManager is too long"):
        client.apply_secret(cluster.namespace, "db", body(), force=False)
    client.close()


def test_list_by_label_in_pages(cluster: Cluster, apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_PAGE", 2)
    for number in range(5):
        apply(body({"team": "a"}, key="v"), f"a-{number}")
    apply(body({"team": "b"}, key="v"), "b")
    found = cluster.client.list_secret_metadata(cluster.namespace, "team=a")
    assert sorted(secret.name for secret in found) == [f"a-{number}" for number in range(5)]
    assert all(data_keys_applied_by(secret.managed_fields, FIELD_MANAGER) == {"key"} for secret in found)
    assert len(cluster.client.list_secret_metadata(cluster.namespace, "")) == 6
    with pytest.raises(RefusedError, match="Cannot list"):
        cluster.client.list_secret_metadata(cluster.namespace, "team in (a")


def test_values_travel_only_when_they_are_asked_for(
    cluster: Cluster, apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[bytes] = []
    send = Transport.send

    def listen(transport: Transport, request: Request, call: Call) -> bytes:
        answers.append(send(transport, request, call))
        return answers[-1]

    monkeypatch.setattr(Transport, "send", listen)
    secret = body({"team": "a"}, password="canary")
    apply(secret, dry_run=True)
    apply(secret)  # the answer has what was sent, to see whether it was changed on the way
    metadata(cluster)
    cluster.client.list_secret_metadata(cluster.namespace, "team=a")
    cluster.client.get_secret(cluster.namespace, "db")
    assert [b"Y2FuYXJ5" in answer for answer in answers] == [False, True, False, False, True]


def test_secret_that_waits_for_a_finalizer(cluster: Cluster, apply: Apply) -> None:
    held = body(password="p")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    uid = apply(held).uid
    assert cluster.client.delete_secret(cluster.namespace, "db", uid=uid) is True
    assert metadata(cluster).deletion_timestamp is not None
    cluster.edit("db", {"metadata": {"finalizers": None}})
    assert cluster.client.get_secret_metadata(cluster.namespace, "db") is None


def test_unknown_token(any_connection: ClusterConnection) -> None:
    stranger = replace(any_connection, credentials=FixedCredentials(Credential("nobody-knows-this")))
    client = KubernetesClient(stranger)
    with pytest.raises(UnauthorizedError):
        client.get_secret("default", "db")
    client.close()


def test_no_credentials_are_reported_as_such(any_connection: ClusterConnection) -> None:
    client = KubernetesClient(replace(any_connection, credentials=FixedCredentials(Credential())))
    with pytest.raises(ForbiddenError, match="no credentials that the server knows") as caught:
        client.get_secret("default", "db")
    assert (caught.value.user, caught.value.verb) == ("system:anonymous", "get")
    assert (caught.value.resource, caught.value.namespace) == ("secrets", "default")
    client.close()


def test_many_threads(cluster: Cluster, apply: Apply) -> None:
    with ThreadPoolExecutor(16) as threads:
        uids = set(threads.map(lambda number: apply(body(key=str(number)), f"s-{number}").uid, range(64)))
    assert len(uids) == 64
    assert cluster.values("s-63") == {"key": "63"}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    values=st.dictionaries(st.from_regex(r"[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,30}", fullmatch=True), st.text(), max_size=4)
)
def test_any_values_arrive_as_they_were(cluster: Cluster, apply: Apply, values: dict[str, str]) -> None:
    applied = apply(body(None, **values))
    assert data_keys_applied_by(applied.managed_fields, FIELD_MANAGER) == set(values)
    assert cluster.values("db") == values
