"""Parses the text of manifests as kubectl does, but refuses what kubectl would lose without a word."""

from typing import Any

from ...errors import SpecError
from ...golang.yaml.documents import read_documents
from ...golang.yaml.text import decoded
from ...golang.yaml.yaml_errors import YamlError
from .stages import doubt_about, stage_of_text


def manifest_text(data: bytes, where: str) -> str:
    """The text in the bytes of a file (UTF-8, or UTF-16 with a byte order mark); errors begin with `where`."""
    try:
        return decoded(data)
    except YamlError as error:
        raise SpecError(f"{_place(where, error)}: {error.problem}") from None


def parse_manifests(text: str, where: str) -> list[tuple[str, Any]]:
    """The documents of a text (YAML, or JSON), each with its place; empty ones are left out.

    Raises:
        SpecError: the text is not what kubectl reads, or is meant for another tool; the error names line and column,
            and shows nothing of the text but the name of a field that is written twice.
    """
    try:
        documents = read_documents(text)
    except YamlError as error:
        stage = stage_of_text(text, error.line) if error.line else None
        problem = stage or f"it is not YAML that can be read: {error.problem}{doubt_about(text)}"
        raise SpecError(f"{_place(where, error)}: {problem}") from None
    found = []
    for each in documents:
        place = where if len(documents) == 1 else f"{where}, document {each.number}"
        found.append((place, each.value))
    return found


def _place(where: str, error: YamlError) -> str:
    return where if error.line is None else f"{where}, line {error.line}, column {error.column}"
