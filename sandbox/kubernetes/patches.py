"""JSON patch (RFC 6902) and merge patch (RFC 7386) over JSON objects.

A strategic merge patch is treated as a merge patch: for the kinds of this server both do the same to maps; lists that
the real server would merge (`ownerReferences`, `imagePullSecrets`, `secrets`, `finalizers`) are replaced here.
"""

from __future__ import annotations

import copy
from typing import Any, Final

from .status import StatusError, bad_request

MAX_OPERATIONS: Final = 10_000
_UNPROCESSABLE: Final = "the server rejected our request due to an error in our request"


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` with `patch` merged in; null removes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def json_patch(target: Any, operations: Any) -> Any:
    """`target` after the operations, in order.

    Raises:
        StatusError: 400 when they are not operations, 413 when there are too many, 422 when one cannot be done.
    """
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        )
    if len(operations) > MAX_OPERATIONS:
        text = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}"
        raise StatusError(413, "RequestEntityTooLarge", f"Request entity too large: {text}")
    document = {"": copy.deepcopy(target)}
    try:
        for operation in operations:
            _operate(document, operation)
    except (KeyError, IndexError, ValueError, TypeError):
        raise StatusError(422, "Invalid", _UNPROCESSABLE, details={}) from None
    return document[""]


def _operate(document: Any, operation: dict[str, Any]) -> None:
    name = operation["op"]
    path = _tokens(operation["path"])
    if name == "test":
        if _value(document, path) != operation.get("value"):
            raise ValueError
    elif name == "remove":
        _take(document, path)
    elif name == "add":
        _add(document, path, operation["value"])
    elif name == "replace":
        _replace(document, path, operation["value"])
    elif name == "move":
        _add(document, path, _take(document, _tokens(operation["from"])))
    elif name == "copy":
        _add(document, path, copy.deepcopy(_value(document, _tokens(operation["from"]))))
    else:
        raise ValueError


def _tokens(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")]


def _value(node: Any, path: list[str]) -> Any:
    for token in path:
        node = node[int(token)] if isinstance(node, list) else node[token]
    return node


def _take(document: Any, path: list[str]) -> Any:
    parent, last = _value(document, path[:-1]), path[-1]
    return parent.pop(int(last)) if isinstance(parent, list) else parent.pop(last)


def _replace(document: Any, path: list[str], value: Any) -> None:
    """Set a value; as on the real server, a map's key need not be there."""
    parent, last = _value(document, path[:-1]), path[-1]
    parent[int(last) if isinstance(parent, list) else last] = value


def _add(document: Any, path: list[str], value: Any) -> None:
    parent, last = _value(document, path[:-1]), path[-1]
    if not isinstance(parent, list):
        parent[last] = value
        return
    position = len(parent) if last == "-" else int(last)
    if not 0 <= position <= len(parent):
        raise IndexError
    parent.insert(position, value)
