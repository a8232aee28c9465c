"""What the client sends: paths, media types, field manager, paging, preconditions."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import InvalidError, NotFoundError, RefusedError
from components.core.secret.kubernetes_secret import FIELD_MANAGER
from tests.unit.kubernetes_client.support import SECRET, Stub, make_client, plain_connection, refusal, reply

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
NO_SECRET = refusal(404, "NotFound", 'secrets "db" not found', name="db", kind="secrets")
NO_NAMESPACE = refusal(404, "NotFound", 'namespaces "team-a" not found', name="team-a", kind="namespaces")


def test_field_manager_never_changes() -> None:
    assert FIELD_MANAGER == "pulumi-parameter-store"


def test_apply(serve: Serve, connect: Connect) -> None:
    stub = serve()
    body = {"type": "Opaque", "metadata": {"labels": {"a": "b"}}, "data": {"password": "eA=="}}
    applied = connect(stub).apply_secret("team-a", "db", body, force=False)
    (request,) = stub.requests
    assert (request.method, request.path) == ("PATCH", "/api/v1/namespaces/team-a/secrets/db")
    assert request.query == {"fieldManager": FIELD_MANAGER, "force": "false"}
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert request.headers["Accept"] == "application/json"  # what a webhook made of the values shows in no metadata
    assert request.headers["User-Agent"] == "pulumi-parameter-store"
    assert request.json == {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {"namespace": "team-a", "name": "db", "labels": {"a": "b"}},
        "data": {"password": "eA=="},
    }
    assert (applied.uid, applied.resource_version) == ("u-1", "7")


def test_apply_by_force_in_a_dry_run_as_another_manager(serve: Serve, connect: Connect) -> None:
    stub = serve()
    connect(stub, field_manager="somebody").apply_secret("team-a", "db", {}, force=True, dry_run=True)
    assert stub.requests[0].query == {"fieldManager": "somebody", "force": "true", "dryRun": "All"}
    assert stub.requests[0].headers["Accept"] == METADATA


def test_what_the_cluster_does_not_keep_as_it_was_sent(serve: Serve, connect: Connect) -> None:
    owned = {"manager": "helm", "operation": "Update", "fieldsV1": {"f:data": {"f:theirs": {}}}}
    metadata = {**SECRET["metadata"], "labels": {"a": "x"}, "managedFields": [owned]}  # type: ignore[dict-item]
    kept = {"data": {"same": "eA==", "changed": "eQ==", "theirs": "eA==", "nobodys": "eA=="}}
    stub = serve([reply(200, {**SECRET, "metadata": metadata, "type": "Opaque", "immutable": True, **kept})])
    body = {
        "type": "example.com/x",
        "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
        "data": {"same": "eA==", "changed": "eA==", "gone": ""},
    }
    assert connect(stub).apply_secret("team-a", "db", body, force=False).altered == {
        *(("data", key) for key in ("changed", "gone", "nobodys")),
        ("metadata", "labels", "a"),
        ("metadata", "annotations", "c"),
        ("type",),
        ("immutable",),
    }


def test_get_with_values(serve: Serve, connect: Connect) -> None:
    secret = SECRET | {"data": {"key": "eA=="}}
    stub = serve([reply(200, secret)])
    assert connect(stub).get_secret("team-a", "db") == secret
    (request,) = stub.requests
    assert (request.method, request.headers["Accept"]) == ("GET", "application/json")


def test_metadata_without_values(serve: Serve, connect: Connect) -> None:
    metadata = {
        **SECRET["metadata"],  # type: ignore[dict-item]  # a constant of mixed values
        "labels": {"a": "b"},
        "annotations": {"c": "d"},
        "creationTimestamp": "2026-11-24T00:00:00Z",
        "deletionTimestamp": "2026-11-24T01:00:00Z",
    }
    stub = serve([reply(200, {**SECRET, "metadata": metadata})])
    found = connect(stub).get_secret_metadata("team-a", "db")
    assert found is not None
    assert (found.namespace, found.name, found.labels, found.annotations) == ("team-a", "db", {"a": "b"}, {"c": "d"})
    assert found.creation == datetime(2026, 11, 24, tzinfo=UTC)
    assert found.deletion_timestamp == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert stub.requests[0].headers["Accept"] == METADATA


def test_missing_secret_is_none_but_a_missing_namespace_is_an_error(serve: Serve, connect: Connect) -> None:
    client = connect(serve([NO_SECRET]))
    assert client.get_secret("team-a", "db") is None
    assert client.get_secret_metadata("team-a", "db") is None
    client = connect(serve([NO_NAMESPACE]))
    with pytest.raises(NotFoundError, match="no namespace 'team-a'"):
        client.get_secret("team-a", "db")


def test_list_follows_its_pages(serve: Serve, connect: Connect) -> None:
    def item(name: str) -> dict[str, Any]:
        return {"metadata": {"namespace": "team-a", "name": name, "uid": f"uid-{name}"}}

    stub = serve(
        [
            reply(200, {"metadata": {"continue": "next page=2"}, "items": [item("a"), item("b")]}),
            reply(200, {"metadata": {"continue": ""}, "items": [item("c")]}),
        ]
    )
    found = connect(stub).list_secret_metadata("team-a", "app.kubernetes.io/managed-by=x,y!=z")
    assert [secret.name for secret in found] == ["a", "b", "c"]
    first, second = stub.requests
    assert (first.path, first.headers["Accept"]) == ("/api/v1/namespaces/team-a/secrets", METADATA_LIST)
    assert first.query == {"labelSelector": "app.kubernetes.io/managed-by=x,y!=z", "limit": "500"}
    assert second.query == first.query | {"continue": "next page=2"}


def test_list_whose_pages_expired_starts_over(serve: Serve, connect: Connect) -> None:
    item = {"metadata": {"namespace": "team-a", "name": "a", "uid": "u"}}
    stub = serve(
        [
            reply(200, {"metadata": {"continue": "x"}, "items": [item]}),
            refusal(410, "Expired", "The provided continue parameter is too old"),
            reply(200, {"metadata": {}, "items": [item]}),
        ]
    )
    assert len(connect(stub).list_secret_metadata("team-a", "")) == 1
    assert stub.requests[2].query == {"labelSelector": ""}


def test_list_that_is_refused(serve: Serve, connect: Connect) -> None:
    stub = serve([refusal(400, "BadRequest", "unable to parse requirement")])
    with pytest.raises(RefusedError, match="Cannot list the Secrets of namespace team-a"):
        connect(stub).list_secret_metadata("team-a", "=")
    assert len(stub.requests) == 1


def test_delete_names_the_very_object(serve: Serve, connect: Connect) -> None:
    stub = serve([reply(200, {"kind": "Status", "status": "Success"}), NO_SECRET])
    client = connect(stub)
    assert client.delete_secret("team-a", "db", uid="u-1") is True
    assert client.delete_secret("team-a", "db", uid="u-1") is False
    request = stub.requests[0]
    assert (request.method, request.path) == ("DELETE", "/api/v1/namespaces/team-a/secrets/db")
    assert request.json["preconditions"] == {"uid": "u-1"}


def test_delete_does_not_take_a_wrong_path_for_a_secret_that_is_gone(serve: Serve, connect: Connect) -> None:
    client = connect(serve([refusal(404, "NotFound", "the server could not find the requested resource")]))
    with pytest.raises(NotFoundError, match="does not know this path"):
        client.delete_secret("team-a", "db", uid="u-1")


def test_base_path_of_the_server_is_kept(serve: Serve, connect: Connect) -> None:
    stub = serve()
    connect(plain_connection(f"{stub.url}/k8s/clusters/c-1")).get_secret("team-a", "db")
    assert stub.requests[0].path == "/k8s/clusters/c-1/api/v1/namespaces/team-a/secrets/db"


@given(
    name=st.sampled_from(
        ["", ".", "..", "../..", "a/../..", "a/b", "%2e%2e", "UPPER", "-a", "a-", "a..b", "a" * 254, "a\n"]
    )
    | st.text().filter(lambda text: not text.isascii())
)
def test_names_that_would_lead_elsewhere_are_never_sent(name: str) -> None:
    # Nobody listens there: a request would be another error.
    client = make_client(plain_connection("http://127.0.0.1:1"))
    calls: list[Callable[[], object]] = [
        lambda: client.delete_secret("team-a", name, uid="u-1"),
        lambda: client.delete_secret(name, "db", uid="u-1"),
        lambda: client.apply_secret("team-a", name, {}, force=False),
        lambda: client.list_secret_metadata(name, ""),
    ]
    for call in calls:
        with pytest.raises(InvalidError, match="is not a"):
            call()


@pytest.mark.parametrize("name", ["a", "a.b-c.d0", "0", "a" * 253])
def test_names_that_the_api_allows(serve: Serve, connect: Connect, name: str) -> None:
    stub = serve([reply(200, {**SECRET, "metadata": {**SECRET["metadata"], "name": name}})])  # type: ignore[dict-item]
    connect(stub).get_secret("team-a", name)
    assert stub.requests[0].path.endswith(f"/secrets/{name}")


def test_importing_reads_nothing_and_stays_light() -> None:
    code = (
        "import sys, os\n"
        "opened = []\n"
        "def hook(event, args):\n"
        "    if event == 'open' and not str(args[0]).endswith(('.py', '.pyc')): opened.append(str(args[0]))\n"
        "    if event in ('socket.connect', 'subprocess.Popen'): opened.append(event)\n"
        "import urllib3, yaml\n"
        "sys.addaudithook(hook)\n"
        "import components.clients.kubernetes.client\n"
        "print([name for name in opened if 'site-packages' not in name and not name.isdigit()])\n"
        "print(sorted({'boto3', 'botocore', 'pulumi', 'kubernetes', 'requests'} & set(sys.modules)))\n"
    )
    environ = {"KUBECONFIG": __file__, "HOME": "/"}
    done = subprocess.run([sys.executable, "-B", "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]
