"""The command line: `pulumi-parameter-store status` and `render`, or the same by `python -m pulumi_parameter_store`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from .core.stack_updates import interrupted_update, unfinished_update
from .core.status_table import not_ready, read_rows, table
from .display import plain, without_userinfo
from .errors import ParameterStoreError, SpecError
from .report_options import REPORTS, add_reports, idle_option
from .settings.project_file import project_file

_STATUS = """\
Show a stack's ExternalSecrets as the last `pulumi up` left them, in the style of `kubectl get externalsecrets`.
An `up` that failed or was interrupted leaves what the one before it said, unless it ran with --continue-on-error; that
is told on standard error, but not with --outputs. What is not ready is told there too, with the reason. With --check
the exit code is 1 if anything is not ready, or the last `up` failed, was interrupted or still runs. It asks nothing of
AWS or the cluster: `pulumi preview` tells what has changed since.
"""
_RENDER = """\
Show each key of each Secret that manifests, or a stack's settings, come to, and the parameter that it comes from; below
it what PushSecrets write. A key in parentheses is for templates alone. All that a preview checks while the program runs
is checked. Nothing is asked of AWS or a cluster, and no value is read: for versions and drift, run `pulumi preview`.
"""
_FEW, _MANY = 10, 100
_TOLD_AFTER, _TIME_LIMIT = 5.0, 120.0
"""Seconds after which a wait for Pulumi is told, and how long it lasts after that: a backend may be far away."""
_LONGEST_OUTPUTS = 64_000_000
"""Bytes of outputs that are given by hand: those of 100,000 ExternalSecrets are fewer."""
_LONGEST_STATE = 512_000_000
"""The same of a state or a preview, which takes some 8 kB for each ExternalSecret."""
_UTF_16 = (BOM_UTF16_BE, BOM_UTF16_LE)
"""How a file begins that PowerShell's `>` wrote."""
_INTERRUPTED = 130
"""The exit code of what Ctrl-C ended, as shells give it."""
_NAME = "pulumi-parameter-store"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line, as all other errors are said."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {plain(without_userinfo(message))}; see `{self.prog} --help`\n")


def _called() -> str:
    """How the command line was called, for its help."""
    return _NAME if Path(sys.argv[0]).stem == _NAME else f"python -m {__package__ or 'components'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for what can be put right, 2 for a wrong command line, 130 for Ctrl-C.

    With `--check`, what is not ready and an `up` that did not succeed are among what can be put right.
    """
    parser = _Parser(prog=_called(), description="AWS parameters as Kubernetes Secrets, kept by Pulumi.")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    status = commands.add_parser("status", help="show a stack's ExternalSecrets", description=_STATUS)
    status.add_argument("--stack", "-s", help="the stack (default: the selected one)")
    status.add_argument("--cwd", "-C", type=Path, default=Path(), help="the project's folder (default: this one)")
    status.add_argument(
        "--outputs", metavar="FILE", help="read what `pulumi stack output --json` printed; - for standard input"
    )
    status.add_argument("--json", "-j", action="store_true", help="print JSON, with messages and all versions")
    status.add_argument(
        "--check",
        action="store_true",
        help="exit with 1 if something is not ready or the last `pulumi up` did not succeed",
    )
    _add_render(commands)
    add_reports(commands)
    asked = parser.parse_args(arguments)
    if asked.version:
        sys.stdout.write(f"{_NAME} {_version()}\n")
        return 0
    if asked.command is None:
        parser.print_help(sys.stderr)
        return 2
    if asked.command in REPORTS:
        if idle := idle_option(asked):
            parser.error(idle)
        return _reported(asked)
    try:
        return _render(asked) if asked.command == "render" else _status(asked)
    except ParameterStoreError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def _add_render(commands: Any) -> None:
    render = commands.add_parser(
        "render", help="show what manifests or a stack's settings come to", description=_RENDER
    )
    render.add_argument("paths", metavar="PATH", nargs="*", help="manifests: files, folders or patterns")
    render.add_argument(
        "--settings", metavar="FILE", type=Path, help="a stack's settings, such as stacks/Pulumi.prod.yaml"
    )
    render.add_argument("--namespace", "-n", help="namespace of manifests that name none")
    render.add_argument(
        "--exclude", metavar="NAME", action="append", default=[], help="what to leave out of a folder (repeatable)"
    )
    render.add_argument("--json", "-j", action="store_true", help="print JSON")


def _render(asked: argparse.Namespace) -> int:
    from . import review  # noqa: PLC0415 - it takes all of the library, and Pulumi

    if bool(asked.paths) == bool(asked.settings):
        raise SpecError("give either paths of manifests, or --settings FILE; see `render --help`")
    if asked.settings and (asked.namespace or asked.exclude):
        raise SpecError("--namespace and --exclude are for paths of manifests; settings have their own")
    lines = (
        review.review_settings(asked.settings)
        if asked.settings
        else review.review_manifests(asked.paths, asked.namespace, asked.exclude)
    )
    _print(review.as_json(lines) if asked.json else review.as_table(lines))
    return 0


def _status(asked: argparse.Namespace) -> int:
    rows = read_rows(_outputs(asked))
    unfinished = None if asked.outputs else _unfinished(asked)
    told = [row.to_json() for row in rows]
    # DEL is the one control character that JSON lets pass.
    text = (
        json.dumps(told, indent=2).replace("\x7f", "\\u007f")
        if asked.json
        else "\n".join(table(rows, datetime.now(UTC)))
    )
    _print(text)
    waiting = not_ready(rows)
    for line in [*waiting, *filter(None, [unfinished])]:
        sys.stderr.write(f"warning: {plain(line)}\n")
    return int(asked.check and bool(waiting or unfinished))


def _version() -> str:
    from . import __version__  # noqa: PLC0415 - few commands read it

    return str(__version__)


def _reported(asked: argparse.Namespace) -> int:
    from .reports import report  # noqa: PLC0415 - it takes a while to load

    try:
        _print(report(asked, lambda: _told_by_pulumi(asked, "export"), _in_file, _version))
    except ParameterStoreError as error:
        sys.stderr.write(f"error: {plain(str(error))}\n")
        return 1
    except RecursionError:
        sys.stderr.write("error: what was given is nested more deeply than anything that Pulumi prints\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _print(text: str) -> None:
    """Print to the end, or for as long as somebody reads; escape what the terminal's encoding lacks."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # `status | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unfinished(asked: argparse.Namespace) -> str | None:
    """Why the stack's outputs need not be what the last `pulumi up` should have made; None where they are."""
    newest = _history(asked, 1, _FEW)
    return unfinished_update(_pages(asked, newest)) or interrupted_update(_told_by_pulumi(asked, "export"), newest)


def _pages(asked: argparse.Namespace, newest: Any) -> Iterator[Any]:
    """The history, as far back as is asked for: refreshes can hide an update that failed."""
    yield newest
    if newest:
        yield from (_history(asked, page, _MANY) for page in count(1))


def _history(asked: argparse.Namespace, page: int, size: int) -> Any:
    return _told_by_pulumi(asked, "history", "--json", "--page-size", str(size), "--page", str(page))


def _outputs(asked: argparse.Namespace) -> Any:
    if asked.outputs is None:
        return _told_by_pulumi(asked, "output", "--json")
    return _in_file(asked.outputs, "`pulumi stack output --json`", _LONGEST_OUTPUTS)


def _in_file(named: str, printed_by: str, longest: int = _LONGEST_STATE) -> Any:
    """What a file holds, or with `-` standard input, decoded; `printed_by` made it."""
    where = "standard input" if named == "-" else named
    try:
        with nullcontext(sys.stdin) if named == "-" else Path(where).open("rb") as opened:
            data = opened.read(longest + 1)
        text = data if isinstance(data, str) else data.decode("utf-16" if data[:2] in _UTF_16 else "utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise SpecError(f"{where}: it cannot be read ({reason})") from None
    if len(data) > longest:
        raise SpecError(f"{where} is longer than {longest // 1_000_000} MB; give what {printed_by} prints")
    return _decoded(where, text.removeprefix("\ufeff"), printed_by)


def _decoded(where: str, text: str, printed_by: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecError(f"{where} is not JSON, as {printed_by} prints it") from None


def _told_by_pulumi(asked: argparse.Namespace, command: str, *options: str) -> Any:
    """What a command of `pulumi stack` prints as JSON."""
    pulumi, called = shutil.which("pulumi"), f"`pulumi stack {command}`"
    if pulumi is None:
        raise SpecError(f"there is no `pulumi` on PATH; install it, or give {_instead(asked)}")
    named = ["--stack", asked.stack] if asked.stack else []
    line = [pulumi, "stack", command, "--non-interactive", "--cwd", str(asked.cwd), *named, *options]
    try:
        code, output, complaint = _run(line, called, _instead(asked))
    except OSError as error:
        raise SpecError(f"{pulumi} cannot be run ({error.strerror}); give {_instead(asked)}") from None
    if code:
        said = complaint.strip() or output.strip() or f"it ended with {code}"
        lines = [line.strip() for line in without_userinfo(said).splitlines() if line.strip()]
        advice = "" if project_file(asked.cwd) else "; run this in the project's folder, or give --cwd"
        raise SpecError(f"{called} failed: {'; '.join(lines).removeprefix('error: ')}{advice}")
    return _decoded(called, output, f"{called} --json" if command == "output" else called)


def _instead(asked: argparse.Namespace) -> str:
    """What a command takes in place of asking Pulumi."""
    return "the state with --state FILE" if asked.command in REPORTS else "the outputs with --outputs FILE"


def _run(line: Sequence[str], called: str, instead: str) -> tuple[int, str, str]:
    """Run Pulumi; returns its exit code and what it printed. A wait is told, and has a limit."""
    process = subprocess.Popen(  # noqa: S603  the arguments are ours; there is no shell
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    with process:
        try:
            try:
                output, complaint = process.communicate(timeout=_TOLD_AFTER)
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"waiting for {called} ...\n")
                output, complaint = process.communicate(timeout=_TIME_LIMIT)
        except subprocess.TimeoutExpired:
            raise SpecError(
                f"{called} did not end in time; see what it waits for by running it, or give {instead}"
            ) from None
        finally:
            process.kill()  # has no effect where it ended
    return process.returncode, output, complaint


if __name__ == "__main__":
    sys.exit(main())
