"""Diffs: every difference has its path and kind, equal inputs have none, whatever is inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.values import UNKNOWN, Secret
from sandbox.providers.changes import Changes, compare, root, same_json, same_url

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.[", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, max_size=3)


@given(properties=PROPERTIES)
def test_equal_inputs_do_not_differ(properties: dict[str, object]) -> None:
    assert compare(properties, dict(properties)) == {}


@given(old=PROPERTIES, new=PROPERTIES)
def test_diff_is_symmetrical(old: dict[str, object], new: dict[str, object]) -> None:
    forth, back = compare(old, new), compare(new, old)
    mirrored = {"add": "delete", "delete": "add", "update": "update"}
    assert {path: mirrored[kind] for path, kind in forth.items()} == back
    assert {root(path) for path in forth} == {key for key in {*old, *new} if not _same(old, new, key)}


def _same(old: dict[str, object], new: dict[str, object], key: str) -> bool:
    # True is not 1 here, unlike in Python.
    return key in old and key in new and repr(old[key]) == repr(new[key])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "2", "b": "3"}}, {"tags.a": "update", "tags.b": "add"}),
        ({"l": ["a", "b"]}, {"l": ["a"]}, {"l[1]": "delete"}),
        ({"m": {"x.y/z": "1"}}, {"m": {"x.y/z": "2"}}, {'m["x.y/z"]': "update"}),
        ({"s": Secret({"a": "1"})}, {"s": Secret({"a": "2"})}, {"s": "update"}),
        ({"s": Secret("1")}, {"s": "1"}, {}),
        ({"u": "1"}, {"u": UNKNOWN}, {"u": "update"}),
        ({"n": {"u": "1"}}, {"n": UNKNOWN}, {"n": "update"}),
        ({"__defaults": ["a"]}, {"__defaults": []}, {}),
        ({"t": "1"}, {"t": {"a": "1"}}, {"t": "update"}),
    ],
)
def test_paths_and_kinds(old: dict[str, object], new: dict[str, object], expected: dict[str, str]) -> None:
    assert compare(old, new) == expected


def test_same_meaning_is_no_difference() -> None:
    rules = {"policy": same_json, "url": same_url}
    old = {"policy": '{"a": 1}', "url": "oidc.example.com", "name": "x"}
    new = {"policy": Secret('{"a":1}'), "url": "https://oidc.example.com", "name": "y"}
    assert compare(old, new, rules) == {"name": "update"}
    assert compare(old, {**old, "policy": '{"a":2}', "url": "oidc.example.org"}, rules).keys() == {"policy", "url"}
    assert compare(old, {**old, "policy": "no json", "url": UNKNOWN}, rules).keys() == {"policy", "url"}


def test_top_level_is_named_once() -> None:
    changes = Changes({"tags.a": "add", "tags.b": "add", "name": "update"}, frozenset({"name"}))
    assert (changes.top_level, changes.replacing) == (["name", "tags"], ["name"])
