"""The library's command line: `python -m pulumi_parameter_store status`."""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .core.errors import ParameterStoreError, SpecError
from .core.status_table import read_rows, table

_STATUS = """\
Show a stack's ExternalSecrets as the last `pulumi up` left them, in the style of `kubectl get externalsecrets`.
It asks nothing of AWS or the cluster: `pulumi preview` tells what has changed since.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for what can be put right, 2 for a wrong command line."""
    parser = argparse.ArgumentParser(prog=f"python -m {(__package__ or 'components')}", description=__doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    status = commands.add_parser("status", help="show a stack's ExternalSecrets", description=_STATUS)
    status.add_argument("--stack", "-s", help="the stack (default: the selected one)")
    status.add_argument("--cwd", "-C", type=Path, default=Path(), help="the project's folder (default: this one)")
    status.add_argument(
        "--outputs", metavar="FILE", help="read what `pulumi stack output --json` printed; - for standard input"
    )
    status.add_argument("--json", "-j", action="store_true", help="print JSON, with messages and all versions")
    asked = parser.parse_args(arguments)
    try:
        rows = read_rows(_outputs(asked))
    except ParameterStoreError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    told = [row.to_json() for row in rows]
    text = json.dumps(told, indent=2) if asked.json else "\n".join(table(rows, datetime.now(UTC)))
    sys.stdout.write(f"{text}\n")
    return 0


def _outputs(asked: argparse.Namespace) -> Any:
    if asked.outputs is None:
        where, text = "`pulumi stack output --json`", _ask_pulumi(asked.stack, asked.cwd)
    elif asked.outputs == "-":
        where, text = "standard input", sys.stdin.read()
    else:
        where = asked.outputs
        try:
            text = Path(where).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SpecError(f"{where}: it cannot be read ({error})") from None
    try:
        return json.loads(text)
    except ValueError:
        raise SpecError(f"{where} is not JSON; give what `pulumi stack output --json` prints") from None


def _ask_pulumi(stack: str | None, cwd: Path) -> str:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise SpecError("there is no `pulumi` on PATH; install it, or give the outputs with --outputs FILE")
    named = ["--stack", stack] if stack else []
    done = subprocess.run(  # noqa: S603  the arguments are ours; there is no shell
        [pulumi, "stack", "output", "--json", "--non-interactive", "--cwd", str(cwd), *named],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip() or f"it ended with {done.returncode}"
        raise SpecError(f"`pulumi stack output` failed: {said.removeprefix('error: ')}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
