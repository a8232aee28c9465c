"""The syntax of names, keys and labels, with the texts that the real server gives for a wrong one."""

from __future__ import annotations

import re
from typing import Final

_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED: Final = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE: Final = rf"({_QUALIFIED})?"
_KEY: Final = r"[-._a-zA-Z0-9]+"
_ENDS: Final = "must start and end with an alphanumeric character"
LABEL_LENGTH: Final = 63
SUBDOMAIN_LENGTH: Final = 253


def _regex(text: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def subdomain(text: str, unit: str = "characters") -> list[str]:
    """What is wrong with an RFC 1123 subdomain, such as most objects' names."""
    wrong = []
    if len(text) > SUBDOMAIN_LENGTH:
        wrong.append(f"must be no more than {SUBDOMAIN_LENGTH} {unit}")
    if not re.fullmatch(_SUBDOMAIN, text):
        says = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
            + _ENDS
        )
        wrong.append(_regex(says, _SUBDOMAIN, "example.com"))
    return wrong


def dns_label(text: str) -> list[str]:
    """What is wrong with an RFC 1123 label, such as a namespace's name."""
    wrong = []
    if len(text) > LABEL_LENGTH:
        wrong.append(f"must be no more than {LABEL_LENGTH} characters")
    if not re.fullmatch(_LABEL, text):
        if re.fullmatch(_SUBDOMAIN, text):
            wrong.append("must not contain dots")
        else:
            says = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and " + _ENDS
            wrong.append(_regex(says, _LABEL, "my-name", "123-abc"))
    return wrong


def config_key(text: str) -> list[str]:
    """What is wrong with a key of a Secret or ConfigMap."""
    wrong = []
    if len(text) > SUBDOMAIN_LENGTH:
        wrong.append(f"must be no more than {SUBDOMAIN_LENGTH} characters")
    if not re.fullmatch(_KEY, text):
        says = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        wrong.append(_regex(says, _KEY, "key.name", "KEY_NAME", "key-name"))
    if text in {".", ".."}:
        wrong.append(f"must not be '{text}'")
    elif text.startswith(".."):
        wrong.append("must not start with '..'")
    return wrong


def label_key(text: str) -> list[str]:
    """What is wrong with a label's key, an annotation's key (in lower case) or a finalizer."""
    prefix, slash, name = text.rpartition("/")
    says = f"must consist of alphanumeric characters, '-', '_' or '.', and {_ENDS}"
    wrong = []
    if slash:
        if "/" in prefix:
            return [
                "a valid label key "
                + _regex(says, _QUALIFIED, "MyName", "my.name", "123-abc")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        wrong += (
            [f"prefix part {text}" for text in subdomain(prefix, "bytes")]
            if prefix
            else ["prefix part must be non-empty"]
        )
    if not name:
        wrong.append("name part must be non-empty")
    elif len(name) > LABEL_LENGTH:
        wrong.append(f"name part must be no more than {LABEL_LENGTH} bytes")
    if not re.fullmatch(_QUALIFIED, name):
        wrong.append("name part " + _regex(says, _QUALIFIED, "MyName", "my.name", "123-abc"))
    return wrong


def label_value(text: str) -> list[str]:
    """What is wrong with a label's value."""
    wrong = []
    if len(text) > LABEL_LENGTH:
        wrong.append(f"must be no more than {LABEL_LENGTH} bytes")
    if not re.fullmatch(_LABEL_VALUE, text):
        says = (
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and " + _ENDS
        )
        wrong.append(_regex(says, _LABEL_VALUE, "MyValue", "my_value", "12345"))
    return wrong
