"""Puts recorded lookups of Go's gjson to ours: `python -m tools.conformance.gjson --cases PATH`.

A case is equal, refused (a clear error instead of a value), or different; only the last is a failure.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from components.golang.gjson import UnsupportedPathError, get
from tests.support.paths import RECORDED

LOOKUPS = RECORDED / "gjson.jsonl"
_MOST_SHOWN = 50


class CasesError(Exception):
    """The file of cases cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Case:
    """One recorded lookup."""

    line: int
    category: str
    json: str
    path: str
    exists: bool
    type: str
    string: str
    raw: str


_FIELDS = {field.name: bool if field.name == "exists" else str for field in fields(Case) if field.name != "line"}


@dataclass(frozen=True)
class Outcome:
    """What ours made of a case.

    Attributes:
        verdict: equal, refused or different.
        fields: the fields of the result that differ, or the name of the exception that escaped.
        seconds: how long the lookup took.
    """

    case: Case
    verdict: str
    fields: tuple[str, ...]
    seconds: float


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file, one after another, so that a file may be of any size; further fields are left out.

    Raises:
        CasesError: there is no such file, or a line of it is no case.
    """
    if not path.is_file():
        raise CasesError(
            f"{path} is missing; name a file of recorded lookups with --cases, or none, for those in tests/recorded/"
        )
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _case(line, number, f"{path}, line {number}")


def _case(line: bytes, number: int, where: str) -> Case:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CasesError(f"{where} is not JSON ({type(error).__name__})") from None
    if not isinstance(body, dict):
        raise CasesError(f"{where} is not a JSON object with {', '.join(_FIELDS)}")
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(body.get(name), kind)]
    if wrong:
        kinds = ", ".join(f"{name} ({'true or false' if name == 'exists' else 'text'})" for name in wrong)
        raise CasesError(f"{where} lacks {kinds}")
    return Case(line=number, **{name: body[name] for name in _FIELDS})


def run_case(case: Case) -> Outcome:
    """Look up one case and compare."""
    start = time.perf_counter()
    try:
        result = get(case.json, case.path)
        found = tuple(
            name for name in ("exists", "type", "string", "raw") if getattr(result, name) != getattr(case, name)
        )
        verdict = "different" if found else "equal"
    except UnsupportedPathError:
        verdict, found = "refused", ()
    except Exception as error:  # noqa: BLE001 - whatever escapes is a finding to report, not a reason to stop
        verdict, found = "different", (type(error).__name__,)
    return Outcome(case, verdict, found, time.perf_counter() - start)


class Report:
    """Counts outcomes and keeps what is worth a line.

    Attributes:
        totals: how many there were of each verdict.
    """

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()
        self._slowest: Outcome | None = None
        self._shown: list[str] = []

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.totals[outcome.verdict] += 1
        if self._slowest is None or outcome.seconds > self._slowest.seconds:
            self._slowest = outcome
        if outcome.verdict != "equal" and len(self._shown) < _MOST_SHOWN:
            case, where = outcome.case, f" in {', '.join(outcome.fields)}" if outcome.fields else ""
            self._shown.append(
                f"{outcome.verdict}: line {case.line} ({case.category}), path {case.path[:200]!r}{where}"
            )

    def lines(self) -> Iterable[str]:
        """Totals, the slowest case, and the first cases that are not equal, without values."""
        count = self.totals.total()
        for verdict in ("equal", "refused", "different"):
            yield f"{verdict:9} {self.totals[verdict]:5} of {count}"
        if self._slowest is not None:
            case = self._slowest.case
            yield f"slowest   {self._slowest.seconds * 1000:.1f} ms, line {case.line} ({case.category})"
        yield from self._shown
        if (more := count - self.totals["equal"] - len(self._shown)) > 0:
            yield f"... and {more} more that are not equal"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all cases of a file; 1 where one is different, 2 where there is nothing to compare with."""
    parser = argparse.ArgumentParser(prog="python -m tools.conformance.gjson", description=__doc__)
    parser.add_argument("--cases", type=Path, default=LOOKUPS, help="a JSON Lines file (default: %(default)s)")
    report = Report()
    try:
        for case in read_cases(parser.parse_args(arguments).cases):
            report.add(run_case(case))
    except (OSError, CasesError) as error:
        sys.stderr.write(f"cannot read the cases: {error}\n")
        return 2
    if not report.totals:
        sys.stderr.write("the file holds no cases\n")
        return 2
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    return 1 if report.totals["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
