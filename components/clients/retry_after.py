"""What a server says in `Retry-After`: how long it wants not to be called."""

import email.utils


def parse_retry_after(header: str | None, date: str | None = None, *, now: float = 0.0) -> float | None:
    """Seconds from a `Retry-After` header: a number of seconds or, from proxies, a point in time.

    That was written by the clock of the answer's `Date`; `now` counts where there is none. The seconds are infinite
    where there are more than can be counted, and None where the header says nothing that can be waited for.
    """
    if not header:
        return None
    header = header.strip()
    if header.isascii() and header.isdigit():
        return float(header)
    until, since = _seconds_of(header), _seconds_of(date or "")
    if until is None:
        return None
    wait = until - (now if since is None else since)
    return wait if wait > 0 else None


def in_words(seconds: float) -> str:
    """A time that a server asks for, for people."""
    for unit, name, most in ((1.0, "s", 600.0), (60.0, "minutes", 7200.0), (3600.0, "hours", 172800.0)):
        if seconds <= most:
            return f"{seconds / unit:.0f} {name}"
    return "more than two days"


def _seconds_of(date: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
