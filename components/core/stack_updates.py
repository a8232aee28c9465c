"""Whether the last `pulumi up` of a stack came to its end, as the stack's history and state tell."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..display import plain, some_of

_CHANGING = {"update": "pulumi up", "destroy": "pulumi destroy"}
_CLOCKS = timedelta(minutes=1)
_SHOWN = 3
_STALE = "what is shown as ready may be as an earlier one left it"


def unfinished_update(pages: Iterable[Any]) -> str | None:
    """Why the last `pulumi up` does not count, or a `pulumi destroy` after it; None where all is well.

    An update that fails leaves a stack's outputs as they were, unless it went on after the error. Of the pages that
    `pulumi stack history --json` prints, the newest first, as many are taken as it needs to find one.
    """
    before: Any = None
    for page in pages:
        if not isinstance(page, list) or not page or page == before:
            return None
        before = page
        for entry in page:
            kind = entry.get("kind") if isinstance(entry, Mapping) else None
            if kind not in _CHANGING:
                continue
            if entry.get("result") != "succeeded":
                return _told(_CHANGING[str(kind)], entry)
            if kind == "update":
                return None
    return None


def _told(command: str, entry: Mapping[str, Any]) -> str:
    time = plain(str(entry.get("startTime") or "at an unknown time"))
    if entry.get("result") == "failed":
        return f"the last `{command}` ({time}) failed; {_STALE}; `pulumi preview` says why"
    return f"the last `{command}` ({time}) still runs, or was interrupted; {_STALE}; if none runs, run `pulumi up`"


def interrupted_update(exported: Any, newest: Any) -> str | None:
    """What a state tells of an update that was killed, which leaves nothing in the history of a backend in files.

    It takes what `pulumi stack export` prints, decoded, and the first page of the history, as `unfinished_update` does.
    """
    deployment = exported.get("deployment") if isinstance(exported, Mapping) else None
    if not isinstance(deployment, Mapping):
        return None
    if pending := deployment.get("pending_operations"):
        return (
            f"an update was interrupted, or runs: the state has pending operations ({_shown(pending)}); {_STALE}; if "
            "none runs, run `pulumi up`, and `pulumi refresh` if that does not clear them"
        )
    written, ended = _time_of(deployment.get("manifest"), "time"), _time_of(_first(newest), "endTime")
    if written and ended and written > ended + _CLOCKS:
        return (
            f"an update was interrupted, or runs: the state was written at {written.isoformat()}, after the last one "
            f"in the history ended; {_STALE}; if none runs, run `pulumi up`"
        )
    return None


def _shown(pending: Any) -> str:
    """What was going on: the kind of operation, and the resource's name out of its URN."""
    operations = pending if isinstance(pending, Sequence) and not isinstance(pending, str) else [pending]
    told = []
    for each in operations:
        resource = each.get("resource") if isinstance(each, Mapping) else None
        urn = resource.get("urn") if isinstance(resource, Mapping) else None
        kind = each.get("type") if isinstance(each, Mapping) else None
        told.append(plain(f"{kind or 'changing'} {str(urn or 'a resource').split('::')[-1]}"))
    return some_of(told, _SHOWN)


def _first(page: Any) -> Any:
    return page[0] if isinstance(page, list) and page else None


def _time_of(document: Any, field: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(document[field])
    except (KeyError, TypeError, ValueError):
        return None
    return time if time.tzinfo else None
