"""How keys that were found are changed before they become keys of a Secret (ESO: `dataFrom[].rewrite`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from ...errors import SpecError
from ...golang.regexp import PatternError, check_pattern, shown_pattern
from ...golang.templates import parse
from .argument_types import AnyText, OneLine
from .choices import check_choice

MergeStrategy = Literal["Extract", "JSON"]
ConflictPolicy = Literal["Error", "Ignore"]
PriorityPolicy = Literal["Strict", "IgnoreNotFound"]


@dataclass(frozen=True)
class RegexpRewrite:
    """Replaces what a regular expression matches in each key (ESO: `rewrite[].regexp`).

    Attributes:
        source: the expression, in Go's syntax (RE2).
        target: what stands in its place; `$1` and `${name}` are groups.

    Raises:
        SpecError: the expression is none.
    """

    source: AnyText
    target: AnyText
    kind: ClassVar = "regexp"

    def __post_init__(self) -> None:
        try:
            check_pattern(self.source)
        except (PatternError, UnicodeEncodeError) as error:
            raise SpecError(f"rewrite.regexp.source {shown_pattern(self.source)}: {error}") from None


@dataclass(frozen=True)
class TransformRewrite:
    """Makes each key anew by a template (ESO: `rewrite[].transform`).

    Attributes:
        template: a template in which `.value` is the key.

    Raises:
        TemplateSyntaxError: the template cannot be used; the text says where.
    """

    template: AnyText
    kind: ClassVar = "transform"

    def __post_init__(self) -> None:
        parse(self.template, "rewrite.transform.template")


@dataclass(frozen=True)
class MergeRewrite:
    """Merges the JSON objects that were found (ESO: `rewrite[].merge`).

    Attributes:
        strategy: `Extract` makes their members the keys; `JSON` writes one JSON object into the key `into`.
        into: key of the merged object, for strategy `JSON`.
        conflict_policy: `Error` refuses a member that two objects have; `Ignore` lets the later one win.
        priority: keys whose objects are merged last, in this order.
        priority_policy: `Strict` refuses a priority key that was not found; `IgnoreNotFound` goes without it.

    Raises:
        SpecError: a strategy or policy is none that ESO knows, or `into` is missing.
    """

    strategy: MergeStrategy = "Extract"
    into: OneLine = ""
    conflict_policy: ConflictPolicy = "Error"
    priority: Sequence[AnyText] = ()
    priority_policy: PriorityPolicy = "Strict"
    kind: ClassVar = "merge"

    def __post_init__(self) -> None:
        check_choice("merge.strategy", self.strategy, get_args(MergeStrategy))
        check_choice("merge.conflictPolicy", self.conflict_policy, get_args(ConflictPolicy))
        check_choice("merge.priorityPolicy", self.priority_policy, get_args(PriorityPolicy))
        if self.strategy == "JSON" and not self.into:
            raise SpecError("merge.into is required with strategy JSON: name the key that the merged object gets")


Rewrite = RegexpRewrite | TransformRewrite | MergeRewrite


def rewrite_from_bag(bag: Mapping[str, Any]) -> Rewrite:
    """One rewrite out of a property bag, in ESO's words.

    Raises:
        SpecError: it is not exactly one of the three kinds, or one of its fields is wrong.
    """
    if len(bag) != 1 or not bag.keys() <= {"regexp", "transform", "merge"}:
        found = ", ".join(sorted(bag)) or "none"
        raise SpecError(f"rewrite needs exactly one of regexp, transform and merge, not {found}")
    if "regexp" in bag:
        return RegexpRewrite(bag["regexp"].get("source", ""), bag["regexp"].get("target", ""))
    if "transform" in bag:
        return TransformRewrite(bag["transform"].get("template", ""))
    merge = bag["merge"]
    return MergeRewrite(
        strategy=merge.get("strategy") or "Extract",
        into=merge.get("into") or "",
        conflict_policy=merge.get("conflictPolicy") or "Error",
        priority=tuple(merge.get("priority") or ()),
        priority_policy=merge.get("priorityPolicy") or "Strict",
    )


def rewrite_to_bag(rewrite: Rewrite) -> dict[str, Any]:
    """One rewrite as it is stored; what is as by default is left out."""
    match rewrite:
        case RegexpRewrite():
            return {"regexp": {"source": rewrite.source, "target": rewrite.target}}
        case TransformRewrite():
            return {"transform": {"template": rewrite.template}}
        case MergeRewrite():
            given = {
                "strategy": rewrite.strategy,
                "into": rewrite.into,
                "conflictPolicy": rewrite.conflict_policy,
                "priority": list(rewrite.priority),
                "priorityPolicy": rewrite.priority_policy,
            }
            usual = {"strategy": "Extract", "conflictPolicy": "Error", "priorityPolicy": "Strict"}
            return {"merge": {key: value for key, value in given.items() if value and usual.get(key) != value}}
