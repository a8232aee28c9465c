"""Sprig's functions on dates, and the methods that a time has; the local zone is UTC, as in ESO's container."""

import time
import zoneinfo
from functools import cache

from ..date_format import format_time
from ..date_parse import format_duration, parse_duration, parse_time
from ..function import Family
from ..go_values import Int64, Uint8, Value, type_name, wrap_int
from ..runes import decode, decode_valid, encode
from ..template_errors import FunctionError, LimitError
from ..times import NANOSECONDS, ZERO, Time, day_number
from .integers import atoi

DATES = Family()
TIME_METHODS = Family()

_UNITS = (("y", 8760 * 3600), ("mo", 720 * 3600), ("d", 24 * 3600), ("h", 3600), ("m", 60), ("s", 1))
_MILLI, _MICRO = 1_000_000, 1000
_WEIGHT = 64
"""A layout has a piece with nearly every byte."""
_LONGEST_LAYOUT = 1000
"""Bytes of a layout to read a time by: each of its characters cuts one off the string."""
_ZONE = 200
"""Steps of looking for a time zone, which is a file."""


def _now() -> Time:
    return Time(time.time_ns())


def _time(value: Value) -> Time:
    """What sprig takes for a time; where it takes the present one instead, that is an error here."""
    if isinstance(value, Time):
        return value
    if isinstance(value, int) and not isinstance(value, bool | Uint8):
        return Time(value * NANOSECONDS)
    raise FunctionError(
        f"takes a time or its Unix seconds, not a {type_name(value)}; use toDate to make a time of a string"
    )


def _in_zone(moment: Time, name: bytes) -> Time:
    zone = decode_valid(name)
    if zone in {"", "UTC", "Local"}:
        return Time(moment.nanoseconds)
    try:
        return moment.within(zoneinfo.ZoneInfo(zone))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        if not _has_zones():
            raise FunctionError("this machine has no time zones; install the package tzdata") from None
        return Time(moment.nanoseconds)


@cache
def _has_zones() -> bool:
    """Whether this machine knows time zones at all, which takes long to find out."""
    return bool(zoneinfo.available_timezones())


def _formatted(layout: bytes, moment: Time) -> bytes:
    return encode(format_time(decode(layout), moment))


@DATES.add("now", varies=True)
def _now_function() -> Time:
    return _now()


@DATES.add("date", weight=_WEIGHT)
def _date(layout: bytes, value: Value) -> bytes:
    return _formatted(layout, _in_zone(_time(value), b"UTC"))


@DATES.add("dateInZone", "date_in_zone", steps=_ZONE, weight=_WEIGHT)
def _date_in_zone(layout: bytes, value: Value, zone: bytes) -> bytes:
    return _formatted(layout, _in_zone(_time(value), zone))


@DATES.add("htmlDateInZone", steps=_ZONE)
def _html_date_in_zone(value: Value, zone: bytes) -> bytes:
    return _date_in_zone(b"2006-01-02", value, zone)


@DATES.add("toDate")
def _to_date(layout: bytes, text: bytes) -> Time:
    try:
        return _must_to_date(layout, text)
    except LimitError:
        raise
    except FunctionError:
        return ZERO


@DATES.add("mustToDate")
def _must_to_date(layout: bytes, text: bytes) -> Time:
    if len(layout) > _LONGEST_LAYOUT:
        raise LimitError(f"the layout is longer than {_LONGEST_LAYOUT} bytes")
    return parse_time(decode_valid(layout), decode_valid(text))


@DATES.add("dateModify", "date_modify")
def _date_modify(duration: bytes, moment: Time) -> Time:
    nanoseconds = parse_duration(decode_valid(duration))
    return moment if nanoseconds is None else _moved(moment, nanoseconds)


@DATES.add("mustDateModify", "must_date_modify")
def _must_date_modify(duration: bytes, moment: Time) -> Time:
    nanoseconds = parse_duration(decode_valid(duration))
    if nanoseconds is None:
        raise FunctionError("the string is not a duration")
    return _moved(moment, nanoseconds)


def _moved(moment: Time, nanoseconds: int) -> Time:
    return Time(moment.nanoseconds + nanoseconds, moment.offset, moment.zone)


@DATES.add("ago", varies=True)
def _ago(value: Value) -> bytes:
    elapsed = _now().nanoseconds - _time(value).nanoseconds
    return format_duration((elapsed + NANOSECONDS // 2) // NANOSECONDS * NANOSECONDS).encode()


@DATES.add("duration")
def _duration(value: Value) -> bytes:
    # Sprig knows text and int64 only; a plain number in a template is an int, and counts as 0.
    seconds = atoi(value) if isinstance(value, bytes) else int(value) if isinstance(value, Int64) else 0
    return format_duration(wrap_int(seconds * NANOSECONDS)).encode()


@DATES.add("durationRound", varies=True)
def _duration_round(value: Value) -> bytes:
    match value:
        case bytes():
            nanoseconds = parse_duration(decode_valid(value)) or 0
        case Int64():
            nanoseconds = int(value)
        case Time():
            nanoseconds = _now().nanoseconds - value.nanoseconds
        case _:
            nanoseconds = 0
    for unit, seconds in _UNITS:
        if abs(nanoseconds) > seconds * NANOSECONDS:
            return b"%d%s" % (abs(nanoseconds) // (seconds * NANOSECONDS), unit.encode())
    return b"0s"


@TIME_METHODS.add("Format", weight=_WEIGHT)
def _format(moment: Time, layout: bytes) -> bytes:
    return _formatted(layout, moment)


@TIME_METHODS.add("AddDate")
def _add_date(moment: Time, years: int, months: int, days: int) -> Time:
    civil = moment.civil
    year, month = divmod(civil.tm_year * 12 + civil.tm_mon - 1 + months + years * 12, 12)
    before, after = day_number(civil.tm_year, civil.tm_mon, 1), day_number(year, month + 1, 1)
    if before is None or after is None:
        raise FunctionError("there is no such time")
    return _moved(moment, (after - before + days) * 86400 * NANOSECONDS)


DATES.table(
    {
        "htmlDate(any)": lambda value: _date_in_zone(b"2006-01-02", value, b"UTC"),
        "unixEpoch(time.Time)": lambda moment: b"%d" % moment.seconds,
    }
)


TIME_METHODS.table(
    {
        "String(time.Time)": lambda moment: _formatted(b"2006-01-02 15:04:05.999999999 -0700 MST", moment),
        "UTC|Local(time.Time)": lambda moment: Time(moment.nanoseconds),
        "Unix(time.Time)": lambda moment: Int64(moment.seconds),
        "UnixMilli(time.Time)": lambda moment: Int64(moment.nanoseconds // _MILLI),
        "UnixMicro(time.Time)": lambda moment: Int64(moment.nanoseconds // _MICRO),
        "Year(time.Time)": lambda moment: moment.civil.tm_year,
        "Day(time.Time)": lambda moment: moment.civil.tm_mday,
        "YearDay(time.Time)": lambda moment: moment.civil.tm_yday,
        "Hour(time.Time)": lambda moment: moment.civil.tm_hour,
        "Minute(time.Time)": lambda moment: moment.civil.tm_min,
        "Second(time.Time)": lambda moment: moment.civil.tm_sec,
        "Nanosecond(time.Time)": lambda moment: moment.nanosecond,
        "IsZero(time.Time)": lambda moment: moment.nanoseconds == ZERO.nanoseconds,
    }
)
