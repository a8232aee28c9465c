"""Whatever answers in place of an API server, it is one clear line and never a traceback."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import UnavailableError, UnexpectedAnswerError
from components.clients.kubernetes.lookups import (
    cluster_id,
    get_config_map,
    get_namespace,
    list_namespaces,
    namespace_labels,
    request_token,
    service_account_annotations,
)
from components.clients.kubernetes.role_lists import list_roles
from components.errors import ClusterError, ParameterStoreError
from tests.unit.kubernetes_client.support import SECRET, Reply, Stub, refusal, reply

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

CALLS: dict[str, Callable[[KubernetesClient], object]] = {
    "apply": lambda client: client.apply_secret("team-a", "db", {}, force=False),
    "patch": lambda client: client.patch_secret("team-a", "db", {}, resource_version="7"),
    "read": lambda client: client.get_secret("team-a", "db"),
    "look": lambda client: client.get_secret_metadata("team-a", "db"),
    "list": lambda client: client.list_secret_metadata("team-a", ""),
    "config map": lambda client: get_config_map(client, "team-a", "db"),
    "namespaces": list_namespaces,
    "labels": lambda client: namespace_labels(client, "team-a"),
    "annotations": lambda client: service_account_annotations(client, "team-a", "reader"),
    "token": lambda client: request_token(client, "team-a", "reader", ["sts.amazonaws.com"]),
}
DEEP = 100_000
BODIES: dict[str, bytes] = {
    "HTML": b"<html><body>Please log in</body></html>",
    "empty": b"",
    "not UTF-8": b'{"metadata": {"name": "\xff\xfe\xfa"}}',
    "NaN": b'{"metadata": NaN, "items": NaN, "status": {"token": NaN}}',
    "an array": b"[]",
    "a number": b"7",
    "deep arrays": b'{"metadata":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"metadata":' * DEEP + b"1" + b"}" * DEEP,
    "without metadata": b'{"kind": "Secret"}',
    "empty metadata": b'{"metadata": {}}',
    "metadata that is text": b'{"metadata": "x", "status": "x"}',
    "metadata that is an array": b'{"metadata": [1], "items": {"a": 1}, "status": [1]}',
    "items that are a number": b'{"items": 5, "metadata": {}}',
    "items that are numbers": b'{"items": [5], "metadata": {}}',
    "items without metadata": b'{"items": [{}], "metadata": {}}',
    "a token that is a number": b'{"items": [], "metadata": {"continue": 5}, "status": {"token": 5}}',
    "a huge number": b'{"metadata": ' + b"9" * 5000 + b"}",
    "half an object": json.dumps(SECRET).encode()[:-9],
    "an object and more": json.dumps(SECRET).encode() * 2,
    "an error of a gateway": b'{"error": {"code": 511, "message": "login required"}}',
}


def one_line(error: ParameterStoreError) -> None:
    assert str(error)
    assert "\n" not in str(error)
    assert "Check the server URL and the proxy." in str(error) or "the answer" in str(error)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_no_object_of_the_api(
    serve: Serve, connect: Connect, call: Callable[[KubernetesClient], object], body: bytes
) -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        call(connect(serve([Reply(200, body, {})])))
    one_line(caught.value)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_refusal_that_is_none(serve: Serve, connect: Connect, status: int, body: bytes) -> None:
    with pytest.raises(ClusterError) as caught:
        connect(serve([Reply(status, body, {})])).get_secret("team-a", "db")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("items", [[], None])
def test_a_cluster_without_any_namespace_is_no_answer(
    serve: Serve, connect: Connect, items: list[object] | None
) -> None:
    """What chooses namespaces by labels would delete all of its Secrets."""
    client = connect(serve([reply(200, {"kind": "NamespaceList", "metadata": {}, "items": items})]))
    with pytest.raises(UnexpectedAnswerError, match="the answer holds none, and every cluster has some"):
        list_namespaces(client)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_an_answer_that_is_not_compressed_as_it_says(serve: Serve, connect: Connect, encoding: str) -> None:
    with pytest.raises(UnavailableError, match="an answer that cannot be decompressed"):
        connect(serve([reply(200, SECRET, Content_Encoding=encoding)])).get_secret("team-a", "db")


METADATA: dict[str, dict[str, Any]] = {
    "labels": {"labels": {"a": 5}},
    "labels that are an array": {"labels": ["a"]},
    "annotations": {"annotations": "text"},
    "name": {"name": 5},
    "uid": {"uid": {}},
    "resourceVersion": {"resourceVersion": 7},
    "creationTimestamp": {"creationTimestamp": 5},
    "a time that is none": {"creationTimestamp": "yesterday"},
    "deletionTimestamp": {"deletionTimestamp": ["x"]},
    "managedFields": {"managedFields": {"a": 1}},
    "managedFields of numbers": {"managedFields": [5]},
    "a manager": {"managedFields": [{"manager": 5}]},
    "fieldsV1": {"managedFields": [{"manager": "x", "fieldsV1": {"f:data": "x"}}]},
    "ownerReferences": {"ownerReferences": [{"apiVersion": "v1"}]},
    "ownerReferences that are an object": {"ownerReferences": {"a": 1}},
    "the name of an owner": {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": 5}]},
}


@pytest.mark.parametrize("changes", METADATA.values(), ids=METADATA)
def test_metadata_of_wrong_kinds(serve: Serve, connect: Connect, changes: dict[str, Any]) -> None:
    answer = {**SECRET, "metadata": {**SECRET["metadata"], **changes}}  # type: ignore[dict-item]
    with pytest.raises(UnexpectedAnswerError, match="is not a Kubernetes object"):
        connect(serve([reply(200, answer)])).get_secret_metadata("team-a", "db")


def test_field_paths_too_deep_to_follow(serve: Serve, connect: Connect) -> None:
    """Somewhere here an answer can be parsed and its paths cannot be followed: Python's limit is for both."""
    start = json.dumps(SECRET)[:-2] + ', "managedFields": [{"manager": "x", "fieldsV1": '
    for depth in range(850, 1000, 5):
        body = start + '{"f:data":' * depth + "{}" + "}" * depth + "}]}}"
        with contextlib.suppress(UnexpectedAnswerError):
            connect(serve([Reply(200, body.encode(), {})])).get_secret_metadata("team-a", "db")


def test_a_time_without_a_zone_is_utc(serve: Serve, connect: Connect) -> None:
    answer = {**SECRET, "metadata": {**SECRET["metadata"], "creationTimestamp": "2024-01-01"}}  # type: ignore[dict-item]
    found = connect(serve([reply(200, answer)])).get_secret_metadata("team-a", "db")
    assert found is not None
    assert found.creation is not None
    assert found.creation.isoformat() == "2024-01-01T00:00:00+00:00"


@pytest.mark.parametrize("data", [5, "x", ["x"], {"a": 5}, {"a": None}, {"a": {"b": "c"}}])
def test_data_of_wrong_kinds(serve: Serve, connect: Connect, data: object) -> None:
    stub = serve([reply(200, {**SECRET, "data": data})])
    for call in ("read", "config map"):
        with pytest.raises(UnexpectedAnswerError, match="its 'data' holds something else than strings"):
            CALLS[call](connect(stub))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "metadata",
                    "items",
                    "name",
                    "uid",
                    "labels",
                    "managedFields",
                    "fieldsV1",
                    "data",
                    "continue",
                    "status",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=JSON, call=st.sampled_from(sorted(CALLS)))
def test_any_json(serve: Serve, connect: Connect, answer: object, call: str) -> None:
    stub = serve([reply(200, answer)])
    with contextlib.suppress(ParameterStoreError):
        CALLS[call](connect(stub))


def about(namespace: str, name: str) -> dict[str, Any]:
    """A Secret, ConfigMap or whatever was asked for, of this name."""
    metadata = {"namespace": namespace, "name": name, "uid": "u-9", "resourceVersion": "7"}
    return {"metadata": metadata, "data": {"a": "Yg=="}}


DELETE = "delete"
OF_ONE_OBJECT = {
    **{name: call for name, call in CALLS.items() if name not in ("list", "namespaces", "token")},
    "namespace": lambda client: get_namespace(client, "team-a"),
    "cluster": cluster_id,
    DELETE: lambda client: client.delete_secret("team-a", "db", uid="u-1"),
}


@pytest.mark.parametrize("other", [("team-a", "other"), ("team-b", "db"), ("db", "team-a"), ("", "DB"), ("team-b", "")])
@pytest.mark.parametrize("call", OF_ONE_OBJECT.values(), ids=OF_ONE_OBJECT)
def test_an_answer_about_another_object(
    serve: Serve, connect: Connect, call: Callable[[KubernetesClient], object], other: tuple[str, str]
) -> None:
    with pytest.raises(UnexpectedAnswerError, match="the answer is about another object"):
        call(connect(serve([reply(200, about(*other))])))


@pytest.mark.parametrize("kind", ["secrets", "namespaces"])
def test_that_another_object_is_not_there_says_nothing_of_this_one(serve: Serve, connect: Connect, kind: str) -> None:
    client = connect(serve([refusal(404, "NotFound", f'{kind} "zz" not found', kind=kind, name="zz")]))
    for ask in (CALLS["read"], CALLS["look"], OF_ONE_OBJECT[DELETE], OF_ONE_OBJECT["namespace"]):
        with pytest.raises(UnexpectedAnswerError, match="the answer is about another object"):
            ask(client)


NOT_DELETED: dict[str, Reply] = {
    "an empty object": reply(200, {}),
    "an error of a gateway": reply(200, {"error": {"code": 511, "message": "login required"}}),
    "a failure": refusal(200, "NotFound", "x", kind="secrets", name="db"),
    "a status that says nothing": reply(200, {"kind": "Status", "metadata": {}}),
    "a bookmark": reply(200, {"type": "BOOKMARK", "object": SECRET}),
    "a list": reply(200, {"kind": "SecretList", "metadata": {}, "items": [SECRET]}),
}


@pytest.mark.parametrize("answer", NOT_DELETED.values(), ids=NOT_DELETED)
def test_what_does_not_say_that_a_secret_is_deleted(serve: Serve, connect: Connect, answer: Reply) -> None:
    """The state would forget a Secret that is still there."""
    with pytest.raises(UnexpectedAnswerError, match=r"is not a Kubernetes object|does not say that it is deleted"):
        connect(serve([answer])).delete_secret("team-a", "db", uid="u-1")


@pytest.mark.parametrize("answer", [reply(200, {"kind": "Status", "status": "Success"}), reply(202, SECRET)])
def test_what_says_that_a_secret_is_deleted(serve: Serve, connect: Connect, answer: Reply) -> None:
    assert connect(serve([answer])).delete_secret("team-a", "db", uid="u-1")


def test_a_list_with_secrets_of_another_namespace(serve: Serve, connect: Connect) -> None:
    items = [about("team-a", "a"), about("team-b", "b")]
    with pytest.raises(UnexpectedAnswerError, match="has Secrets of another namespace"):
        CALLS["list"](connect(serve([reply(200, {"metadata": {}, "items": items})])))


def test_half_of_the_roles_are_not_all(serve: Serve, connect: Connect) -> None:
    page = {"metadata": {"continue": "t0ken", "remainingItemCount": 5}, "items": [about("", "admin")]}
    with pytest.raises(UnexpectedAnswerError, match="only a part of the list"):
        list_roles(connect(serve([reply(200, page)])))
