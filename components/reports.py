"""The commands `access` and `cost`: what a stack's declarations say of who reads what, and of what that costs."""

import argparse
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from .clients.kubernetes.client import KubernetesClient
from .clients.kubernetes.connection import load_cluster
from .clients.kubernetes.role_lists import list_roles
from .core.access.access_findings import with_findings
from .core.access.access_json import difference, text_of, to_json
from .core.access.access_map import ClusterReader, access_map
from .core.access.access_page import page
from .core.access.access_table import printed, tables
from .core.access.cluster_readers import cluster_readers
from .core.access.declared_access import Declared, declared_in
from .core.access.hidden_names import hide_names
from .core.access.stack_state import Resource, resources_of, stack_of, text, written_at
from .core.cost import cost_report
from .core.cost.estimate import Assumed, Estimate, Prices, estimate

REPORTS = ("access", "cost")
_ACCESS = """\
Show which role may read which parameter, into which key of which Secret, from what the stack declares: no value is
read, and neither AWS nor the cluster is asked. With --preview it tells what will be so after the next `pulumi up`.
"""
_COST = """\
Estimate how many calls of AWS a stack's previews and updates make, how long they take at AWS's rate limits, and what
that costs in a month; and what External Secrets Operator would do with the same declarations. It asks nothing of AWS.
"""
_EXPORT, _PREVIEW = "`pulumi stack export`", "`pulumi preview --json --show-sames`"
_SALT = 16
_PRICES = "prices.json"
_MOST_RUNS = 1e9
ReadFile = Callable[[str, str], Any]
"""Reads a file that is named, and that a command printed."""


def add_reports(commands: Any) -> None:
    """Add the commands to a parser."""
    access = commands.add_parser("access", help="show who may read which parameter", description=_ACCESS)
    _add_source(access)
    access.add_argument("--format", choices=("table", "json", "html"), default="table", help="how it is printed")
    access.add_argument("--hide-names", action="store_true", help="print a hash in place of each parameter's name")
    access.add_argument("--who-can-read", action="store_true", help="ask the cluster who can read the Secrets, too")
    access.add_argument(
        "--context", help="context of the kubeconfig for that (default: the stack's, or the current one)"
    )
    access.add_argument(
        "--kubeconfig", metavar="FILE", help="kubeconfig for that (default: the stack's, or KUBECONFIG)"
    )
    _add_assumed(access)
    access.add_argument(
        "--diff", nargs=2, metavar=("OLD", "NEW"), help="compare two files that `access --format json` printed"
    )
    cost = commands.add_parser("cost", help="estimate calls and their price", description=_COST)
    _add_source(cost)
    cost.add_argument("--format", choices=("table", "json"), default="table", help="how it is printed")
    _add_assumed(cost)


def _add_assumed(parser: argparse.ArgumentParser) -> None:
    """What declarations do not say."""
    given = Assumed()
    group = parser.add_argument_group("what a month is like")
    group.add_argument("--runs", type=_count, default=given.runs, help="runs of `pulumi up` (default: one an hour)")
    group.add_argument("--previews", type=_count, default=given.previews, help="previews besides (default: 0)")
    group.add_argument("--rotated", type=_share, default=given.rotated, help="share of values that change (0.05)")
    group.add_argument("--secure", type=_share, default=given.secure, help="share that are SecureStrings (1)")
    group.add_argument("--advanced", type=_share, default=given.advanced, help="share in the Advanced tier (0)")
    group.add_argument(
        "--higher-throughput", action="store_true", help="the account has it, so that each read is billed"
    )
    group.add_argument("--clusters", type=_count, default=given.clusters, help="clusters that ESO would run in (1)")
    group.add_argument("--prices", metavar="FILE", help="other prices, in the form of this library's prices.json")


def _count(text: str) -> float:
    return _within(text, _MOST_RUNS)


def _share(text: str) -> float:
    return _within(text, 1)


def _within(text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to {most:,g}")
    return number


def _estimate(asked: argparse.Namespace, declared: Declared, read: ReadFile) -> Estimate:
    if asked.prices:
        prices = Prices.from_bag(read(asked.prices, "a price list"), asked.prices)
    else:
        prices = Prices.from_bag(json.loads((files(__package__) / _PRICES).read_text("utf-8")), _PRICES)
    names = [each.name for each in fields(Assumed)]
    return estimate(declared, Assumed(**{name: getattr(asked, name) for name in names}), prices)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stack", "-s", help="the stack (default: the selected one)")
    parser.add_argument("--cwd", "-C", type=Path, default=Path(), help="the project's folder (default: this one)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--state", metavar="FILE", help=f"read what {_EXPORT} printed; - for standard input")
    source.add_argument("--preview", metavar="FILE", help=f"read what {_PREVIEW} printed; - for standard input")


def report(asked: argparse.Namespace, export: Callable[[], Any], read: ReadFile, version: Callable[[], str]) -> str:
    """What a command prints.

    Args:
        asked: the command line.
        export: gives the stack's state, decoded.
        read: reads a file.
        version: gives the product's version.

    Raises:
        SpecError: what was given is not what it should be.
    """
    if asked.command == "cost":
        found = _estimate(asked, declared_in(_resources(asked, export, read)[0]), read)
        if asked.format == "json":
            return json.dumps(cost_report.to_json(found), indent=2)
        return "\n".join(cost_report.printed(found))
    return _access(asked, export, read, version)


def _access(asked: argparse.Namespace, export: Callable[[], Any], read: ReadFile, version: Callable[[], str]) -> str:
    if asked.diff:
        by = "`access --format json`"
        return difference(*(read(name, by) for name in asked.diff))
    resources, source = _resources(asked, export, read)
    declared = declared_in(resources)
    found = with_findings(access_map(declared))
    if asked.who_can_read:
        found = replace(found, cluster_readers=_who_can_read(asked, declared))
    if asked.hide_names:
        found = hide_names(found, secrets.token_bytes(_SALT))
    if asked.format == "table":
        return "\n".join(printed(found))
    document = to_json(found, names_hidden=asked.hide_names)
    if asked.format == "json":
        return text_of(document)
    costs = _estimate(asked, declared, read)
    views = (*tables(found), cost_report.cost_table(costs))
    title = f"Access map of {stack_of(resources)}"
    return page(title, source, version(), views, document, cost_report.notes(costs))


def _who_can_read(asked: argparse.Namespace, declared: Declared) -> tuple[ClusterReader, ...]:
    """Who has a right to read the Secrets, asked of each cluster that they are in."""
    places: dict[tuple[str | None, ...], set[tuple[str, str]]] = {}
    for secret in declared.secrets:
        said = tuple(text(secret.cluster.get(part)) for part in ("kubeconfig", "context", "cluster"))
        where = (asked.kubeconfig, asked.context, None) if asked.kubeconfig or asked.context else said
        if all(secret.place):
            places.setdefault(where, set()).add(secret.place)
    found: list[ClusterReader] = []
    for (kubeconfig, context, cluster), secrets_there in places.items():
        client = KubernetesClient(load_cluster(kubeconfig, context, os.environ, cluster=cluster))
        try:
            found += cluster_readers(list_roles(client), secrets_there, client.context)
        finally:
            client.close()
    return tuple(sorted(found))


def _resources(asked: argparse.Namespace, export: Callable[[], Any], read: ReadFile) -> tuple[list[Resource], str]:
    """The resources, and what they come from, in words."""
    if asked.preview:
        return resources_of(read(asked.preview, _PREVIEW), asked.preview), "From a preview"
    document, where = (read(asked.state, _EXPORT), asked.state) if asked.state else (export(), _EXPORT)
    return resources_of(document, where), f"From the stack's state of {written_at(document)}"
