"""A key is a parameter's name and nothing else: whatever it says, it is refused or grants that one parameter."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.arguments.invalid import InvalidArgumentsError
from components.core.iam import Location, grants
from components.core.service import reference_source, tags_source
from components.core.spec import entries
from components.core.ssm.permissions import ParameterNeed, need_of
from components.core.ssm.references import ParameterReference
from components.core.ssm.sources import Find, TagsOf, parse_source
from components.errors import SpecError
from components.external_secret import ExternalSecret, Extract, RemoteRef
from components.manifests import read_manifests
from components.parameter_store import AssumedRole, SecretStore
from components.settings.declaration import declare_all
from components.settings.stack_settings import read_external_secrets
from components.settings.store_manifest import read_stores
from tests.components.support import declare
from tests.components.test_identity import Cloud

EVERYTHING = 'find {"name": {"regexp": ".*"}}'
KEYS = [
    EVERYTHING,
    "tags of /d/b",
    "tags of ",
    "find me",
    "find ",
    "find {",
    "find []",
    "find 5",
    'find {"name": 5}',
    'find {"name": {"regexp": 5}}',
    'find {"name": {}}',
    'find {"tags": ["a"]}',
    'find {"tags": {"a": "b"}}',
    'find {"path": 5, "name": {"regexp": "."}}',
    'find {"name": {"regexp": "("}}',
    "find " + "[" * 100_000,
    "parameter /a/b",
    "parameter find me",
    "parameter tags of /a",
]
PLACE = Location("aws", "eu-central-1", "123456789012")
BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
PIECES = st.sampled_from(
    ["find ", "tags of ", "parameter ", "{", "}", '"name"', ":", '{"regexp": ".*"}', "/a", "b", " "]
)
ANY_KEY = st.text() | st.lists(PIECES, max_size=6).map("".join) | st.sampled_from(KEYS)
VERSIONS = st.none() | st.just("") | st.integers(0, 9) | st.sampled_from(["live", "3", "find me", ":"])


@given(ANY_KEY, VERSIONS)
@example(EVERYTHING, None)
@example("find me", 3)
def test_any_key_is_refused_or_is_one_parameter(key: str, version: str | int | None) -> None:
    source = reference_source(key, version)
    try:
        found = parse_source(source)
    except SpecError:
        with pytest.raises(SpecError):
            need_of(source)
        return
    assert isinstance(found, ParameterReference)
    assert str(found) == source
    wanted = need_of(source)
    assert isinstance(wanted, ParameterNeed)
    try:
        granted = grants(PLACE, [wanted])
    except SpecError:  # an ARN of another place
        return
    assert {each.resource for each in granted if each.action.startswith("ssm:")} <= {f"{BASE}{found.path}", found.name}


@given(ANY_KEY)
@example("find me")
def test_the_tags_of_any_key_are_those_of_one_parameter_or_refused(key: str) -> None:
    try:
        found = parse_source(tags_source(key))
    except SpecError:
        return
    assert found == TagsOf(key)


@given(ANY_KEY, VERSIONS)
def test_no_two_keys_have_one_source(key: str, version: str | int | None) -> None:
    assert not reference_source(key, version).startswith(("find ", "tags of "))
    assert reference_source(key) != str(Find(None, ".*"))


@given(st.text())
@example("[" * 100_000)
def test_any_text_after_find_is_a_find_or_refused(text: str) -> None:
    try:
        found = parse_source(f"find {text}")
    except SpecError:
        return
    assert isinstance(found, Find)


def test_a_find_still_reads_what_it_wrote() -> None:
    for find in (Find("/a", "b"), Find(None, ".*"), Find("/a", None, (("t", "v"),)), Find(None, "x", (("t", ""),))):
        assert parse_source(str(find)) == find


@pytest.mark.parametrize("key", KEYS)
def test_what_the_sync_asks_for_is_what_the_program_asked_for(key: str) -> None:
    assert entries.RemoteRef.from_bag({"key": key}).source == reference_source(key)
    assert entries.data_from_bag({"extract": {"key": key}}).source == reference_source(key)
    assert entries.RemoteRef.from_bag({"key": key, "metadataPolicy": "Fetch"}).source == tags_source(key)


def _store(**more: Any) -> SecretStore:
    return SecretStore("s", namespace="team-a", region="cn-north-1", **more)


def _refused(program: Callable[[], Any]) -> str:
    with pytest.raises(InvalidArgumentsError) as raised:
        declare(program, engine=Cloud())
    return str(raised.value)


@pytest.mark.parametrize("key", [key for key in KEYS if len(key) < 100])
def test_a_program_is_refused_in_one_line_that_shows_the_key(key: str) -> None:
    name = key.partition(":")[0]
    line = _refused(lambda: ExternalSecret("x", store=_store(), data={"a": key}))
    assert line.startswith(f"ExternalSecret 'x', key a: {name!r} cannot be a parameter's name: ")
    assert "\n" not in line
    line = _refused(lambda: ExternalSecret("x", store=_store(), data_from=[Extract(key)]))
    assert line.startswith(f"ExternalSecret 'x', data_from[0].extract: {name!r} cannot be a parameter's name: ")
    line = _refused(lambda: ExternalSecret("x", store=_store(), data={"a": RemoteRef(key, metadata_policy="Fetch")}))
    assert line.startswith(f"ExternalSecret 'x', key a: {name!r} cannot be a parameter's name: ")


@pytest.mark.parametrize(
    ("prefix", "key"), [("find ", "me"), ("fin", "d {"), ("tags of ", "/d/b"), ("find ", EVERYTHING)]
)
def test_the_prefix_counts(prefix: str, key: str) -> None:
    name = (prefix + key).partition(":")[0]
    line = _refused(lambda: ExternalSecret("x", store=_store(prefix=prefix), data={"a": key}))
    assert line.startswith(f"ExternalSecret 'x', key a: {name!r} cannot be a parameter's name: ")


@pytest.mark.parametrize("key", [EVERYTHING, "find me", "tags of /d/b", "find {"])
@pytest.mark.parametrize("more", [{}, {"version": 3}, {"metadata_policy": "Fetch"}])
@pytest.mark.parametrize("prefix", ["", "find "])
def test_a_key_that_is_known_late_never_widens_a_policy(key: str, more: dict[str, Any], prefix: str) -> None:
    def program() -> None:
        store = _store(role=AssumedRole(), prefix=prefix)
        ExternalSecret("x", store=store, data={"a": RemoteRef(pulumi.Output.from_input(key), **more)})

    name = (prefix + key).partition(":")[0]
    line = _refused(program)
    assert line.startswith(f"ExternalSecret 'x', key a: {name!r} cannot be a parameter's name: "), line


@pytest.mark.parametrize("key", [EVERYTHING, "find me", "tags of /d/b"])
def test_a_key_that_is_known_late_is_no_other_source_of_the_snapshot(key: str) -> None:
    def program() -> None:
        ExternalSecret("x", store=_store(), data={"a": pulumi.Output.from_input(key)})

    registered = declare(program).registered
    (source,) = registered["Snapshot", "s"]["references"]
    assert source == entries.RemoteRef.from_bag(registered["SecretSync", "x"]["data"]["a"]).source
    with pytest.raises(SpecError, match="cannot be a parameter's name"):
        parse_source(source)


@pytest.mark.parametrize("key", [key for key in KEYS if len(key) < 100])
def test_settings_and_manifests_are_refused_too(key: str) -> None:
    name = key.partition(":")[0]
    data = [{"secretKey": "a", "remoteRef": {"key": key}}]
    store = {"name": "s", "namespace": "team-a", "region": "cn-north-1"}
    secret = {"name": "x", "secretStoreRef": "s", "data": data}
    line = _refused(lambda: declare_all(read_stores([store]), read_external_secrets([secret])))
    assert f"{name!r} cannot be a parameter's name: " in line
    manifest = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "x", "namespace": "team-a"},
        "spec": {"secretStoreRef": {"name": "s"}, "data": data},
    }
    line = _refused(lambda: declare_all(read_stores([store]), read_manifests(manifest).secrets))
    assert f"{name!r} cannot be a parameter's name: " in line
