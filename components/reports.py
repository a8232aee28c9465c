"""The commands `access` and `cost`: what a stack's declarations say of who reads what, and of what that costs."""

import argparse
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import fields, replace
from importlib.resources import files
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
from .core.access.stack_state import Resource, is_preview, resources_of, stack_of, text, written_at
from .core.cost import cost_report
from .core.cost.assumed import Assumed
from .core.cost.estimate import Estimate, Prices, estimate
from .errors import SpecError
from .report_options import EXPORT, PREVIEW

_SALT = 16
_PRICES = "prices.json"
ReadFile = Callable[[str, str], Any]
"""Reads a file that is named, and that a command printed."""


def _estimate(asked: argparse.Namespace, declared: Declared, read: ReadFile) -> Estimate:
    if asked.prices:
        prices = Prices.from_bag(read(asked.prices, "a price list"), asked.prices)
    else:
        prices = Prices.from_bag(json.loads((files(__package__) / _PRICES).read_text("utf-8")), _PRICES)
    names = [each.name for each in fields(Assumed)]
    return estimate(declared, Assumed(**{name: getattr(asked, name) for name in names}), prices)


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
        before, after = asked.diff
        return difference(read(before, by), read(after, by), (before, after))
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
    file, printed_by = asked.preview or asked.state, PREVIEW if asked.preview else EXPORT
    document = read(file, printed_by) if file else export()
    where = "standard input" if file == "-" else file or EXPORT
    found = resources_of(document, where)
    if is_preview(document) is not bool(asked.preview):
        kind, option = ("state", "--state") if asked.preview else ("preview", "--preview")
        raise SpecError(f"{where} is a {kind}, which {printed_by} does not print; give it with {option}")
    return found, "From a preview" if asked.preview else f"From the stack's state of {written_at(document)}"
