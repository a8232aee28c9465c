"""Throws made-up templates, JSON properties and rewrites at the library: `python -m tools.fuzz --cases 10000`.

A case is well where it gives a result or fails with one of our own errors, in bounded time, and shows no value.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tools.fuzz import paths, rewrites, templates
from tools.fuzz.cases import WELL, Case, outcome

KINDS: dict[str, Callable[[random.Random], Case]] = {
    "templates": templates.make,
    "paths": paths.make,
    "rewrites": rewrites.make,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer.

    Returns:
        The exit code: 0 where every case is well.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"{', '.join(KINDS)}; all by default")
    parser.add_argument("--cases", type=int, default=10_000, help="how many of each kind (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same cases (default: %(default)s)")
    parsed = parser.parse_args(arguments)
    if unknown := sorted(set(parsed.kinds) - set(KINDS)):
        parser.error(f"there is no kind {', '.join(unknown)}; choose from {', '.join(KINDS)}")
    if parsed.cases < 1:
        parser.error(f"--cases must be at least 1, not {parsed.cases}: nothing would be found out")
    return 1 if sum(_faults(kind, parsed.cases, parsed.seed) for kind in parsed.kinds or KINDS) else 0


def _faults(kind: str, cases: int, seed: int) -> int:
    counts: Counter[str] = Counter()
    slowest, which, faults = 0.0, "none", 0
    for number in range(cases):
        # Each case comes from its own seed, so that one can be run again without those before it.
        case = KINDS[kind](random.Random(f"{seed}/{number}"))  # noqa: S311 - a case has to come again
        start = time.process_time()
        result = outcome(case)
        seconds = time.process_time() - start
        if seconds > slowest:
            slowest, which = seconds, f"case {number}, {case.shown:.100}"
        counts[result if result in WELL else "fault"] += 1
        if result not in WELL:
            faults += 1
            sys.stdout.write(f"{kind} case {number} of seed {seed}: {result}: {case.shown}\n")
    for name, count in counts.most_common():
        sys.stdout.write(f"{kind:10} {name:8} {count} of {cases}\n")
    sys.stdout.write(f"{kind:10} slowest  {slowest:.2f} s ({which})\n")
    return faults


if __name__ == "__main__":
    sys.exit(main())
