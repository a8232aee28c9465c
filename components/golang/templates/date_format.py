"""Shows times in Go's layouts, which are written as the reference time Mon Jan 2 15:04:05 MST 2006 looks."""

import re
from time import struct_time

from .times import Time

DEFAULT_LAYOUT = "2006-01-02 15:04:05.999999999 -0700 MST"
"""How Go prints a time."""
RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00"
"""How Go writes a time into JSON."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

PIECES = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm"
    r"|[-Z](?:070000|07:00:00|0700|07:00|07)|[.,](?:0+|9+)(?![0-9])"
)
"""The pieces of a layout that stand for a part of the time."""

_NOON, _MINUTE = 12, 60


def format_time(layout: str, time: Time) -> str:
    """A time in a layout; FunctionError where it is outside of the years 0 to 9999."""
    local = time.civil
    return PIECES.sub(lambda piece: _piece(piece[0], time, local), layout)


def _piece(piece: str, time: Time, local: struct_time) -> str:
    if piece == "MST":
        return time.zone or _offset("-0700", time.offset)
    if piece[0] in "-Z":
        return "Z" if piece[0] == "Z" and not time.offset else _offset(piece, time.offset)
    if piece[0] in ".,":
        digits = f"{time.nanosecond:09d}".ljust(len(piece) - 1, "0")[: len(piece) - 1]
        if piece[1] == "0":
            return piece[0] + digits
        return f"{piece[0]}{digits}".rstrip("0").rstrip(".,")
    hour12 = local.tm_hour % _NOON or _NOON
    return {
        "January": MONTHS[local.tm_mon - 1],
        "Jan": MONTHS[local.tm_mon - 1][:3],
        "Monday": DAYS[local.tm_wday],
        "Mon": DAYS[local.tm_wday][:3],
        "01": f"{local.tm_mon:02d}",
        "1": f"{local.tm_mon}",
        "02": f"{local.tm_mday:02d}",
        "2": f"{local.tm_mday}",
        "_2": f"{local.tm_mday:2d}",
        "002": f"{local.tm_yday:03d}",
        "__2": f"{local.tm_yday:3d}",
        "03": f"{hour12:02d}",
        "3": f"{hour12}",
        "15": f"{local.tm_hour:02d}",
        "04": f"{local.tm_min:02d}",
        "4": f"{local.tm_min}",
        "05": f"{local.tm_sec:02d}",
        "5": f"{local.tm_sec}",
        "06": f"{local.tm_year % 100:02d}",
        "2006": f"{local.tm_year:04d}",
        "PM": "PM" if local.tm_hour >= _NOON else "AM",
        "pm": "pm" if local.tm_hour >= _NOON else "am",
    }[piece]


def _offset(piece: str, offset: int) -> str:
    """An offset in the form that a piece such as `-07:00` shows."""
    # Go rounds to minutes towards zero, and takes the sign from them.
    minutes = abs(offset) // _MINUTE
    sign = "-" if offset < 0 and minutes else "+"
    parts = [f"{minutes // _MINUTE:02d}", f"{minutes % _MINUTE:02d}", f"{abs(offset) % _MINUTE:02d}"]
    digits = sum(map(str.isdigit, piece))
    return sign + (":" if ":" in piece else "").join(parts[: digits // 2])
