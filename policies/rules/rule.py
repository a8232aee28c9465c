"""What a rule is: a check, and what people are told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .resource import KINDS, Finding, Found, Resource, Unknown, members

Config = Mapping[str, Any]
Level = Literal["advisory", "mandatory"]
Severity = Literal["low", "medium", "high", "critical"]
_SHOWN = 5
_KINDS: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "number": (int, float),
    "object": dict,
    "string": str,
}


@dataclass(frozen=True)
class Setting:
    """One setting of a rule.

    Attributes:
        meaning: what it does.
        default: what counts where the configuration says nothing; its type is the setting's.
        choices: the words that it takes; none where it takes others.
    """

    meaning: str
    default: Any
    choices: Sequence[str] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """The setting as JSON schema."""
        kind = next(name for name, each in _KINDS.items() if isinstance(self.default, each))
        items = {"items": {"type": "string"}} if kind == "array" else {}
        values = {"additionalProperties": {"type": "string"}} if kind == "object" else {}
        choices = {"enum": list(self.choices)} if self.choices else {}
        return {"type": kind, "description": self.meaning, "default": self.default, **items, **values, **choices}

    def takes(self, value: Any) -> bool:
        """Whether a value can be followed."""
        kind = _KINDS[self.schema["type"]]
        return isinstance(value, kind) and (not self.choices or value in self.choices)

    @property
    def words(self) -> str:
        """What a value of it must be."""
        return f"one of {', '.join(self.choices)}" if self.choices else f"of type {self.schema['type']}"


@dataclass(frozen=True)
class _Told:
    """What people are told of a rule.

    Attributes:
        name: its name, by which configurations and messages name it.
        says: the rule, in one sentence.
        level: how it is enforced where the configuration says nothing.
        severity: how bad it is to break it.
        steps: what to do about a finding.
        settings: what can be configured.
    """

    name: str
    says: str
    level: Level
    severity: Severity
    steps: str
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def configured(self, given: Config) -> Config:
        """The configuration with its defaults."""
        return {**{name: each.default for name, each in self.settings.items()}, **given}


@dataclass(frozen=True)
class ResourceRule(_Told):
    """A rule for each resource by itself.

    Attributes:
        types: the types that it is for.
        check: finds what is wrong with a resource of those types.
    """

    types: frozenset[str] = frozenset()
    check: Callable[[Resource, Config], Found] = field(default=lambda _resource, _config: iter(()))

    def run(self, resource: Resource, given: Config) -> list[Finding | Unknown]:
        """All that the rule finds in one resource."""
        if not self.is_for(resource.type):
            return []
        config = self.configured(given)
        return _told([(place, list(self.check(each, config))) for place, each in members(resource)])

    def is_for(self, kind: str) -> bool:
        """Whether it looks at resources of a type."""
        return KINDS.get(kind, kind) in self.types


@dataclass(frozen=True)
class StackRule(_Told):
    """A rule for all resources of a stack together.

    Attributes:
        check: finds what is wrong with them.
    """

    check: Callable[[Sequence[Resource], Config], Found] = field(default=lambda _resources, _config: iter(()))

    def run(self, resources: Sequence[Resource], given: Config) -> list[Finding | Unknown]:
        """All that the rule finds in a stack."""
        kept = [each for resource in resources for _, each in members(resource)]
        return list(self.check(kept, self.configured(given)))


Rule = ResourceRule | StackRule


def _told(found: Sequence[tuple[str, Sequence[Finding | Unknown]]]) -> list[Finding | Unknown]:
    """What is found in what a resource keeps: what all of it has once, and the rest with its places."""
    places: dict[Finding | Unknown, list[str]] = {}
    for place, several in found:
        for each in dict.fromkeys(several):
            places.setdefault(each, []).append(place)
    return [
        each if isinstance(each, Unknown) or len(where) == len(found) else replace(each, message=_at(where, each))
        for each, where in places.items()
    ]


def _at(places: Sequence[str], finding: Finding) -> str:
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"{', '.join(places[:_SHOWN])}{more}: {finding.message}"
