"""Runs cases in as many processes as wanted, and says of each whether it agrees, differs, or differs on purpose."""

import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tools.conformance.cases import Case
from tools.conformance.comparing import Comparison, compare
from tools.conformance.on_purpose import DOCUMENT, Row
from tools.conformance.running import Runner, UnrunnableError


@dataclass(frozen=True)
class Outcome:
    """What a case came to.

    Attributes:
        verdict: `agrees`, `on purpose`, `differs` or `not supported`.
        details: what differs, or why it was not run.
        uncompared: see `Comparison`.
        row: the line of the table that explains the difference.
    """

    case: str
    verdict: str
    details: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    row: Row | None = None


def judge(case: Case, comparison: Comparison, rows: Sequence[Row]) -> Outcome:
    """Hold a comparison against the differences on purpose."""
    named = [row for row in rows if row.case == case.name]
    if not comparison.differences:
        if named:
            agrees = f"docs/{DOCUMENT.name} says that it differs, but it agrees"
            return Outcome(case.name, "differs", (agrees,), comparison.uncompared)
        return Outcome(case.name, "agrees", (), comparison.uncompared)
    for row in named or [row for row in rows if row.case == "*"]:
        if row.holds(case, comparison):
            return Outcome(case.name, "on purpose", comparison.differences, comparison.uncompared, row)
    said = (f"docs/{DOCUMENT.name} says {named[0].checks}, which is not so",) if named else ()
    return Outcome(case.name, "differs", (*comparison.differences, *said), comparison.uncompared)


def run_share(cases: Sequence[Case], rows: Sequence[Row]) -> list[Outcome]:
    """Run cases one after the other in one sandbox, with a line for each."""
    outcomes = []
    with Runner() as runner:
        for case in cases:
            try:
                outcome = judge(case, compare(case, runner.run(case)), rows)
            except UnrunnableError as error:
                outcome = Outcome(case.name, "differs", (f"it cannot be run here: {error}",))
            except Exception as error:  # noqa: BLE001 - whatever escapes is a finding to report, not a reason to stop
                outcome = Outcome(case.name, "differs", (f"running it failed with {type(error).__name__}: {error}",))
            outcomes.append(outcome)
            sys.stdout.write(f"{outcome.verdict:13} {case.name}\n")
            sys.stdout.flush()
    return outcomes


def run_all(cases: Sequence[Case], rows: Sequence[Row], workers: int) -> list[Outcome]:
    """Run cases in several processes, since one process has one sandbox."""
    runnable = [case for case in cases if case.unsupported is None]
    outcomes = [Outcome(case.name, "not supported", (case.unsupported,)) for case in cases if case.unsupported]
    shares = [share for number in range(workers) if (share := runnable[number::workers])]
    if len(shares) < 2:
        return [*(run_share(shares[0], rows) if shares else []), *outcomes]
    with ProcessPoolExecutor(len(shares), multiprocessing.get_context("spawn")) as pool:
        for done in pool.map(run_share, shares, [rows] * len(shares)):
            outcomes += done
    order = {case.name: number for number, case in enumerate(cases)}
    return sorted(outcomes, key=lambda outcome: order[outcome.case])
