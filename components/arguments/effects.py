"""Arguments of an ExternalSecret that change nothing because of another argument, which is an error.

Manifests may hold them: External Secrets Operator takes them, some of its versions write them, and they say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import pulumi

from ..core.secret.kubernetes_secret import FIELD_MANAGER, MANAGED_BY_LABEL
from ..core.spec import target_specs
from ..core.spec.refresh import RefreshPolicy, parse_duration
from ..core.spec.rewrite_specs import MergeRewrite, RegexpRewrite, Rewrite
from ..errors import SpecError
from .data import Extract, Find
from .target import Target, Template

_OF_THE_SECRET = ("immutable", "replace_immutable", "adopt", "labels", "annotations", "template")


def check_effects(
    data_from: Sequence[Extract | Find], target: Target, policy: RefreshPolicy, interval: str | int | None
) -> None:
    """Refuse arguments of an ExternalSecret that change nothing; the error says why, and what to do."""
    found = chain(_of_refresh(policy, interval), _of_data_from(data_from), _of_target(target))
    if (problem := next(found, None)) is not None:
        raise SpecError(problem)


def check_push_effects(template: Template | None, interval: str | int | None) -> None:
    """Refuse arguments of a PushSecret that change nothing; see `check_effects`."""
    if (problem := next(chain(_of_pushed(template), _below_zero(interval, "pushed")), None)) is not None:
        raise SpecError(problem)


def _of_pushed(template: Template | None) -> Iterator[str]:
    if template is None:
        return
    if not (template.data or template.template_from):
        yield "template has no effect: a push takes its data and template_from alone, and both are empty; leave it out"
    for name in ("labels", "annotations", "finalizers", "type", "merge_policy"):
        if getattr(template, name) != getattr(Template(), name):
            yield f"template.{name} has no effect: a push makes keys, and no Secret; leave it out"
    for at, each in enumerate(template.template_from):
        if each.target != "Data":
            yield f"template.template_from[{at}] has no effect: a push makes no {each.target.lower()}; leave it out"


def _below_zero(interval: str | int | None, done: str) -> Iterator[str]:
    if interval is not None and parse_duration(str(interval)) < 0:
        yield f"refresh_interval {str(interval)!r} is below 0; write '0' for a Secret that is {done} once"


def _of_refresh(policy: RefreshPolicy, interval: str | int | None) -> Iterator[str]:
    if interval is not None and policy != "Periodic":
        yield (
            f"refresh_interval has no effect with refresh_policy {policy}, which reads "
            f"{'once' if policy == 'CreatedOnce' else 'when the declaration changes'}; leave one of the two out"
        )
    else:
        yield from _below_zero(interval, "read")


def _of_data_from(data_from: Sequence[Extract | Find]) -> Iterator[str]:
    for at, entry in enumerate(data_from):
        if entry in data_from[at + 1 :]:
            later = data_from.index(entry, at + 1)
            yield f"dataFrom[{at}] has no effect, as dataFrom[{later}] is the same; leave one of them out"
        if entry.rewrite and entry.conversion_strategy != "Default":
            yield (
                f"dataFrom[{at}]: conversion_strategy has no effect beside rewrite, which decides what keys look like; "
                "leave it out"
            )
        for number, each in enumerate(entry.rewrite):
            yield from (f"dataFrom[{at}].rewrite[{number}]: {problem}" for problem in _of_rewrite(each))


def _of_rewrite(rewrite: Rewrite) -> Iterator[str]:
    match rewrite:
        case RegexpRewrite() if rewrite.source == rewrite.target == re.escape(rewrite.source):
            yield "it puts in place of each match what is there already; leave it out"
        case MergeRewrite():
            yield from _of_merge(rewrite)


def _of_merge(rewrite: MergeRewrite) -> Iterator[str]:
    if rewrite.into and rewrite.strategy == "Extract":
        yield "into has no effect with strategy Extract, which makes a key of each member; leave it out, or write JSON"
    if rewrite.priority_policy != "Strict" and not rewrite.priority:
        yield "priority_policy has no effect without priority; leave it out"


def _of_target(target: Target) -> Iterator[str]:
    if target.creation_policy == "None":
        for name in _OF_THE_SECRET:
            if getattr(target, name):
                yield f"target.{name} has no effect with creation_policy None, which writes no Secret; leave it out"
    if target.creation_policy in target_specs.SHARED and target.replace_immutable:
        yield (
            f"target.replace_immutable has no effect with creation_policy {target.creation_policy}: a Secret that is "
            "others' too is never deleted; leave it out"
        )
    template = target.template
    if template is not None:
        yield from (f"target.template{problem}" for problem in _of_template(template))
    for name in ("labels", "annotations"):
        given: Mapping[str, Any] = getattr(target, name)
        over: Mapping[str, Any] = getattr(template, name) if template is not None else {}
        for twice in sorted(given.keys() & over.keys()):
            yield (
                f"target.{name}[{twice!r}] has no effect, as target.template.{name} has it too; leave one of them out"
            )
        if name == "labels" and target.creation_policy not in target_specs.SHARED:
            text = {**given, **over}.get(MANAGED_BY_LABEL, FIELD_MANAGER)
            if isinstance(text, pulumi.Output) or text != FIELD_MANAGER:
                yield (
                    f"target: label {MANAGED_BY_LABEL!r} has no effect, as it is {FIELD_MANAGER!r} on each Secret "
                    "that is ours alone; leave it out"
                )


def _of_template(template: target_specs.Template[Any]) -> Iterator[str]:
    if template == Template():
        yield " has no effect: nothing is in it; leave it out"
    if template.merge_policy == "Merge" and not (template.data or template.template_from):
        yield ".merge_policy has no effect without data and template_from: all keys that were read stay; leave it out"
