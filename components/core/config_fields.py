"""Reads settings strictly: each field is known and of the right type, or named in the error."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite
from typing import Any, TypeVar

from .errors import SpecError
from .surrogates import refuse_surrogates

T = TypeVar("T")


class Fields:
    """The fields of one mapping, taken one by one; what is left over is an error."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise SpecError(f"{where}: expected a mapping with named fields, got {kind_of(value)}")
        self.where = where
        self._left = dict(value)
        for name in self._left:
            if isinstance(name, str):
                refuse_surrogates(name, f"{where}: the name of a field")

    def text(self, field: str) -> str:
        """A text that is required."""
        value = self.optional_text(field)
        if value is None:
            raise SpecError(f"{self.where}.{field} is required")
        return value

    def optional_text(self, field: str) -> str | None:
        """A text, or None."""
        value: str | None = self._take(field, str, "a text")
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

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts."""
        where = f"{self.where}.{field}"
        found = entries_of(self._left.pop(field, None), where)
        for index, each in enumerate(found):
            if not isinstance(each, str):
                raise SpecError(f"{where}[{index}]: expected a text, got {kind_of(each)}")
            refuse_surrogates(each, f"{where}[{index}]")
        return tuple(found)

    def pairs(self, field: str) -> dict[str, str]:
        """A mapping of names to texts."""
        inner = self.mapping(field)
        return {str(name): inner.text(name) for name in inner.names()} if inner else {}

    def lists(self, field: str) -> dict[str, tuple[str, ...]]:
        """A mapping of names to lists of texts."""
        inner = self.mapping(field)
        return {name: inner.texts(name) for name in inner.names()} if inner else {}

    def selector(self, field: str) -> str | None:
        """A version number or label; YAML reads a bare number as one."""
        value = self._take(field, (str, int), "a version number or label")
        return None if value is None else str(value)

    def duration(self, field: str) -> str | None:
        """A duration as Go writes it; YAML reads a bare `0` as a number."""
        value = self._take(field, (str, int), "a duration such as '1h'")
        if isinstance(value, int) and value:
            raise SpecError(f"{self.where}.{field}: {value} has no unit; write a duration such as '{value}s'")
        return None if value is None else str(value)

    def mapping(self, field: str) -> "Fields | None":
        """A mapping, or None."""
        value = self._left.pop(field, None)
        return None if value is None else Fields(value, f"{self.where}.{field}")

    def entries(self, field: str) -> "list[Fields]":
        """A list of mappings."""
        where = f"{self.where}.{field}"
        return [
            Fields(each, f"{where}[{index}]")
            for index, each in enumerate(entries_of(self._left.pop(field, None), where))
        ]

    def has(self, field: str) -> bool:
        """Whether a field is given, and not taken yet."""
        return self._left.get(field) is not None

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
        """Refuse fields that others know and we do not; the reasons say what to do."""
        for field, reason in reasons.items():
            if self.has(field):
                raise SpecError(f"{self.where}.{field}: {reason}")
            self._left.pop(field, None)

    def placed(self, make: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Make something of these fields; what is wrong with them is said with their place."""
        try:
            return make(*arguments, **named)
        except SpecError as error:
            raise SpecError(f"{self.where}: {error}") from None

    def is_mapping(self, field: str) -> bool:
        """Whether a field is given, as a mapping."""
        return isinstance(self._left.get(field), Mapping)

    def names(self) -> list[str]:
        """The fields that were not taken yet."""
        return list(self._left)

    def end(self) -> None:
        """Refuse what is left over."""
        if self._left:
            raise SpecError(
                f"{self.where}: unknown field {', '.join(sorted(map(repr, self._left)))}; see docs/configuration.md"
            )

    def _take(self, field: str, kinds: Any, expected: str) -> Any:
        value = self._left.pop(field, None)
        wrong_flag = isinstance(value, bool) and kinds is not bool
        if value is not None and (wrong_flag or not isinstance(value, kinds)):
            raise SpecError(f"{self.where}.{field}: expected {expected}, got {kind_of(value)}")
        if isinstance(value, str):
            refuse_surrogates(value, f"{self.where}.{field}")
        return value


def entries_of(value: Any, where: str) -> list[Any]:
    """A list, or none where nothing is given."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise SpecError(f"{where}: expected a list, got {kind_of(value)}")
    return value


def check_distinct(named: Sequence[tuple[str, str]], where: str) -> None:
    """Refuse a name that occurs twice.

    Args:
        named: names, each with its place.
        where: what errors begin with.
    """
    names = [name for name, _ in named]
    for name in sorted({name for name in names if names.count(name) > 1}):
        places = " and ".join(place for each, place in named if each == name)
        raise SpecError(f"{where}: the name {name!r} occurs twice, in {places}")


def kind_of(value: Any) -> str:
    """What a value is, in the words of errors; the value itself may be a secret."""
    names = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(value), "nothing" if value is None else type(value).__name__)
