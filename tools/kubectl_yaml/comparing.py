"""Compares what we make of a text with what Go makes of it."""

from typing import Any

from components.golang.yaml.documents import read_document, read_documents
from components.golang.yaml.scalars import Respelt
from components.golang.yaml.yaml_errors import YamlError


def ours(kind: str, text: bytes, *, unique_keys: bool = False) -> tuple[list[Any] | None, str]:
    """Our documents, or None and what is wrong."""
    try:
        if kind == "stream":
            return [each.value for each in read_documents(text, unique_keys=unique_keys)], ""
        return [read_document(text, unique_keys=unique_keys)], ""
    except YamlError as error:
        return None, error.problem


def same(ours: Any, theirs: Any) -> bool:
    """Whether values are the same, in kind too: 1 is neither 1.0 nor true."""
    if _kind(ours) is not _kind(theirs):
        return False
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(value, theirs[key]) for key, value in ours.items())
    return bool(ours == theirs)


def _kind(value: Any) -> type:
    return int if isinstance(value, Respelt) else type(value)
