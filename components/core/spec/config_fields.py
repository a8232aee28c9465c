"""Reads settings strictly: each field is known and of the right type, or named in the error.

What is empty counts as left out, in every field: null, an empty string, an empty list, and an empty mapping but where a
mapping is wanted, as its being there can say something (ESO: a pointer that is not nil).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from math import inf, isfinite
from typing import Any, TypeVar

from ...display import some_of
from ...errors import SpecError
from ...golang.yaml.scalars import Respelt
from ..characters import refuse_surrogates

T = TypeVar("T")
_SHOWN = 40
_BITS = 64
_NAMED = 10
"""How many unknown fields an error names."""

_FIRST_WORDS = {
    "data": "secretKey: ",
    "dataFrom": "extract: ",
    "rewrite": "regexp: ",
    "templateFrom": "configMap: ",
    "items": "key: ",
    "conditions": "namespaces: ",
    "sessionTags": "key: ",
    "matchExpressions": "key: ",
    "externalSecrets": "name: ",
    "pushSecrets": "name: ",
    "secretStoreRefs": "name: ",
    "policies": "Type: ",
    "secretStores": "name: ",
    "clusterSecretStores": "name: ",
}
"""How an entry of a list of mappings begins, as ESO's documentation writes it."""


class Fields:
    """The fields of one mapping, taken one by one; what is left over is an error.

    Who reads all of a mapping calls `only` first, so that a misspelt field is named before one that is missing.
    """

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise SpecError(f"{where}: expected a mapping with named fields, got {kind_of(value)}")
        self.where = where
        self._left = dict(value)
        for name in self._left:
            if isinstance(name, str):
                refuse_surrogates(name, f"{where}: the name of a field")

    def only(self, *fields: str) -> None:
        """Refuse every field but these; the error names the nearest of them."""
        self._refuse_unknown([name for name in self._left if name not in fields], fields)

    def text(self, field: str, *, may_be_empty: bool = False) -> str:
        """A text that is required; an empty one where that says something, such as the value of a label."""
        value = self.optional_text(field, may_be_empty=may_be_empty)
        if value is None:
            raise SpecError(f"{self.where}.{field} is required")
        return value

    def optional_text(self, field: str, *, may_be_empty: bool = False) -> str | None:
        """A text, or None; see `text`."""
        if may_be_empty and self._left.get(field) == "":
            return str(self._left.pop(field))
        value: str | None = self._take(field, str, "a string")
        return value

    def number(self, field: str, default: float) -> float:
        """A number."""
        value = self._take(field, (int, float), "a number")
        try:
            number = default if value is None else float(value)
        except OverflowError:
            number = inf
        if not isfinite(number):
            raise SpecError(f"{self.where}.{field}: expected a number that is finite and not too large")
        return number

    def flag(self, field: str) -> bool:
        """True or false; false by default."""
        return bool(self._take(field, bool, "true or false"))

    def texts(self, field: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """A list of texts; see `text`."""
        where = f"{self.where}.{field}"
        found = entries_of(self._pop(field), where)
        for index, each in enumerate(found):
            if not isinstance(each, str):
                raise SpecError(f"{where}[{index}]: expected a string, got {_unquoted(each)}")
            refuse_surrogates(each, f"{where}[{index}]")
            if not each and not may_be_empty:
                raise SpecError(f"{where}[{index}] is empty; take it out, or write what it should be")
        return tuple(found)

    def pairs(self, field: str) -> dict[str, str]:
        """A mapping of names to texts, which may be empty."""
        inner = self.mapping(field)
        return {str(name): inner.text(name, may_be_empty=True) for name in inner.names()} if inner else {}

    def lists(self, field: str) -> dict[str, tuple[str, ...]]:
        """A mapping of names to lists of texts."""
        inner = self.mapping(field)
        return {name: inner.texts(name) for name in inner.names()} if inner else {}

    def selector(self, field: str) -> str | None:
        """A version number or label; YAML reads a bare number as one."""
        value = self._text_or_number(field, "a version number or label")
        return None if value is None else str(value)

    def duration(self, field: str) -> str | None:
        """A duration as Go writes it; YAML reads a bare `0` as a number."""
        value = self._text_or_number(field, "a duration such as '1h'")
        if isinstance(value, int) and value:
            raise SpecError(f"{self.where}.{field}: {value} has no unit; write a duration such as '{value}s'")
        return None if value is None else str(value)

    def mapping(self, field: str) -> "Fields | None":
        """A mapping, which may be empty, or None."""
        value = self._left.get(field)
        value = self._left.pop(field) if isinstance(value, Mapping) else self._pop(field)
        return None if value is None else Fields(value, f"{self.where}.{field}")

    def entries(self, field: str) -> "list[Fields]":
        """A list of mappings."""
        where = f"{self.where}.{field}"
        return [Fields(each, f"{where}[{index}]") for index, each in enumerate(entries_of(self._pop(field), where))]

    def raw(self, field: str) -> Any:
        """The value as it is, None where it is empty. The caller checks it."""
        return self._pop(field)

    def has(self, field: str) -> bool:
        """Whether a field is given, be it as an empty mapping, and not taken yet."""
        value = self._left.get(field)
        return value is not None and value not in ("", [])

    def renamed(self, field: str, known: str) -> "Fields":
        """The same mapping, with a field under the name by which it is known here."""
        if field in self._left and known not in self._left:
            self._left[known] = self._left.pop(field)
        return self

    def ignore(self, *fields: str) -> None:
        """Take fields that say nothing to us."""
        for field in fields:
            self._left.pop(field, None)

    def drop(self, value: str) -> list[str]:
        """Take the fields that have just this text, and say which they were."""
        found = [field for field, each in self._left.items() if each == value]
        self.ignore(*found)
        return found

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """Refuse fields that others know and we do not, unless they ask for nothing; the reasons say what to do."""
        for field, reason in reasons.items():
            if not asks_for_nothing(self._left.pop(field, None)):
                raise SpecError(f"{self.where}.{field}: {reason}")

    def placed(self, make: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Make something of these fields; what is wrong with them is said with their place."""
        try:
            return make(*arguments, **named)
        except SpecError as error:
            raise SpecError(f"{self.where}: {error}") from None

    def is_text(self, field: str) -> bool:
        """Whether a field is there and is a string."""
        return isinstance(self._left.get(field), str)

    def is_mapping(self, field: str) -> bool:
        """Whether a field is given, as a mapping that is not empty."""
        value = self._left.get(field)
        return isinstance(value, Mapping) and bool(value)

    def names(self) -> list[str]:
        """The fields that were not taken yet."""
        return list(self._left)

    def end(self) -> None:
        """Refuse what is left over."""
        self._refuse_unknown(self.names(), ())

    def _refuse_unknown(self, unknown: Sequence[Any], known: Collection[str]) -> None:
        if not unknown:
            return
        named = sorted(map(repr, unknown))
        meant = [(name, near) for name in unknown[:_NAMED] if (near := likeliest(name, known))]
        hints = [f"{near!r}" if len(unknown) == 1 else f"{near!r} for {name!r}" for name, near in meant]
        hint = f". Did you mean {', '.join(hints)}?" if hints else ""
        raise SpecError(f"{self.where}: unknown field {some_of(named, _NAMED)}; see docs/configuration.md{hint}")

    def _pop(self, field: str) -> Any:
        """A field's value, or None where it is empty."""
        value = self._left.pop(field, None)
        return None if isinstance(value, str | list | Mapping) and not value else value

    def _text_or_number(self, field: str, expected: str) -> str | int | None:
        """A string, or a whole number that is written just as it is read: kubectl wants quotes for any number."""
        value: str | int | None = self._take(field, (str, int), expected)
        if isinstance(value, Respelt):
            written = value.written[:_SHOWN]
            raise SpecError(f"{self.where}.{field}: YAML reads {written} as the number {int(value)}; put it in quotes")
        if isinstance(value, int) and value.bit_length() > _BITS:  # Python writes no number of 5,000 digits
            raise SpecError(f"{self.where}.{field}: expected {expected}, got a number that is too large")
        return value

    def _take(self, field: str, kinds: Any, expected: str) -> Any:
        value = self._pop(field)
        wrong_flag = isinstance(value, bool) and kinds is not bool
        if value is not None and (wrong_flag or not isinstance(value, kinds)):
            found = _unquoted(value) if str in (kinds if isinstance(kinds, tuple) else (kinds,)) else kind_of(value)
            raise SpecError(f"{self.where}.{field}: expected {expected}, got {found}")
        if isinstance(value, str):
            refuse_surrogates(value, f"{self.where}.{field}")
        return value


def camel(name: str) -> str:
    """A name of Python's arguments as manifests, settings and Pulumi's schemas have it."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def asks_for_nothing(value: Any) -> bool:
    """Whether a value is empty, and everything in it."""
    if isinstance(value, Mapping):
        return all(map(asks_for_nothing, value.values()))
    if isinstance(value, list):
        return all(map(asks_for_nothing, value))
    return value is None or value == ""


def likeliest(name: Any, known: Collection[str]) -> str | None:
    """Which of the known names a misspelt one stands for, however it is capitalised; None where none is near."""
    plain = {each.lower(): each for each in known}
    found = get_close_matches(str(name).lower(), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found else None


def folded(name: str) -> str:
    """A name without what is easily written in another way: capitals, and what is neither letter nor digit."""
    return "".join(filter(str.isalnum, name)).casefold()


def alike(one: str, other: str) -> float:
    """How alike two names are when they are folded, from 0 to 1; nothing is like an empty name."""
    first, second = folded(one), folded(other)
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first and second else 0.0


def entries_of(value: Any, where: str) -> list[Any]:
    """A list, or none where nothing is given."""
    if value is None:
        return []
    if not isinstance(value, list):
        first = _FIRST_WORDS.get(where.rpartition(".")[2])
        shape = f"'- {first}...'" if first else "'- '"
        raise SpecError(
            f"{where}: expected a list, got {kind_of(value)}; write a list: each entry on a line of its own after "
            f"{shape}"
        )
    return value


def check_distinct(named: Sequence[tuple[str, str]], where: str) -> None:
    """Refuse a name that occurs twice; each comes with its place, and errors begin with `where`."""
    names = [name for name, _ in named]
    for name in sorted({name for name in names if names.count(name) > 1}):
        places = " and ".join(place for each, place in named if each == name)
        raise SpecError(f"{where}: the name {name!r} occurs twice, in {places}")


def printable(text: str) -> str:
    """A text as it is shown in one line: what cannot be printed is escaped, such as a line break."""
    return text if text.isprintable() else ascii(text)[1:-1]


def _unquoted(value: Any) -> str:
    """What stands in place of a string, and how a string is written that YAML takes for something else."""
    if isinstance(value, bool):
        return f"{kind_of(value)}: YAML takes y, yes, on, n, no and off for that too; put it in quotes"
    return f"{kind_of(value)}; put it in quotes" if isinstance(value, int | float) else kind_of(value)


def kind_of(value: Any) -> str:
    """What a value is, in the words of errors; the value itself may be a secret."""
    names = {
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a mapping",
    }
    kind = int if isinstance(value, Respelt) else type(value)
    return names.get(kind, "nothing" if value is None else kind.__name__)
