"""A map as tables for a terminal, and the same rows for the page."""

from collections import defaultdict
from dataclasses import dataclass

from ...display import plain, some_of
from ..status_table import aligned
from .access_findings import worded
from .access_map import AccessMap, Granted, Reader

_SHOWN = 3
"""How many things of a cell a terminal shows; the other formats have all."""


@dataclass(frozen=True)
class Table:
    """One view of a map.

    Attributes:
        id: its name in addresses.
        title: what it shows.
        question: what it answers.
        headers: its columns.
        rows: cells; of a cell's lines each is one of several things.
        scopes: the column that tells how far grants go; -1 for none.
    """

    id: str
    title: str
    question: str
    headers: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    scopes: int = -1


def tables(found: AccessMap) -> tuple[Table, ...]:
    """All views of a map."""
    return (
        _by_parameter(found),
        _by_secret(found),
        _written(found),
        _by_push(found),
        _roles(found),
        _grants(found),
        _in_cluster(found),
        _by_finding(found),
    )


def printed(found: AccessMap) -> list[str]:
    """The lines of all tables that have rows."""
    told: list[str] = []
    for each in tables(found):
        if each.rows:
            told += [*([""] if told else []), each.title.upper()]
            told += aligned(
                [each.headers, *([plain(some_of(cell, _SHOWN, by="; ")) or "-" for cell in row] for row in each.rows)]
            )
    return told or ["The stack has no stores, ExternalSecrets or PushSecrets."]


def _by_parameter(found: AccessMap) -> Table:
    into: dict[str, list[str]] = defaultdict(list)
    pins: dict[str, set[str]] = defaultdict(set)
    for row in found.deliveries:
        into[row.parameter].append(f"{row.secret}, {row.key}")
        if row.version:
            pins[row.parameter].add(row.version)
    rows = [
        (
            (each.name,),
            (_place(each.arn),),
            each.versions,
            tuple(sorted(pins[each.arn])),
            each.keys,
            tuple(map(_reader, each.readers)),
            tuple(sorted(set(into[each.arn]))),
        )
        for each in found.parameters
    ]
    headers = ("Parameter", "Account and region", "Versions", "Pinned", "KMS keys", "May be read by", "Secret keys")
    return Table("parameters", "By parameter", "Who may read it, and where does it go?", headers, tuple(rows))


def _by_secret(found: AccessMap) -> Table:
    names = {each.arn: each.name for each in found.parameters}
    written = {(each.secret, each.external_secret): each for each in found.secrets}
    rows = []
    for row in found.deliveries:
        each = written[row.secret, row.external_secret]
        source = names.get(row.parameter) or f"{row.find}, nothing found yet"
        how = [each.creation_policy, *(["template"] if each.templated else []), *(["adopt"] if each.adopts else [])]
        of = f"tags of {source}" if row.tags else source
        rows.append(
            (
                (row.secret,),
                (row.key,),
                (of,),
                (row.property,) if row.property else (),
                (row.store,),
                (row.external_secret,),
                tuple(how),
            )
        )
    headers = ("Secret", "Key", "Parameter", "Property", "Store", "ExternalSecret", "How")
    return Table("secrets", "By Secret", "Where does this key come from?", headers, tuple(rows))


def _written(found: AccessMap) -> Table:
    roles: dict[str, set[str]] = defaultdict(set)
    for role in found.roles:
        roles[role.store].add(role.identity)
    readers = {each.arn: {reader.identity for reader in each.readers} for each in found.parameters}
    reads: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in found.deliveries:
        own = roles[row.store]
        reads[row.secret, row.external_secret] |= own & readers.get(row.parameter, set()) or own
    rows = [
        (
            (each.secret,),
            (each.external_secret,),
            tuple(sorted(reads[each.secret, each.external_secret])),
            (each.creation_policy,),
            (each.deletion_policy,),
            (each.type,) if each.type else (),
            (each.refresh,) if each.refresh else (),
            (each.written_at,) if each.written_at else (),
        )
        for each in found.secrets
    ]
    headers = ("Secret", "ExternalSecret", "Read as", "Creation", "Deletion", "Type", "Refresh", "Last written")
    return Table("written", "Secrets", "Who writes it, as whom is that read, and when was it?", headers, tuple(rows))


def _by_push(found: AccessMap) -> Table:
    names = {each.arn: each.name for each in found.parameters}
    rows = [
        (
            (row.secret,),
            (row.key or "(all)",),
            (names.get(row.parameter, "(named after the keys)"),),
            (row.property,) if row.property else (),
            (row.kind,),
            (row.store,),
            (row.push_secret,),
        )
        for row in found.pushes
    ]
    headers = ("Secret", "Key", "Parameter", "Property", "Type", "Store", "PushSecret")
    return Table("pushes", "Pushes", "Which parameters do Secrets go to?", headers, tuple(rows))


def _roles(found: AccessMap) -> Table:
    rows = [
        (
            (role.identity,),
            (role.store,),
            ("made by the store",) if role.created else ("not made by the store: what it may do is not known here",),
            role.trust,
            (str(len(role.grants)),) if role.created else (),
        )
        for role in found.roles
    ]
    headers = ("Role", "Store", "Made by", "May be taken by", "Grants")
    return Table("roles", "Roles", "Who reads, and who may become that?", headers, tuple(rows))


def _grants(found: AccessMap) -> Table:
    rows = [((role.identity,), *_grant(each)) for role in found.roles for each in role.grants]
    headers = ("Role", "Action", "Resource", "How far", "Because of")
    return Table("grants", "By role", "What could a stolen token read?", headers, tuple(rows), scopes=3)


def _grant(each: Granted) -> tuple[tuple[str, ...], ...]:
    where = f"{each.resource} if {each.condition}" if each.condition else each.resource
    return (each.action,), (where,), (each.scope,), each.because


def _in_cluster(found: AccessMap) -> Table:
    rows = tuple(
        (
            (each.subject,),
            (each.namespace + (f" in {each.context}" if each.context else ""),),
            (each.secret or "all",),
            each.verbs,
            (each.through,),
        )
        for each in found.cluster_readers
    )
    headers = ("Who", "Namespace", "Secrets", "Verbs", "By")
    return Table("cluster", "In the cluster", "Who can read the Secrets?", headers, rows)


def _by_finding(found: AccessMap) -> Table:
    rows = tuple(((each.kind,), (each.where,), (worded(each),)) for each in found.findings)
    return Table("findings", "Findings", "What should somebody look at?", ("Finding", "Where", "What"), rows)


def _reader(reader: Reader) -> str:
    return f"{reader.identity} ({reader.scope}{' if ' + reader.condition if reader.condition else ''})"


def _place(arn: str) -> str:
    parts = [*arn.split(":"), *[""] * 5]
    return f"{parts[4] or 'account not known yet'}, {parts[3]}"
