"""When an ExternalSecret's parameters are read again (ESO: `refreshPolicy` and `refreshInterval`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal, get_args

from ...errors import SpecError
from .choices import check_choice
from .fields import Declaration, Selector

RefreshPolicy = Literal["Periodic", "OnChange", "CreatedOnce"]

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
# Digits are those of ASCII alone, as in Go.
_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+")
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
NEVER = float("inf")
MAX_INTERVAL = 100 * 365 * 24 * 3600.0
"""Seconds; longer than anybody's cluster lives, and short enough to be added to any date."""


FORCE_VARIABLE = "PARAMETER_STORE_FORCE_SYNC"
_YES, _NO = ("1", "true"), ("", "0", "false")


def is_forced(environ: Mapping[str, str]) -> bool:
    """Whether an environment asks to read everything, whatever `refresh_interval` says.

    Raises:
        SpecError: the variable says neither yes nor no.
    """
    said = environ.get(FORCE_VARIABLE, "").lower()
    if said not in (*_YES, *_NO):
        raise SpecError(f"{FORCE_VARIABLE} is neither 1 nor 0; write 1 to read all, or unset it")
    return said in _YES


def parse_duration(text: str) -> float:
    """A duration as Go writes it, such as `1h30m` or `0`, in seconds."""
    if text in ("0", "+0", "-0"):
        return 0.0
    if not _DURATION.fullmatch(text):
        raise SpecError(f"{text!r} is not a duration; write one such as '1h', '30m' or '0'")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return -seconds if text.startswith("-") else min(seconds, MAX_INTERVAL)


@dataclass(frozen=True)
class RefreshSpec(Declaration):
    """When parameters are read again.

    Attributes:
        policy: `Periodic`: where the last sync is older than the interval. `OnChange`: where the declaration changed.
            `CreatedOnce`: never again. In all of them a changed declaration is applied, and a Secret that was edited or
            deleted in the cluster is repaired.
        interval: the time that must have passed since the last sync, as Go writes it; None: at every apply; 0 or less:
            never again.
    """

    policy: RefreshPolicy = "Periodic"
    interval: Annotated[str | int | None, Selector()] = None

    def check(self) -> None:
        """Check that there is such a policy, and that the interval is a duration; see `Declaration.check`."""
        _ = self.seconds  # to make it checks it
        check_choice("refreshPolicy", self.policy, get_args(RefreshPolicy))

    @cached_property
    def seconds(self) -> float | None:
        """The interval in seconds; None: at every apply."""
        return None if self.interval is None else parse_duration(str(self.interval))

    @property
    def period(self) -> float:
        """Seconds between two readings: 0 for every apply, infinity for never again."""
        if self.policy != "Periodic" or (self.seconds is not None and self.seconds <= 0):
            return NEVER
        return self.seconds or 0.0


def is_due(period: float, last: str | None, now: datetime) -> bool:
    """Whether it is time to read again: some seconds, or infinity, after the last reading, if there was one."""
    if last is None or period <= 0:
        return True
    read = datetime.fromisoformat(last)
    if read > now:
        return True  # a clock was wrong; ESO reads again too
    return period != NEVER and now >= read + timedelta(seconds=period)
