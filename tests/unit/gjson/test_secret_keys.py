"""Keys are converted and checked, and values checked for null bytes, as ESO does before it writes a Secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.secret.secret_keys import (
    check_null_bytes,
    convert_key,
    convert_keys,
    valid_entries,
    validate_key,
)
from components.core.spec.choices import ConversionStrategy
from components.errors import ExtractError


@pytest.mark.parametrize(
    ("key", "strategy", "wanted"),
    [
        ("/a/b", "Default", "_a_b"),
        ("/a/b", "Unicode", "_U002f_a_U002f_b"),
        ("a-b.c_d9", "Default", "a-b.c_d9"),
        ("é½٣", "Unicode", "é½٣"),
        ("😀", "Unicode", "_U1f600_"),
        ("😀", "Default", "_"),
        ("e\u0301", "Default", "e_"),
        ("", "Unicode", ""),
    ],
)
def test_conversion(key: str, strategy: ConversionStrategy, wanted: str) -> None:
    assert convert_key(key, strategy) == wanted


@given(st.text(alphabet=st.characters(max_codepoint=0x7F, exclude_categories=[]), min_size=1, max_size=20))
def test_a_converted_ascii_key_is_a_valid_one(key: str) -> None:
    for strategy in ("Default", "Unicode"):
        converted = convert_key(key, strategy)
        if converted.strip(".") and not converted.startswith(".."):
            validate_key(converted)


def test_two_keys_that_become_one_are_an_error_that_names_it() -> None:
    with pytest.raises(ExtractError, match="'a_b'"):
        convert_keys({"a/b": b"1", "a_b": b"2"}, "Default")
    assert convert_keys({"a/b": b"1", "a_b": b"2"}, "Unicode") == {"a_U002f_b": b"1", "a_b": b"2"}


@pytest.mark.parametrize("key", ["", "a/b", "a b", ".", "..", "..a", "é", "a" * 254, "a\n"])
def test_keys_that_kubernetes_does_not_take(key: str) -> None:
    with pytest.raises(ExtractError, match="rewrite or conversionStrategy"):
        validate_key(key)


@pytest.mark.parametrize("key", ["a", ".a", "a.b", "a..", "-", "_", "A9", "a" * 253])
def test_keys_that_kubernetes_takes(key: str) -> None:
    validate_key(key)


def test_an_empty_key_is_dropped_and_a_bad_one_is_not() -> None:
    assert valid_entries({"": b"1", "a": b"2"}) == {"a": b"2"}
    with pytest.raises(ExtractError, match="'a/b'"):
        valid_entries({"": b"1", "a/b": b"hidden"})


def test_null_bytes_fail_only_where_the_policy_says_so() -> None:
    entries = {"b": b"x\0", "a": b"\0hidden", "c": b""}
    check_null_bytes(entries, "Ignore")
    with pytest.raises(ExtractError, match="key 'a'") as caught:
        check_null_bytes(entries, "Fail")
    assert "hidden" not in str(caught.value)
