"""The tables of ExternalSecrets and PushSecrets that `status` prints, in the style of `kubectl get`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..display import plain
from ..errors import SpecError
from .spec.config_fields import Fields
from .versions import from_kept, versions_to_bag

OUTPUT = "externalSecrets"
"""The stack output that holds what `status` shows."""
PUSH_OUTPUT = "pushSecrets"
"""The stack output that holds what `status` shows of PushSecrets."""
CLUSTER_OUTPUT = "clusterExternalSecrets"
"""The stack output that holds what `status` shows of ClusterExternalSecrets: a row for each namespace."""
CLUSTER_PUSH_OUTPUT = "clusterPushSecrets"
"""The same of ClusterPushSecrets."""
KINDS = {
    OUTPUT: "ExternalSecret",
    PUSH_OUTPUT: "PushSecret",
    CLUSTER_OUTPUT: "ClusterExternalSecret",
    CLUSTER_PUSH_OUTPUT: "ClusterPushSecret",
}
_WIDE = (CLUSTER_OUTPUT, CLUSTER_PUSH_OUTPUT)
_BY_NAMESPACE = ("status", "message", "refreshTime", "versions")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi stores for an output that an update did not reach, because its resource failed."""
_FAILED = {
    "ExternalSecret": "SecretSyncedError",
    "PushSecret": "Errored",
    "ClusterExternalSecret": "SecretSyncedError",
    "ClusterPushSecret": "Errored",
}
_NOT_READY = (*_FAILED.values(), "SourceDeleted")
_FAILED_MESSAGE = "the last `pulumi up` could not see to it; `pulumi preview` says why"
_NEVER = "no `pulumi up` has reached it yet"
_HEADERS = ("NAMESPACE", "NAME", "STORE", "SECRET", "STATUS", "READY", "LAST SYNC", "VERSIONS")
_GAP = "   "
_SHOWN_VERSIONS = 3
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400


@dataclass(frozen=True)
class Row:
    """One ExternalSecret or PushSecret, as the last apply left it; None for what is not known.

    Attributes:
        name: its name in the stack's output.
        kind: which of the two it is.
        namespace: namespace of the Secret.
        store: name of the store, or of all of them.
        secret: name of the Secret.
        status: ESO's reason of condition Ready, such as `SecretSynced`.
        message: what the condition says.
        refresh_time: when the Secret was written last.
        versions: parameter -> version.
    """

    name: str
    kind: str = "ExternalSecret"
    namespace: str | None = None
    store: str | None = None
    secret: str | None = None
    status: str | None = None
    message: str | None = None
    refresh_time: datetime | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """The condition Ready: False where the last apply failed for it, or never came to it."""
        return self.status is not None and self.status not in _NOT_READY

    def to_json(self) -> dict[str, Any]:
        """The row for programs."""
        return {
            **({} if self.kind == "ExternalSecret" else {"kind": self.kind}),
            "name": self.name,
            "namespace": self.namespace,
            "store": self.store,
            "secret": self.secret,
            "status": self.status,
            "ready": self.ready,
            "message": self.message,
            "refreshTime": self.refresh_time.isoformat() if self.refresh_time else None,
            "versions": versions_to_bag(dict(sorted(self.versions.items()))),
        }


def read_rows(outputs: Any) -> list[Row]:
    """The rows out of what `pulumi stack output --json` prints, decoded; ExternalSecrets first, by namespace and name.

    Raises:
        SpecError: there is no such output, or it has another shape; the text says what to do.
    """
    if not isinstance(outputs, Mapping):
        raise SpecError("the outputs are not a JSON object; give what `pulumi stack output --json` prints")
    if not KINDS.keys() & outputs.keys():
        there = ", ".join(sorted(map(str, outputs))) or "none"
        raise SpecError(
            f"the stack has no output {OUTPUT!r} (there are: {there}). Run `pulumi up`. A program of your own has to "
            "export it; for an ExternalSecret `db`: `from pulumi_parameter_store import OUTPUT, status_output` and "
            '`pulumi.export(OUTPUT, status_output({"db": db}))`'
        )
    rows = []
    for output, kind in KINDS.items():
        if output in outputs:
            fields = Fields(outputs[output], output)
            listed = [(name, each) for name in fields.names() if (each := fields.mapping(name))]
            rows += [
                row
                for name, each in listed
                for row in (_rows_by_namespace(name, each, kind) if output in _WIDE else [_row(name, each, kind)])
            ]
    if not rows:
        raise SpecError("the stack has no ExternalSecrets")
    order = list(KINDS.values())
    return sorted(rows, key=lambda row: (order.index(row.kind), row.namespace or "", row.name))


def _rows_by_namespace(name: str, fields: Fields, kind: str) -> list[Row]:
    """A row for each namespace of a cluster-wide kind; where the last apply failed, one that says so."""
    if not fields.is_mapping("status"):
        if fields.is_text("status"):  # what Pulumi stores of an output that was not reached
            return [_row(name, fields, kind)]
        return []
    shared = {each: fields.text(each) for each in ("secret", "store")}
    told = {each: fields.mapping(each) for each in _BY_NAMESPACE}
    rows = []
    for namespace in told["status"].names() if told["status"] else ():
        own = {each: inner.raw(namespace) for each, inner in told.items() if inner}
        rows.append(_row(name, Fields({**shared, **own, "namespace": namespace}, f"{fields.where}.{namespace}"), kind))
    return rows


def _row(name: str, fields: Fields, kind: str) -> Row:
    failed = fields.drop(UNKNOWN)
    versions, problem = fields.mapping("versions"), fields.optional_text("problem")
    time = fields.optional_text("refreshTime")
    try:
        refreshed = datetime.fromisoformat(time) if time else None
    except ValueError:
        raise SpecError(f"{fields.where}.refreshTime: {time!r} is not a time") from None
    if refreshed and refreshed.tzinfo is None:
        raise SpecError(f"{fields.where}.refreshTime: {time!r} has no offset from UTC; write one, such as '+00:00'")
    return Row(
        name=name,
        kind=kind,
        namespace=fields.optional_text("namespace"),
        store=fields.optional_text("store"),
        secret=fields.optional_text("secret"),
        status=_FAILED[kind] if "status" in failed else fields.optional_text("status"),
        message=(problem or _FAILED_MESSAGE) if "status" in failed else fields.optional_text("message"),
        refresh_time=refreshed,
        versions={each: _version(versions, each) for each in versions.names()} if versions else {},
    )


def _version(versions: Fields, name: str) -> str:
    return versions.text(name) if versions.is_text(name) else from_kept(versions.number(name, 0))


def not_ready(rows: Sequence[Row]) -> list[str]:
    """A line for each row that is not ready, with the reason."""
    return [f"{row.name} is not ready: {row.message or _NEVER}" for row in rows if not row.ready]


def table(rows: Sequence[Row], now: datetime) -> list[str]:
    """The lines of the tables, one for each kind below the other."""
    told: list[str] = []
    for kind in KINDS.values():
        if some := [_cells(row, now) for row in rows if row.kind == kind]:
            told += [""] if told else []
            told += aligned([_HEADERS, *some])
    return told


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [_GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _cells(row: Row, now: datetime) -> tuple[str, ...]:
    name = row.name.removeprefix(f"{row.namespace}/")
    store = (row.store or "").replace(f"{row.namespace}/", "")
    ready = "Unknown" if row.status is None else str(row.ready)
    since = age(now - row.refresh_time) if row.refresh_time else None
    cells = (row.namespace, name, store, row.secret, row.status, ready, since, _versions(row))
    return tuple(plain(cell) if cell else "<none>" for cell in cells)


def _versions(row: Row) -> str:
    told = [f"{name}:{version}" for name, version in sorted(row.versions.items())]
    more = len(told) - _SHOWN_VERSIONS
    return ",".join(told[:_SHOWN_VERSIONS]) + (f" + {more} more..." if more > 0 else "")


def age(passed: timedelta) -> str:
    """How long ago something was, as kubectl says it: `45s`, `3m`, `2h`, `5d`."""
    seconds = int(passed.total_seconds())
    if seconds < 0:
        return "0s"
    if seconds < 2 * _MINUTE:
        return f"{seconds}s"
    for limit, large, small, names in (
        (10 * _MINUTE, _MINUTE, 1, "ms"),
        (3 * _HOUR, _MINUTE, 0, "m"),
        (8 * _HOUR, _HOUR, _MINUTE, "hm"),
        (2 * _DAY, _HOUR, 0, "h"),
        (8 * _DAY, _DAY, _HOUR, "dh"),
        (2 * _YEAR, _DAY, 0, "d"),
        (8 * _YEAR, _YEAR, _DAY, "yd"),
    ):
        if seconds < limit:
            rest = seconds % large // small if small else 0
            return f"{seconds // large}{names[0]}" + (f"{rest}{names[1]}" if rest else "")
    return f"{seconds // _YEAR}y"
