"""gjson-py evaluates ordinary paths into valid JSON, on nodes that keep their source text, and nothing else."""

import gjson
import pytest

from components.golang.gjson import JsonDocument

TEXT = '{"a": {"b.c" : [1.0, {"d": "x"}]}, "0": null}'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that gjson-py is asked for; it still answers."""
    paths: list[str] = []
    original = gjson.get

    def recorded(obj: gjson.JSONType, query: str) -> object:
        paths.append(query)
        return original(obj, query)

    monkeypatch.setattr(gjson, "get", recorded)
    return paths


@pytest.mark.parametrize(
    ("path", "raw"),
    [("a", '{"b.c" : [1.0, {"d": "x"}]}'), (r"a.b\.c.0", "1.0"), (r"a.b\.c.1.d", '"x"'), ("0", "null"), ("zz.y", "")],
)
def test_ordinary_paths_go_to_gjson_py(asked: list[str], path: str, raw: str) -> None:
    assert JsonDocument(TEXT).get(path).raw == raw
    assert asked == [path]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (TEXT, "a.*"),
        (TEXT, "@this"),
        (TEXT, "01"),
        (TEXT, "a!"),
        (TEXT, ".".join(["a"] * 17)),
        ('{"a":1,}', "a"),
        ('"[1]"', "0"),
    ],
)
def test_what_gjson_py_reads_differently_does_not_reach_it(asked: list[str], text: str, path: str) -> None:
    JsonDocument(text).get(path)
    assert asked == []


def test_an_object_with_duplicate_keys_is_taken_back_from_gjson_py(asked: list[str]) -> None:
    assert JsonDocument('{"a":{"x":1},"a":{"b":2}}').get("a.b").raw == "2"
    assert JsonDocument('{"o":{"a":1,"a":2}}').get("o.a").raw == "1"
    assert asked == ["o.a"]
