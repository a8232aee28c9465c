"""Keys are rewritten as ESO does, and where ESO would leave the result to chance there is an error."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.core.secret.key_rewriting import rewrite_entries
from components.core.spec.rewrite_specs import rewrite_from_bag
from components.errors import ExtractError, SpecError

TEAM = {"/team/a/db": b"1", "/team/a/api": b"2", "/team/b/db": b"3"}


def rewritten(entries: Mapping[str, bytes], *bags: dict[str, Any]) -> dict[str, bytes]:
    return rewrite_entries([rewrite_from_bag(bag) for bag in bags], entries)


def regexp(source: str, target: str) -> dict[str, Any]:
    return {"regexp": {"source": source, "target": target}}


@pytest.mark.parametrize(
    ("source", "target", "key", "wanted"),
    [  # as Go's regexp.ReplaceAllString has it
        ("/team/([ab])/(.*)", "$1-$2", "/team/a/db", "a-db"),
        ("zzz", "x", "/team/a", "/team/a"),
        ("a(x*)b", "$1W", "-ab-axxb-", "---"),
        ("a(x*)b", "${1}W", "-ab-axxb-", "-W-xxW-"),
        ("(?P<first>[a-z]+)/(?P<rest>.*)", "${rest}.$first", "a/b", "b.a"),
        ("a", "$$1", "bab", "b$1b"),
        ("a", "$", "a", "$"),
        ("a", "${1", "a", "${1"),
        ("a*", "x", "baac", "xbxcx"),
        ("", "-", "é/", "-é-/-"),
        ("^", "x", "aa", "xaa"),
        (r"\b", "|", "ab cd", "|ab| |cd|"),
        ("(?i)DB$", "database", "my-db", "my-database"),
        ("(a)|(b)", "[$2]", "ab", "[][b]"),
    ],
)
def test_regexp(source: str, target: str, key: str, wanted: str) -> None:
    assert rewritten({key: b"1"}, regexp(source, target)) == {wanted: b"1"}


def test_rewrites_go_one_after_another() -> None:
    upper = {"transform": {"template": "{{ .value | upper }}"}}
    new = rewritten(TEAM, regexp("^/team/", ""), regexp("/", "."), upper)
    assert new == {"A.DB": b"1", "A.API": b"2", "B.DB": b"3"}


def test_transform_has_the_key_as_value_and_all_functions() -> None:
    template = '{{ .value | trimPrefix "/team/a/" | upper }}_KEY'
    assert rewritten({"/team/a/db": b"1"}, {"transform": {"template": template}}) == {"DB_KEY": b"1"}


@pytest.mark.parametrize("bag", [regexp(".*/", ""), {"transform": {"template": "{{ base .value }}"}}])
def test_two_keys_that_become_one_are_an_error_that_names_all_three(bag: dict[str, Any]) -> None:
    with pytest.raises(ExtractError) as caught:
        rewritten(TEAM, regexp("zzz", ""), bag)
    (kind,) = bag
    assert str(caught.value).startswith(f"rewrite[1].{kind}: keys '/team/a/db' and '/team/b/db' both become 'db'")


def test_a_template_that_fails_names_the_key() -> None:
    with pytest.raises(ExtractError, match=r"^rewrite\[0\].transform: key '/team/a/api': template rewrite.transform"):
        rewritten(TEAM, {"transform": {"template": '{{ fail "no" }}'}})


@pytest.mark.parametrize(
    ("bag", "reason"),
    [
        (regexp("(", ""), "rewrite.regexp.source '\\(': the regular expression is not valid"),
        (regexp(r"\C", ""), "the regular expression is not valid"),
        (regexp("(?=a)", ""), "the regular expression is not valid"),
        ({"transform": {"template": "{{ nope .value }}"}}, "rewrite.transform.template, line 1, column 4"),
        ({"merge": {"strategy": "JSON"}}, "merge.into is required"),
        ({"merge": {"strategy": "Json"}}, "merge.strategy 'Json' is not known"),
        ({}, "exactly one of regexp, transform and merge, not none"),
        ({"merge": {}, "regexp": {}}, "not merge, regexp"),
    ],
)
def test_what_is_wrong_with_a_rewrite_by_itself_is_known_before_anything_is_read(
    bag: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SpecError, match=reason):
        rewrite_from_bag(bag)


@pytest.mark.parametrize(
    "bag",
    [
        regexp("a", "b"),
        {"transform": {"template": "x"}},
        {"merge": {}},
        {"merge": {"strategy": "JSON", "into": "k", "conflictPolicy": "Ignore", "priority": ["a"]}},
    ],
)
def test_a_rewrite_survives_the_way_into_state_and_back(bag: dict[str, Any]) -> None:
    assert rewrite_from_bag(bag).to_bag() == bag


def test_merge_makes_the_members_the_keys_and_drops_the_objects() -> None:
    objects = {
        "b": b'{"s": "<x>", "n": null, "t": true, "o": {"z": 1.0, "a": "<&>"}, "l": [1e3, "\xe2\x80\xa8"]}',
        "a": b'{"i": 5, "big": 12345678901234567890, "f": 1.50, "e": 1e21, "m": 1e-7, "zero": -0}',
        "c": b"null",
    }
    assert rewritten(objects, {"merge": {}}) == {
        "s": b"<x>",
        "n": b"",
        "t": b"true",
        "o": b'{"a":"\\u003c\\u0026\\u003e","z":1}',
        "l": b'[1000,"\\u2028"]',
        "i": b"5",
        "big": b"12345678901234567000",
        "f": b"1.5",
        "e": b"1000000000000000000000",
        "m": b"0.0000001",
        "zero": b"-0",
    }


def test_merge_into_json_keeps_the_objects_and_does_not_escape_html() -> None:
    objects = {"one": b'{"b": "<&>", "n": 12345678901234567890}', "two": b'{"a": 1e21}'}
    assert rewritten(objects, {"merge": {"strategy": "JSON", "into": "all"}}) == {
        **objects,
        "all": b'{"a":1e+21,"b":"<&>","n":12345678901234567000}',
    }


def test_members_that_two_objects_have_conflict() -> None:
    objects = {"one": b'{"a": 1, "b": 1, "c": 1}', "two": b'{"b": 2, "a": 2}'}
    with pytest.raises(ExtractError, match=r"^rewrite\[0\].merge: several objects have 'a', 'b'; "):
        rewritten(objects, {"merge": {}})
    ignore = {"merge": {"conflictPolicy": "Ignore"}}
    assert rewritten(objects, ignore) == {"a": b"2", "b": b"2", "c": b"1"}


def test_priority_keys_are_merged_last_in_their_order() -> None:
    objects = {key: f'{{"a": "{key}"}}'.encode() for key in ("w", "x", "y", "z")}

    def winner(*priority: str) -> bytes:
        return rewritten(objects, {"merge": {"conflictPolicy": "Ignore", "priority": list(priority)}})["a"]

    assert (winner(), winner("x"), winner("z", "w")) == (b"z", b"x", b"w")


def test_a_priority_key_that_was_not_found() -> None:
    objects = {"x": b'{"a": 1}'}
    with pytest.raises(ExtractError, match="priority key 'nope' was not found"):
        rewritten(objects, {"merge": {"priority": ["nope"]}})
    assert rewritten(objects, {"merge": {"priority": ["nope"], "priorityPolicy": "IgnoreNotFound"}}) == {"a": b"1"}


@pytest.mark.parametrize("value", [b"s3cret", b"[1]", b'"s3cret"', b'{"a": 1e999}', b'{"a": s3cret}', b"\xff", b""])
def test_what_is_no_object_cannot_be_merged_and_is_not_shown(value: bytes) -> None:
    with pytest.raises(ExtractError, match=r"^rewrite\[0\].merge: the value of key 'x' cannot be merged: ") as caught:
        rewritten({"x": value}, {"merge": {}})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_work_of_a_template_is_bounded_for_all_keys_together() -> None:
    keys = {f"/{number}": b"" for number in range(5000)}
    assert len(rewritten(keys, {"transform": {"template": '{{ .value | trimPrefix "/" | upper }}'}})) == 5000
    with pytest.raises(ExtractError, match="needs more work than is allowed"):
        rewritten(keys, {"transform": {"template": "{{ range until 300 }}x{{ end }}{{ .value }}"}})
