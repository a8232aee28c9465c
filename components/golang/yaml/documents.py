"""Splits texts into documents as kubectl does, and reads each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .composer import compose
from .json_stream import NotJsonError, read_json
from .text import decoded
from .yaml_errors import LostError, ProblemError, placed
from .yaml_limits import MAX_DOCUMENTS

_SEPARATOR = re.compile(r"^---([^\n]*)", re.MULTILINE)
_PEEKED = 4096  # bytes that kubectl looks at to tell JSON from YAML
_AT_LEAST = 4  # bytes that kubectl wants to see behind a JSON document before it goes on with YAML
_MARK = "\ufeff"
# What unicode.IsSpace of Go knows; Python's str.isspace knows four more.
_SPACES = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)


@dataclass(frozen=True)
class Document:
    """One document.

    Attributes:
        value: What it holds, as JSON has it: no value but None, bool, int, float, str, list and dict with str keys.
            Aliases share objects: copy before you change.
        line: The line where it begins, from 1.
        number: Its number in the text, from 1; empty documents count.
    """

    value: Any = field(repr=False)
    line: int
    number: int


def read_documents(data: bytes | str, *, unique_keys: bool = True) -> list[Document]:
    """The documents of a manifest, as `kubectl apply -f` reads it; empty ones are left out.

    The text is one JSON document after the other, or YAML documents with lines of `---` between them, or one JSON
    document with YAML behind it.

    Args:
        data: bytes of a file (UTF-8, or UTF-16 with a byte order mark), or a string.
        unique_keys: refuse a key that is written twice in one map, where kubectl takes the last without a word.

    Raises:
        YamlError: the text is not what kubectl reads, or exceeds a limit, or part of it would be lost or changed
            without a word.
    """
    text = decoded(data).removeprefix(_MARK)
    try:
        return list(_documents(text, unique_keys=unique_keys))
    except ProblemError as error:
        raise placed(error, text) from None


def read_document(data: bytes | str, *, unique_keys: bool = True) -> Any:
    """The only document of a text, as client-go reads a kubeconfig: JSON is read as YAML.

    A second one, which client-go would not read, is an error. See `read_documents`.
    """
    text = decoded(data)
    try:
        return compose(text, unique_keys=unique_keys)[0]
    except ProblemError as error:
        raise placed(error, text) from None


def _documents(text: str, *, unique_keys: bool) -> Iterator[Document]:
    line, counted = 1, 0  # the line of an index, so that each line is counted once
    for number, (value, begin) in enumerate(_stream(text, unique_keys=unique_keys), 1):
        if number > MAX_DOCUMENTS:
            raise ProblemError(f"it holds more than {MAX_DOCUMENTS} documents", begin)
        line += text.count("\n", counted, begin)
        counted = begin
        if value is not None:
            yield Document(value, line, number)


def _stream(text: str, *, unique_keys: bool) -> Iterator[tuple[Any, int]]:
    """Each document with the index where it begins (k8s.io/apimachinery/pkg/util/yaml, YAMLOrJSONDecoder)."""
    start = 0
    if _looks_like_json(text):
        read = 0
        try:
            while (found := read_json(text, start, unique_keys=unique_keys)) is not None:
                value, begin, start = found
                read += 1
                yield value, begin
        except NotJsonError as error:
            behind = _behind_space(text, start)
            if read > 1 or behind is None:
                raise
            not_json, start = error, behind
        else:
            return
        try:
            yield from _yaml_stream(text, start, unique_keys=unique_keys)
        except LostError:
            raise
        except ProblemError as error:
            # Which of the two it was meant to be, nobody knows; JSON's keys have quotes.
            raise (not_json if read or re.match(r"\s*\{\s*\"", text) else error) from None
        return
    yield from _yaml_stream(text, start, unique_keys=unique_keys)


def _yaml_stream(text: str, start: int, *, unique_keys: bool) -> Iterator[tuple[Any, int]]:
    for begin, end in _chunks(text, start):
        chunk = text[begin:end]
        lines = chunk.replace("\r\n", "\n")  # as kubectl reads lines; each ends with a line break
        try:
            value, index = compose(lines if lines.endswith("\n") else lines + "\n", unique_keys=unique_keys)
        except ProblemError as error:
            raise type(error)(error.problem, begin + _index_before(chunk, error.index)) from None
        yield value, begin + _index_before(chunk, index)


def _index_before(chunk: str, index: int) -> int:
    """An index into a text, told from the index into the same text without the first half of CR LF."""
    for number, found in enumerate(re.finditer("\r\n", chunk)):
        if found.start() - number >= index:
            return index + number
    return index + chunk.count("\r\n")


def _chunks(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where documents begin and end: at lines that begin with ---, whatever YAML would make of them."""
    begin = start
    for separator in _SEPARATOR.finditer(text, start):
        if separator.start() < start:
            continue
        rest = separator[1].strip("".join(_SPACES))
        if rest and not rest.startswith("#"):
            problem = (
                "kubectl takes each line that begins with --- for the end of a document, and allows nothing behind"
            )
            raise ProblemError(problem, separator.start())
        if separator.start() > begin:
            yield begin, separator.start()
            begin = min(separator.end() + 1, len(text))
    if begin < len(text):
        yield begin, len(text)


def _looks_like_json(text: str) -> bool:
    index = next((index for index, each in enumerate(text[:_PEEKED]) if each not in _SPACES), _PEEKED)
    return text[index : index + 1] == "{" and len(text[:index].encode()) < _PEEKED


def _behind_space(text: str, start: int) -> int | None:
    """Where kubectl goes on with YAML after JSON: behind white space and one line break; None where it does not."""
    while len(text[start : start + _AT_LEAST].encode()) >= _AT_LEAST:
        if text[start] not in _SPACES:
            return start
        start += 1
        if text[start - 1] == "\n":
            return start
    return None
