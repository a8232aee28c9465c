"""What is wrong with the configuration of the pack's rules, so that nothing of it is passed over."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from .rule import Rule

ALL = "all"
"""By this name Pulumi gives all rules a level; it hands it on as if it were a rule."""


def mistakes(rules: Iterable[Rule], given: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What nothing can be done with, in one order.

    Args:
        rules: the pack's rules.
        given: the settings of each rule that the configuration names, and the defaults of the others.
    """
    known = {each.name: each for each in rules}
    return [text for name in sorted(given) for text in _of_rule(name, given[name], known)]


def _of_rule(name: str, settings: Mapping[str, Any], known: Mapping[str, Rule]) -> Iterator[str]:
    if name == ALL:
        if settings:
            yield f"{ALL} takes a level alone, and no settings: give them to each rule"
        return
    if name not in known:
        yield f"there is no rule {name!r}{_nearest(name, known)}"
        return
    rule = known[name]
    for each in sorted(settings):
        if each not in rule.settings:
            there = ", ".join(rule.settings) or "none"
            yield f"the rule {name} has no setting {each!r}; there are: {there}"
        elif not rule.settings[each].takes(settings[each]):
            yield f"the setting {each} of the rule {name} must be {rule.settings[each].words}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), known, n=1)
    return f"; did you mean {near[0]}?" if near else "; docs/policies.md lists them"
