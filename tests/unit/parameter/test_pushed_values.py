"""The value of a pushed parameter, with External Secrets Operator's results but for what it loses."""

import pytest

from components.core.parameter.pushed_values import check_value, merged, missing_key, part_values
from components.core.parameter.wanted_parameters import Part, WantedParameter
from components.core.secret_value import Secret
from components.core.spec.push_specs import PushMetadata, Tier
from components.core.ssm import PARAMETER_STORE
from components.errors import ExtractError


def wanted(*parts: Part, decoded: bool = False, tier: Tier = "Standard") -> WantedParameter:
    return WantedParameter("/p", parts or (Part(),), PushMetadata(encode_as_decoded=decoded, tier=tier))


def value(parameter: WantedParameter, contents: dict[str, bytes], current: str | None = None) -> str:
    return merged(
        part_values(parameter, {"src": contents}, PARAMETER_STORE.writing), None if current is None else Secret(current)
    ).reveal()


# Recorded from External Secrets Operator: push_whole_secret, push_whole_decoded, push_whole_secret_with_binary,
# push_whole_decoded_html_and_unicode.
@pytest.mark.parametrize(
    ("contents", "decoded", "text"),
    [
        ({"user": b"bob", "pass": b"s3cr3t"}, False, '{"pass":"czNjcjN0","user":"Ym9i"}'),
        ({"user": b"bob", "pass": b"s3cr3t"}, True, '{"pass":"s3cr3t","user":"bob"}'),
        ({"blob": b"\x00\xff\xfe\x80\n", "text": b"plain"}, False, '{"blob":"AP/+gAo=","text":"cGxhaW4="}'),
        (
            {"html": b'<a href="x">&</a>', "uni": "пароль ☃".encode(), "nl": b'a\nb\t"q"'},
            True,
            '{"html":"<a href=\\"x\\">&</a>","nl":"a\\nb\\t\\"q\\"","uni":"пароль ☃"}',
        ),
        ({"line": "\u2028".encode()}, True, '{"line":"\\u2028"}'),
        ({}, True, "{}"),
    ],
)
def test_a_whole_secret_is_json(contents: dict[str, bytes], decoded: bool, text: str) -> None:  # noqa: FBT001
    assert value(wanted(decoded=decoded), contents) == text


def test_a_key_is_the_whole_value_or_goes_into_properties_in_one_write() -> None:
    contents = {"user": b"bob", "pass": b"s3cr3t"}
    assert value(wanted(Part("user")), contents, "old") == "bob"
    both = wanted(Part("user", "u"), Part("pass", "login.pass"))
    assert value(both, contents) == '{"u":"bob","login":{"pass":"s3cr3t"}}'
    assert value(both, contents, '{ "z": 1.50,\n "u": "" }') == '{ "z": 1.50,\n "u": "bob" ,"login":{"pass":"s3cr3t"}}'
    assert value(wanted(Part(None, "all"), decoded=True), contents) == (
        '{"all":"{\\"pass\\":\\"s3cr3t\\",\\"user\\":\\"bob\\"}"}'
    )


@pytest.mark.parametrize("parameter", [wanted(Part("blob")), wanted(decoded=True), wanted(Part("blob", "p"))])
def test_bytes_that_are_not_utf8_are_an_error_where_they_would_be_replaced(parameter: WantedParameter) -> None:
    with pytest.raises(ExtractError, match="key 'blob' holds bytes that are not UTF-8"):
        value(parameter, {"blob": b"\xff"})


def test_a_missing_key_is_an_error_in_esos_words() -> None:
    assert missing_key(wanted(Part("a", "p"), Part("b", "q")), {"src": {"a": b""}}) == "b"
    assert missing_key(wanted(), {}) is None
    with pytest.raises(ExtractError, match=r"^secret key b does not exist$"):
        value(wanted(Part("b")), {"a": b""})


@pytest.mark.parametrize(
    ("text", "tier", "problem"),
    [
        ("", "Standard", "key 'k' is empty"),
        ("x" * 4096, "Standard", None),
        ("x" * 4097, "Standard", "has 4,097 bytes, and tier Standard takes 4,096; set tier Advanced"),
        ("é" * 2049, "Standard", "has 4,098 bytes"),
        ("x" * 8192, "Advanced", None),
        ("x" * 8193, "Advanced", "has 8,193 bytes, and tier Advanced takes 8,192$"),
        ("x" * 8192, "Intelligent-Tiering", None),
        ("x" * 8193, "Intelligent-Tiering", "has 8,193 bytes"),
        ("a {{ssm:other}} b", "Standard", "takes for another parameter's name"),
        ("{{", "Standard", None),
        ("sensitive", "Standard", None),  # which External Secrets Operator cannot push
    ],
)
def test_a_value_that_aws_refuses_is_found(text: str, tier: Tier, problem: str | None) -> None:
    parameter = wanted(Part("k"), tier=tier)
    if problem is None:
        check_value(Secret(text), parameter, PARAMETER_STORE.writing)
        return
    with pytest.raises(ExtractError, match=problem) as caught:
        check_value(Secret(text), parameter, PARAMETER_STORE.writing)
    assert not text or text not in str(caught.value)
