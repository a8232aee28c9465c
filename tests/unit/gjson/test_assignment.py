"""Writing one property into a JSON text: Go's sjson results, and all else stays byte for byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import ExtractError, SpecError
from components.golang.gjson import extract_property, is_empty_object, obstacle, with_property, without_property


@pytest.mark.parametrize(
    ("text", "path", "value", "after"),
    [
        # Recorded from External Secrets Operator (Secrets Manager, which merges).
        ("", "db.pass", "s3cr3t", '{"db":{"pass":"s3cr3t"}}'),
        ('{"db":{"x":1}}', r"db\.pass", "s3cr3t", '{"db":{"x":1},"db.pass":"s3cr3t"}'),
        ('{"keep":"me"}', "pass", "s3cr3t", '{"keep":"me","pass":"s3cr3t"}'),
        ('{"j":"x"}', "q", 'say "hi" <b>', '{"j":"x","q":"say \\"hi\\" \\u003cb\\u003e"}'),
        # Order, blanks, numbers and duplicates of the rest.
        ('{ "b" : 1.50 ,\n  "a" : [ 1e21 ]\n}', "b", "x", '{ "b" : "x" ,\n  "a" : [ 1e21 ]\n}'),
        ('{\n  "b": 1\n}', "a", "x", '{\n  "b": 1\n,"a":"x"}'),
        ("{ }", "a", "x", '{ "a":"x"}'),
        ('{"a":1,"a":2}', "a", "x", '{"a":"x","a":2}'),
        # Into what is no object, arrays by index, beyond their end, and at it.
        ('{"a":1}', "a.b", "x", '{"a":{"b":"x"}}'),
        ('{"a":[1,2]}', "a.1", "x", '{"a":[1,"x"]}'),
        ('{"a":[1]}', "a.3", "x", '{"a":[1,null,null,"x"]}'),
        ('{"a":[]}', "a.-1", "x", '{"a":["x"]}'),
        ("", "a.1.b", "x", '{"a":[null,{"b":"x"}]}'),
        ("", "a.:1", "x", '{"a":{"1":"x"}}'),
        ('{"ключ":1}', "ключ", "значение", '{"ключ":"значение"}'),
        # Equal already, however it is escaped.
        ('{"a":"\\u003c<"}', "a", "<<", '{"a":"\\u003c<"}'),
    ],
)
def test_a_property_is_set(text: str, path: str, value: str, after: str) -> None:
    assert with_property(text, path, value) == after


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a":["y","x"]}', "a.-1"),
        ('{"a":[{"n":"y"},{"n":"x","more":1}]}', "a.-1.n"),
        ('{"a":[["y"],["x"]]}', "a.-1.-1"),
    ],
)
def test_an_element_is_added_at_the_end_of_an_array_once(text: str, path: str) -> None:
    assert with_property(text, path, "x") == text
    assert with_property(with_property(text, path, "z"), path, "z") == with_property(text, path, "z") != text


@pytest.mark.parametrize(
    ("text", "path", "problem"),
    [
        ('{"a":1,"a":2}', "a", "'a' is there twice"),
        ('{"a":{},"a":{}}', "a.b", "'a' is there twice"),
        ('{"a":"hello-canary"}', "a.b", "'a' is no object, and would be lost"),
        ('{"a":{"b":0}}', "a.b.c", "'b' is no object"),
        ('{"a":"x"}', "a.-1", "'a' is no object"),
        ('{"a":null}', "a.b", None),
        ('{"a":1}', "a", None),
        ('{"a":[1]}', "a.0", None),
        ('{"b":1,"b":2}', "a", None),
        (" ", "a.b", None),
    ],
)
def test_what_would_be_lost_or_in_doubt_is_told_without_its_value(text: str, path: str, problem: str | None) -> None:
    found = obstacle(text, path)
    assert found is None if problem is None else found is not None and problem in found
    assert "hello-canary" not in str(found)


@pytest.mark.parametrize("text", ["text", '"text"', "1", "null", '{"a":1', '{"a":1} x', "{a:1}"])
def test_what_is_no_json_object_is_refused_without_its_value(text: str) -> None:
    with pytest.raises(ExtractError, match="is not a JSON object") as caught:
        with_property(text, "p", "x")
    assert "text" not in str(caught.value)


def test_a_key_is_no_index_of_an_array() -> None:
    with pytest.raises(ExtractError, match="is no index"):
        with_property('{"a":[1]}', "a.b", "x")


@pytest.mark.parametrize("path", ["a.#", "a|b", "*", "@this", "a?", "a..b", "", "."])
def test_a_path_that_names_no_single_property_is_refused(path: str) -> None:
    with pytest.raises(SpecError, match="property"):
        with_property("{}", path, "x")


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ('{"a":1, "b":2 ,"c":3}', "a", '{"b":2 ,"c":3}'),
        ('{"a":1, "b":2 ,"c":3}', "b", '{"a":1 ,"c":3}'),
        ('{"a":1, "b":2}', "b", '{"a":1}'),
        ('{"a":1 ,\n"b":2\n}', "b", '{"a":1 \n}'),
        ('{ "a":{"b":1} }', "a.b", '{ "a":{} }'),
        ('{"a":1}', "b", '{"a":1}'),
        ('{"a":1}', "a.b", '{"a":1}'),
        ("text", "a", "text"),
    ],
)
def test_a_property_is_removed(text: str, path: str, after: str) -> None:
    assert without_property(text, path) == after
    assert is_empty_object(" {\n} ")


DOCUMENTS = st.dictionaries(
    st.text(min_size=1), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)
)


@given(
    document=DOCUMENTS, key=st.text(st.characters(codec="utf-8"), min_size=1), value=st.text(), indent=st.integers(0, 2)
)
def test_any_document_keeps_all_but_the_property(document: dict[str, Any], key: str, value: str, indent: int) -> None:
    text = json.dumps(document, indent=indent or None, ensure_ascii=not indent)
    path = "".join(f"\\{each}" for each in key)
    try:
        after = with_property(text, path, value)
    except UnicodeEncodeError:
        return
    clean = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert {**json.loads(after), key: None} == {**json.loads(json.dumps(document)), key: None}
    assert json.loads(after)[key] == clean
    assert with_property(after, path, clean) == after
    if key not in document:
        assert json.loads(without_property(after, path)) == json.loads(text)
    if key.isidentifier() and key.isascii():
        assert extract_property(after, key) == clean
