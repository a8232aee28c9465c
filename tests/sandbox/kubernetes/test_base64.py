"""Base64 is read as Go reads it."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes.go_base64 import decode_base64
from sandbox.kubernetes.go_json import DecodeError


@given(st.binary(max_size=60), st.sampled_from(["", "\n", "\r\n"]), st.integers(0, 80))
def test_base64_is_read_with_and_without_line_breaks(raw: bytes, line_break: str, position: int) -> None:
    text = base64.b64encode(raw).decode()
    assert decode_base64(text[:position] + line_break + text[position:]) == raw


@given(st.text("Aa+/=* \n-", max_size=12))
def test_base64_is_read_or_refused_with_a_position(text: str) -> None:
    position = -1
    try:
        decode_base64(text)
    except DecodeError as mistake:
        position = int(str(mistake).removeprefix("illegal base64 data at input byte "))
    assert -1 <= position <= len(text)
