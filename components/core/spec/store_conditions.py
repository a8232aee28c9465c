"""Which namespaces may use a store: its own, or those that its conditions admit (ESO: `spec.conditions`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from ...errors import SpecError
from ...golang.regexp import PatternError, PatternLimitError, check_pattern, compile_pattern, shown_pattern
from .argument_types import LABEL_NAME, LABEL_VALUE, NAMESPACE, OneLine
from .fields import Declaration, Elsewhere

LabelOperator = Literal["In", "NotIn", "Exists", "DoesNotExist"]
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


@dataclass(frozen=True)
class LabelRequirement(Declaration):
    """One entry of a label selector's `matchExpressions`.

    Attributes:
        key: the label.
        operator: `In`, `NotIn`, `Exists` or `DoesNotExist`.
        values: the values that `In` and `NotIn` compare with.

    Raises:
        SpecError: the operator is unknown, its values are missing or too many, or Kubernetes allows no such label.
    """

    key: str
    operator: LabelOperator
    values: Sequence[OneLine] = ()

    def __post_init__(self) -> None:
        where = f"namespaceSelector: the requirement on label {self.key!r}"
        if problem := LABEL_NAME.problem(self.key):
            raise SpecError(f"namespaceSelector: label {problem}")
        if self.operator not in get_args(LabelOperator):
            raise SpecError(
                f"{where} has the operator {self.operator!r}; write one of {', '.join(get_args(LabelOperator))}"
            )
        if bool(self.values) == (self.operator in _WITHOUT_VALUES):
            needed = "takes no values" if self.values else "needs values"
            raise SpecError(f"{where}: operator {self.operator} {needed}")
        if problem := next(filter(None, map(LABEL_VALUE.problem, self.values)), None):
            raise SpecError(f"{where}: value {problem}")

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it, by the rules of Kubernetes: NotIn holds for a label that is missing."""
        if self.operator == "Exists":
            return self.key in labels
        if self.operator == "DoesNotExist":
            return self.key not in labels
        return (labels.get(self.key) in self.values) is (self.operator == "In")


@dataclass(frozen=True)
class StoreCondition(Declaration):
    """Namespaces that may use a store. Any name, regex or selector of any condition admits a namespace.

    `StoreCondition(selector=[LabelRequirement("team", "In", ["a"])])` is a manifest's `matchLabels: {team: a}`.

    Attributes:
        namespaces: names.
        namespace_regexes: regular expressions that are found anywhere in the name; write `^` and `$` where the whole
            name is meant (ESO: `namespaceRegexes`).
        selector: what the namespace's labels must all meet; None for no selector, empty for any namespace.

    Raises:
        SpecError: a name is no namespace's, or a regex is not one.
    """

    namespaces: Sequence[str] = ()
    namespace_regexes: Sequence[str] = ()
    selector: Annotated[Sequence[LabelRequirement] | None, Elsewhere()] = None

    def __post_init__(self) -> None:
        if problem := next(filter(None, map(NAMESPACE.problem, self.namespaces)), None):
            raise SpecError(f"namespaces: {problem}; a pattern goes into namespaceRegexes")
        for regex in self.namespace_regexes:
            _found(regex, "")

    def admits_name(self, namespace: str) -> bool:
        """Whether the name alone admits a namespace."""
        return namespace in self.namespaces or any(_found(regex, namespace) for regex in self.namespace_regexes)

    def admits_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether the selector admits a namespace with these labels."""
        return self.selector is not None and all(each.matches(labels) for each in self.selector)

    def to_bag(self) -> dict[str, Any]:
        """The condition as a property bag, in the words of ESO's manifests."""
        if self.selector is None:
            return super().to_bag()
        return super().to_bag() | {"namespaceSelector": {"matchExpressions": [each.to_bag() for each in self.selector]}}

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The condition out of a property bag, or an entry of a manifest's `conditions`."""
        selector = bag.get("namespaceSelector")
        return super().from_bag(bag, selector=None if selector is None else requirements(selector), **given)


def _found(regex: str, namespace: str) -> bool:
    """Whether a regex is found in a name."""
    try:
        check_pattern(regex)
        return compile_pattern(regex.encode()).search(namespace.encode()) is not None
    except PatternLimitError as error:
        raise SpecError(f"namespaceRegexes: {shown_pattern(regex)}: {error}") from None
    except PatternError:
        raise SpecError(
            f"namespaceRegexes: {shown_pattern(regex)} is not a regular expression of Go's syntax (RE2)"
        ) from None


def requirements(selector: Mapping[str, Any]) -> tuple[LabelRequirement, ...]:
    """A Kubernetes label selector (`matchLabels`, `matchExpressions`) as requirements that must all be met."""
    equal = [LabelRequirement(key, "In", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    return (*equal, *map(LabelRequirement.from_bag, selector.get("matchExpressions") or ()))


def refuse_contradiction(where: str, selector: Sequence[LabelRequirement]) -> None:
    """Refuse a label selector that nothing can ever meet.

    Args:
        where: what the error begins with.
        selector: requirements that must all be met.

    Raises:
        SpecError: no value of a label meets all that is required of it, nor does its absence.
    """
    for key in dict.fromkeys(each.key for each in selector):
        asked = [each for each in selector if each.key == key]
        # Any other value meets what NotIn and Exists require.
        some = next((each.values for each in asked if each.operator == "In"), ["-"])
        could_be: list[dict[str, str]] = [{}, *({key: value} for value in some)]
        if not any(all(each.matches(labels) for each in asked) for labels in could_be):
            raise SpecError(f"{where}: nothing can meet all that is required of label {key!r}; take some of it away")


def admits(conditions: Sequence[StoreCondition], namespace: str) -> bool | None:
    """Whether a namespace may use a store: True or False where its name decides, None where its labels do."""
    if not conditions or any(each.admits_name(namespace) for each in conditions):
        return True
    return None if any(each.selector is not None for each in conditions) else False


def not_admitted(namespace: str) -> str:
    """The text for a namespace that no condition admits."""
    return (
        f"its ClusterSecretStore may not be used from namespace {namespace!r}: none of the store's conditions admits "
        "it. Add the namespace to them, or use another store."
    )


def not_its_namespace(own: str, namespace: str) -> str:
    """The text for a Secret's namespace that is not its SecretStore's own."""
    return (
        f"its store is for namespace {own!r} alone, not for {namespace!r}; "
        "take a store that is for the Secret's namespace, or a ClusterSecretStore"
    )
