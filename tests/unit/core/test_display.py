"""What others wrote is shown as one harmless line, without passwords, or not at all."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.iam.trust import check_provider
from components.display import (
    NOT_SHOWN,
    UNNAMED_MANAGER,
    plain,
    shown_given_url,
    shown_manager,
    shown_path,
    shown_url,
    without_userinfo,
)
from components.errors import ParameterStoreError, SpecError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, also with ü and 日本", "plain text, also with ü and 日本"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb\u2066c\u2069", "a\\u202eb\\u2066c\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("a\u2028b\u2029\x85", "a\\u2028b\\u2029\\x85"),
        ("lone \ud800", "lone \\ud800"),
        ("\x00\x7f\x08", "\\x00\\x7f\\x08"),
    ],
)
def test_a_text_is_one_line_that_a_terminal_shows_as_it_is(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert str(ParameterStoreError(text)) == shown


@given(st.text())
def test_any_error_is_one_printable_line(text: str) -> None:
    told = str(SpecError(text))
    assert told.isprintable()
    told.encode()
    assert plain(told) == told


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.test:6443", "https://a.test:6443"),
        ("https://u:canary@a.test:6443/x", "https://***@a.test:6443/x"),
        ("https://canary@a.test", "https://***@a.test"),
        ("https://a.test/x?token=canary#canary", "https://a.test/x"),
        ("https://u:can@ary@a.test", "https://***@a.test"),
        ("http://u:can/ary@a.test:3128", NOT_SHOWN),
        ("http://u:can?ary@a.test:3128", NOT_SHOWN),
        ("http://u:can#ary@a.test:3128", NOT_SHOWN),
        ("https://[canary", NOT_SHOWN),
        ("u:canary@a.test:3128", NOT_SHOWN),
    ],
)
def test_a_url_is_shown_without_what_can_be_a_credential(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize("password", ["canary", "can/ary", "can@ary", "can?ary", "can#ary", "%63anary:x"])
def test_a_text_is_shown_without_the_passwords_of_its_urls(password: str) -> None:
    told = without_userinfo(f"cannot reach s3://bucket or postgres://me:{password}@db.test/state today")
    assert told == "cannot reach s3://bucket or postgres://***@db.test/state today"


@pytest.mark.parametrize("text", ["//me:canary@h/x", "'https': '//me:canary@h'", "as 'redis' '//:can/ary@h:1' says"])
def test_nor_where_a_message_shows_the_scheme_apart(text: str) -> None:
    told = without_userinfo(text)
    assert "ary" not in told
    assert "//***@h" in told


@pytest.mark.parametrize(
    "text",
    [
        "'/Prod/TeamA/Database1/PasswordOfService1' does not exist",
        "'arn:aws:iam::123456789012:role/TeamAReader1OfProductionParameters'",
        "'da39a3ee5e6b4b0d3255bfef95601890afd80709'",
        "'MyTeamsParameterReader1' and 'eu-central-1'",
        "it's 4 o'clock",
    ],
)
def test_a_name_in_quotes_is_shown(text: str) -> None:
    assert str(SpecError(text)) == text


@pytest.mark.parametrize(
    "path", ["/home/me/.kube/config", "~/.kube/config", "C:\\Users\\me\\config", "kube/prod-eu-1.yaml", "config"]
)
def test_a_path_is_shown(path: str) -> None:
    assert shown_path(path) == path


@pytest.mark.parametrize(
    "contents",
    [
        "apiVersion: v1\nkind: Config",
        '{"apiVersion": "v1"}',
        "token: canary",
        "-----BEGIN CERTIFICATE-----",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6",
        "/home/me/.kube/eyJhbGciOiJSUzI1NiIsImtpZCI6",
        "QUtJQUlPU0ZPRE5ON0VYQU1QTEU",
        "x" * 1500,
    ],
)
def test_what_looks_like_a_file_s_content_is_not_shown(contents: str) -> None:
    assert shown_path(contents) == NOT_SHOWN


@pytest.mark.parametrize(
    "name",
    [
        "kubectl-edit",
        "helm",
        "argocd-application-controller",
        "Go-http-client",
        "pulumi-kubernetes-1a2b3c4d",
        "keyrotator",
    ],
)
def test_a_program_s_name_is_shown(name: str) -> None:
    assert shown_manager(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "S3cretPart9f8a7b",
        "hunter2hunter2",
        "CorrectHorseBattery",
        "9f86d081884c7d65",
        "x\x1b[31mA1b2C3d4",
        "",
        "a" * 99,
    ],
)
def test_what_can_be_a_password_is_not_shown_as_a_manager(name: str) -> None:
    assert shown_manager(name) == UNNAMED_MANAGER


def test_many_urls_without_a_password_take_no_long_time() -> None:
    begun = time.monotonic()
    text = "@ " + "://" * 200_000
    assert without_userinfo(text) == text
    assert without_userinfo(f"{text}canary@h") == "@ ://***@h"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://me:canary@oidc.example.com/x", "'https://***@oidc.example.com/x'"),
        ("http://me:can/ary@oidc.example.com/x", f"'{NOT_SHOWN}'"),
        ("me:canary@oidc.example.com", f"'{NOT_SHOWN}'"),
        ("https://oidc.example.com/x?token=canary#canary", "'https://oidc.example.com/x'"),
        ("arn:aws:iam::123456789012:oidc-provider/me:canary@h", f"'{NOT_SHOWN}'"),
        ("main-dev", "'main-dev'"),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_an_oidc_provider_is_shown_without_credentials(given: str, shown: str) -> None:
    assert shown_given_url(given) == shown
    with pytest.raises(SpecError) as caught:
        check_provider(given)
    assert str(caught.value).startswith(f"oidc_provider: {shown} is neither")


def test_an_error_shows_no_password_of_a_url() -> None:
    assert str(SpecError("a 'https://me:canary@h/x', b")) == "a 'https://***@h/x', b"
