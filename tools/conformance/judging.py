"""Runs cases in as many processes as wanted, and says of each whether it agrees, differs, or differs on purpose."""

import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from tools.conformance.cases import Case, may_run_together
from tools.conformance.comparing import Comparison, compare
from tools.conformance.on_purpose import DOCUMENT, Row
from tools.conformance.running import Runner, UnrunnableError

_TOGETHER = 6
"""Cases in one operation at most, so that one that fails has few others run again."""


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


def run_share(cases: Sequence[Case], rows: Sequence[Row], *, grouped: bool = False) -> list[Outcome]:
    """Run cases in one sandbox, several in one operation where they may be, with a line for each."""
    together = [case for case in cases if may_run_together(case)]
    with Runner(grouped=grouped) as runner:
        outcomes = [_said(_judged(runner, case, rows)) for case in cases if case not in together]
        for some in groups(together):
            outcomes += map(_said, _judged_together(runner, some, rows))
    agreed = {each.case for each in outcomes}
    if again := [case for case in together if case.name not in agreed]:
        with Runner(grouped=grouped) as runner:  # another one, whose namespaces are empty
            outcomes += [_said(_judged(runner, case, rows)) for case in again]
    return outcomes


def groups(cases: Sequence[Case]) -> list[list[Case]]:
    """Cases that put other parameters, a few in a group."""
    found: list[tuple[list[Case], set[str]]] = []
    for case in cases:
        names = {each["Name"] for each in case.steps[0].put}
        fitting = (each for each in found if len(each[0]) < _TOGETHER and not each[1] & names)
        some, taken = next(fitting, None) or ([], set())
        if not some:
            found.append((some, taken))
        some.append(case)
        taken |= names
    return [some for some, _ in found]


def _judged_together(runner: Runner, cases: Sequence[Case], rows: Sequence[Row]) -> list[Outcome]:
    """The outcomes of those that agree; the others are to be run by themselves."""
    try:
        seen = runner.run_together(cases)
    except Exception:  # noqa: BLE001 - run by itself, each tells what it is
        return []
    judged = [judge(case, compare(case, each), rows) for case, each in zip(cases, seen, strict=True)]
    return [each for each in judged if each.verdict == "agrees"]


def _judged(runner: Runner, case: Case, rows: Sequence[Row]) -> Outcome:
    try:
        return judge(case, compare(case, runner.run(case)), rows)
    except UnrunnableError as error:
        return Outcome(case.name, "differs", (f"it cannot be run here: {error}",))
    except Exception as error:  # noqa: BLE001 - whatever escapes is a finding to report, not a reason to stop
        return Outcome(case.name, "differs", (f"running it failed with {type(error).__name__}: {error}",))


def _said(outcome: Outcome) -> Outcome:
    sys.stdout.write(f"{outcome.verdict:13} {outcome.case}\n")
    sys.stdout.flush()
    return outcome


def run_all(cases: Sequence[Case], rows: Sequence[Row], workers: int, *, grouped: bool = False) -> list[Outcome]:
    """Run cases in several processes, since one process has one sandbox."""
    runnable = [case for case in cases if case.unsupported is None]
    outcomes = [Outcome(case.name, "not supported", (case.unsupported,)) for case in cases if case.unsupported]
    shares = [share for number in range(workers) if (share := runnable[number::workers])]
    if len(shares) < 2:
        return [*(run_share(shares[0], rows, grouped=grouped) if shares else []), *outcomes]
    with ProcessPoolExecutor(len(shares), multiprocessing.get_context("spawn")) as pool:
        for done in pool.map(partial(run_share, grouped=grouped), shares, [rows] * len(shares)):
            outcomes += done
    order = {case.name: number for number, case in enumerate(cases)}
    return sorted(outcomes, key=lambda outcome: order[outcome.case])
