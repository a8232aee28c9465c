"""`make test-kubernetes`: all that touches Kubernetes, on a real API server and compared with the sandbox's.

With `--build` it only builds the server.
"""

# ruff: noqa: T201 - a command

import os
import sys
import tempfile
from pathlib import Path

from sandbox.engines import real_engine
from tools.api_server.binaries import NOT_RUN, NotBuiltError, build
from tools.scenarios.runs import SCENARIOS, Run, compare
from tools.verified import results_file

TESTS = ("tests/sandbox/kubernetes_api", "tests/sandbox/api_server")


def main() -> int:
    """Build, run, compare, and return an exit code: 0 all is the same, 1 something failed or differs, 77 not run."""
    try:
        build(lambda line: print(line, flush=True))
    except NotBuiltError as error:
        print(f"test-kubernetes: NOT RUN: {error}")
        return NOT_RUN
    if sys.argv[1:] == ["--build"]:
        return 0
    with tempfile.TemporaryDirectory(prefix="test-kubernetes-") as directory:

        def run(api: str, engine: str) -> Run:
            return Run(api, engine, Path(directory), results_file(api, engine))

        ours, theirs = run("sandbox", "sandbox"), run("server", "sandbox")
        runs = {"the sandbox's API": ours, "a real API server": theirs}
        cli = real_engine(os.environ)
        if cli is not None:
            runs[f"a real API server, under {cli.title}"] = run("server", "pulumi")
        failed = differing = False
        for title, each in runs.items():
            print(f"--- The tests on {title}", flush=True)
            failed = each.start(*SCENARIOS, *TESTS) != 0 or failed
        for title, each in list(runs.items())[1:]:
            print(f"--- {title} compared with the sandbox: resources, inputs, outputs, diffs, operations, calls")
            differing = compare(ours, each) or differing
    return int(failed or differing)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says it; go and pytest, which got the signal too, have said the rest
