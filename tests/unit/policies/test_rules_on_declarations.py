"""Parameters, Secrets, ConfigMaps, PushSecrets and stores, each by itself."""

from typing import Any

import pytest

from policies.rules.names import SECRET_WORDS, looks_secret
from policies.rules.resource import PARAMETER, SECRET_PUSH, SECRET_SYNC, SNAPSHOT, Unknown
from tests.unit.policies.support import found, resource, said

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
KUBERNETES = "kubernetes:core/v1:"
PROVIDER = "pulumi:providers:aws"
HEADER = "-----BEGIN RSA PRIVATE KEY-----"
UNKNOWN = Unknown(("x",))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/prod/dbPassword", True),
        ("/prod/db_password", True),
        ("API-KEY", True),
        ("apiKey", True),
        ("github.tokens", True),
        ("SECRET_ACCESS_KEY", True),
        ("/prod/passenger", False),
        ("/prod/tokenizer", False),
        ("token-ttl", False),
        ("SECRET_ARN", False),
        ("passwordPolicy", False),
        ("", False),
    ],
)
def test_names_tell_secrets(name: str, *, expected: bool) -> None:
    assert looks_secret(name, SECRET_WORDS) is expected


CASES: list[tuple[str, str, dict[str, Any], bool]] = [
    ("parameter-type", PARAMETER, {"type": "String", "name": "/prod/password"}, True),
    ("parameter-type", PARAMETER, {"type": "StringList", "name": "/prod/api-keys"}, True),
    ("parameter-type", PARAMETER, {"type": "SecureString", "name": "/prod/password"}, False),
    ("parameter-type", PARAMETER, {"type": "String", "name": "/prod/color"}, False),
    ("parameter-value-in-state", PARAMETER, {"type": "SecureString", "value": "x"}, True),
    ("parameter-value-in-state", PARAMETER, {"type": "SecureString", "value": UNKNOWN}, True),
    ("parameter-value-in-state", PARAMETER, {"type": "SecureString", "valueWo": "x", "valueWoVersion": 1.0}, False),
    ("parameter-value-in-state", PARAMETER, {"type": "String", "value": "x"}, False),
    ("parameter-value-in-state", VERSION, {"secretString": "x"}, True),
    ("parameter-value-in-state", VERSION, {"secretBinary": "x"}, True),
    ("parameter-value-in-state", VERSION, {"secretStringWo": "x"}, False),
    ("kubernetes-secret-literal", f"{KUBERNETES}Secret", {"stringData": {"a": "b"}}, True),
    ("kubernetes-secret-literal", f"{KUBERNETES}Secret", {"data": UNKNOWN}, True),
    ("kubernetes-secret-literal", f"{KUBERNETES}SecretPatch", {"data": {"a": "b"}}, True),
    ("kubernetes-secret-literal", f"{KUBERNETES}Secret", {"metadata": {"name": "x"}, "data": {}}, False),
    (
        "kubernetes-secret-literal",
        f"{KUBERNETES}Secret",
        {"type": "kubernetes.io/service-account-token", "data": {"a": "b"}},
        False,
    ),
    ("kubernetes-secret-literal", f"{KUBERNETES}SecretList", {"items": [{}, {"data": {"a": "b"}}]}, True),
    ("config-map-secret", f"{KUBERNETES}ConfigMap", {"data": {"db-password": "x"}}, True),
    ("config-map-secret", f"{KUBERNETES}ConfigMap", {"data": {"tls.pem": f"{HEADER}\nx"}}, True),
    ("config-map-secret", f"{KUBERNETES}ConfigMap", {"binaryData": {"token": "eA=="}}, True),
    ("config-map-secret", f"{KUBERNETES}ConfigMapList", {"items": [{"data": {"token": "x"}}]}, True),
    ("config-map-secret", f"{KUBERNETES}ConfigMap", {"data": {"color": "red", "x": UNKNOWN}}, False),
    ("plain-push", SECRET_PUSH, {"data": [{"remoteKey": "/a"}]}, False),
    ("plain-push", SECRET_PUSH, {"data": [{"metadata": {"secretType": "String"}}]}, True),
    ("plain-push", SECRET_PUSH, {"dataTo": [{"metadata": {"secretType": "StringList"}}]}, True),
    ("find-scope", SECRET_SYNC, {"dataFrom": [{"find": {"path": "/team-a"}}, {"extract": {"key": "/x"}}]}, False),
    ("find-scope", SECRET_SYNC, {"dataFrom": [{"find": {"name": {"regexp": "."}}}]}, True),
    ("find-scope", SECRET_SYNC, {"dataFrom": [{"find": {"path": "/"}}]}, True),
    ("find-scope", SECRET_SYNC, {"dataFrom": [{"find": {"path": "//"}}]}, True),
    ("find-scope", SECRET_SYNC, {"dataFrom": [{"find": {"tags": {"team": "a"}}}]}, True),
    ("no-foreign-adopt", SECRET_SYNC, {"target": {"adopt": True}}, True),
    ("no-foreign-adopt", SECRET_SYNC, {"target": {"creationPolicy": "Merge"}}, True),
    ("no-foreign-adopt", SECRET_SYNC, {"target": {"creationPolicy": "CreateOrMerge"}}, True),
    ("no-foreign-adopt", SECRET_SYNC, {"target": {"creationPolicy": "Orphan"}}, False),
    ("no-foreign-adopt", SECRET_SYNC, {}, False),
    ("no-foreign-adopt", SECRET_PUSH, {"adopt": True}, True),
    ("no-foreign-adopt", SECRET_PUSH, {"adopt": False}, False),
    ("static-keys", PROVIDER, {"accessKey": "AKIA", "secretKey": "x"}, True),
    ("static-keys", PROVIDER, {"accessKey": UNKNOWN}, True),
    ("static-keys", PROVIDER, {"region": "eu-central-1", "profile": "prod", "accessKey": ""}, False),
    ("static-keys", SNAPSHOT, {"store": {"secretRef": {"accessKeyIDSecretRef": {}}}}, True),
    ("static-keys", SNAPSHOT, {"store": {"serviceAccountRef": {"name": "a"}}}, False),
]


@pytest.mark.parametrize(("rule", "type_", "props", "wrong"), CASES)
def test_what_a_rule_finds(rule: str, type_: str, props: dict[str, Any], *, wrong: bool) -> None:
    assert bool(said(rule, resource(type_, props))) is wrong


@pytest.mark.parametrize(
    ("rule", "type_", "props"),
    [
        ("parameter-type", PARAMETER, {"type": UNKNOWN, "name": "password"}),
        ("parameter-value-in-state", PARAMETER, {"type": UNKNOWN, "value": "x"}),
        ("kubernetes-secret-literal", f"{KUBERNETES}SecretList", {"items": UNKNOWN}),
        ("config-map-secret", f"{KUBERNETES}ConfigMapList", {"items": UNKNOWN}),
        ("plain-push", SECRET_PUSH, {"data": UNKNOWN}),
        ("plain-push", SECRET_PUSH, {"data": [{"metadata": UNKNOWN}]}),
        ("find-scope", SECRET_SYNC, {"dataFrom": UNKNOWN}),
        ("find-scope", SECRET_SYNC, {"dataFrom": [{"find": {"path": UNKNOWN}}]}),
        ("no-foreign-adopt", SECRET_SYNC, {"target": UNKNOWN}),
        ("static-keys", SNAPSHOT, {"store": UNKNOWN}),
    ],
)
def test_what_a_rule_would_have_to_know_is_told_as_such(rule: str, type_: str, props: dict[str, Any]) -> None:
    assert [type(each) for each in found(rule, resource(type_, props))] == [Unknown]


def test_a_name_that_is_not_known_leaves_that_in_the_program() -> None:
    props = {"type": "String", "name": UNKNOWN}
    assert said("parameter-type", resource(PARAMETER, props, "db-password"))
    assert said("parameter-type", resource(PARAMETER, props, "color")) == []


def test_words_and_exceptions_of_names_are_configured() -> None:
    given = resource(PARAMETER, {"type": "String", "name": "/prod/pin"})
    assert said("parameter-type", given) == []
    assert said("parameter-type", given, words=["pin"])
    assert said("parameter-type", given, words=["pin"], allow=["on?"]) == []


def test_a_path_has_as_many_levels_as_are_configured() -> None:
    given = resource(SECRET_SYNC, {"dataFrom": [{"find": {"path": "/team-a"}}]})
    assert said("find-scope", given, minimumDepth=1.0) == []
    (message,) = said("find-scope", given, minimumDepth=2.0)
    assert message.startswith("dataFrom[0].find: ")


@pytest.mark.parametrize(
    ("props", "fine"),
    [
        ({"data": {"a": {"key": "/team-a/db"}}}, True),
        ({"data": {"a": {"key": "arn:aws:ssm:x:1:parameter/team-a/db"}}}, True),
        ({"data": {"a": {"key": "/team-b/db"}}}, False),
        ({"data": {"a": {"key": "team-a/db"}}}, True),
        ({"data": {"a": {"key": "/team-a"}}}, False),
        ({"dataFrom": [{"extract": {"key": "/team-a-2/db"}}]}, False),
        ({"dataFrom": [{"find": {"path": "/team-a"}}]}, True),
        ({"dataFrom": [{"find": {"path": "/team"}}]}, False),
        ({"dataFrom": [{"find": {"name": {"regexp": "x"}}}]}, False),
    ],
)
def test_a_namespace_reads_its_own(props: dict[str, Any], *, fine: bool) -> None:
    given = resource(SECRET_SYNC, {"namespace": "team-a", **props})
    assert said("namespace-owns-prefix", given) == []
    assert (said("namespace-owns-prefix", given, pattern="/{namespace}/*") == []) is fine
    assert said("namespace-owns-prefix", given, pattern="/{namespace}/*", namespaces={"team-a": "*"}) == []


def test_what_may_be_adopted_is_configured() -> None:
    given = resource(SECRET_SYNC, {"namespace": "a", "secretName": "db", "target": {"adopt": True}})
    assert said("no-foreign-adopt", given, allow=["b/*"])
    assert said("no-foreign-adopt", given, allow=["a/*"]) == []


@pytest.mark.parametrize(
    ("type_", "props", "protect", "wrong"),
    [
        (SECRET_SYNC, {"target": {"deletionPolicy": "Delete"}}, False, 1),
        (SECRET_SYNC, {"target": {"deletionPolicy": "Merge"}}, False, 0),
        (SECRET_PUSH, {"deletionPolicy": "Delete"}, False, 1),
        (PARAMETER, {}, False, 1),
        (PARAMETER, {}, True, 0),
        (SECRET, {"recoveryWindowInDays": 0.0}, False, 2),
        (SECRET, {"recoveryWindowInDays": 7.0}, True, 0),
    ],
)
def test_production_is_not_deleted_by_mistake(type_: str, props: dict[str, Any], *, protect: bool, wrong: int) -> None:
    def findings(stack: str, **config: Any) -> int:
        tags = {"environment": "production"} if stack == "tagged" else {}
        given = resource(type_, props, stack=stack, protect=protect, stack_tags=tags)
        return len(said("deletion", given, **config))

    assert [findings(each) for each in ("dev", "prod", "eu-prod", "tagged")] == [0, wrong, wrong, wrong]
    assert (findings("live"), findings("live", stacks=["l*"])) == (0, wrong)


def test_versions_are_as_configured() -> None:
    data = {"pinned": {"key": "/a", "version": 3.0}, "latest": {"key": "/b"}}
    given = resource(SECRET_SYNC, {"data": data, "dataFrom": [{"find": {"path": "/a"}}]})
    assert said("pinned-or-latest", given) == []
    (message,) = said("pinned-or-latest", given, require="pinned")
    assert message.startswith("data.latest reads the latest version")
    (message,) = said("pinned-or-latest", given, require="latest")
    assert message.startswith("data.pinned pins a version")


def test_a_pin_is_held_to_the_latest_that_its_store_reads() -> None:
    versions = {"/a": 5, "/a:3": 3, "/b:8": 8, "/c:1": 1, "d": "1f3a", "d:x": "9c02"}
    given = resource(SNAPSHOT, {"versions": versions, "found": {"find {}": {"/b": 9}}})
    assert said("pinned-or-latest", given) == []
    assert said("pinned-or-latest", given, maximumBehind=2) == []
    assert said("pinned-or-latest", given, maximumBehind=1) == [
        "1 reference pins a version more than 1 behind the latest one, which the same store reads too"
    ]
    assert said("pinned-or-latest", given, maximumBehind=0) == [
        "2 references pin versions more than 0 behind the latest one, which the same store reads too"
    ]
