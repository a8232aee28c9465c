"""`dataFrom.extract` takes the members of an object with the rules of Go's encoding/json, not those of gjson."""

import pytest

from components.errors import ExtractError
from components.golang.gjson import object_entries


def test_strings_lose_their_quotes_and_all_else_keeps_its_source_text() -> None:
    text = (
        ' {"s":"a\\u00e9\\n", "n" : 1.0 ,"e":1e3,"big":1E400,"t":true,"z":null,'
        '"l":[1.0, "<b>"],"o":{ "b" : 1 },"":"x"} '
    )
    assert object_entries(text) == {
        "s": "aé\n",
        "n": "1.0",
        "e": "1e3",
        "big": "1E400",
        "t": "true",
        "z": "",
        "l": '[1.0, "<b>"]',
        "o": '{ "b" : 1 }',
        "": "x",
    }


def test_the_last_of_duplicate_keys_counts() -> None:
    assert object_entries('{"a":1,"\\u0061":2}') == {"a": "2"}


def test_null_has_no_members() -> None:
    assert object_entries(" null\n") == {}


def test_lone_surrogates_become_replacement_characters() -> None:
    assert object_entries('{"\\ud800":"x\\udc00\\ud83d\\ude00"}') == {"\ufffd": "x\ufffd😀"}


@pytest.mark.parametrize(
    "text",
    ["", "hidden", '"hidden"', "5", "[1]", '{"a":1,}', '{"a":"x\ny"}', '{"a":01}', '{"a":1} x', '{"a":NaN}', "nul"],
)
def test_anything_but_an_object_is_an_error_without_the_value(text: str) -> None:
    with pytest.raises(ExtractError) as caught:
        object_entries(text)
    assert "hidden" not in str(caught.value)


def test_nesting_is_allowed_as_deep_as_go_goes() -> None:
    assert object_entries('{"a":' + "[" * 9_999 + "]" * 9_999 + "}")["a"] == "[" * 9_999 + "]" * 9_999
    with pytest.raises(ExtractError, match="deeper than 10000"):
        object_entries('{"a":' + "[" * 10_000 + "]" * 10_000 + "}")
