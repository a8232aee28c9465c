"""Go's time.Time: an instant to the nanosecond, and the zone that it is shown in."""

import datetime as dt
from dataclasses import dataclass
from time import struct_time
from zoneinfo import ZoneInfo

from .template_errors import FunctionError

NANOSECONDS = 1_000_000_000
_DAY = 86_400
_DAYS_TO_1970 = dt.date(1970, 1, 1).toordinal()
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
"""The calendar repeats itself after 400 years, which is how years come near to where Python's calendar begins."""
_YEARS = range(10_000)


@dataclass(frozen=True, slots=True)
class Time:
    """An instant, in nanoseconds since 1970 in UTC.

    It is shown so many seconds east of UTC, in the zone of this abbreviation, if there is one.
    """

    nanoseconds: int
    offset: int = 0
    zone: str = "UTC"

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970 in UTC."""
        return self.nanoseconds // NANOSECONDS

    @property
    def nanosecond(self) -> int:
        """Nanoseconds within the second."""
        return self.nanoseconds % NANOSECONDS

    @property
    def civil(self) -> struct_time:
        """Date and time of day in its zone; FunctionError outside of the years 0 to 9999."""
        days, second = divmod(self.seconds + self.offset, _DAY)
        cycles, ordinal = divmod(days + _DAYS_TO_1970 - 1, _CYCLE_DAYS)
        local = (dt.datetime.fromordinal(ordinal + 1) + dt.timedelta(seconds=second)).timetuple()
        year = local.tm_year + _CYCLE_YEARS * cycles
        if year not in _YEARS:
            raise FunctionError("a time is outside of the years 0 to 9999")
        return struct_time((year, *local[1:]))

    def within(self, zone: ZoneInfo) -> "Time":
        """The same instant, shown in another zone; FunctionError outside of the years 1 to 9999."""
        try:
            moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)
            there = moment.astimezone(zone)
        except OverflowError:
            raise FunctionError("a time is outside of the years 1 to 9999") from None
        offset = there.utcoffset() or dt.timedelta()
        return Time(self.nanoseconds, int(offset.total_seconds()), there.tzname() or "")


def same_time(left: Time, right: Time) -> bool:
    """Whether two times are equal for Go, whose times hold a reference to their zone.

    Raises:
        FunctionError: they are one instant, and whether their zones are one object is not known here.
    """
    if left.nanoseconds == right.nanoseconds and left is not right:
        raise FunctionError("whether two times of one instant are equal is not supported; compare their Unix")
    return left is right


def day_number(year: int, month: int, day: int) -> int | None:
    """Days from 1970 to a date; None where the month has no such day."""
    try:
        date = dt.date(year % _CYCLE_YEARS + _CYCLE_YEARS, month, day)
    except ValueError:
        return None
    cycles = year // _CYCLE_YEARS - 1
    return date.toordinal() + cycles * _CYCLE_DAYS - _DAYS_TO_1970


ZERO = Time(-62_135_596_800 * NANOSECONDS)
"""Go's zero time, the first second of the year 1."""
