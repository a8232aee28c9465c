"""A field that a declaration says is read, written and checked without another line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.spec.config_fields import Fields
from components.core.spec.fields import Declaration, Elsewhere, Named, Selector
from components.errors import SpecError

Mood = Literal["Calm", "Wild"]


@dataclass(frozen=True)
class Inner(Declaration):
    name: str
    is_quick: bool = False


@dataclass(frozen=True)
class Outer(Declaration):
    PLACE = "outer."

    key_of_all: str
    mood: Mood = "Calm"
    version: Annotated[str | None, Selector()] = None
    label: Annotated[str | None, Named("metadata.label")] = None
    tags: Annotated[Mapping[str, str], Named("metadata.tags")] = field(default_factory=dict)
    names: Sequence[str] = ()
    inner: Inner | None = None
    many: Sequence[Inner] = ()
    elsewhere: Annotated[str | None, Elsewhere()] = None


names = st.text(min_size=1)
inners = st.builds(Inner, names, st.booleans())
outers = st.builds(
    Outer,
    names,
    mood=st.sampled_from(("Calm", "Wild")),
    version=st.none() | st.integers(1).map(str) | st.sampled_from(["blue"]),
    label=st.none() | names,
    tags=st.dictionaries(names, st.text()),
    names=st.lists(names).map(tuple),
    inner=st.none() | inners,
    many=st.lists(inners).map(tuple),
)
FULL: dict[str, Any] = {
    "keyOfAll": "k",
    "mood": "Wild",
    "version": 3,
    "metadata": {"label": "l", "tags": {"a": ""}},
    "names": ["a"],
    "inner": {"name": "n", "isQuick": True},
    "many": [{"name": "m"}],
}
OUTER = Outer("k", "Wild", "3", "l", {"a": ""}, ("a",), Inner("n", is_quick=True), (Inner("m"),))


@given(outers)
def test_what_is_stored_is_read_back(outer: Outer) -> None:
    assert Outer.from_bag(outer.to_bag()) == outer
    assert all(value not in (None, (), [], {}, False) for value in outer.to_bag().values())


@given(outers)
def test_what_is_stored_is_a_manifest_too(outer: Outer) -> None:
    assert Outer.read(Fields(outer.to_bag(), "here")) == outer


def test_a_manifest_and_a_bag_are_read_alike() -> None:
    assert Outer.read(Fields(FULL, "here")) == OUTER
    assert Outer.from_bag({**FULL, "version": 3.0}) == OUTER
    assert OUTER.to_bag() == {**FULL, "version": "3"}
    assert Outer("k").to_bag() == {"keyOfAll": "k"}
    assert Outer("k", elsewhere="x").to_bag() == {"keyOfAll": "k"}
    assert Outer.from_bag({"keyOfAll": "k", "mood": "", "version": ""}) == Outer("k")


@pytest.mark.parametrize(
    ("manifest", "error"),
    [
        ({}, "here.keyOfAll is required"),
        ({"keyOfAll": "k", "names": "a"}, "here.names: expected a list, got a string"),
        ({"keyOfAll": "k", "moood": "Calm"}, "here: unknown field 'moood'; see docs/configuration.md. Did you mean"),
        ({"keyOfAll": "k", "elsewhere": "a"}, "here: unknown field 'elsewhere'"),
        ({"keyOfAll": "k", "metadata": {"tag": {}}}, "here.metadata: unknown field 'tag'"),
        ({"keyOfAll": "k", "inner": {"isQuick": 1}}, "here.inner.name is required"),
        ({"keyOfAll": "k", "many": [{"name": "m", "isQuick": 1}]}, "here.many[0].isQuick: expected true or false"),
    ],
)
def test_a_wrong_field_of_a_manifest_is_named(manifest: dict[str, Any], error: str) -> None:
    with pytest.raises(SpecError) as raised:
        Outer.read(Fields(manifest, "here"))
    assert str(raised.value).startswith(error)


def test_a_choice_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(SpecError, match=r"^outer\.mood 'Sad' is not known; write Calm or Wild$"):
        Outer.from_bag({"keyOfAll": "k", "mood": "Sad"})
