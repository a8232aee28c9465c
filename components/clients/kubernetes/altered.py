"""What an answer to an apply does not hold as it was sent: mutating admission changes objects and leaves no trace.

The API server settles who owns which field before its webhooks and policies change the object. So what they change
still counts as ours in `managedFields`, and no later look at the metadata shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .metadata import SecretMetadata

Path = tuple[str, ...]
"""The names that lead to a field, such as `("data", "password")`."""


def altered_fields(sent: Mapping[str, Any], answer: Mapping[str, Any], written: SecretMetadata) -> frozenset[Path]:
    """The fields of a Secret that were sent and are not kept so, and those that nobody sent.

    Args:
        sent: what was applied.
        answer: the Secret after the apply.
        written: its metadata.
    """
    return frozenset(_altered(sent, answer, written))


def _altered(sent: Mapping[str, Any], answer: Mapping[str, Any], written: SecretMetadata) -> Iterator[Path]:
    wanted, kept = sent.get("data") or {}, _map(answer.get("data"))
    yield from (("data", key) for key, value in wanted.items() if kept.get(key) != value)
    owned = {key for each in written.managed_fields for key in each.data_keys}
    yield from (("data", key) for key in kept if key not in wanted and key not in owned)
    for part, live in (("labels", written.labels), ("annotations", written.annotations)):
        texts = sent.get("metadata", {}).get(part) or {}
        yield from (("metadata", part, name) for name, text in texts.items() if live.get(name) != text)
    if "type" in sent and answer.get("type") != sent["type"]:
        yield ("type",)
    if bool(answer.get("immutable")) != bool(sent.get("immutable")):
        yield ("immutable",)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
