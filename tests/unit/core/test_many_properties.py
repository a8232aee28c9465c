"""Thousands of properties of one value: the value is read once for all of them, and it is told how far that is."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from components.core.secret.extraction import Got, assemble
from components.core.secret.json_documents import JsonDocuments
from components.core.secret.parts import Part, unusable_parts
from components.core.secret_value import Secret
from components.golang.gjson import JsonDocument
from components.providers.operation.progress import along
from tests.unit.core.test_extraction import spec_of

MEMBERS = {f"k{number}": str(number) for number in range(200)}
VALUE = json.dumps(MEMBERS)
TWICE = f'{{"k0": "first", {VALUE[1:]}'


def reads(function: Callable[[], Any]) -> int:
    """How often a function has whole values read."""
    found = [0]

    def count(frame: Any, event: str, _argument: object) -> None:
        found[0] += event == "call" and frame.f_code.co_name == "is_valid"

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return found[0]


def test_what_a_value_cannot_give_is_found_by_one_read() -> None:
    parts = [Part(property_path=name) for name in (*MEMBERS, "lost")]
    assert reads(lambda: unusable_parts(Secret(VALUE), parts)) == 1


@pytest.mark.parametrize("value", [VALUE, TWICE], ids=["plain", "a key twice"])
def test_a_document_reads_its_value_once(value: str) -> None:
    document = JsonDocument(value)
    assert reads(lambda: [document.get(name) for name in MEMBERS]) == 1
    assert document.get("k0").string == json.loads(value, object_pairs_hook=lambda pairs: dict(pairs[::-1]))["k0"]


def test_secrets_of_one_value_read_it_once() -> None:
    documents, got = JsonDocuments(), Got(values={(None, "/app/db"): Secret(VALUE)})
    specs = [spec_of(data={name: {"key": "/app/db", "property": name}}) for name in MEMBERS]
    made: dict[str, bytes] = {}
    assert reads(lambda: [made.update(assemble(each, got, documents).data) for each in specs]) == 1
    assert made == {name: value.encode() for name, value in MEMBERS.items()}


def test_a_secret_of_many_values_reads_each_once() -> None:
    """Its keys are in order, and so come of one value after the other, again and again."""
    sources = [f"/app/{number}" for number in range(20)]
    got = Got(values={(None, source): Secret(json.dumps({**MEMBERS, "at": source})) for source in sources})
    wanted = [(name, source) for name in ("k1", "k2", "k3") for source in sources]
    data = {f"{name}{source.replace('/', '-')}": {"key": source, "property": name} for name, source in wanted}
    assert reads(lambda: assemble(spec_of(data=data), got, JsonDocuments())) == len(sources)


def test_it_is_told_every_five_seconds() -> None:
    told: list[str] = []
    times = iter(range(0, 100_000, 2))
    assert [*along(range(2_000), "built", "keys of Secret a/b", told.append, lambda: next(times))] == [*range(2_000)]
    assert told[0] == "built 2 of 2,000 keys of Secret a/b"


def test_what_is_quick_is_not_told() -> None:
    told: list[str] = []
    assert [*along("abc", "built", "keys", told.append)] == ["a", "b", "c"]
    assert told == []
