"""What a rule is: a check, and what people are told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .resource import SECRET_GROUP, SECRET_SYNC, Finding, Found, Resource, Unknown, grouped

Config = Mapping[str, Any]
Level = Literal["advisory", "mandatory"]
Severity = Literal["low", "medium", "high", "critical"]
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

    def _misconfigured(self, given: Config) -> Iterator[Finding]:
        """What of a configuration nothing can be done with, so that no misspelt setting is passed over."""
        for name, value in given.items():
            setting = self.settings.get(name)
            if setting is None:
                known = ", ".join(self.settings) or "none"
                yield Finding(f"the rule's configuration names a setting that there is not; there are: {known}")
            elif not isinstance(value, _KINDS[setting.schema["type"]]) or (
                setting.choices and value not in setting.choices
            ):
                yield Finding(f"the rule's configuration cannot be read: {name} must be {_words(setting)}")


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
        if resource.type == SECRET_GROUP and SECRET_SYNC in self.types:
            return [_named(found, each.name) for each in grouped(resource) for found in self.run(each, given)]
        if resource.type not in self.types:
            return []
        wrong = list(self._misconfigured(given))
        return [*wrong] or list(self.check(resource, self.configured(given)))


@dataclass(frozen=True)
class StackRule(_Told):
    """A rule for all resources of a stack together.

    Attributes:
        check: finds what is wrong with them.
    """

    check: Callable[[Sequence[Resource], Config], Found] = field(default=lambda _resources, _config: iter(()))

    def run(self, resources: Sequence[Resource], given: Config) -> list[Finding | Unknown]:
        """All that the rule finds in a stack."""
        wrong = list(self._misconfigured(given))
        return [*wrong] or list(self.check(resources, self.configured(given)))


Rule = ResourceRule | StackRule


def _named(found: Finding | Unknown, secret: str) -> Finding | Unknown:
    return replace(found, message=f"{secret}: {found.message}") if isinstance(found, Finding) else found


def _words(setting: Setting) -> str:
    return f"one of {', '.join(setting.choices)}" if setting.choices else f"of type {setting.schema['type']}"
