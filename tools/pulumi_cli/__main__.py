"""`make test-pulumi`: the end-to-end scenarios under the real Pulumi CLI, compared with the sandbox's engine."""

# ruff: noqa: T201 - a command

import os
import sys
import tempfile
from pathlib import Path

from sandbox.engines import real_engine
from tools.scenarios.runs import SCENARIOS, Run, compare
from tools.verified import results_file

NOT_RUN = 77  # what automake's test harness, too, takes for "skipped"


def main() -> int:
    """Run, compare, and return an exit code: 0 all is the same, 1 something failed or differs, 77 not run."""
    cli = real_engine(os.environ)
    if cli is None:
        print(
            "test-pulumi: NOT RUN: there is no working Pulumi CLI on PATH (`pulumi` with `pulumi-language-python`).\n"
            "Install it as https://www.pulumi.com/docs/install/ says; docs/testing.md says more."
        )
        return NOT_RUN
    with tempfile.TemporaryDirectory(prefix="test-pulumi-") as directory:
        ours = Run("sandbox", "sandbox", Path(directory))
        theirs = Run("sandbox", "pulumi", Path(directory), results_file("sandbox", "pulumi"))
        failed = False
        for run, title in ((ours, "the sandbox's engine"), (theirs, cli.title)):
            print(f"--- The scenarios under {title}", flush=True)
            failed = run.start(*SCENARIOS) != 0 or failed
        print("--- The two compared: resources, inputs, outputs, diffs, operations, calls to AWS and Kubernetes")
        differing = compare(ours, theirs)
    return int(failed or differing)


if __name__ == "__main__":
    sys.exit(main())
