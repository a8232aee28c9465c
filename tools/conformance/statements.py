"""What docs/compared-with-eso.md may say of a case that differs, and whether it is so; on_purpose.py reads it."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.conformance.cases import Case, Observed, Step
from tools.conformance.comparing import Comparison

_STEP = re.compile(r"step (\d+): ")
_NEVER_AGAIN = ("0", "0s", "0m", "0h")


@dataclass(frozen=True)
class Claim:
    """A statement about a case.

    Attributes:
        rest: what stands behind its verb.
        case: the case.
        comparison: what it came to.
        step: the step that it names; None where it names none.
    """

    rest: str
    case: Case
    comparison: Comparison
    step: int | None = None

    @property
    def differing(self) -> list[int]:
        """The steps in which something differs."""
        found = [_STEP.match(each) for each in self.comparison.differences]
        return sorted({int(each[1]) if each else 1 for each in found})

    def at(self, number: int) -> tuple[Step, Observed]:
        """A step, and what is there after it with ours."""
        return self.case.steps[number - 1], self.comparison.seen[number - 1]

    def only(self, *patterns: str) -> bool:
        """Whether every difference is of one of these kinds."""
        return all(any(re.search(each, text) for each in patterns) for text in self.comparison.differences)


def keys(claim: Claim) -> bool:
    """Our Secret, named first, has just these keys; after the last step where none is named."""
    secret, *wanted = claim.rest.split()
    _, ours = claim.at(claim.step or len(claim.case.steps))
    return secret in ours.secrets and sorted(ours.secrets[secret]["data"]) == sorted(wanted)


def secret(claim: Claim) -> bool:
    """Our Secret, named first, has this value under this key; after the last step where none is named."""
    name, key, value = claim.rest.split(" ", 2)
    _, ours = claim.at(claim.step or len(claim.case.steps))
    return base64.b64decode(ours.secrets.get(name, {}).get("data", {}).get(key, "")).decode() == value


def says(claim: Claim) -> bool:
    """An ExternalSecret that ESO finds ready says this here; in the first step that differs where none is named."""
    step, ours = claim.at(claim.step or claim.differing[0])
    theirs = step.observed.conditions
    return any(
        not each.ready and claim.rest.lower() in each.message.lower() and name in theirs and theirs[name].ready
        for name, each in ours.conditions.items()
    )


def push_says(claim: Claim) -> bool:
    """A PushSecret of ours that is not ready says this; in the first step that differs where none is named."""
    _, ours = claim.at(claim.step or claim.differing[0])
    return any(not each.ready and claim.rest.lower() in each.message.lower() for each in ours.pushes.values())


def parameter(claim: Claim) -> bool:
    """Our parameter, named first, has just this value; after the last step where none is named."""
    return _has(claim, "value", lambda ours: ours.parameters)


def no_parameter(claim: Claim) -> bool:
    """There is no such parameter with ours; after the last step where none is named."""
    _, ours = claim.at(claim.step or len(claim.case.steps))
    return claim.rest not in (ours.parameters or {})


def writes_none(claim: Claim) -> bool:
    """Both fail, and ESO has written some parameters before it did."""
    _, ours = claim.at(claim.differing[0])
    return claim.only(r"^(parameter|secret) .*: expected, but not there$") and not any(
        e.ready for e in ours.pushes.values()
    )


def only_tags(claim: Claim) -> bool:
    """All that differs is tags."""
    return claim.only(r"(parameter|secret) .*: tags: expected")


def only_versions(claim: Claim) -> bool:
    """All that differs is how many versions secrets of Secrets Manager have."""
    return claim.only(r"secret .*: versions: expected")


def stored(claim: Claim) -> bool:
    """Our secret of Secrets Manager, named first, has just this value; after the last step where none is named."""
    return _has(claim, "string", lambda ours: ours.secrets_manager)


def described(claim: Claim) -> bool:
    """Our secret of Secrets Manager, named first, has just this description; after the last step."""
    return _has(claim, "description", lambda ours: ours.secrets_manager)


def _has(claim: Claim, field: str, of: Callable[[Observed], Mapping[str, Mapping[str, Any]] | None]) -> bool:
    """What the claim names first has what it names next in a field."""
    name, _, value = claim.rest.partition(" ")
    _, ours = claim.at(claim.step or len(claim.case.steps))
    return (of(ours) or {}).get(name, {}).get(field) == value


def find_by_name_and_tags(claim: Claim) -> bool:
    """The case looks for parameters by both, and all that differs is that we find fewer."""
    finds = [entry.get("find") or {} for spec in _specs(claim) for entry in spec.get("dataFrom") or ()]
    return any(find.get("name") and find.get("tags") for find in finds) and claim.only(r"got none$")


def names_another(claim: Claim) -> bool:
    """The program ended with an error about another ExternalSecret, which ESO or the API server refuses too."""
    step, ours = claim.at(claim.differing[0])
    theirs = step.observed.conditions
    refused = [name for name in ours.conditions if name not in theirs or not theirs[name].ready]
    return any(
        name != other and re.search(rf"ExternalSecret '?{claim.case.namespace}/{other}[:']", each.message)
        for name, each in ours.conditions.items()
        for other in refused
        if not each.ready
    )


def applies(claim: Claim) -> bool:
    """The case applies an object of this `apiVersion`."""
    return any(each.get("apiVersion") == claim.rest for step in claim.case.steps for each in step.apply)


def removes_an_external_secret(claim: Claim) -> bool:
    """The first step that differs removes one."""
    step, _ = claim.at(claim.differing[0])
    return any(kind == "externalsecret" for kind, _ in step.remove)


def read_once(claim: Claim) -> bool:
    """An ExternalSecret is read once, and all that differs comes with or after a forced sync or an edit of it."""
    once = any(
        spec.get("refreshPolicy") == "CreatedOnce" or str(spec.get("refreshInterval")) in _NEVER_AGAIN
        for spec in _specs(claim)
    )
    return once and all(
        any(step.forced or _declares(step) for step in claim.case.steps[1:number]) for number in claim.differing
    )


def edited_before_the_next_sync(claim: Claim) -> bool:
    """All that differs comes after a change of a Secret that ESO does not watch, and before its next sync."""
    shared = any((spec.get("target") or {}).get("creationPolicy") in ("Orphan", "Merge") for spec in _specs(claim))
    unwatched = shared or claim.only(r": (labels|annotations): expected")
    return unwatched and all(_edited_since_a_sync(claim.case.steps[1:number]) for number in claim.differing)


def last_applied_configuration(claim: Claim) -> bool:
    """Only an annotation of kubectl's is not there."""
    return claim.only(r": annotations: expected .*'kubectl.kubernetes.io/last-applied-configuration'")


def another_type(claim: Claim) -> bool:
    """ESO cannot update the Secret, and ours is there with another type."""
    failed, made = r"expected Ready False \(SecretSyncedError, could not update secret\)", r": type: expected"
    return claim.only(failed, made) and not claim.only(failed)


def immutable_no_more(claim: Claim) -> bool:
    """Only ESO's Secret is still immutable."""
    return claim.only(r": immutable: expected True, got False$")


def _specs(claim: Claim) -> list[Mapping[str, Any]]:
    applied = [each for step in claim.case.steps for each in step.apply]
    return [each.get("spec") or {} for each in applied if each["kind"] == "ExternalSecret"]


def _declares(step: Step) -> bool:
    applied = any(each["kind"] == "ExternalSecret" for each in step.apply)
    return applied or any(kind == "externalsecret" for kind, _, _ in step.edit)


def _edited_since_a_sync(steps: tuple[Step, ...]) -> bool:
    for step in reversed(steps):
        touched = {kind for kind, *_ in (*step.edit, *step.remove)} | {each["kind"].lower() for each in step.apply}
        if step.forced or _declares(step) or "secret" in touched:
            return "secret" in touched and not step.forced
    return False


STATEMENTS: Mapping[str, Callable[[Claim], bool]] = {
    "keys": keys,
    "secret": secret,
    "says": says,
    "push says": push_says,
    "parameter": parameter,
    "no parameter": no_parameter,
    "writes none": writes_none,
    "only tags": only_tags,
    "only versions": only_versions,
    "stored": stored,
    "described": described,
    "applies": applies,
    "find by name and tags": find_by_name_and_tags,
    "names another": names_another,
    "removes an ExternalSecret": removes_an_external_secret,
    "read once": read_once,
    "edited before the next sync": edited_before_the_next_sync,
    "last-applied-configuration": last_applied_configuration,
    "another type": another_type,
    "immutable no more": immutable_no_more,
}
