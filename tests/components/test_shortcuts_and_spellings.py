"""A manifest is read as kubectl and the operator read it: no shortcuts of settings, no number in place of a string."""

from typing import Any

import pytest

from components.external_secret import RemoteRef
from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import InvalidArgumentsError
from components.settings.stack_settings import read_external_secrets
from tests.components.manifest_objects import secret, store
from tests.components.support import declare

HEAD = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: team-a}
spec:
"""
ENTRY = "{secretKey: user, remoteRef: {key: /app/db}}"


def refusal(manifests: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as raised:
        read_manifests(manifests)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def with_version(written: str) -> str:
    entry = f"{{secretKey: user, remoteRef: {{key: /app/db, version: {written}}}}}"
    return f"{HEAD}  secretStoreRef: {{name: s}}\n  data: [{entry}]\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("010", 8), ("0x1F", 31), ("0b11", 3), ("0o17", 15), ("1_0", 10), ("+5", 5), ("1e3", 1000), ("1.0", 1),
        ("1.", 1), ("00", 0), ("-0", 0), ("!!int 010", 8), ("&a 0x1", 1),
    ],
)  # fmt: skip
def test_a_version_that_yaml_reads_as_another_number_needs_quotes(written: str, read: int) -> None:
    text = written.rpartition(" ")[2]
    expected = f"remoteRef.version: YAML reads {text} as the number {read}; put it in quotes"
    assert expected in refusal(with_version(written))


@pytest.mark.parametrize("written", [".5", "1.5", ".inf", "no", "on", "[]x", "18446744073709551615"])
def test_what_is_no_whole_number_and_no_string_is_no_version(written: str) -> None:
    assert refusal(with_version(written))


@pytest.mark.parametrize(
    ("written", "version"), [("3", "3"), ("'010'", "010"), ("!!str 010", "010"), ("1:30", "1:30"), ("prod", "prod")]
)
def test_a_version_that_is_a_string_or_is_written_as_it_is_read_is_taken(written: str, version: str) -> None:
    entry = read_manifests(with_version(written)).secrets[0].data["user"].entry
    assert isinstance(entry, RemoteRef)
    assert entry.version == version


@pytest.mark.parametrize("written", ["00", "0x0", "0.0", "0e1"])
def test_a_duration_that_yaml_reads_as_another_number_needs_quotes(written: str) -> None:
    text = f"{HEAD}  refreshInterval: {written}\n  secretStoreRef: {{name: s}}\n  data: [{ENTRY}]\n"
    assert f"spec.refreshInterval: YAML reads {written} as the number 0; put it in quotes" in refusal(text)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (f"  secretStoreRef: s\n  data: [{ENTRY}]\n", "spec.secretStoreRef"),
        (
            "  data: [{secretKey: user, remoteRef: {key: /app/db}, sourceRef: {storeRef: s}}]\n",
            "spec.data[0].sourceRef.storeRef",
        ),
        (
            "  secretStoreRef: {name: s}\n  dataFrom: [{extract: {key: /app}, sourceRef: {storeRef: s}}]\n",
            "spec.dataFrom[0].sourceRef.storeRef",
        ),
    ],
)
def test_the_settings_short_form_of_a_store_is_no_manifest(spec: str, field: str) -> None:
    name = field.rpartition(".")[2]
    text = refusal(HEAD + spec)
    assert f"{field}: expected a mapping, got a string; write the store's name as `{name}.name`" in text


def test_the_settings_take_the_short_form_still() -> None:
    spec = {"secretStoreRef": "s", "data": [{"secretKey": "user", "remoteRef": {"key": "/app/db"}}]}
    assert read_external_secrets([{"name": "db", **spec}])[0].store is not None


@pytest.mark.parametrize("keys", [["team", "team"], ["team", "cost", "team"]])
def test_a_transitive_tag_is_named_once(keys: list[str]) -> None:
    tags = [{"key": key, "value": "x"} for key in ("team", "cost")]
    role = "arn:aws:iam::123456789012:role/reader"
    aws = {"role": role, "sessionTags": tags, "transitiveTagKeys": keys}

    def program() -> None:
        declare_manifests(read_manifests(store(aws=aws)))

    with pytest.raises(InvalidArgumentsError, match="transitiveTagKeys: 'team' occurs twice; leave one of them out"):
        declare(program)


def list_of(*items: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": [*items]}


def holding_itself() -> dict[str, Any]:
    made = list_of(secret())
    made["items"].append(made)
    return made


def listed(times: int) -> dict[str, Any]:
    made = secret()
    for _ in range(times):
        made = list_of(made)
    return made


def shared(times: int) -> dict[str, Any]:
    """Lists that hold the next one twice: 2 to the power of their number are the objects."""
    made: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    for _ in range(times):
        made = list_of(made, made)
    return made


def nested(times: int) -> Any:
    made: Any = []
    for _ in range(times):
        made = [made]
    return made


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (holding_itself(), "it is nested deeper than 200 levels, or holds itself"),
        ([secret(), holding_itself()], "manifests[1]: it is nested deeper than 200 levels, or holds itself"),
        (secret(syncWindows=nested(100_000)), "it is nested deeper than 200 levels, or holds itself"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "data": nested(3000)}, "nested deeper than 200 levels"),
        (listed(11), "a List stands in a List more than 10 times"),
        (listed(90), "a List stands in a List more than 10 times"),
        (shared(60), "a List stands in a List more than 10 times"),
    ],
)
def test_an_object_of_a_program_that_is_nested_too_deep_is_one_line(manifest: Any, problem: str) -> None:
    assert problem in refusal(manifest)


def test_lists_within_lists_are_read() -> None:
    assert read_manifests(listed(10)).secrets[0].name == "db"
