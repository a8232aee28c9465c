"""Templates say which of their functions give another result each time; those functions still do what they say."""

import re

import bcrypt
import pytest

from components.golang.templates import parse
from tests.unit.templates.support import WHERE, render


def test_a_template_names_the_functions_that_make_each_apply_differ() -> None:
    template = parse("{{ if false }}{{ uuidv4 }}{{ end }}{{ .a | bcrypt }}{{ now | htmlDate }}", WHERE)
    assert template.varying == {"uuidv4", "bcrypt", "now"}
    assert not template.deterministic


def test_a_template_without_them_is_deterministic() -> None:
    template = parse('{{ .a | sha256sum }}{{ toDate "2006" "2020" | htmlDate }}{{ keys (dict "b" 1 "a" 2) }}', WHERE)
    assert template.deterministic
    assert template.varying == frozenset()
    assert template.render({"a": b"x"}) == template.render({"a": b"x"})
    assert template.render({"a": b"x"}).endswith(b"[a b]")


@pytest.mark.parametrize(
    ("template", "pattern"),
    [
        ("{{ uuidv4 }}", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("{{ randAlphaNum 40 }}", r"[A-Za-z0-9]{40}"),
        ("{{ randAlpha 40 }}", r"[A-Za-z]{40}"),
        ("{{ randNumeric 40 }}", r"[0-9]{40}"),
        ("{{ randAscii 40 }}", r"[ -~]{40}"),
        ("{{ randBytes 30 }}", r"[A-Za-z0-9+/]{40}"),
        ("{{ randInt 1000000 900000000 }}", r"[0-9]{7,9}"),
        ('{{ shuffle "abcdefghijklmnopqrstuvwxyz" }}', r"[a-z]{26}"),
        ('{{ encryptAES "key" "text" }}', r"[A-Za-z0-9+/]{43}="),
        ("{{ now.UnixMicro }}", r"[0-9]{16}"),
    ],
)
def test_chance(template: str, pattern: str) -> None:
    assert parse(template, WHERE).varying
    first, second = render(template), render(template)
    assert re.fullmatch(pattern, first)
    assert re.fullmatch(pattern, second)
    assert first != second


def test_passwords_are_hashed_as_go_does() -> None:
    user, _, hashed = render('{{ htpasswd "bob" .p "bcrypt" }}', {"p": b"pass"}).partition(":")
    assert user == "bob"
    assert hashed.startswith("$2a$10$")
    assert bcrypt.checkpw(b"pass", hashed.encode())
    assert "exceeds 72 bytes" in render("{{ bcrypt .p }}", {"p": b"p" * 73})


def test_what_is_encrypted_can_be_decrypted() -> None:
    assert render("{{ encryptAES .k .t | decryptAES .k }}", {"k": b"key", "t": b"text"}) == "text"
