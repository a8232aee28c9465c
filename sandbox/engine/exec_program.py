"""Runs a Pulumi program in its own process, connected to an engine; a script for the project's interpreter."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
import pulumi.runtime

# Tells the engine that the user has seen the error already.
ERROR_SHOWN = 32
_THREADS_PER_OPERATION = 4


def main() -> int:
    """Run the program named on the command line; returns the exit code."""
    arguments = _arguments()
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=arguments.monitor,
            engine=arguments.engine,
            project=arguments.project,
            stack=arguments.stack,
            organization=arguments.organization,
            parallel=arguments.parallel,
            dry_run=arguments.dry_run,
            root_directory=arguments.root_directory,
        )
    )
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a failed program leaves futures behind; that is known
    sys.argv = [arguments.program]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(arguments.parallel, 1) * _THREADS_PER_OPERATION)
    loop.set_default_executor(executor)
    try:
        return _run(loop, arguments.program, no_virtualenv=arguments.no_virtualenv)
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a Pulumi program")
    for name in ("monitor", "engine", "project", "stack", "organization", "root_directory"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("--dry_run", action="store_true")
    parser.add_argument("--no_virtualenv", action="store_true", help="Pulumi.yaml names none")
    parser.add_argument("program")
    return parser.parse_args()


def _run(loop: asyncio.AbstractEventLoop, program: str, *, no_virtualenv: bool) -> int:
    def run() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return ERROR_SHOWN
    except Exception as error:  # noqa: BLE001 - whatever a program raises is shown to its author
        if no_virtualenv and isinstance(error, ModuleNotFoundError):
            pulumi.log.error(
                f"{error} in {sys.executable}, which runs this program as Pulumi.yaml names no virtual environment; "
                "give it the runtime options `toolchain: pip` and `virtualenv: .venv`, and install the packages there"
            )
            return ERROR_SHOWN
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_user_traceback(program)}")
        return ERROR_SHOWN
    return 0


def _user_traceback(program: str) -> str:
    """Format the exception without the frames of this script and of the SDK above the user's code."""
    main_file = Path(program) / "__main__.py" if Path(program).is_dir() else Path(program)
    frames = traceback.extract_tb(sys.exc_info()[2])
    for index, frame in enumerate(frames):
        if os.path.realpath(frame.filename) == str(main_file.resolve()):
            lines = traceback.format_exc(limit=index - len(frames)).splitlines(keepends=True)
            return "".join(lines)
    return traceback.format_exc()


if __name__ == "__main__":
    sys.exit(main())
