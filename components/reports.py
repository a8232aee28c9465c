"""The commands `access` and `cost`: what a stack's declarations say of who reads what, and of what that costs."""

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .core.access.access_findings import with_findings
from .core.access.access_json import difference, text_of, to_json
from .core.access.access_map import access_map
from .core.access.access_page import page
from .core.access.access_table import printed, tables
from .core.access.declared_access import declared_in
from .core.access.hidden_names import hide_names
from .core.access.stack_state import Resource, resources_of, stack_of, written_at

REPORTS = ("access",)
_ACCESS = """\
Show which role may read which parameter, into which key of which Secret, from what the stack declares: no value is
read, and neither AWS nor the cluster is asked. With --preview it tells what will be so after the next `pulumi up`.
"""
_EXPORT, _PREVIEW = "`pulumi stack export`", "`pulumi preview --json --show-sames`"
_SALT = 16
ReadFile = Callable[[str, str], Any]
"""Reads a file that is named, and that a command printed."""


def add_reports(commands: Any) -> None:
    """Add the commands to a parser."""
    access = commands.add_parser("access", help="show who may read which parameter", description=_ACCESS)
    _add_source(access)
    access.add_argument("--format", choices=("table", "json", "html"), default="table", help="how it is printed")
    access.add_argument("--hide-names", action="store_true", help="print a hash in place of each parameter's name")
    access.add_argument(
        "--diff", nargs=2, metavar=("OLD", "NEW"), help="compare two files that `access --format json` printed"
    )


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stack", "-s", help="the stack (default: the selected one)")
    parser.add_argument("--cwd", "-C", type=Path, default=Path(), help="the project's folder (default: this one)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--state", metavar="FILE", help=f"read what {_EXPORT} printed; - for standard input")
    source.add_argument("--preview", metavar="FILE", help=f"read what {_PREVIEW} printed; - for standard input")


def report(asked: argparse.Namespace, export: Callable[[], Any], read: ReadFile) -> str:
    """What a command prints.

    Args:
        asked: the command line.
        export: gives the stack's state, decoded.
        read: reads a file.

    Raises:
        SpecError: what was given is not what it should be.
    """
    if asked.diff:
        by = "`access --format json`"
        return difference(*(read(name, by) for name in asked.diff))
    resources, source = _resources(asked, export, read)
    found = with_findings(access_map(declared_in(resources)))
    if asked.hide_names:
        found = hide_names(found, secrets.token_bytes(_SALT))
    if asked.format == "table":
        return "\n".join(printed(found))
    document = to_json(found, names_hidden=asked.hide_names)
    if asked.format == "json":
        return text_of(document)
    from . import __version__  # noqa: PLC0415 - no other report has it

    return page(f"Access map of {stack_of(resources)}", source, __version__, tables(found), document)


def _resources(asked: argparse.Namespace, export: Callable[[], Any], read: ReadFile) -> tuple[list[Resource], str]:
    """The resources, and what they come from, in words."""
    if asked.preview:
        return resources_of(read(asked.preview, _PREVIEW), asked.preview), "From a preview"
    document, where = (read(asked.state, _EXPORT), asked.state) if asked.state else (export(), _EXPORT)
    return resources_of(document, where), f"From the stack's state of {written_at(document)}"
