"""The fewest grants that meet all needs of a store: exactly what AWS checks for the calls that it makes."""

from collections.abc import Iterable, Sequence

from .grants import Condition, Grant, Location
from .needs import CustomerKey, Need


def grants(location: Location, needs: Iterable[Need], keys: Sequence[CustomerKey] = ()) -> list[Grant]:
    """The grants that meet some needs, sorted, each once; one that several needs share names all their reasons.

    A grant that another one covers is left out: a parameter's below a path that is granted as a whole, for example.

    The keys are the customer keys that encrypt some of what is read.

    Raises:
        SpecError: a need names what cannot exist.
    """
    reasons: dict[Grant, list[str]] = {}
    for need in needs:
        for grant in need.grants(location, keys):
            reasons.setdefault(grant, []).append(grant.reason)
    wide = [each for each in reasons if "/*" in f"{each.resource} {each.conditions}"]
    return [
        Grant(each.action, each.resource, each.conditions, "; ".join(sorted(set(filter(None, reasons[each])))))
        for each in sorted(reasons)
        if not any(covers(other, each) for other in wide if other != each)
    ]


def covers(wide: Grant, grant: Grant) -> bool:
    """Whether one grant allows all that another does."""
    return (
        wide.action == grant.action
        and within(wide.resource, grant.resource)
        and all(any(_follows(given, wanted) for given in grant.conditions) for wanted in wide.conditions)
    )


def _follows(given: Condition, wanted: Condition) -> bool:
    """Whether one condition holds whenever another one, `given`, does."""
    is_within = within if wanted.operator == "StringLike" else str.__eq__
    return given.key == wanted.key and all(any(is_within(each, it) for each in wanted.values) for it in given.values)


def within(pattern: str, text: str) -> bool:
    """Whether a resource is another one, or of a pattern that ends with `/*`, as all of ours do."""
    return text == pattern or (pattern.endswith("/*") and text.startswith(pattern.removesuffix("*")))
