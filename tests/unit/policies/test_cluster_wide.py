"""Rules see what a cluster-wide kind keeps in each namespace, and say once what all of them have."""

from typing import Any

import pytest

from policies.rules.resource import SNAPSHOT, Resource, Unknown
from tests.unit.policies.support import found, policy, resource, said

SYNC = "pulumi-python:dynamic/parameterstore:ClusterSecretSync"
PUSH = "pulumi-python:dynamic/parameterstore:ClusterSecretPush"
UNKNOWN = Unknown(("namespaces",))
BOTH: dict[str, Any] = {"team-a": {}, "team-b": {}}
FIND: dict[str, Any] = {"dataFrom": [{"find": {}}]}
PLAIN = {"data": [{"remoteKey": "/x", "metadata": {"secretType": "String"}}]}


@pytest.mark.parametrize(
    ("rule", "type_", "props"),
    [
        ("find-scope", SYNC, FIND),
        ("no-foreign-adopt", SYNC, {"target": {"adopt": True}}),
        ("no-foreign-adopt", PUSH, {"adopt": True}),
        ("plain-push", PUSH, {"stores": {}, **PLAIN}),
        ("pinned-or-latest", SYNC, {"data": {"a": {"key": "/x"}}}),
        ("deletion", SYNC, {"target": {"deletionPolicy": "Delete"}}),
        ("deletion", PUSH, {"deletionPolicy": "Delete"}),
    ],
)
@pytest.mark.parametrize("namespaces", [BOTH, {"team-a": {}}, {}])
def test_what_all_namespaces_share_is_said_once(
    rule: str, type_: str, props: dict[str, Any], namespaces: dict[str, Any]
) -> None:
    config = {"require": "pinned"} if rule == "pinned-or-latest" else {}
    (message,) = said(rule, resource(type_, {**props, "namespaces": namespaces}, stack="prod"), **config)
    assert not message.startswith("namespaces")


def test_what_one_namespace_has_is_said_with_its_name() -> None:
    props = {"data": {"a": {"key": "/team-a/db"}}, "namespaces": {"team-a": {}, "team-b": {}, "x y": {}}}
    (message,) = said("namespace-owns-prefix", resource(SYNC, props), pattern="/{namespace}/*")
    assert message.startswith("namespaces.team-b, namespaces (key 3): data.a: it is outside")
    assert said("namespace-owns-prefix", resource(SYNC, props), pattern="/team-a/*") == []


def test_many_namespaces_are_counted() -> None:
    props = {"data": {"a": {"key": "/n/db"}}, "namespaces": {f"n{at:02}": {} for at in range(30)} | {"n": {}}}
    (message,) = said("namespace-owns-prefix", resource(SYNC, props), pattern="/{namespace}/*")
    assert "namespaces.n04 and 25 more: data.a" in message


def test_what_a_namespace_reads_by_a_store_of_its_own_is_looked_at() -> None:
    own = {"team-a": {"dataFrom": [{"find": {"path": "/team-a"}}]}, "team-b": FIND}
    (message,) = said("find-scope", resource(SYNC, {"namespaces": own}))
    assert message.startswith("namespaces.team-b: dataFrom[0].find looks through every parameter")


def test_what_a_namespace_does_not_share_is_not_told_of_it() -> None:
    namespaces: dict[str, Any] = {"team-a": {"__without": ["target", "dataFrom"]}, "team-b": {}, "team-c": {}}
    shared = {"target": {"adopt": True, "deletionPolicy": "Delete"}, **FIND, "namespaces": namespaces}
    for rule in ("no-foreign-adopt", "find-scope", "deletion"):
        (message,) = said(rule, resource(SYNC, shared, stack="prod"))
        assert message.startswith("namespaces.team-b, namespaces.team-c: ")
    junk = {"team-a": {"__without": 3}, "team-b": {"__without": [3, None, "target"]}}
    (message,) = said("no-foreign-adopt", resource(SYNC, {**shared, "namespaces": junk}))
    assert message.startswith("namespaces.team-a: ")


@pytest.mark.parametrize(
    ("rule", "type_", "props", "expected"),
    [
        ("find-scope", SYNC, {}, 1),
        ("find-scope", SYNC, {"data": {"a": {"key": "/x"}}}, 0),
        ("namespace-owns-prefix", SYNC, {"data": {"a": {"key": "/x"}}}, 1),
        ("plain-push", PUSH, {"stores": {}, "data": []}, 0),
        ("push-rights", PUSH, {"data": []}, 1),
    ],
)
@pytest.mark.parametrize("kept", [{"namespaces": UNKNOWN}, {}])
def test_namespaces_that_are_not_known_yet_are_not_guessed(
    rule: str, type_: str, props: dict[str, Any], expected: int, kept: dict[str, Any]
) -> None:
    config = {"pattern": "/{namespace}/*"} if rule == "namespace-owns-prefix" else {}
    told = found(rule, resource(type_, {**props, **kept}), **config)
    assert [type(each) for each in told] == [Unknown] * expected


def stack(namespaces: dict[str, Any]) -> list[Resource]:
    """A store with a role that may write two parameters, and a ClusterPushSecret to it."""
    store = Resource("parameterstore:index:ClusterSecretStore", "out", "the store")
    document = policy({"Action": "ssm:PutParameter", "Resource": "arn:aws:ssm:eu-central-1:1:parameter/x"})
    role = Resource(document.type, "out", "the policy", document.props, parent="the store")
    snapshot = Resource(SNAPSHOT, "out", "the snapshot", {"references": []}, parent="the store")
    push = resource(PUSH, {"data": [{"remoteKey": "/x", "metadata": {"tier": {"type": "Advanced"}}}], **namespaces})
    return [store, role, snapshot, push]


def test_a_cluster_push_is_why_its_stores_may_write() -> None:
    assert said("push-rights", *stack({"stores": {"out": {}}, "namespaces": BOTH})) == []
    assert said("push-rights", *stack({"namespaces": {"team-a": {"stores": {"out": {}}}}})) == []
    assert said("push-rights", *stack({"namespaces": {"team-a": {"stores": {"other": {}}}}}))


def test_each_namespace_costs_its_own_parameters() -> None:
    own = {team: {"stores": {"out": {}}, "prefixes": {"out": f"/{team}"}} for team in ("a", "b", "c")}
    (message,) = said("cost", *stack({"namespaces": own}), dollarsPerMonth=0.1)
    assert message.startswith("up to $0.15 a month for 3 advanced parameters")
