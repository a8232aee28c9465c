"""Reads times that are written in Go's layouts, and Go's durations."""

import re
from fractions import Fraction

from .date_format import DAYS, MONTHS, PIECES
from .template_errors import FunctionError
from .times import NANOSECONDS, Time, day_number

_FRACTION = re.compile(r"[.,][0-9]+")
_ONE_OR_TWO = re.compile(r"[0-9]{1,2}")
_TWO = re.compile(r"[0-9]{2}")
_SIGNED_HOURS = re.compile(r"[+-]([0-9]+)")
_UPPER = re.compile(r"[A-Z]{0,6}")
_OFFSETS = {
    "07": re.compile(r"([+-])([0-9]{2})"),
    "0700": re.compile(r"([+-])([0-9]{2})([0-9]{2})"),
    "07:00": re.compile(r"([+-])([0-9]{2}):([0-9]{2})"),
    "070000": re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})"),
    "07:00:00": re.compile(r"([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})"),
}
_RANGES = {
    "month": range(1, 13),
    "hour": range(24),
    "hour12": range(13),
    "minute": range(60),
    "second": range(60),
    "day": range(100),
}
_NUMBERS = {
    "01": "month", "1": "month", "02": "day", "2": "day", "_2": "day", "15": "hour", "03": "hour12", "3": "hour12",
    "04": "minute", "4": "minute", "05": "second", "5": "second",
}  # fmt: skip
_CENTURY_TURN, _NOON, _MOST_HOURS, _MOST_MINUTES = 69, 12, 24, 60
_DURATION = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000,
    "s": NANOSECONDS, "m": 60 * NANOSECONDS, "h": 3600 * NANOSECONDS,
}  # fmt: skip
_INT64_END = 1 << 63
_MOST_DIGITS = 20


def parse_time(layout: str, text: str) -> Time:
    """A time that is written in a layout, or FunctionError; without a zone it is in UTC, as in ESO's container."""
    return _Parse(text).run(layout)


def _wrong() -> FunctionError:
    return FunctionError("the string is not a time in this layout")


class _Parse:
    """One reading of a text."""

    def __init__(self, text: str) -> None:
        self._rest = text
        self._parts: dict[str, int] = {}
        self._afternoon: bool | None = None
        self._offset: int | None = None
        self._zone = ""

    def run(self, layout: str) -> Time:
        position = 0
        for piece in PIECES.finditer(layout):
            self._skip(layout[position : piece.start()])
            position = piece.end()
            self._take(piece[0])
            if piece[0] in {"05", "5"}:
                following = PIECES.search(layout, position)
                if not (following and following[0][0] in ".,"):
                    self._fraction(None)
        self._skip(layout[position:])
        if self._rest:
            raise _wrong()
        return self._time()

    def _skip(self, prefix: str) -> None:
        """What is in the layout as it is; any run of blanks stands for any other, or for none at the end."""
        while prefix:
            if prefix[0] == " ":
                if self._rest and self._rest[0] != " ":
                    raise _wrong()
                prefix, self._rest = prefix.lstrip(" "), self._rest.lstrip(" ")
            elif self._rest[:1] == prefix[0]:
                prefix, self._rest = prefix[1:], self._rest[1:]
            else:
                raise _wrong()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._rest)
        if not found:
            raise _wrong()
        self._rest = self._rest[found.end() :]
        return found

    def _take(self, piece: str) -> None:
        if piece in _NUMBERS:
            self._number(_NUMBERS[piece], piece)
        elif piece in {"2006", "06"}:
            year = int(self._match(re.compile(rf"[0-9]{{{len(piece)}}}"))[0])
            if piece == "06":
                year += 1900 if year >= _CENTURY_TURN else 2000
            self._parts["year"] = year
        elif piece in {"January", "Jan"}:
            self._parts["month"] = self._name(MONTHS, len(piece)) + 1
        elif piece in {"Monday", "Mon"}:
            self._name(DAYS, len(piece))
        elif piece in {"002", "__2"}:
            blanks = "" if piece == "002" else " {0,2}"
            digits = "[0-9]{3}" if piece == "002" else "[0-9]{1,3}"
            self._parts["day of year"] = int(self._match(re.compile(f"{blanks}({digits})"))[1])
        elif piece in {"PM", "pm"}:
            found = self._match(re.compile("[AP]M" if piece == "PM" else "[ap]m"))[0]
            self._afternoon = found[0] in "Pp"
        elif piece == "MST":
            self._zone_name()
        elif piece[0] in "-Z":
            self._zone_offset(piece)
        else:
            self._fraction(piece)

    def _number(self, part: str, piece: str) -> None:
        if piece == "_2":
            self._rest = self._rest.removeprefix(" ")
        number = int(self._match(_TWO if len(piece) > 1 and piece[0] == "0" else _ONE_OR_TWO)[0])
        if number not in _RANGES[part]:
            raise _wrong()
        self._parts["hour" if part == "hour12" else part] = number

    def _name(self, names: tuple[str, ...], length: int) -> int:
        for position, name in enumerate(names):
            wanted = name[:3] if length == len("Jan") else name
            if self._rest[: len(wanted)].lower() == wanted.lower():
                self._rest = self._rest[len(wanted) :]
                return position
        raise _wrong()

    def _fraction(self, piece: str | None) -> None:
        """A fraction of the second: as many digits as `.000` has, any number of them for `.999` and without a piece."""
        if piece and piece[1] == "0":
            digits = self._match(re.compile(f"[.,][0-9]{{{len(piece) - 1}}}"))[0][1:]
        else:
            found = _FRACTION.match(self._rest)
            if not found:
                return
            digits = self._match(_FRACTION)[0][1:]
        self._parts["nanosecond"] = int(digits[:9].ljust(9, "0"))

    def _zone_name(self) -> None:
        """An abbreviation; only that of UTC and `GMT+n` say what the offset is."""
        if self._rest.startswith("UTC"):
            self._rest, self._offset, self._zone = self._rest[3:], 0, "UTC"
            return
        upper = self._match(_UPPER)[0]
        after = _SIGNED_HOURS.match(self._rest)
        if upper.startswith("GMT"):
            self._rest = upper[3:] + self._rest
            upper = "GMT"
            after = _SIGNED_HOURS.match(self._rest)
            if after and int(after[1][:4]) <= 23 and len(after[1]) < 4:  # noqa: PLR2004 - Go's limit for GMT+n
                self._rest = self._rest[after.end() :]
                self._offset, upper = int(after[0]) * 3600, upper + after[0]
        elif len(upper) not in {3, 4, 5} or (len(upper) > 3 and not upper.endswith("T") and upper != "WITA"):  # noqa: PLR2004 - Go's rule
            raise _wrong()
        self._zone = upper
        self._offset = self._offset or 0

    def _zone_offset(self, piece: str) -> None:
        if piece[0] == "Z" and self._rest.startswith("Z"):
            self._rest, self._offset, self._zone = self._rest[1:], 0, "UTC"
            return
        sign, *parts = self._match(_OFFSETS[piece[1:]]).groups()
        hours, minutes, seconds = [*map(int, parts), 0, 0][:3]
        if hours > _MOST_HOURS or minutes > _MOST_MINUTES or seconds > _MOST_MINUTES:
            raise _wrong()
        offset = (hours * 60 + minutes) * 60 + seconds
        self._offset = -offset if sign == "-" else offset

    def _time(self) -> Time:
        parts = {"year": 0, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0} | self._parts
        hour = parts["hour"]
        if self._afternoon is not None and hour <= _NOON:
            hour = hour % _NOON + _NOON * self._afternoon
        days = day_number(parts["year"], parts["month"], parts["day"])
        if days is None:
            raise _wrong()
        if "day of year" in self._parts:
            days = self._from_day_of_year(parts["year"], self._parts["day of year"])
        offset = self._offset or 0
        seconds = days * 86400 + hour * 3600 + parts["minute"] * 60 + parts["second"] - offset
        zone = self._zone or ("UTC" if offset == 0 else "")
        return Time(seconds * NANOSECONDS + parts.get("nanosecond", 0), offset, zone)

    def _from_day_of_year(self, year: int, day: int) -> int:
        days = (day_number(year, 1, 1) or 0) + day - 1
        civil = Time(days * 86400 * NANOSECONDS).civil
        wanted = {"year": year, "month": civil.tm_mon, "day": civil.tm_mday} | self._parts
        if (civil.tm_year, civil.tm_mon, civil.tm_mday) != (wanted["year"], wanted["month"], wanted["day"]):
            raise _wrong()
        return days


def parse_duration(text: str) -> int | None:
    """A duration such as `-1h30m` in nanoseconds; None where it is none."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, position = 0, 0
    while position < len(rest):
        found = _DURATION.match(rest, position)
        if not found or not (found[1] or found[2]):
            return None
        whole, fraction = found[1].lstrip("0"), (found[2] or "")[:_MOST_DIGITS]
        if len(whole) > _MOST_DIGITS:
            return None
        number = int(whole or "0") + Fraction(int(fraction or "0"), 10 ** len(fraction))
        total += int(number * _UNITS[found[3]])
        if total > _INT64_END or (total == _INT64_END and sign > 0):
            return None
        position = found.end()
    return sign * total if rest else None


def format_duration(nanoseconds: int) -> str:
    """A duration as Go prints it: `1h30m0s`, `1.5s`, `20ms`."""
    sign, rest = "-" if nanoseconds < 0 else "", abs(nanoseconds)
    if rest < NANOSECONDS:
        for unit, size in (("ms", 1_000_000), ("µs", 1000), ("ns", 1)):
            if rest >= size:
                return f"{sign}{_decimal(rest, size)}{unit}"
        return "0s"
    minutes, seconds = divmod(rest, 60 * NANOSECONDS)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(seconds, NANOSECONDS)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return sign + (f"{hours}h{text}" if hours else text)


def _decimal(number: int, unit: int) -> str:
    whole, fraction = divmod(number, unit)
    return f"{whole}.{fraction:0{len(str(unit)) - 1}d}".rstrip("0").rstrip(".")
