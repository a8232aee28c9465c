"""Values go into a Secret's keys as bytes, whatever they hold, and an error never quotes one."""

import pytest

from components.core.decoding import DecodingStrategy
from components.core.errors import ExtractError, SpecError
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


@pytest.mark.parametrize(
    ("text", "strategy", "value"),
    [  # as recorded of ESO, case `decoding`
        ("aGVsbG8/Pg==", "Base64", b"hello?>"),
        ("aGVsbG8_Pn5-", "Base64URL", b"hello?>~~"),
        ("aGVsbG8_Pn5-", "Auto", b"hello?>~~"),
        ("not base64!", "Auto", b"not base64!"),
        ("1234", "Auto", b"\xd7m\xf8"),
        ("aGVsbG8/Pg==", "None", b"aGVsbG8/Pg=="),
    ],
)
def test_values_are_decoded(text: str, strategy: DecodingStrategy, value: bytes) -> None:
    assert build_values({"k": RemoteRefSpec("p", decoding_strategy=strategy)}, {"p": Secret(text)}) == {"k": value}


def test_a_property_is_taken_out_before_it_is_decoded() -> None:
    ref = RemoteRefSpec("p", "a", decoding_strategy="Base64")
    assert build_values({"k": ref}, {"p": Secret('{"a": "b25l"}')}) == {"k": b"one"}


def test_what_cannot_be_decoded_names_key_parameter_and_strategy_but_no_value() -> None:
    with pytest.raises(ExtractError) as caught:
        build_values({"k": RemoteRefSpec("p", decoding_strategy="Base64")}, {"p": Secret("s3cret!")})
    assert str(caught.value).startswith("key k: parameter p: the value is not Base64 with padding")
    assert "s3cret" not in str(caught.value)


def test_null_bytes_are_refused_where_the_policy_says_so() -> None:
    zero = {"p": Secret("AA==")}
    assert build_values({"k": RemoteRefSpec("p", decoding_strategy="Base64")}, zero) == {"k": b"\0"}
    with pytest.raises(ExtractError, match="the value for key 'k' contains null bytes"):
        build_values({"k": RemoteRefSpec("p", decoding_strategy="Base64", null_byte_policy="Fail")}, zero)


def test_a_strategy_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(
        SpecError, match="decodingStrategy 'base64' is not known; write None, Base64, Base64URL or Auto"
    ):
        RemoteRefSpec.from_bag({"key": "p", "decodingStrategy": "base64"})
