"""Decoding strategies follow Go's encoding/base64: padding required, line ends ignored, `Auto` never fails."""

import base64
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.secret.decoding import decode
from components.core.spec.choices import DecodingStrategy
from components.errors import ExtractError


@pytest.mark.parametrize(
    ("value", "strategy", "wanted"),
    [
        (b"aGk=", "None", b"aGk="),
        (b"aGk=", "Base64", b"hi"),
        (b"aG\r\nk=\n", "Base64", b"hi"),
        (b"", "Base64", b""),
        (b"/+8=", "Base64", b"\xff\xef"),
        (b"_-8=", "Base64URL", b"\xff\xef"),
        (b"aGl=", "Base64", b"hi"),
        (b"1234", "Auto", b"\xd7m\xf8"),
        (b"_-8=", "Auto", b"\xff\xef"),
        (b"not base64", "Auto", b"not base64"),
        (b"aGk", "Auto", b"aGk"),
        (b"a\nb", "Auto", b"a\nb"),
    ],
)
def test_decoding(value: bytes, strategy: DecodingStrategy, wanted: bytes) -> None:
    assert decode(value, strategy) == wanted


@pytest.mark.parametrize(
    "value", [b"aGk", b"aGk==", b"=", b"a===", b"aGk=aGk=", b"aG k=", b"aGk=\t", b"\xff\xff\xff\xff"]
)
@pytest.mark.parametrize("strategy", ["Base64", "Base64URL"])
def test_what_go_refuses_is_an_error_without_the_value(value: bytes, strategy: DecodingStrategy) -> None:
    with pytest.raises(ExtractError) as caught:
        decode(value, strategy)
    assert value.decode("latin-1") not in str(caught.value).replace("Base64", "")


@pytest.mark.parametrize(("value", "strategy"), [(b"/+8=", "Base64URL"), (b"_-8=", "Base64")])
def test_the_two_alphabets_are_kept_apart(value: bytes, strategy: DecodingStrategy) -> None:
    with pytest.raises(ExtractError):
        decode(value, strategy)


@given(st.binary(max_size=60))
def test_what_was_encoded_comes_back(value: bytes) -> None:
    assert decode(base64.b64encode(value), "Base64") == value
    assert decode(base64.urlsafe_b64encode(value), "Base64URL") == value
    assert decode(base64.encodebytes(value), "Auto") == value


@given(st.binary(max_size=60), st.sampled_from(get_args(DecodingStrategy)))
def test_nothing_but_our_own_error_comes_out(value: bytes, strategy: DecodingStrategy) -> None:
    try:
        decode(value, strategy)
    except ExtractError:
        assert strategy in {"Base64", "Base64URL"}
