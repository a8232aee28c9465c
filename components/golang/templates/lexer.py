"""Cuts a template into tokens as Go's text/template does: text between actions, and what is inside them."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from enum import Enum

from .template_errors import CONFIDENTIAL, TemplateSyntaxError, shown, shown_quoted

LEFT, RIGHT = "{{", "}}"
_SPACES = " \t\r\n"
_TRIMMED_RIGHT = re.compile(r"[ \t\r\n]-}}")
_TRIM_LEFT = re.compile(r"-[ \t\r\n]")
_SPACE_RUN = re.compile(r"[ \t\r\n]+")
_NAME = re.compile(r"\w*")
_KEY = re.compile(r"\w[-/\w]*")
_BEFORE_KEY = re.compile(r"(?:\$\w*)?(?:\.\w+)*\Z")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')
_RAW = re.compile(r"`[^`]*`")
_CHARACTER = re.compile(r"'(?:[^'\\\n]|\\[^\n])*'")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?"
    r"|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)"
)
_ENDS_A_NAME = frozenset(" \t\r\n.,|:)(")
KEYWORDS = frozenset({"block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"})


Kind = Enum(
    "Kind", "TEXT LEFT RIGHT SPACE KEYWORD NAME BOOL DOT FIELD VARIABLE NUMBER CHARACTER QUOTED RAW PUNCTUATION END"
)
"""What a token is."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, as it is written, and where it starts."""

    kind: Kind
    text: str = field(repr=False)
    at: int


class Source:
    """The text of a template, which knows where in it something went wrong.

    `where` is what the user calls the place that the template stands in. Of a confidential one nothing is shown.
    """

    def __init__(self, text: str, where: str, *, confidential: bool = False) -> None:
        self.text = text
        self.where = where
        self.confidential = confidential

    def place(self, at: int) -> str:
        """A position as people read it: `where, line 2, column 5`."""
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return f"{self.where}, line {line}, column {column}"

    def quoted(self, name: str) -> str:
        """A name that stands in the text as errors show it, cut where it is long, or what they say in place of it."""
        return CONFIDENTIAL if self.confidential else shown(name)

    def error(self, at: int, reason: str) -> TemplateSyntaxError:
        """The error that names a position."""
        return TemplateSyntaxError(f"template {self.place(at)}: {reason}")


def tokens(source: Source) -> Iterator[Token]:
    """The tokens of a template; the last one is END.

    Raises:
        TemplateSyntaxError: something is not closed, or a character has no meaning where it stands.
    """
    text, position = source.text, 0
    while True:
        opening = text.find(LEFT, position)
        if opening < 0:
            if position < len(text):
                yield Token(Kind.TEXT, text[position:], position)
            yield Token(Kind.END, "", len(text))
            return
        inside = opening + len(LEFT)
        between = text[position:opening]
        if _TRIM_LEFT.match(text, inside):
            between = between.rstrip(_SPACES)
            inside += 2
        if between:
            yield Token(Kind.TEXT, between, position)
        if text.startswith("/*", inside):
            position = _after_comment(source, opening, inside)
            continue
        yield Token(Kind.LEFT, LEFT, opening)
        position = yield from _inside(source, opening, inside)


def _after_right(text: str, at: int) -> int | None:
    """The position after a right delimiter and what it trims; None where there is none."""
    if _TRIMMED_RIGHT.match(text, at):
        at += 2 + len(RIGHT)
        trimmed = _SPACE_RUN.match(text, at)
        return trimmed.end() if trimmed else at
    return at + len(RIGHT) if text.startswith(RIGHT, at) else None


def _after_comment(source: Source, opening: int, inside: int) -> int:
    closing = source.text.find("*/", inside + 2)
    if closing < 0:
        raise source.error(opening, "the comment is not closed with */")
    after = _after_right(source.text, closing + 2)
    if after is None:
        raise source.error(opening, "a comment has to be alone in its {{ }}")
    return after


def _inside(source: Source, opening: int, position: int) -> Generator[Token, None, int]:
    """The tokens of one action up to its right delimiter; returns the position after that."""
    text, parentheses = source.text, 0
    while True:
        after = _after_right(text, position)
        if after is not None:
            if parentheses:
                raise source.error(opening, "a parenthesis is not closed")
            yield Token(Kind.RIGHT, RIGHT, position)
            return after
        if position >= len(text):
            raise source.error(opening, "the action is not closed with }}")
        token = _token(source, position)
        if token.text == "(":
            parentheses += 1
        elif token.text == ")":
            parentheses -= 1
            if parentheses < 0:
                raise source.error(position, "there is no parenthesis to close")
        yield token
        position += len(token.text)


def _token(source: Source, at: int) -> Token:  # noqa: C901, PLR0911 - one case for each kind
    text = source.text
    character = text[at]
    if character in _SPACES:
        run = _SPACE_RUN.match(text, at)
        end = run.end() if run else at
        # A blank before `-}}` belongs to the delimiter.
        return Token(Kind.SPACE, text[at : end - 1 if _TRIMMED_RIGHT.match(text, end - 1) else end], at)
    if character == ":":
        if not text.startswith(":=", at):
            raise source.error(at, "':' stands only in ':='")
        return Token(Kind.PUNCTUATION, ":=", at)
    if character == '"':
        return _closed(source, at, _QUOTED, Kind.QUOTED)
    if character == "`":
        return _closed(source, at, _RAW, Kind.RAW)
    if character == "'":
        return _closed(source, at, _CHARACTER, Kind.CHARACTER)
    if character == "$":
        return _name(source, at, 1, Kind.VARIABLE)
    if character == "." and not ("0" <= text[at + 1 : at + 2] <= "9"):
        if _ends_name(text, at + 1):
            return Token(Kind.DOT, ".", at)
        return _name(source, at, 1, Kind.FIELD)
    if character in "+-." or "0" <= character <= "9":
        return _number(source, at)
    if _is_word(character):
        return _name(source, at, 0, Kind.NAME)
    if character.isascii() and character.isprintable():
        return Token(Kind.PUNCTUATION, character, at)
    raise source.error(at, "a character here has no meaning in an action")


def _is_word(character: str) -> bool:
    """Letter, digit or `_`, as Go sees them; a word character of Python's can be a few more."""
    return character == "_" or character.isalpha() or character.isdecimal()


def _ends_name(text: str, at: int) -> bool:
    return at == len(text) or text[at] in _ENDS_A_NAME or text.startswith(RIGHT, at)


def _name(source: Source, at: int, prefix: int, kind: Kind) -> Token:
    text = source.text
    found = _NAME.match(text, at + prefix)
    end = found.end() if found else at + prefix
    if not _ends_name(text, end) or not all(map(_is_word, text[at + prefix : end])):
        advice = "" if source.confidential else _dash_advice(text, at, end)
        raise source.error(
            at, f"{source.quoted(text[at:end])} is followed by a character that cannot stand there{advice}"
        )
    word = text[at:end]
    if kind is Kind.NAME and word in KEYWORDS:
        kind = Kind.KEYWORD
    elif kind is Kind.NAME and word in {"true", "false"}:
        kind = Kind.BOOL
    return Token(kind, word, at)


def _dash_advice(text: str, at: int, end: int) -> str:
    """How a key is written that is no name of Go's, as it has a dash in it."""
    key = _KEY.match(text, at + 1)
    if text[at] != "." or key is None or key.end() <= end:
        return ""
    if key[0].endswith("-") and text.startswith(RIGHT, key.end()):
        return "; write a blank before '-}}'"
    quoted = shown_quoted(key[0])
    before = _BEFORE_KEY.search(text, 0, at)
    path = before[0] if before else ""
    if text[at - 1] == ")":
        return f"; for the key {key[0]} write index (...) {quoted}"
    if "." not in path.removeprefix("$."):
        return f"; for the key {key[0]} write index {path or '.'} {quoted}"
    root, _, first = path.partition(".")
    whole = shown_quoted(f"{first}.{key[0]}")
    return (
        f"; write index {root or '.'} {whole} for a key of that name, index (fromJson {path}) {quoted} for one in JSON"
    )


def _closed(source: Source, at: int, pattern: re.Pattern[str], kind: Kind) -> Token:
    found = pattern.match(source.text, at)
    if not found:
        raise source.error(at, f"what starts with {source.text[at]} is not closed")
    return Token(kind, found[0], at)


def _number(source: Source, at: int) -> Token:
    found = _NUMBER.match(source.text, at)
    end = found.end() if found else at
    following = source.text[end : end + 1]
    if following and (_is_word(following) or following in "+-"):
        raise source.error(
            at, "this is no number that templates know (numbers with an imaginary part are not supported)"
        )
    return Token(Kind.NUMBER, source.text[at:end], at)
