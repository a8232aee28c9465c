"""The options of the commands `access` and `cost`, apart from what they do, which takes a while to load."""

import argparse
from pathlib import Path
from typing import Any

from .core.cost.assumed import Assumed

REPORTS = ("access", "cost")
_ACCESS = """\
Show which role may read which parameter, into which key of which Secret, from what the stack declares: no value is
read, and neither AWS nor the cluster is asked. With --preview it tells what will be so after the next `pulumi up`.
"""
_COST = """\
Estimate how many calls of AWS a stack's previews and updates make, how long they take at AWS's rate limits, and what
that costs in a month; and what External Secrets Operator would do with the same declarations. It asks nothing of AWS.
"""
EXPORT, PREVIEW = "`pulumi stack export`", "`pulumi preview --json --show-sames`"
_MOST_RUNS = 1e9


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
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to {most:,.12g}")
    return number


def idle_option(asked: argparse.Namespace) -> str | None:
    """An option that would have no effect beside the others, and why; None where each has one."""
    given = {name: value for name, value in vars(asked).items() if value not in (None, False, Path())}
    if given.get("diff"):
        rest = sorted(given.keys() & {"stack", "state", "preview", "cwd", "hide_names", "who_can_read"})
        if rest or given["format"] != "table":
            return f"--{(rest or ['format'])[0].replace('_', '-')} has no effect with --diff, which compares two files"
    file = next((each for each in ("state", "preview") if given.get(each)), None)
    for name in ("stack", "cwd"):
        if file and given.get(name):
            return f"--{name} has no effect with --{file}, which names a file"
    for name in ("context", "kubeconfig"):
        if given.get(name) and not given.get("who_can_read"):
            return f"--{name} has no effect without --who-can-read"
    assumed = [name for name, default in vars(Assumed()).items() if getattr(asked, name) != default]
    if asked.command == "access" and asked.format != "html" and (assumed or given.get("prices")):
        name = (assumed or ["prices"])[0].replace("_", "-")
        return f"--{name} has no effect without --format html, which shows the cost"
    return None


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stack", "-s", help="the stack (default: the selected one)")
    parser.add_argument("--cwd", "-C", type=Path, default=Path(), help="the project's folder (default: this one)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--state", metavar="FILE", help=f"read what {EXPORT} printed; - for standard input")
    source.add_argument("--preview", metavar="FILE", help=f"read what {PREVIEW} printed; - for standard input")
