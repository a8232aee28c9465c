"""Entries of a PushSecret that only the Secret's keys tell: `dataTo`, several Secrets, and keys that templates make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...errors import ExtractError, SpecError
from ...golang.regexp import compile_pattern
from ..secret.key_rewriting import rewrite_entries
from ..spec.push_specs import PushData, PushDataTo, PushSpec
from .wanted_parameters import Entry, Part, entries_of

Contents = Mapping[str, Mapping[str, bytes]]
"""Secrets by name, each with its keys, decoded."""
_UNICODE = re.compile("_U([0-9a-fA-F]{4,5})_")


def reversed_unicode(key: str) -> str:
    """A key with the characters that ESO's conversionStrategy Unicode has put code points in place of."""
    return _UNICODE.sub(lambda found: _character(int(found[1], 16)), key)


def _character(code: int) -> str:
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)  # noqa: PLR2004 - surrogates, as Go has it


def converted_keys(keys: Iterable[str], *, converted: bool) -> dict[str, str]:
    """Keys as entries see them -> the Secret's own keys.

    Raises:
        SpecError: two become one.
    """
    found: dict[str, str] = {}
    for key in sorted(keys):
        new = reversed_unicode(key) if converted else key
        if new in found:
            raise SpecError(f"conversionStrategy ReverseUnicode makes {new!r} of keys {found[new]!r} and {key!r}")
        found[new] = key
    return found


def expanded(spec: PushSpec, store: str, contents: Contents) -> list[Entry]:
    """All that goes to one store.

    Args:
        spec: what is declared.
        store: the store's name.
        contents: the Secrets.

    Raises:
        SpecError: a key makes no name, or two keys become one.
    """
    entries: list[Entry] = []
    for name, keys in sorted(contents.items()):
        secret = name if spec.selector is not None else None
        entries += entries_of(spec.data, secret)
        for at, each in enumerate(spec.data_to):
            if each.store in (None, store):
                try:
                    entries += _matching(each, spec.data, keys, secret)
                except (SpecError, ExtractError) as error:
                    raise SpecError(f"dataTo[{at}]: {error}") from None
    return entries


def _matching(
    to: PushDataTo[str, str], data: Iterable[PushData[str]], keys: Iterable[str], secret: str | None
) -> list[Entry]:
    converted = to.conversion_strategy != "None"
    explicit = {each.secret_key for each in data}
    pattern = compile_pattern((to.match or "").encode())
    found = [
        key
        for key in converted_keys(keys, converted=converted)
        if pattern.search(key.encode()) is not None and key not in explicit
    ]
    if to.remote_key is not None:
        part = Part(keys=tuple(found), secret=secret, converted=converted)
        return [Entry(to.remote_key, part, to.metadata)] if found else []
    entries = []
    for key in found:
        (name,) = rewrite_entries(to.rewrite, {key: b""})
        if not name:
            raise SpecError(f"empty remote key produced for source key {key!r}")
        entries.append(Entry(name, Part(key, secret=secret, converted=converted), to.metadata))
    return entries
