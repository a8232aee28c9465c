"""Sprig's camelcase, snakecase and kebabcase, which cut names into words as xstrings does."""

import re
import unicodedata
from itertools import pairwise

from ..function import Family
from ..runes import INVALID, decode, encode
from ..template_errors import FunctionError
from .strings import SPACES
from .words import lower, upper

CASING = Family()

_WEIGHT = 4

_PIECE = re.compile(
    r"(?P<connector>[-_\s]+)|(?P<upper>[A-Z]+(?![a-z])|[A-Z][a-z]+)|(?P<lower>[a-z]+)|(?P<number>[0-9]+)"
    r"|(?P<punctuation>[!\"#%&'()*,./:;?@\[\\\]{}][!\"#%&'()*,./:;?@\[\\\]{}_-]*)|(?P<other>[$+<=>^`|~\x00-\x08\x0e-\x1f\x7f]+)"
)
_WORDS = frozenset({"upper", "lower", "other"})
_APART = frozenset({"connector", "punctuation"})


@CASING.add("camelcase", weight=_WEIGHT)
def _camelcase(text: bytes) -> bytes:
    name = decode(text)
    if INVALID.search(name):
        raise FunctionError("the string is not UTF-8")
    body = name.lstrip("-_" + SPACES)
    if not body:
        return encode(name + name[-1:])
    result = [name[: len(name) - len(body)]]
    shouts = starts = True
    connector = ""
    for character in body:
        if character in "-_" or character in SPACES:
            # One connector joins two words and goes; of several all but the last stay.
            result.append(connector)
            connector, starts = character, True
            continue
        shouts = unicodedata.category(character) == "Lu" and (shouts or starts)
        result.append(upper(character) if starts else lower(character) if shouts else character)
        connector, starts = "", False
    return encode("".join([*result, connector]))


def _joined(text: bytes, mark: str) -> bytes:
    """The words of a name in lower case, with a mark between two of them where there is nothing else."""
    if not text.isascii():
        raise FunctionError("letters beyond ASCII are not supported")
    pieces = [(found.lastgroup or "", found[0]) for found in _PIECE.finditer(text.decode())]
    chunks = _chunks(pieces)
    result: list[str] = []
    for (kind, word), (following, _) in pairwise([*chunks, ("connector", "")]):
        result.append(mark * len(word) if kind == "connector" else word.lower() if kind == "upper" else word)
        if kind not in _APART and following not in _APART:
            result.append(mark)
    return "".join(result).encode()


def _chunks(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Numbers belong to the small letters behind them, and where there are none to the word before them."""
    chunks: list[tuple[str, str]] = []
    for position, (kind, word) in enumerate(pieces):
        previous = chunks[-1][0] if chunks else ""
        following = pieces[position + 1][0] if position + 1 < len(pieces) else ""
        if (kind == "number" and previous in _WORDS and following != "lower") or (
            kind in {"number", "lower"} and previous == "number"
        ):
            before, start = chunks.pop()
            chunks.append(
                ("number" if before == "number" else "joined", (start.lower() if before == "upper" else start) + word)
            )
        else:
            chunks.append((kind, word))
    return chunks


CASING.table(
    {"snakecase(string)": lambda text: _joined(text, "_"), "kebabcase(string)": lambda text: _joined(text, "-")},
    weight=_WEIGHT,
)
