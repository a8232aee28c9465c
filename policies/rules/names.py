"""Names: which look as if a secret is behind them, and which a configuration's patterns match."""

import re
from collections.abc import Sequence
from typing import Any

from .globs import matches

SECRET_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "private-key",
    "api-key",
    "access-key",
    "client-secret",
)
"""Words of a name behind which a secret is to be expected."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_ABOUT = frozenset(
    [
        "arn",
        "arns",
        "name",
        "names",
        "id",
        "ids",
        "url",
        "uri",
        "path",
        "ref",
        "ttl",
        "expiry",
        "expires",
        "length",
        "count",
        "min",
        "max",
        "policy",
        "rotation",
        "enabled",
        "version",
        "type",
        "store",
        "namespace",
        "provider",
        "issuer",
        "endpoint",
    ]
)
"""Last words by which a name is about a secret, and not the secret: `token-ttl`, `secret-arn`."""


def looks_secret(name: str, words: Sequence[str]) -> bool:
    """Whether a name, such as `/prod/dbPassword`, holds one of some words, each in lower case with hyphens."""
    found = [each.lower() for each in _WORD.findall(name)]
    if found and found[-1] in _ABOUT:
        return False
    text = f"-{'-'.join(found)}-"
    return any(f"-{word}-" in text or f"-{word}s-" in text for word in words)


def is_listed(name: str, patterns: Sequence[Any]) -> bool:
    """Whether one of some patterns with `*` and `?` matches a name as a whole."""
    return any(matches(each, name) for each in patterns if isinstance(each, str))
