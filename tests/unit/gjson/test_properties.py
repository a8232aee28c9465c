"""A property gives what ESO writes into the Secret: ESO's order of lookups, Go's texts, and errors without values."""

import pytest

from components.errors import ExtractError
from components.golang.gjson import JsonDocument, PropertyNotFoundError, extract_property

FRIENDS = (
    '{"name": {"first": "Tom", "last": "Anderson"}, "friends": [{"first": "Dale", "last": "Murphy"}, '
    '{"first": "Roger", "last": "Craig"}, {"first": "Jane", "last": "Murphy"}]}'
)


@pytest.mark.parametrize(
    ("prop", "wanted"),
    [
        ("name.first", "Tom"),
        ("friends.1.first", "Roger"),
        ("name", '{"first": "Tom", "last": "Anderson"}'),
        ("friends.#", "3"),
        ("friends.#.first", '["Dale","Roger","Jane"]'),
        ('friends.#(last=="Murphy")#.first', '["Dale","Jane"]'),
        ("friends.@reverse.0.first", "Jane"),
        ("f*.2.first", "Jane"),
        ("{name|first,n:friends|#}", '{"first":"Tom","n":3}'),
    ],
)
def test_paths(prop: str, wanted: str) -> None:
    assert extract_property(FRIENDS, prop) == wanted


@pytest.mark.parametrize(
    ("text", "prop", "wanted"),
    [
        ('{"a.b":"literal","a":{"b":"nested"}}', "a.b", "literal"),
        ('{"a":{"b":"nested"}}', "a.b", "nested"),
        ('{"x.y":{"z":1}}', r"x\.y.z", "1"),
        ('{"a\\\\.b":"kept backslash"}', r"a\\.b", "kept backslash"),
        ('{".dockerconfigjson":"d"}', ".dockerconfigjson", "d"),
        ('{"a.b":null,"a":{"b":"nested"}}', "a.b", ""),
        ('{"a":{"":1}}', "a.", "1"),
        ('[{"a":1}]', "0.a", "1"),
    ],
)
def test_a_property_with_dots_is_one_literal_key_first(text: str, prop: str, wanted: str) -> None:
    assert extract_property(text, prop) == wanted


def test_a_selection_with_dots_is_empty_as_in_eso_because_its_escaped_form_exists() -> None:
    assert extract_property(FRIENDS, "{name.first}") == "{}"
    assert extract_property("[" + FRIENDS + "]", '#(name.first=="Tom")#.name') == "[]"


def test_the_literal_key_is_all_or_nothing() -> None:
    with pytest.raises(PropertyNotFoundError):
        extract_property('{"x.y":{"z":1}}', "x.y.z")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("1.50", "1.5"),
        ("-0", "-0"),
        ("-0.0", "-0"),
        ("1e21", "1000000000000000000000"),
        ("1E400", "+Inf"),
        ("9007199254740993", "9007199254740993"),
        ("9" * 5000, "9" * 5000),
        ('"\\u00e9\\ud83d\\ude00"', "é😀"),
        ('"\\ud83d"', "\ufffd"),
        ('"\\ud83d\\u0041"', "\ufffdA"),
        ('"line\nend"', "line\nend"),
        ('{ "b" : [1.0, 1e3] , "b":"\\u003c" }', '{ "b" : [1.0, 1e3] , "b":"\\u003c" }'),
    ],
)
def test_texts_are_those_of_go(source: str, wanted: str) -> None:
    assert extract_property(f'{{"k":{source}}}', "k") == wanted


@pytest.mark.parametrize(
    ("text", "prop", "wanted"),
    [
        ('{"a":1,"a":2}', "a", "1"),
        ('{"a":1,"a":{"b":2}}', "a.b", "2"),
        ('{"a":{"x":1},"a":{"b":2}}', "a.b", "2"),
        ('junk {"a":1} junk', "a", "1"),
        ('{"a":1,', "a", "1"),
        ('"[1,2]"', "0", "1"),
    ],
)
def test_invalid_and_ambiguous_json_is_read_as_go_does(text: str, prop: str, wanted: str) -> None:
    assert extract_property(text, prop) == wanted


@pytest.mark.parametrize("text", ["not json", "", "null", "5", '"a"', "[]", '{"b":"hidden-value"}', '{"a'])
def test_what_is_missing_is_named_and_no_value_with_it(text: str) -> None:
    with pytest.raises(PropertyNotFoundError, match=r"'a\.zz'") as caught:
        extract_property(text, "a.zz")
    assert isinstance(caught.value, ExtractError)
    assert "hidden-value" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_lone_surrogates_in_the_text_become_replacement_characters() -> None:
    assert extract_property('{"a":"x\ud83dy"}', "a").encode() == "x\ufffdy".encode()


def test_one_document_serves_many_properties() -> None:
    document = JsonDocument(FRIENDS)
    assert [extract_property(document, prop) for prop in ("name.first", "friends.0.last")] == ["Tom", "Murphy"]
