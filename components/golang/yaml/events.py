"""Parses YAML with libyaml, of which go.yaml.in/yaml/v2 is a port, and evens out where the two differ."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from .yaml_errors import LostError, ProblemError, YamlError
from .yaml_limits import MAX_DIRECTIVES

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ASCII = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
_ESCAPED_QUOTE = re.compile(r"(?<!\\)((?:\\\\)*)\\'")
_ESCAPED_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_PRIVATE_USE = range(0xE000, 0xF900)
_VERSIONS = (None, (1, 1))
_BEGINNINGS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_BEHIND = "this stands behind the end of a document, and kubectl would pass over it without a word"
_MARK_INSIDE = re.compile("[\n\r]\ufeff")
_LIBYAML_FAULT = "it ends too early"
_EXPLAINED = {
    "mapping values are not allowed in this context": "here can be no key; quote a value that holds ': ', "
    "or check the indentation",
    "found unexpected end of stream": "a quote is never closed",
    "did not find expected <document start>": "kubectl cuts lines that begin with % off at ---; take them out",
    "found invalid Unicode character escape code": r"a \u escape is half of a pair (a lone surrogate), or too large; "
    "YAML has the character itself, or \\U and eight digits",
}


def events(text: str) -> Iterator[Any]:
    """The events of the nodes in a text's only document; none where it has no document.

    Raises:
        ProblemError: the text cannot be parsed, or has a second document.
        YamlError: PyYAML lacks libyaml.
    """
    _refuse_characters(text)
    if not yaml.__with_libyaml__:
        raise YamlError(
            "PyYAML was installed without libyaml, which reads YAML as kubectl does; install it as a wheel: "
            "pip install --force-reinstall --only-binary :all: PyYAML"
        )
    document = _Document(text)
    parser = yaml.CBaseLoader(document.parsed)
    try:
        while type(event := parser.get_event()) is not yaml.StreamEndEvent:
            if document.has(event):
                yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise document.explained(error.problem or _LIBYAML_FAULT, _counted(mark, text) if mark else 0) from None


def index_of(event: Any, text: str) -> int:
    """Where an event starts in its text."""
    return _counted(event.start_mark, text)


def _counted(mark: Any, text: str) -> int:
    index: int = mark.index + text.startswith("\ufeff")  # libyaml does not count the byte order mark
    return index


def _refuse_characters(text: str) -> None:
    # The first of the two is much faster, and does for most texts.
    is_plain = text.isascii() and not text.encode().translate(None, _ASCII)
    found = None if is_plain else _FORBIDDEN.search(text)
    if found:
        raise LostError(
            f"it holds the character U+{ord(found[0]):04X}, which YAML does not allow; take it out", found.start()
        )
    if "\ufeff" in text[1:] and (found := _MARK_INSIDE.search(text)):
        raise LostError("a byte order mark stands within a document; take it out", found.start() + 1)
    if text.count("\n%") > MAX_DIRECTIVES:
        raise ProblemError(f"more than {MAX_DIRECTIVES} lines begin with %", text.index("\n%") + 1)


class _Document:
    r"""Looks at each event with Go's eyes.

    Go knows the escape `\'`, and libyaml does not: another character stands in for that backslash.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._stand_in = _stand_in(text)
        self._ended = False
        self._flow = 0  # how many brackets and braces are open

    @property
    def parsed(self) -> str:
        """What libyaml gets."""
        return _ESCAPED_QUOTE.sub(rf"\1{self._stand_in}'", self._text) if self._stand_in else self._text

    def has(self, event: Any) -> bool:
        """Whether an event belongs to a node of the document."""
        kind = type(event)
        if kind is yaml.ScalarEvent or kind is yaml.AliasEvent or kind in _BEGINNINGS:
            if self._ended:
                self._refuse_second(event)
                return False
            if kind is yaml.ScalarEvent:
                self._look_at_scalar(event)
            elif kind in _BEGINNINGS:
                self._flow += bool(event.flow_style)
            return True
        if kind in _ENDS:
            self._flow -= self._flow > 0  # within brackets and braces there is nothing else
            return True
        if kind is yaml.DocumentStartEvent and event.version not in _VERSIONS:
            raise ProblemError("kubectl reads YAML 1.1 only; take %YAML out", index_of(event, self._text))
        self._ended |= kind is yaml.DocumentEndEvent
        return False

    def explained(self, problem: str, index: int) -> ProblemError:
        """What libyaml cannot parse, in plain words."""
        if self._ended:
            return LostError(_BEHIND, index)
        if problem == "found unexpected ':'":
            return LostError("for kubectl this : belongs to the word before it; write a space behind it", index)
        if problem == "found character that cannot start any token":
            is_tab = self._text[index : index + 1] == "\t"
            return ProblemError(
                "a tab stands where only spaces can indent"
                if is_tab
                else "no value can begin with this character; quote the value",
                index,
            )
        return ProblemError(_EXPLAINED.get(problem, problem), index)

    def _refuse_second(self, event: Any) -> None:
        if type(event) is not yaml.ScalarEvent or event.value or not event.implicit[0]:
            raise LostError(_BEHIND, index_of(event, self._text))

    def _look_at_scalar(self, event: Any) -> None:
        start, end = index_of(event, self._text), _counted(event.end_mark, self._text)
        if self._stand_in:
            event.value = event.value.replace(self._stand_in, "" if event.style == '"' else "\\")
        if event.style == '"' and "/" in event.value and _ESCAPED_SLASH.search(self._text, start, end):
            raise ProblemError(r"kubectl knows no escape \/ in YAML; write /", start)
        if not self._flow:
            return
        if event.tag and self._text[end : end + 1] == "," and self._text[start:end].split()[-1].startswith("!"):
            raise LostError("a comma right after a tag is part of the tag for kubectl; write a space", start)
        if "?" in event.value and not event.style:
            raise ProblemError("a ? in brackets or braces starts a key for kubectl; quote the value", start)


def _stand_in(text: str) -> str:
    """A character that the text has not; empty where none is needed."""
    if "\\'" not in text or not _ESCAPED_QUOTE.search(text):
        return ""
    return next((chr(each) for each in _PRIVATE_USE if chr(each) not in text), "")
