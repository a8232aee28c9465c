"""Makes up JSON properties and values for them."""

import json
import random

from components.golang.gjson import extract_property, object_entries
from tools.fuzz.cases import CANARY, Case

_KEYS = ("a", "b", "ab", "a.b", "", "0", "@type", "k*", "é", "#", "tls.crt", '"', "\ud800")
_SEGMENTS = (
    *_KEYS, "*", "a*", "?b", "1", "01", "@this", "@keys", "@values", "@reverse", "@flatten", "@join", "@pretty",
    "@ugly", "@tostr", "@fromstr", "@valid", "@group", "@dig:a", '!"x"', "!1", "#(a==1)", '#(a=="x")#', '#(%"a*")',
    "#(~true)#", "#(#(b>1)#)#", "{a,b}", "[a,0]", '{"n":a}', "{k:@this}", '@pretty:{"sortKeys":true,"width":3}',
    "\\", "..", "(", "{", '@flatten:{"deep":true}', "[[a,b],{a,b}]", "#.#.#", "*?*?*?*", "@this|@this", "#(%*a*b*c*)#",
    "99999999999999999999",
)  # fmt: skip
_BROKEN = ("{", "}", "[", "]", ",", ":", '"', "\\", "\x00", "nul", "1e999", "//", "\ud800", "é")


def make(chance: random.Random) -> Case:
    """A property of a value; every fourth value is no JSON any more."""
    path = chance.choice((".", ".", "|")).join(chance.choices(_SEGMENTS, k=chance.choice((1, 1, 1, 2, 2, 3, 6))))
    if chance.random() < 1 / 100:
        path = path * chance.randint(10, 500)
    text = json.dumps(
        {key: _document(chance, 3) for key in chance.sample(_KEYS, 6)}, ensure_ascii=chance.random() < 1 / 2
    )
    if chance.random() < 1 / 4:
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(_BROKEN) + text[at + chance.randint(0, 2) :]
    if chance.random() < 1 / 50:
        text = "[" + ",".join([text] * chance.randint(20, 200)) + "]"

    if chance.random() < 1 / 10:
        return Case("all members", lambda: object_entries(text))
    return Case(f"property {path[:200]!r}", lambda: extract_property(text, path).encode())


def _document(chance: random.Random, depth: int) -> object:
    kind = chance.randrange(9 if depth else 5)
    if kind < 3:
        return CANARY + chance.choice(("", "x", "é", "\ud83d", "\n<&>", '{"a":1}'))
    if kind < 5:
        return chance.choice((None, True, False, 1, -0.0, 1.5, 1e300, 12345678901234567890))
    if kind < 7:
        return [_document(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return {chance.choice(_KEYS): _document(chance, depth - 1) for _ in range(chance.randint(0, 5))}
