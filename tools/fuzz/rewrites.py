"""Makes up rewrites of keys, hostile regular expressions among them."""

import random
from typing import Any

from components.core.secret.key_rewriting import rewrite_entries
from components.core.spec.rewrite_specs import rewrite_from_bag
from tools.fuzz.cases import CANARY, Case

_NAMES = ("/team/a/db", "/team/b/db", "/team/a", "plain", "é/ü", "a" * 2000, "/" * 1000, "x.y-z_0", "\ud800", "")
_VALUES = (
    "{}",
    '{"a": "%s"}',
    '{"a": 1e20, "c": [null, "<%s>"]}',
    "null",
    "%s",
    "[1]",
    '{"a": {"b": "%s"}}',
    "\xff%s",
)
_PIECES = (
    "a", "/", ".", "[a-z]+", "(.*)", "(?P<n>[^/]+)", "^", "$", r"\b", r"\B", "|", "(a|aa)+", "(a*)*", "(.*)*b",
    "a{1000}", r"\pL{0,300}", "((a{1,30}){1,30}){1,30}", "(?i)", r"\C", "(", ")", "[", "(?=x)", r"\1", "*",
    "?", "é", r"\d", "(x+x+)+y", "(" * 300, ")" * 300, "()" * 60, "(?:a|aa|aaa)*?b|a", "[ab]*a[ab]{900}c|",
)  # fmt: skip
_TARGETS = ("", "$1", "${n}", "$n$1", "$0$0$0$0", "$$", "$", "${", "-", "/", "é", "x" * 1000, "$99999999999")
_TEMPLATES = (
    "{{ .value | upper }}",
    "{{ .value | b64enc }}",
    "{{ .nope }}",
    "{{ .value",
    "{{ nope }}",
    "x",
    "{{ fail .value }}",
    '{{ regexReplaceAll "(a|aa)*$" .value "y" }}',
    "{{ range until 99999 }}{{ $.value }}{{ end }}",
    "{{ .value | repeat 9999 }}",
    '{{ .value | trimPrefix "/team/" | replace "/" "_" }}',
    '{{ index (splitList "/" .value) 2 }}',
    "{{ .value | sha256sum }}",
)


def make(chance: random.Random) -> Case:
    """A few rewrites, one after another, of a few keys."""
    bags = [_bag(chance) for _ in range(chance.randint(1, 4))]
    names = chance.sample(_NAMES, chance.randint(0, len(_NAMES)))
    entries = {name: chance.choice(_VALUES).replace("%s", CANARY).encode("latin-1") for name in names}

    def run() -> None:
        rewrite_entries([rewrite_from_bag(bag) for bag in bags], entries)

    return Case(f"rewrite {bags!r:.300}", run)


def _bag(chance: random.Random) -> dict[str, Any]:
    kind = chance.randrange(5)
    if kind < 3:
        source = "".join(chance.choices(_PIECES, k=chance.randint(1, 4)))
        return {"regexp": {"source": source, "target": "".join(chance.choices(_TARGETS, k=chance.randint(0, 3)))}}
    if kind == 3:
        return {"transform": {"template": chance.choice(_TEMPLATES)}}
    return {
        "merge": {
            "strategy": chance.choice(("Extract", "JSON")),
            "into": chance.choice(("all", "")),
            "conflictPolicy": chance.choice(("Error", "Ignore")),
            "priority": chance.sample(_NAMES, chance.randint(0, 2)),
            "priorityPolicy": chance.choice(("Strict", "IgnoreNotFound")),
        }
    }
