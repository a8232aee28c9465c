"""What a request held: its names may be repeated in an error, and a server's word that could be one of its values not.

A server, a webhook or a proxy can quote a value wherever its answer has a text: in the name of a field, as the name of
a field manager, in the middle of a sentence. So the answer is held against the request that caused it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ...display import is_known_manager, plain, reads_like_words

# Parts of a Secret, and of what is sent beside it.
_PARTS = frozenset(
    {"apiVersion", "kind", "metadata", "name", "namespace", "uid", "resourceVersion", "labels", "annotations"}
    | {"finalizers", "ownerReferences", "managedFields", "data", "stringData", "type", "immutable", "spec"}
    | {"audiences", "fieldManager", "fieldValidation", "force", "dryRun", "generateName", "creationTimestamp"}
    | {"deletionTimestamp", "preconditions", "status", "token", "expirationSeconds"}
)
# Keys that Kubernetes itself prescribes for a Secret's type.
_KEYS = frozenset(
    {"tls.crt", "tls.key", "ca.crt", ".dockerconfigjson", ".dockercfg", "ssh-privatekey", "username", "password"}
)
_STEP = re.compile(r"\[(?P<key>[^\[\]]*)\]|\.?(?P<name>[^.\[\]]+)")
_ROOT = re.compile(
    r"\.?(?P<root>data|stringData|metadata\.(?:labels|annotations|finalizers))(?:\.(?P<key>.+)|\[(?P<item>.+)\])"
)
_SHORTEST_PART = 3
_ALREADY_NAMES = frozenset({"apiVersion", "kind", "name", "namespace", "uid", "resourceVersion", "type"})


@dataclass(frozen=True)
class Sent:
    """A request's names and values.

    Attributes:
        names: The keys of all its maps, such as the keys of `data`.
        values: Its texts besides names of objects, plain and in the forms in which a text may repeat them.
    """

    names: frozenset[str] = frozenset()
    values: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, body: bytes | None) -> Sent:
        """What a request's JSON body holds; nothing where it is none."""
        try:
            whole = json.loads(body or b"null")
        except ValueError:
            return NOTHING
        values = {form.casefold() for text in _values(whole) for form in _forms(text)}
        return cls(frozenset(_names(whole)), frozenset(values - {""}))

    def holds(self, word: str) -> bool:
        """Whether a word could be a value of the request: it is one, is a part of one, or has one in it."""
        folded = word.casefold()
        return any(
            value == folded
            or (len(folded) >= _SHORTEST_PART and folded in value)
            or (len(value) >= _SHORTEST_PART and value in folded)
            for value in self.values
        )

    def shown_manager(self, name: str) -> str:
        """The name of a field manager as it may be shown; empty where it could be a value."""
        if is_known_manager(name) or (reads_like_words(name) and not self.holds(name)):
            return plain(name)
        return ""

    def shown_field(self, path: str) -> str:
        """The path of a field, such as `data[tls.crt]` or `.data.password`; empty where it could hold a value."""
        found = _ROOT.fullmatch(path)
        if found:
            return path if self._may_be_named(found["key"] or found["item"]) else ""
        steps = [match["key"] or match["name"] or "" for match in _STEP.finditer(path)]
        return path if steps and all(map(self._may_be_named, steps)) else ""

    def _may_be_named(self, step: str) -> bool:
        if step in _PARTS or step in _KEYS or (step in self.names and step.casefold() not in self.values):
            return True
        return reads_like_words(step) and not self.holds(step)


NOTHING = Sent()


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, below in node.items():
            yield str(name)
            yield from _names(below)
    elif isinstance(node, list):
        for below in node:
            yield from _names(below)


def _values(node: Any, name: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for each, below in node.items():
            yield from _values(below, str(each) if name in ("", "metadata") else "")
    elif isinstance(node, list):
        for below in node:
            yield from _values(below)
    elif isinstance(node, str) and name not in _ALREADY_NAMES:
        yield node


def _forms(text: str) -> Iterator[str]:
    """A text as it was sent, and what it stands for: `data` is Base64."""
    yield text
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return
    yield decoded.hex()
    plain_text = decoded.decode("utf-8", "replace")
    yield plain_text
    yield json.dumps(plain_text)[1:-1]
    yield quote(plain_text, safe="")
