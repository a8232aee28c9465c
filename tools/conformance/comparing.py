"""Puts what was observed of External Secrets Operator to what is there with ours."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tools.conformance.cases import Case, Condition, Observed
from tools.conformance.causes import cause_problem


@dataclass(frozen=True)
class Comparison:
    """What a case came to.

    Attributes:
        seen: what was there after each step.
        differences: what differs, in words, with the number of the step.
        uncompared: texts of ESO whose cause this runner does not know; the outcome itself was compared.
    """

    seen: tuple[Observed, ...]
    differences: tuple[str, ...]
    uncompared: tuple[str, ...]


def compare(case: Case, seen: list[Observed]) -> Comparison:
    """Compare all steps of a case."""
    differences: list[str] = []
    uncompared: list[str] = []
    for number, (step, ours) in enumerate(zip(case.steps, seen, strict=True), 1):
        at = f"step {number}: " if len(case.steps) > 1 else ""
        found = [
            *_conditions("ExternalSecret", step.observed.conditions, ours.conditions),
            *_conditions("PushSecret", step.observed.pushes, ours.pushes),
            *_secrets(step.observed, ours),
            *_parameters(step.observed, ours),
            *_secrets_manager(step.observed, ours),
            *_spreads(step.observed, ours),
        ]
        if not found:
            for text in _causes(step.observed):
                try:
                    said = [*ours.conditions.values(), *ours.pushes.values()]
                    problem = cause_problem(text, [each.message for each in said if not each.ready])
                except LookupError:
                    uncompared.append(at + text)
                else:
                    found += [problem] if problem else []
        differences += [at + each for each in found]
    return Comparison(tuple(seen), tuple(differences), tuple(uncompared))


def _causes(observed: Observed) -> list[str]:
    """What ESO says of those that failed; its warnings alone tell nothing where it succeeded in the end."""
    said = [*observed.conditions.values(), *observed.pushes.values()]
    failed = [each.message for each in said if not each.ready]
    return [*failed, *(observed.warnings or ())] if failed else []


def _conditions(kind: str, theirs: Mapping[str, Condition], ours: Mapping[str, Condition]) -> Iterator[str]:
    for name in sorted(theirs.keys() | ours.keys()):
        wanted, got = theirs.get(name), ours.get(name)
        where = f"{kind} {name}"
        if got is None:
            yield f"{where}: expected, but it is not there"
        elif wanted is None:
            # ESO's admission refused it, so it has no condition.
            if got.ready:
                yield f"{where}: expected to be refused, but it is ready"
        elif wanted.ready != got.ready:
            yield (
                f"{where}: expected Ready {wanted.ready} ({wanted.reason}, {wanted.message}), got {got.ready} "
                f"({got.reason}, {got.message})"
            )
        elif wanted.ready and wanted.reason != got.reason:
            yield f"{where}: expected reason {wanted.reason}, got {got.reason}"


def _secrets(theirs: Observed, ours: Observed) -> Iterator[str]:
    for name in sorted(theirs.secrets.keys() | ours.secrets.keys()):
        wanted, got = theirs.secrets.get(name), ours.secrets.get(name)
        if wanted is None or got is None:
            there = "not expected, but there" if wanted is None else "expected, but not there"
            yield f"Secret {name}: {there}: {_told(wanted or got or {})}"
            continue
        for field in ("type", "immutable", "labels", "annotations"):
            if field in wanted and wanted[field] != got[field]:
                yield f"Secret {name}: {field}: expected {wanted[field]!r}, got {got[field]!r}"
        data, live = wanted.get("data") or {}, got["data"]
        for key in sorted(data.keys() | live.keys()):
            if data.get(key) != live.get(key):
                yield f"Secret {name}: key {key}: expected {_value(data, key)}, got {_value(live, key)}"


def _of_one(noun: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    """What only one side has."""
    for name in sorted(theirs.keys() ^ ours.keys()):
        yield f"{noun} {name}: {'expected, but not there' if name in theirs else 'not expected, but there'}"


def _parameters(theirs: Observed, ours: Observed) -> Iterator[str]:
    """What differs of the parameters; where a case pushes nothing they are what it put there itself."""
    if theirs.parameters is None or ours.parameters is None:
        return
    yield from _of_one("parameter", theirs.parameters, ours.parameters)
    for name in sorted(theirs.parameters.keys() & ours.parameters.keys()):
        wanted, got = theirs.parameters[name], ours.parameters[name]
        for field in ("value", "type", "version", "tier", "key_id", "description", "tags", "policies"):
            recorded = field in wanted or field == "policies"
            if recorded and _plain(wanted.get(field)) != _plain(got.get(field)):
                yield f"parameter {name}: {field}: expected {wanted.get(field)!r}, got {got.get(field)!r}"


def _secrets_manager(theirs: Observed, ours: Observed) -> Iterator[str]:
    """What differs of the secrets of Secrets Manager; ids of versions are random, so that their number counts."""
    if theirs.secrets_manager is None or ours.secrets_manager is None:
        return
    yield from _of_one("secret", theirs.secrets_manager, ours.secrets_manager)
    for name in sorted(theirs.secrets_manager.keys() & ours.secrets_manager.keys()):
        wanted, got = theirs.secrets_manager[name], ours.secrets_manager[name]
        replicas = sorted(each["region"] for each in wanted.get("replicas") or ())
        known = {**wanted, "versions": len(wanted.get("versions") or ()), "replicas": replicas}
        for field in sorted(known.keys() | got.keys()):
            if (known.get(field) or None) != (got.get(field) or None):
                yield f"secret {name}: {field}: expected {known.get(field)!r}, got {got.get(field)!r}"


def _spreads(theirs: Observed, ours: Observed) -> Iterator[str]:
    """What differs of cluster-wide kinds, and in the namespaces besides the case's own."""
    for name in sorted(theirs.spreads.keys() | ours.spreads.keys()):
        wanted, got = theirs.spreads.get(name), ours.spreads.get(name)
        if wanted != got:
            yield f"{name}: expected {wanted}, got {got}"
    for name in sorted(theirs.namespaces):
        wanted_there, got_there = theirs.namespaces[name], ours.namespaces[name]
        for each in _conditions("ExternalSecret", wanted_there.conditions, got_there.conditions):
            yield f"namespace {name}: {each}"
        for each in _secrets(wanted_there, got_there):
            yield f"namespace {name}: {each}"


def _plain(value: Any) -> Any:
    """A field for comparing: policies are recorded as the text that was sent."""
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _value(data: Mapping[str, str], key: str) -> str:
    return f"{shown(data)[key]!r} ({data[key]})" if key in data else "none"


def _told(secret: Mapping[str, Any]) -> str:
    return f"{secret.get('type')} {shown(secret.get('data') or {})}"


def shown(data: Mapping[str, str]) -> dict[str, str]:
    """Values of recorded cases for reading; they are no secrets."""
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
