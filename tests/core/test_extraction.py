"""Values go into a Secret's keys as bytes, whatever they hold, and an error never quotes one."""

import pytest

from components.core.errors import ExtractError
from components.core.extraction import build_values
from components.core.secret_value import Secret
from components.core.specs import RemoteRefSpec


def test_whole_values_and_properties() -> None:
    data = {"all": RemoteRefSpec("p"), "a": RemoteRefSpec("p", "a"), "pinned": RemoteRefSpec("p", "a", "2")}
    values = {"p": Secret('{"a": "x"}'), "p:2": Secret('{"a": "y"}')}
    assert build_values(data, values) == {"all": b'{"a": "x"}', "a": b"x", "pinned": b"y"}


def test_a_lone_surrogate_becomes_the_replacement_character_as_in_go() -> None:
    assert build_values({"k": RemoteRefSpec("p")}, {"p": Secret("a\ud83d")}) == {"k": "a\ufffd".encode()}


@pytest.mark.parametrize("path", ["nope", "a.b.c"])
def test_a_missing_property_names_key_parameter_and_property_but_no_value(path: str) -> None:
    with pytest.raises(ExtractError) as caught:
        build_values({"k": RemoteRefSpec("/app/db", path)}, {"/app/db": Secret('{"a": "s3cret"}')})
    assert str(caught.value) == f"key k: parameter /app/db has no JSON property {path!r}"
    assert "s3cret" not in repr(caught.value.__context__)
