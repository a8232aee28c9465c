"""Builds the value of a document as go.yaml.in/yaml/v2 and sigs.k8s.io/yaml do, without recursion and within limits."""

from typing import Any

import yaml

from .events import events, index_of
from .scalars import MERGE, TAG, Respelt, ScalarError, in_json, key_text, scalar
from .yaml_errors import ProblemError
from .yaml_limits import MAX_DEPTH, MAX_VALUES, too_aliased


def compose(text: str, *, unique_keys: bool) -> tuple[Any, int]:
    """The value of a text's only document, None for an empty one, and the index where it begins.

    Where an alias stands, the very object stands that its anchor names: who changes a value has to copy it first.

    Args:
        text: one document.
        unique_keys: refuse a key that is written twice in one map, where Go lets the last one win.

    Raises:
        ProblemError: the text is not what Go reads, or exceeds a limit.
    """
    composer = _Composer(text, unique_keys=unique_keys)
    return composer.value(), composer.begin or 0


class _Node:
    """A value as Go has it, how deep lists and maps are nested in it, and how many values Go decodes for it."""

    __slots__ = ("depth", "size", "value")

    def __init__(self, value: Any, depth: int = 0, size: int = 1) -> None:
        self.value, self.depth, self.size = value, depth, size


class _Open:
    """A list or map whose end was not read yet."""

    __slots__ = ("anchor", "depth", "key", "merges", "seen", "size", "value")

    def __init__(self, value: "list[Any] | dict[str, Any]", anchor: str | None, *, merges: bool) -> None:
        self.value, self.anchor, self.merges = value, anchor, merges
        self.key: str | object = _NO_KEY
        self.seen: dict[str, Any] = {}
        self.depth, self.size = 1, int(not merges)


_NO_KEY, _MERGE = object(), object()
_NOT_MERGED = "<< takes a map or a list of maps"


class _Composer:
    def __init__(self, text: str, *, unique_keys: bool) -> None:
        self._text, self._unique = text, unique_keys
        self._anchors: dict[str, _Node | _Open] = {}
        self._open: list[_Open] = []
        self._values = self._aliased = 0
        self.begin: int | None = None

    def value(self) -> Any:
        root: Any = None
        for event in events(self._text):
            if self.begin is None:
                self.begin = index_of(event, self._text)
            node = self._node(event)
            if node is None:
                continue
            try:
                if self._open:
                    self._place(node, event)
                else:
                    root = in_json(node.value)
            except ScalarError as error:
                raise self._problem(str(error), event) from None
        return root

    def _node(self, event: Any) -> _Node | None:
        """What ends with an event; None where a list or map begins."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._values += 1
            node = self._scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = node
        elif kind is yaml.AliasEvent:
            node = self._alias(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._begin(event)
            return None
        else:
            opened = self._open.pop()
            node = _Node(opened.value, opened.depth, opened.size)
            if opened.anchor and self._anchors[opened.anchor] is opened:
                self._anchors[opened.anchor] = node
        if self._values > MAX_VALUES:
            raise self._problem(f"the document holds more than {MAX_VALUES} values", event)
        return node

    def _scalar(self, event: Any) -> _Node:
        if self._open and self._at_key() and event.value == MERGE and (event.implicit[0] or event.tag == TAG + "merge"):
            self._values -= 1
            return _Node(_MERGE, size=0)
        try:
            value = scalar(event.value, event.tag, plain=event.implicit[0])
            is_key = self._open and self._at_key()
            return _Node(value if is_key else Respelt.of(in_json(value), event.value))
        except ScalarError as error:
            raise self._problem(str(error), event) from None

    def _alias(self, event: Any) -> _Node:
        target = self._anchors.get(event.anchor)
        if target is None:
            raise self._problem("an alias names an anchor that is not there", event)
        if isinstance(target, _Open):
            raise self._problem("an alias stands within what its anchor names", event)
        self._values += 1 + target.size
        self._aliased += target.size
        if too_aliased(self._aliased, self._values):
            raise self._problem("nearly all of the document is aliases", event)
        if len(self._open) + target.depth > MAX_DEPTH:
            raise self._too_deep(event)
        return _Node(target.value, target.depth, 1 + target.size)

    def _begin(self, event: Any) -> None:
        is_list = type(event) is yaml.SequenceStartEvent
        if self._open and self._at_key():
            raise self._problem("a key is a list or a map", event)
        if len(self._open) >= MAX_DEPTH:
            raise self._too_deep(event)
        merges = is_list and bool(self._open) and self._open[-1].key is _MERGE
        self._values += not merges
        self._open.append(_Open([] if is_list else {}, event.anchor, merges=merges))
        if event.anchor:
            self._anchors[event.anchor] = self._open[-1]

    def _at_key(self) -> bool:
        opened = self._open[-1]
        return opened.key is _NO_KEY and isinstance(opened.value, dict)

    def _place(self, node: _Node, event: Any) -> None:
        opened = self._open[-1]
        opened.size += node.size
        opened.depth = max(opened.depth, node.depth + 1)
        value = node.value
        if isinstance(opened.value, list):
            if opened.merges and not isinstance(value, dict):
                raise ScalarError(_NOT_MERGED)
            opened.value.append(in_json(value))
        elif opened.key is _NO_KEY:
            opened.key = value if value is _MERGE else self._key(value, opened)
        else:
            if opened.key is _MERGE:
                # Go takes a list only where it is written, and not where an alias stands for it.
                _merge(opened.value, value, may_be_list=type(event) is yaml.SequenceEndEvent)
            else:
                opened.value[str(opened.key)] = in_json(value)
            opened.key = _NO_KEY

    def _key(self, value: Any, opened: _Open) -> str:
        if isinstance(value, list | dict):
            raise ScalarError("a key is a list or a map")
        key = key_text(value)
        if key in opened.seen:
            # Of two keys that only JSON takes for the same, such as 1 and "1", Go keeps any.
            other = opened.seen[key]
            if self._unique:
                hint = "" if value == other == key else "; quote what is meant as a word"
                raise ScalarError(f"the field {key!r} is written twice{hint}")
            if type(value) is not type(other) or value != other:
                raise ScalarError("two keys are the same for JSON; quote what is meant as a word")
        opened.seen[key] = value
        return key

    def _too_deep(self, event: Any) -> ProblemError:
        return self._problem(f"it is nested deeper than {MAX_DEPTH} levels", event)

    def _problem(self, problem: str, event: Any) -> ProblemError:
        return ProblemError(problem, index_of(event, self._text))


def _merge(into: dict[str, Any], value: Any, *, may_be_list: bool) -> None:
    """What `<<` adds. In Go what stands later wins, be it merged or not; within a list, what stands earlier."""
    sources = value if isinstance(value, list) and may_be_list else [value]
    for source in reversed(sources):
        if not isinstance(source, dict):
            raise ScalarError(_NOT_MERGED)
        into.update(source)
