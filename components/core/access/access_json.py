"""A map as JSON, which has a version, is sorted and holds no times, and two of them compared as a text."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ...display import plain
from ...errors import SpecError
from .access_findings import worded
from .access_map import AccessMap
from .stack_state import mapping, mappings

FORMAT = "pulumi-parameter-store/access"
VERSION = 1
_MOST = 60_000
"""Characters of a comparison; GitHub takes 65,536 in a comment."""
_ROWS = ("parameters", "deliveries", "pushes", "roles", "secrets")


def to_json(found: AccessMap, *, names_hidden: bool = False) -> dict[str, Any]:
    """The map for programs; what is empty or as by default is left out of the rows."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "namesHidden": names_hidden,
        **{part: [_row(each) for each in getattr(found, part)] for part in _ROWS},
        **({"clusterReaders": [_row(each) for each in found.cluster_readers]} if found.cluster_readers else {}),
        "findings": [{**_row(each), "says": worded(each)} for each in found.findings],
    }


def _row(row: Any) -> dict[str, Any]:
    told = ((each.name, getattr(row, each.name), each.default) for each in fields(row) if not each.metadata)
    return {_camel(name): _value(value) for name, value, default in told if value not in ("", (), default)}


def _value(value: Any) -> Any:
    return [each if isinstance(each, str) else _row(each) for each in value] if isinstance(value, tuple) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def text_of(document: Mapping[str, Any]) -> str:
    """The document as it is printed: one row a line, which fits a comparison by lines."""
    lines = ["{"]
    for at, (name, value) in enumerate(document.items()):
        comma = "," if at < len(document) - 1 else ""
        if isinstance(value, list) and value:
            rows = ",\n".join(f"    {_dumped(each)}" for each in value)
            lines.append(f"  {_dumped(name)}: [\n{rows}\n  ]{comma}")
        else:
            lines.append(f"  {_dumped(name)}: {_dumped(value)}{comma}")
    return "\n".join([*lines, "}"])


def _dumped(value: Any) -> str:
    # DEL is the one control character that JSON lets pass.
    return json.dumps(value).replace("\x7f", "\\u007f")


def difference(old: Any, new: Any, names: tuple[str, str] = ("OLD", "NEW")) -> str:
    """What changed in who may read, as a text for the comment of a pull request.

    Args:
        old: decoded JSON of a map.
        new: another one's.
        names: their files, for errors.

    Raises:
        SpecError: one of them is no map of this version, or has its names hidden, each under a salt of its own.
    """
    told: list[str] = []
    for title, before, after in zip(_TITLES, _relations(old, names[0]), _relations(new, names[1]), strict=True):
        lines = [*(f"- {each}" for each in sorted(before - after)), *(f"+ {each}" for each in sorted(after - before))]
        if lines:
            told += [f"# {title}: {len(after - before)} more, {len(before - after)} fewer", *lines]
    if not told:
        return "No change in who may read what."
    kept = _fitting(told)
    fence = "`" * max(3, 1 + max(map(_backticks, kept)))
    return "\n".join([f"{fence}diff", *kept, fence])


_TITLES = (
    "Who may read a parameter",
    "Which key of a Secret a parameter is in",
    "Which parameter a Secret is pushed to",
)


def _fitting(lines: list[str]) -> list[str]:
    size, kept = 0, list[str]()
    for at, line in enumerate(lines):
        size += len(line.encode()) + 1
        if size > _MOST:
            return [*kept, f"# and {len(lines) - at:,} more lines"]
        kept.append(line)
    return kept


def _backticks(text: str) -> int:
    return max(map(len, "".join(each if each == "`" else " " for each in text).split()), default=0)


def _relations(document: Any, where: str) -> tuple[set[str], set[str], set[str]]:
    bag = mapping(document)
    if bag.get("format") != FORMAT:
        raise SpecError(f"{where} is no access map; give what `access --format json` printed")
    if bag.get("version") != VERSION:
        raise SpecError(f"{where} is an access map of version {bag.get('version')!r}; make both with one release")
    if bag.get("namesHidden"):
        raise SpecError(f"{where} has its names hidden, by hashes of that report alone; make both without --hide-names")
    readers = {
        plain(_reading(reader, _named(row)))
        for row in mappings(bag.get("parameters"))
        for reader in mappings(row.get("readers"))
    }
    into = {
        plain(f"{_source(row)}{_property(row)} -> {row.get('secret')}, {row.get('key')}")
        for row in mappings(bag.get("deliveries"))
    }
    pushed = {
        plain(f"{row.get('secret')}{_key(row)} -> {_source(row)}{_property(row)} ({row.get('kind')})")
        for row in mappings(bag.get("pushes"))
    }
    return readers, into, pushed


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("arn") or row.get("name"))


def _reading(reader: Mapping[str, Any], parameter: str) -> str:
    condition = f" if {reader['condition']}" if reader.get("condition") else ""
    return f"{reader.get('identity')} may read {parameter} ({reader.get('scope')}{condition})"


def _source(row: Mapping[str, Any]) -> str:
    of = "tags of " if row.get("tags") else ""
    return of + str(row.get("parameter") or row.get("find") or "(known during up)")


def _property(row: Mapping[str, Any]) -> str:
    return f", property {row['property']}" if row.get("property") else ""


def _key(row: Mapping[str, Any]) -> str:
    return f", {row['key']}" if row.get("key") else ""
