"""What is empty counts as left out, in every field that the readers know; a misspelt field is named before all else."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from components.core.spec.config_fields import Fields
from components.errors import SpecError
from components.manifests import read_manifests
from components.settings.stack_settings import read_external_secrets
from components.settings.store_manifest import read_stores
from tests.components.manifest_objects import secret, store

Path = tuple[str | int, ...]

_STRATEGIES = {"decodingStrategy": "Base64", "nullBytePolicy": "Fail", "conversionStrategy": "Unicode"}
_PARAMETER = {"key": "p", "property": "a", "version": "3", "metadataPolicy": "None", **_STRATEGIES}
_SOURCE = {"storeRef": {"name": "other", "kind": "ClusterSecretStore"}}
_TEXTS = {"name": "texts", "items": [{"key": "t", "templateAs": "KeysAndValues"}]}
_TEMPLATE = {
    "engineVersion": "v2",
    "type": "Opaque",
    "mergePolicy": "Merge",
    "metadata": {"labels": {"l": "1"}, "annotations": {"a": "1"}, "finalizers": ["example.com/hold"]},
    "data": {"d": "{{ .k }}"},
    "templateFrom": [
        {"target": "Labels", "valuesDecodingStrategy": "Base64", "literal": "a: b", "secret": _TEXTS},
        {"configMap": _TEXTS},
    ],
}
_MERGE = {
    "strategy": "JSON",
    "into": "all",
    "conflictPolicy": "Ignore",
    "priority": ["one"],
    "priorityPolicy": "IgnoreNotFound",
}
_REWRITE = [
    {"regexp": {"source": "a", "target": "b"}},
    {"transform": {"template": "{{ .value }}"}},
    {"merge": _MERGE},
]
_FIND = {"path": "/a", "name": {"regexp": "x"}, "tags": {"t": "v"}, **_STRATEGIES}
_SPEC: dict[str, Any] = {
    "refreshPolicy": "Periodic",
    "refreshInterval": "5m",
    "secretStoreRef": {"name": "store", "kind": "SecretStore"},
    "syncWindows": [],
    "target": {
        "name": "other",
        "creationPolicy": "Orphan",
        "deletionPolicy": "Merge",
        "immutable": True,
        "manifest": {},
        "adopt": None,
        "replaceImmutable": None,
        "template": _TEMPLATE,
    },
    "data": [{"secretKey": "k", "remoteRef": _PARAMETER, "sourceRef": {**_SOURCE, "generatorRef": None}}],
    "dataFrom": [
        {"extract": _PARAMETER, "rewrite": _REWRITE, "sourceRef": _SOURCE},
        {"find": _FIND, "rewrite": [], "sourceRef": _SOURCE},
    ],
}
_BOOKKEEPING: dict[str, Any] = {
    "creationTimestamp": None,
    "deletionGracePeriodSeconds": 0,
    "deletionTimestamp": None,
    "finalizers": ["x"],
    "generation": 1,
    "managedFields": [],
    "ownerReferences": [],
    "resourceVersion": "1",
    "selfLink": "",
    "uid": "u",
}
_KEY = {"name": "aws", "key": "id", "namespace": "keys"}
_KEYS = {"accessKeyIDSecretRef": _KEY, "secretAccessKeySecretRef": _KEY, "sessionTokenSecretRef": _KEY}
_JWT = {"serviceAccountRef": {"name": "reader", "namespace": "team-a", "audiences": ["vault"]}}
_IDENTITY: dict[str, Any] = {
    "role": "arn:aws:iam::123456789012:role/last",
    "additionalRoles": ["arn:aws:iam::123456789012:role/hop"],
    "externalID": "ext-1",
    "sessionTags": [{"key": "team", "value": "a"}],
    "transitiveTagKeys": ["team"],
    "prefix": "/prod",
}
_SELECTOR = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "In", "values": ["d"]}]}
_CONDITIONS = [{"namespaces": ["team-a"], "namespaceRegexes": ["^prod-"], "namespaceSelector": _SELECTOR}]
_AWS = {
    **_IDENTITY,
    "auth": {"secretRef": _KEYS, "jwt": _JWT},
    "sessionTagsPolicy": "None",
    "service": "SecretsManager",
    "secretsManager": {"recoveryWindowInDays": 7},
    "customSessionTags": {},
}
_FORCED = {"secretsManager": {"forceDeleteWithoutRecovery": True}}
_STORE_SPEC = {"controller": "", "retrySettings": {}, "refreshInterval": 300, "conditions": _CONDITIONS}
_METADATA = {"labels": {"l": "1"}, "annotations": {"a": "1"}, **_BOOKKEEPING}
_SETTING: dict[str, Any] = {
    "name": "team-a",
    "service": "SecretsManager",
    "region": "eu-central-1",
    **_IDENTITY,
    "auth": {"jwt": {**_JWT, "oidcProvider": "https://issuer"}, "secretRef": _KEYS},
    "kmsKeys": {"arn:aws:kms:eu-central-1:123456789012:key/1": ["/prod/*"]},
    "paths": ["/team-a"],
    "allowAllParameters": True,
    "kubeconfig": "~/.kube/config",
    "context": "prod",
    "cluster": "blue",
    "requestsPerSecond": 5,
    "previewDecrypts": True,
    "batchReads": True,
    "secretsManager": {"recoveryWindowInDays": 7},
}
_PODS = {"podIdentity": {"cluster": "c", "serviceAccount": "s", "namespace": "n"}}
_CREATED = {"create": True, "principals": ["arn:aws:iam::123456789012:role/ci"], "allowWildcards": True}
_OWN_TARGET = {
    **_SPEC["target"],
    "adopt": True,
    "replaceImmutable": True,
    "labels": {"l": "1"},
    "annotations": {"a": "1"},
}
_OWN_PARAMETER = {**_PARAMETER, "optional": True}
_OWN_SPEC = {
    **_SPEC,
    "target": _OWN_TARGET,
    "data": [{**_SPEC["data"][0], "remoteRef": _OWN_PARAMETER}],
    "dataFrom": [{**_SPEC["dataFrom"][0], "extract": _OWN_PARAMETER}, _SPEC["dataFrom"][1]],
}

CASES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "ExternalSecret": (read_manifests, {**secret(metadata=_METADATA, **_SPEC), "status": {"binding": {}}}),
    "ClusterSecretStore": (read_manifests, store(kind="ClusterSecretStore", aws=_AWS, spec=_STORE_SPEC, status={})),
    "SecretStore": (read_manifests, store(aws=_AWS | _FORCED, spec=_STORE_SPEC)),
    "secretStores": (lambda value: read_stores([value]), {**_SETTING, "namespace": "team-a"}),
    "secretStores, created": (
        lambda value: read_stores([value]),
        {**_SETTING, "namespace": "team-a", "auth": _PODS, "role": _CREATED},
    ),
    "clusterSecretStores": (lambda value: read_stores(None, [value]), {**_SETTING, "conditions": _CONDITIONS}),
    "externalSecrets": (
        lambda value: read_external_secrets([value]),
        {"name": "db", "namespace": "team-a", **_OWN_SPEC},
    ),
}
EMPTY: tuple[Any, ...] = (None, "", [], {})

# Where an empty mapping says something, as in ESO: its being there does.
THERE = {"template", "merge", "namespaceSelector", "name", "auth", "jwt", "podIdentity", "secretRef"}
THERE |= {"serviceAccountRef", "remoteRef", "extract", "find", "sourceRef", "generatorRef", "regexp", "transform"}
THERE |= {"accessKeyIDSecretRef", "secretAccessKeySecretRef", "sessionTokenSecretRef", "configMap", "secret"}
THERE |= {"spec", "metadata", "provider", "aws"}
# Where an empty string does: it replaces what a rewrite finds, or is the value of a tag, a label or a key.
SAID = {"source", "target", "template", "value", "literal"}
NAMES = {"labels", "annotations", "matchLabels", "tags", "kmsKeys"}


def fields_of(value: Any, at: Path = ()) -> Iterator[Path]:
    """The path of every field in a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*at, name)
            if name not in ("status", "managedFields"):
                yield from fields_of(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from fields_of(inner, (*at, index))


def put(given: Any) -> Callable[[Any, Any], None]:
    return lambda inner, name: inner.__setitem__(name, given)


def renamed(wrong: str) -> Callable[[Any, Any], None]:
    return lambda inner, name: inner.__setitem__(wrong, inner.pop(name))


def changed(value: Any, at: Path, change: Callable[[Any, Any], None]) -> Any:
    made = copy.deepcopy(value)
    inner = made
    for step in at[:-1]:
        inner = inner[step]
    change(inner, at[-1])
    return made


def outcome(read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except SpecError as error:
        return str(error)


def says_something(at: Path, empty: Any) -> bool:
    name, parent = at[-1], at[-2] if len(at) > 1 else None
    if isinstance(name, str) and (parent in NAMES or (parent == "data" and name != "secretKey")):
        return True  # a name that the user chose
    if empty == {}:
        return name in THERE
    names_cluster = len(at) == 1 and name in ("kubeconfig", "context", "cluster")  # else it would be another cluster
    return empty == "" and (names_cluster or name in ("value", "literal") or (name in SAID and "rewrite" in at))


@pytest.mark.parametrize("case", CASES)
def test_each_field_that_is_empty_counts_as_left_out(case: str) -> None:
    read, full = CASES[case]
    read(full)
    tried = 0
    for at in fields_of(full):
        without = outcome(read, changed(full, at, lambda inner, name: inner.pop(name)))
        for empty in EMPTY:
            given = outcome(read, changed(full, at, put(empty)))
            if not says_something(at, empty):
                assert given == without, (at, empty)
                tried += 1
    assert tried > 60


def test_the_cases_hold_every_field_that_the_readers_know(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: dict[frozenset[str], set[Any]] = {}
    refuse = Fields.only

    def only(self: Fields, *fields: str) -> None:
        levels.setdefault(frozenset(fields), set()).update(self.names())
        refuse(self, *fields)

    monkeypatch.setattr(Fields, "only", only)
    for read, full in CASES.values():
        read(full)
    assert {known: known - given for known, given in levels.items() if known - given} == {}
    assert len(levels) > 25


@pytest.mark.parametrize("case", CASES)
def test_a_misspelt_field_is_named_before_one_that_is_missing(case: str) -> None:
    read, full = CASES[case]
    tried = 0
    for at in fields_of(full):
        name = at[-1]
        parent = at[-2] if len(at) > 1 else None
        if not isinstance(name, str) or parent in NAMES | {"provider"} or (parent == "data" and name != "secretKey"):
            continue
        if name in ("apiVersion", "kind") and len(at) == 1:
            continue  # without them nothing says what the object is; see test_misread_manifests.py
        if name in ("provider", "spec", "metadata") or name in THERE:
            continue  # what is below it would be unknown at its own place
        wrong = name[0] + name[2:] + name[1] if len(name) > 2 else name + "x"
        text = outcome(read, changed(full, at, renamed(wrong)))
        assert isinstance(text, str), at
        assert f"unknown field {wrong!r}; see docs/configuration.md" in text, (at, text)
        tried += 1
    assert tried > 15
