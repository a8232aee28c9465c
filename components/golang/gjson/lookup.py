"""Looks up properties in one parameter's value: ordinary paths with gjson-py, all others with our own evaluation.

gjson-py agrees with Go's gjson where a path is made of plain keys and indexes and the text is valid JSON. It gets the
value as nodes that know their source text (`nodes`); `docs/json-properties.md` says why all else is evaluated here.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import gjson

from .evaluate import Evaluation
from .json_values import NOTHING, Value, whole_value
from .nodes import ArrayNode, DuplicateKeyError, ObjectNode, node_of, value_of_node
from .scan import to_byte_text, to_unicode
from .validity import is_valid
from .work import MAX_STEPS, Work

_KEY = r"(?:[A-Za-z_]|\\\.)(?:[A-Za-z0-9_-]|\\\.)*+"
_INDEX = r"(?:0|[1-9][0-9]{0,8})(?![0-9])"
_ORDINARY = re.compile(rf"(?:{_KEY}|{_INDEX})(?:\.(?:{_KEY}|{_INDEX})){{0,15}}+")
"""Few segments, since each of them may have a whole level of the value decoded."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a lookup found, as Go's `gjson.Result` has it.

    Attributes:
        exists: whether anything was found; JSON null exists.
        type: Null, False, Number, String, True or JSON.
        string: `String()`, which ESO writes into the Secret.
        raw: the source text of the value.
    """

    exists: bool
    type: str
    string: str
    raw: str


class JsonDocument:
    """One parameter's value, which need not be JSON, read once for as many properties as are wanted of it."""

    def __init__(self, text: str, max_steps: int = MAX_STEPS) -> None:
        self._text = to_byte_text(text)
        self._max_steps = max_steps

    def get(self, path: str) -> Result:
        """Look up a gjson path.

        Raises:
            UnsupportedPathError: the path takes more work or nesting than is allowed.
        """
        value = self._with_gjson_py(path) if _ORDINARY.fullmatch(path) else None
        if value is None:
            value = Evaluation(Work(path, self._max_steps)).get(self._text, to_byte_text(path))
        return Result(value.exists, str(value.kind), to_unicode(value.string), to_unicode(value.raw))

    @cached_property
    def _root(self) -> ObjectNode | ArrayNode | None:
        """The value for gjson-py; None where the two do not agree: on invalid JSON, on scalars, on a key said twice."""
        try:
            root = node_of(whole_value(self._text)) if is_valid(self._text) else None
        except DuplicateKeyError:
            return None
        return root if isinstance(root, ObjectNode | ArrayNode) else None

    def _with_gjson_py(self, path: str) -> Value | None:
        """What gjson-py finds; None where the value is not one on which it agrees with gjson."""
        try:
            return None if self._root is None else value_of_node(gjson.get(cast("Any", self._root), path))
        except gjson.GJSONError:
            return NOTHING
        except DuplicateKeyError:
            return None


def get(text: str, path: str) -> Result:
    """Look up one gjson path in a text; see `JsonDocument.get`."""
    return JsonDocument(text).get(path)
