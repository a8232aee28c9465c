"""The sandbox's command line: `python -m sandbox --help`."""

import argparse
import signal
import subprocess
import sys
import threading

from . import packages  # noqa: F401 - first: the other imports need them
from .demo import demo
from .engine.cli import add_commands
from .environment import Sandbox
from .examples import example

DESCRIPTION = """\
One machine, no AWS account, no cluster, no Pulumi CLI: an embedded AWS (moto), a Kubernetes API and a small engine
that runs unmodified Pulumi Python programs over Pulumi's own protocol. A stand-in for development, not a product:
where `pulumi` is installed, use `pulumi preview` and `pulumi up`."""

EXAMPLES = """\
examples:
  .venv/bin/python -m sandbox demo          show the main job from beginning to end
  .venv/bin/python -m sandbox example 03    run one of examples/; without a number they are listed
  .venv/bin/python -m sandbox run -- bash   a shell in which AWS and Kubernetes are the sandbox's
  .venv/bin/python -m sandbox run -- .venv/bin/python -m sandbox preview --cwd my-project --stack dev
  .venv/bin/python -m sandbox start         keep AWS and Kubernetes running; print what another shell needs

Run them in the checkout. The sandbox changes no other program on PATH: a plain `python` stays yours."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    show = commands.add_parser("demo", help="parameters in AWS become a Kubernetes Secret, and back: six moments")
    show.add_argument(
        "--engine", choices=["auto", "pulumi", "sandbox"], default="auto", help="default: pulumi if it works"
    )
    show.add_argument("--detail", action="store_true", help="show all that the engine prints")
    show.add_argument("--rules", action="store_true", help="show a seventh: a rule of the policy pack refuses")
    show.set_defaults(run=lambda options: demo(options.engine, detail=options.detail, rules=options.rules))
    one = commands.add_parser("example", help="run an example of examples/ by its number, or list them")
    one.add_argument("number", nargs="?", help="such as 03; default: list them")
    one.add_argument(
        "--engine", choices=["auto", "pulumi", "sandbox"], default="auto", help="default: pulumi if it works"
    )
    one.set_defaults(run=lambda options: example(options.number, options.engine))
    start_parser = commands.add_parser(
        "start",
        help="run AWS and Kubernetes until Ctrl-C and print what to export",
        description="Run AWS and Kubernetes until Ctrl-C, and print the lines that another shell needs to use them.",
    )
    start_parser.set_defaults(run=lambda _: start())
    run_parser = commands.add_parser(
        "run",
        help="run a command with the sandbox's AWS and Kubernetes",
        description="Start AWS and Kubernetes, run a command whose environment leads to them, then stop them.",
    )
    run_parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND ...")
    run_parser.set_defaults(run=lambda options: run(options.command))
    add_commands(commands)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


def start() -> int:
    """Serve until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print("# Starting AWS and Kubernetes (some seconds) ...", flush=True)
    with Sandbox() as sandbox:
        print("# AWS and Kubernetes are running; Ctrl-C stops them. In another shell:")
        print("\n".join(sandbox.shell_lines()), flush=True)
        stop.wait()
    return 0


def run(command: list[str]) -> int:
    """Run a command inside the sandbox."""
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        print("run: name a command, for instance: python -m sandbox run -- bash", file=sys.stderr)
        return 2
    with Sandbox() as sandbox:
        try:
            return subprocess.run(command, env=sandbox.environment(), check=False).returncode
        except OSError as error:
            print(f"run: cannot start {command[0]}: {error.strerror}", file=sys.stderr)
            return 127


if __name__ == "__main__":
    sys.exit(main())
