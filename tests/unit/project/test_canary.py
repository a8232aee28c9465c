"""The scan that ends every whole-program suite finds a value in each form that it promises to find it in."""

import base64
import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canary import leaks

VALUE = 'pa"ss/wörd~?>-0123456789'
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "hex": lambda value: value.hex().encode(),
    "gzip": gzip.compress,
    "reversed": lambda value: value[::-1],
    "JSON": lambda value: json.dumps({"a": value.decode()}).encode(),
    "base64": base64.b64encode,
    "URL-safe base64": base64.urlsafe_b64encode,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_planted_value_is_found(form: str) -> None:
    planted = b"before " + FORMS[form](VALUE.encode()) + b" after" if form != "gzip" else gzip.compress(VALUE.encode())
    assert leaks([VALUE], {"clean": b"nothing here", "dirty": planted}) == ["dirty"]


@given(st.text(min_size=8, max_size=40).filter(lambda text: len(text.encode()) >= 8), st.binary(), st.binary())
def test_a_value_is_found_inside_of_a_larger_text_that_was_encoded(value: str, before: bytes, after: bytes) -> None:
    value = value.encode(errors="replace").decode()
    whole = before + value.encode() + after
    assert leaks([value], {"file": base64.b64encode(whole)}) == ["file"]


def test_what_holds_no_value_is_clean() -> None:
    assert leaks([VALUE], {"log": b"key password: parameter /app/db, version 3", "broken": b"\x1f\x8bno gzip"}) == []
