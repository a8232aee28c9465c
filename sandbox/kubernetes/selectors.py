"""Label and field selectors of list requests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .status import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN: Final = re.compile(r"\s*(==|!=|[=!,()]|[^\s=!,()]+)")
_OPERATORS: Final = "in, notin, =, ==, !=, gt, lt"


@dataclass(frozen=True)
class Requirement:
    """One condition on one label; `negated` also holds for objects without the label."""

    key: str
    values: frozenset[str] | None
    negated: bool = False

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil the condition; without values it asks whether the label exists."""
        value = labels.get(self.key)
        found = value is not None and (self.values is None or value in self.values)
        return found is not self.negated


@dataclass(frozen=True)
class Selector:
    """All conditions of a list request."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.fields)

    def holds(self, value: dict[str, Any]) -> bool:
        """Whether an object is selected."""
        metadata = value["metadata"]
        fields = {
            "metadata.name": metadata["name"],
            "metadata.namespace": metadata.get("namespace", ""),
            "type": value.get("type", ""),
        }
        return all(one.holds(metadata.get("labels", {})) for one in self.labels) and all(
            one.holds(fields) for one in self.fields
        )


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """Parse `a=b,c!=d,e in (f,g),h notin (i),j,!k`.

    Raises:
        StatusError: 400 with what was found and what was expected.
    """
    if not text.strip():
        return ()
    tokens = _TOKEN.findall(text)
    requirements = []
    while True:
        requirements.append(_requirement(tokens))
        if not tokens:
            return tuple(requirements)
        separator = tokens.pop(0)
        if separator != ",":
            raise bad_request(f"found '{separator}', expected: ',' or 'end of string'")
        if not tokens:
            raise bad_request("found '', expected: identifier after ','")


def _requirement(tokens: list[str]) -> Requirement:
    key = tokens.pop(0)
    if key == "!":
        return Requirement(_identifier(tokens), None, negated=True)
    if key in "=!==,()":
        raise bad_request(f"found '{key}', expected: !, identifier, or 'end of string'")
    if not tokens or tokens[0] == ",":
        return Requirement(key, None)
    operator = tokens.pop(0)
    if operator in {"=", "==", "!="}:
        value = tokens.pop(0) if tokens and tokens[0] != "," else ""
        return Requirement(key, frozenset({value}), negated=operator == "!=")
    if operator in {"in", "notin"}:
        return Requirement(key, _values(tokens), negated=operator == "notin")
    raise _unexpected(operator, _OPERATORS)


def _identifier(tokens: list[str]) -> str:
    if not tokens or tokens[0] in "=!==,()":
        raise _unexpected(tokens[0] if tokens else "", "identifier")
    return tokens.pop(0)


def _values(tokens: list[str]) -> frozenset[str]:
    opening = tokens.pop(0) if tokens else ""
    if opening != "(":
        raise bad_request(f"unable to parse requirement: found '{opening}' expected: '('")
    values = [""]
    while tokens:
        found = tokens.pop(0)
        if found == ")":
            return frozenset(values)
        if found == ",":
            values.append("")
        else:
            values[-1] = found
    raise _unexpected("", "',' or ')'")


def _unexpected(found: str, expected: str) -> Exception:
    return bad_request(f"unable to parse requirement: found '{found}', expected: {expected}")


def parse_fields(text: str, kind: str) -> tuple[Requirement, ...]:
    """Parse a field selector: `metadata.name`, `metadata.namespace`, and `type` for Secrets.

    Raises:
        StatusError: 400 for any other field.
    """
    known = {"metadata.name", "metadata.namespace"} | ({"type"} if kind == "Secret" else set())
    requirements = []
    for term in filter(None, text.split(",")):
        matched = re.fullmatch(r"([^=!]*)(==|=|!=)(.*)", term)
        if not matched:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        key, operator, value = matched.groups()
        if key not in known:
            raise bad_request(f"field label not supported: {key}")
        requirements.append(Requirement(key, frozenset({value}), negated=operator == "!="))
    return tuple(requirements)
