"""Sprig's functions on words and the case of letters."""

import unicodedata
from collections.abc import Callable

from ..function import Family
from ..limits import check_string
from ..runes import decode_valid, encode
from .strings import SPACES

WORDS = Family()

_LEAST_WIDTH, _LEAST_WIDTH_INSIDE, _DOTS = 4, 7, b"..."


def upper(character: str) -> str:
    """The upper case of one character; Go has no letters that become two."""
    return next((changed for changed in (character.upper(), character.title()) if len(changed) == 1), character)


def lower(character: str) -> str:
    """The lower case of one character."""
    return character.lower()[:1]


def title(character: str) -> str:
    """The title case of one character."""
    return character.title() if len(character.title()) == 1 else character


def _each(change: Callable[[str], str], text: bytes) -> bytes:
    return encode("".join(map(change, decode_valid(text))))


@WORDS.add("title")
def _title(text: bytes) -> bytes:
    result: list[str] = []
    previous = " "
    for character in decode_valid(text):
        result.append(title(character) if _separates(previous) else character)
        previous = character
    return encode("".join(result))


def _separates(character: str) -> bool:
    if character.isascii():
        return not character.isalnum() and character != "_"
    return character in SPACES


@WORDS.add("untitle")
def _untitle(text: bytes) -> bytes:
    result: list[str] = []
    starts = True
    for character in decode_valid(text):
        is_space = character in SPACES
        result.append(lower(character) if starts and not is_space else character)
        starts = is_space
    return encode("".join(result))


@WORDS.add("swapcase")
def _swapcase(text: bytes) -> bytes:
    result: list[str] = []
    starts = True
    for character in decode_valid(text):
        category = unicodedata.category(character)
        if category in {"Lu", "Lt"}:
            result.append(lower(character))
            starts = False
        elif category == "Ll":
            result.append(title(character) if starts else upper(character))
            starts = False
        else:
            result.append(character)
            starts = character in SPACES
    return encode("".join(result))


@WORDS.add("nospace")
def _nospace(text: bytes) -> bytes:
    # It takes each byte for a character of its own, which spoils other letters where there is a blank.
    characters = text.decode("latin-1")
    kept = "".join(character for character in characters if character not in SPACES)
    return text if len(kept) == len(characters) else kept.encode()


@WORDS.add("initials")
def _initials(text: bytes) -> bytes:
    characters = text.decode("latin-1")
    starts = (" " + characters)[: len(characters)]
    return "".join(
        character
        for previous, character in zip(starts, characters, strict=True)
        if previous in SPACES and character not in SPACES
    ).encode()


@WORDS.add("abbrevboth")
def _abbrevboth(left: int, right: int, text: bytes) -> bytes:
    if right < _LEAST_WIDTH or (left > 0 and right < _LEAST_WIDTH_INSIDE):
        return text
    return _abbreviated(text, left, right)


def _abbreviated(text: bytes, offset: int, width: int) -> bytes:
    """At most `width` bytes of the text that start about at `offset`, with dots for what is left out."""
    kept = width - len(_DOTS)
    if len(text) <= width:
        return text
    offset = min(offset, len(text) - kept) if offset <= len(text) else len(text) - kept
    if offset <= _LEAST_WIDTH:
        return text[:kept] + _DOTS
    if width < _LEAST_WIDTH_INSIDE:
        return b""
    if offset + kept < len(text):
        return _DOTS + _abbreviated(text[offset:], 0, kept)
    return _DOTS + text[len(text) - kept :]


def _wrapped(text: bytes, width: int, separator: bytes, *, splits_words: bool) -> bytes:
    width = max(width, 1)
    check_string(len(text) + (len(text) // width + 1) * len(separator))
    lines: list[bytes] = []
    start = 0
    while len(text) - start > width:
        if text[start : start + 1] == b" ":
            start += 1
            continue
        blank = text.rfind(b" ", start, start + width + 1)
        if blank < 0 and splits_words:
            lines.append(text[start : start + width])
            start += width
            continue
        if blank < 0:
            blank = text.find(b" ", start + width)
        if blank < 0:
            break
        lines.append(text[start:blank])
        start = blank + 1
    return separator.join([*lines, text[start:]])


WORDS.table(
    {
        "upper(string)": lambda text: text.upper() if text.isascii() else _each(upper, text),
        "lower(string)": lambda text: text.lower() if text.isascii() else _each(lower, text),
        "abbrev(int, string)": lambda width, text: text if width < _LEAST_WIDTH else _abbreviated(text, 0, width),
        "wrap(int, string)": lambda width, text: _wrapped(text, width, b"\n", splits_words=False),
        "wrapWith(int, string, string)": lambda width, separator, text: _wrapped(
            text, width, separator or b"\n", splits_words=True
        ),
    }
)
