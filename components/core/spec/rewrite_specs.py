"""How keys that were found are changed before they become keys of a Secret (ESO: `dataFrom[].rewrite`)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ...errors import SpecError
from ...golang.regexp import PatternError, check_pattern, shown_pattern
from ...golang.templates import parse
from .argument_types import AnyText, OneLine
from .fields import Declaration

MergeStrategy = Literal["Extract", "JSON"]
ConflictPolicy = Literal["Error", "Ignore"]
PriorityPolicy = Literal["Strict", "IgnoreNotFound"]


class _Rewrite(Declaration):
    """A rewrite; in the state its fields are in a mapping that has the name of its kind."""

    kind: ClassVar[str]

    def to_bag(self) -> dict[str, Any]:
        """The rewrite as it is stored."""
        return {self.kind: super().to_bag()}


@dataclass(frozen=True)
class RegexpRewrite(_Rewrite):
    """Replaces what a regular expression matches in each key (ESO: `rewrite[].regexp`).

    Attributes:
        source: the expression, in Go's syntax (RE2).
        target: what stands in its place; `$1` and `${name}` are groups.

    Raises:
        SpecError: the expression is none.
    """

    source: AnyText
    target: AnyText
    kind: ClassVar[str] = "regexp"

    def __post_init__(self) -> None:
        try:
            check_pattern(self.source)
        except (PatternError, UnicodeEncodeError) as error:
            raise SpecError(f"rewrite.regexp.source {shown_pattern(self.source)}: {error}") from None


@dataclass(frozen=True)
class TransformRewrite(_Rewrite):
    """Makes each key again by a template (ESO: `rewrite[].transform`).

    Attributes:
        template: a template in which `.value` is the key.

    Raises:
        TemplateSyntaxError: the template cannot be used; the text says where.
    """

    template: AnyText = field(repr=False)
    kind: ClassVar[str] = "transform"

    def __post_init__(self) -> None:
        parse(self.template, "rewrite.transform.template")


@dataclass(frozen=True)
class MergeRewrite(_Rewrite):
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

    PLACE: ClassVar[str] = "merge."

    strategy: MergeStrategy = "Extract"
    into: OneLine = ""
    conflict_policy: ConflictPolicy = "Error"
    priority: Sequence[AnyText] = ()
    priority_policy: PriorityPolicy = "Strict"
    kind: ClassVar[str] = "merge"

    def __post_init__(self) -> None:
        self.check()
        if self.strategy == "JSON" and not self.into:
            raise SpecError("merge.into is required with strategy JSON: name the key that the merged object gets")


Rewrite = RegexpRewrite | TransformRewrite | MergeRewrite


def kind_of_rewrite(fields: Collection[str]) -> str:
    """The kind of a rewrite with these fields; SpecError where it is not exactly one of the three."""
    if len(fields) != 1 or not {*fields} <= {"regexp", "transform", "merge"}:
        raise SpecError(
            f"rewrite needs exactly one of regexp, transform and merge, not {', '.join(sorted(fields)) or 'none'}"
        )
    return next(iter(fields))


def rewrite_from_bag(bag: Mapping[str, Any]) -> Rewrite:
    """One rewrite out of a property bag, in ESO's words."""
    kinds: dict[str, type[Rewrite]] = {"regexp": RegexpRewrite, "transform": TransformRewrite, "merge": MergeRewrite}
    kind = kind_of_rewrite(bag)
    return kinds[kind].from_bag({"source": "", "target": "", "template": "", **bag[kind]})
