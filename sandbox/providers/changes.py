"""Compares old and new inputs and says, path by path, what changed and what needs a replacement. Pure functions."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.engine.values import Unknown, equal, unwrap

Kind = Literal["add", "delete", "update"]
Same = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Changes:
    """What a diff found.

    Attributes:
        kinds: property path (`tags.team`, `thumbprintLists[0]`) to kind of change.
        replaces: the paths whose change needs a new resource.
        delete_first: whether the old resource must go before the new one can come.
    """

    kinds: Mapping[str, Kind]
    replaces: frozenset[str] = frozenset()
    delete_first: bool = False

    @property
    def top_level(self) -> list[str]:
        """The changed top-level properties, sorted."""
        return sorted({root(path) for path in self.kinds})

    @property
    def replacing(self) -> list[str]:
        """The top-level properties that need a new resource, sorted."""
        return sorted({root(path) for path in self.replaces})


def compare(old: Mapping[str, Any], new: Mapping[str, Any], same: Mapping[str, Same] | None = None) -> dict[str, Kind]:
    """List the changed paths.

    Args:
        old: old inputs.
        new: new inputs.
        same: for a top-level property, when two different values mean the same.
    """
    return {
        path: kind
        for path, kind in _walk_map(old, new, "")
        if kind != "update" or not (same or {}).get(root(path), _never)(old.get(root(path)), new.get(root(path)))
    }


def root(path: str) -> str:
    """Return the top-level property of a path."""
    return path.partition(".")[0].partition("[")[0]


def same_json(old: Any, new: Any) -> bool:
    """Tell whether two texts are the same JSON document."""
    try:
        return bool(json.loads(unwrap(old)) == json.loads(unwrap(new)))
    except (TypeError, ValueError):
        return False


def same_url(old: Any, new: Any) -> bool:
    """Tell whether two URLs differ only in a leading `https://`; AWS drops it from an OIDC provider's."""
    old, new = unwrap(old), unwrap(new)
    return isinstance(old, str) and isinstance(new, str) and _bare(old) == _bare(new)


def _bare(url: str) -> str:
    return url.removeprefix("https://")


def _never(_old: Any, _new: Any) -> bool:
    return False


def _walk(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _walk_map(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_list(old, new, path)
    # The engine hides secrets, also their shape: a change inside one is a change of the whole.
    elif isinstance(new, Unknown) or not equal(unwrap(old), unwrap(new)):
        yield path, "update"


def _walk_map(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[tuple[str, Kind]]:
    for key in sorted({*old, *new}):
        below = _join(path, key)
        if key.startswith("__"):
            continue
        if key not in old:
            yield below, "add"
        elif key not in new:
            yield below, "delete"
        else:
            yield from _walk(old[key], new[key], below)


def _walk_list(old: list[Any], new: list[Any], path: str) -> Iterator[tuple[str, Kind]]:
    for index in range(max(len(old), len(new))):
        below = f"{path}[{index}]"
        if index >= len(old):
            yield below, "add"
        elif index >= len(new):
            yield below, "delete"
        else:
            yield from _walk(old[index], new[index], below)


def _join(path: str, key: str) -> str:
    if "." in key or "[" in key or '"' in key:
        return f"{path}[{json.dumps(key)}]"
    return f"{path}.{key}" if path else key
