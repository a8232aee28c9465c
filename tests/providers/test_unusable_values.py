"""What `up` found a value not to give is said by the next preview, without the value, until something changes."""

import json
from typing import Any

import pytest

from components.core.secret.parts import Part, unusable_parts
from components.core.secret_value import Secret
from components.providers.operation.process import forget
from components.providers.snapshot import SnapshotProvider
from sandbox.aws.api import AwsApi
from tests.providers.support import Stack, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

CANARY = "canary-7c1f"
DB = {"password": CANARY, "blob": "not base64 " + CANARY}
PLAIN = CANARY + " plain"
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "property": ({"a": {"key": "/db", "property": "pasword"}}, {}, "key a: parameter /db: it has no JSON property"),
    "property of a text": (
        {"a": {"key": "/ca", "property": "a.b"}},
        {},
        "key a: parameter /ca: it has no JSON property",
    ),
    "property, decoded": (
        {"a": {"key": "/db", "property": "blob", "decodingStrategy": "Base64"}},
        {},
        "key a: parameter /db: the value is not Base64",
    ),
    "decoded": (
        {"a": {"key": "/ca", "decodingStrategy": "Base64URL"}},
        {},
        "key a: parameter /ca: the value is not Base64URL",
    ),
    "extract": (
        {},
        {"dataFrom": [{"extract": {"key": "/ca"}}]},
        "dataFrom[0].extract: parameter /ca: the value is not",
    ),
    "version": ({"a": {"key": "/db", "version": "1", "property": "x"}}, {}, "key a: parameter /db:1: it has no JSON"),
}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    aws.put_parameter("/db", json.dumps(DB))
    aws.put_parameter("/ca", PLAIN)


def only(failures: list[str]) -> str:
    (text,) = failures
    assert CANARY not in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("case", CASES)
def test_the_next_preview_says_what_up_found_and_decrypts_nothing(aws: AwsApi, case: str) -> None:
    data, more, why = CASES[case]
    stack = Stack(data, **more)
    assert stack.preview().change == "create", "nothing is known yet"
    assert only(stack.up().failures).startswith(why)
    aws.clear_calls()
    text = only(stack.preview().failures)
    assert text.startswith(why)
    assert text.endswith("(version 1, as the last `pulumi up` read it)")
    assert not any(call.decrypt for call in aws.calls)
    assert CANARY not in json.dumps(stack.snapshot)
    assert len(stack.snapshot["problems"]) == 1


def test_a_value_that_is_written_again_is_not_held_against_what_it_was(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/db", "property": "user"}})
    assert stack.up().change == "failed"
    aws.put_parameter("/db", json.dumps({"user": CANARY}))
    assert stack.preview().change == "create"
    assert stack.up().change == "create"
    assert "problems" not in stack.snapshot
    assert stack.preview().change == "same"


def test_a_parameter_that_is_deleted_and_made_anew_is_another_one() -> None:
    stack = Stack({"a": {"key": "/db", "property": "user"}})
    assert stack.up().change == "failed"
    found = stack.snapshot_inputs["__unusable"]["/db"]
    found["written"] = found["written"] - 5000
    assert stack.preview().change == "create"


def test_a_property_that_is_corrected_is_not_held_against_the_old_one() -> None:
    stack = Stack({"a": {"key": "/db", "property": "pasword"}})
    assert stack.up().change == "failed"
    stack.data["a"] = {"key": "/db", "property": "password"}
    assert stack.preview().change == "create"
    assert stack.up().change == "create"


def test_a_wrong_property_of_a_parameter_that_is_known_is_found_and_said(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/db", "property": "password"}})
    assert stack.up().change == "create"
    stack.data["b"] = {"key": "/db", "property": "user"}
    assert stack.preview().change == "update"
    assert only(stack.up().failures).startswith("key b: parameter /db: it has no JSON property 'user'")
    assert "key b: parameter /db: it has no JSON property 'user'" in only(stack.preview().failures)
    assert values() == {"a": CANARY}
    # The one `up` after the other says it again, and reads the value once.
    aws.clear_calls()
    assert stack.up().change == "failed"
    assert sum(call.decrypt for call in aws.calls if call.operation == "GetParameters") == 1


def test_an_update_that_fails_keeps_the_old_secret_and_the_preview_says_why(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/db", "property": "password"}})
    stack.up()
    aws.put_parameter("/db", json.dumps({"user": CANARY}))
    assert stack.up().change == "failed"
    assert "it has no JSON property 'password' (version 2, as the last" in only(stack.preview().failures)
    assert values() == {"a": CANARY}


def test_several_problems_are_told_at_once_and_those_of_others_are_named() -> None:
    stack = Stack({key: {"key": "/db", "property": key} for key in ("user", "host")})
    stack.up()
    text = only(stack.preview().failures)
    assert text.startswith("key host: parameter /db: it has no JSON property 'host'")
    assert "; key user: parameter /db: it has no JSON property 'user'" in text
    other = Stack({"host": {"key": "/db", "property": "host"}})
    other.snapshot, other.snapshot_inputs = stack.snapshot, stack.snapshot_inputs
    other._parts = stack._parts  # type: ignore[method-assign]  # the store's snapshot knows what all want
    text = only(other.preview().failures)
    assert text.endswith("; besides, other Secrets' /db, property user cannot be taken either")


def test_nothing_more_is_decrypted_where_nothing_changed(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/db", "property": "password"}})
    stack.up()
    aws.clear_calls()
    assert stack.up().change == "same"
    assert not any(call.decrypt for call in aws.calls)


def test_state_that_knows_of_no_parts_goes_on_without_decrypting(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/db", "property": "password"}})
    stack.up()
    del stack.snapshot_inputs["__parts"]
    aws.clear_calls()
    assert stack.up().change == "same"
    assert not any(call.decrypt for call in aws.calls)
    assert stack.snapshot_inputs["__parts"] == {"/db": ["property password"]}


def test_refresh_keeps_what_was_found_as_long_as_the_version_is_the_same(aws: AwsApi) -> None:
    stack = Stack({"a": {"key": "/db", "property": "user"}})
    stack.up()
    forget()
    got = SnapshotProvider().read("id", {**stack.snapshot, "__provider": "x"})
    assert list((got.outs or {})["problems"]) == ["/db, property user"]
    aws.put_parameter("/db", "2")
    forget()
    got = SnapshotProvider().read("id", {**stack.snapshot, "__provider": "x"})
    assert "problems" not in (got.outs or {})


def test_a_preview_that_decrypts_says_it_by_itself() -> None:
    stack = Stack({"a": {"key": "/db", "property": "user"}})
    text = only(stack.preview(decrypt=True).failures)
    assert text == "key a: parameter /db: it has no JSON property 'user'"


@pytest.mark.parametrize("part", [Part(True), Part(False, "a"), Part(False, "a", "Base64"), Part(True, "a.b")])
def test_a_part_is_named_apart_from_every_other(part: Part) -> None:
    others = {Part(True), Part(False, "a"), Part(False, "a", "Base64"), Part(True, "a.b"), Part(True, "a")} - {part}
    assert part.label not in {other.label for other in others}
    assert unusable_parts(Secret(CANARY), [part]).keys() == {part.label}
