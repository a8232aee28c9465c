"""Puts recorded lookups of Go's gjson to ours: `python -m tests.conformance.gjson --cases PATH`.

A case is equal, refused (a clear error instead of a value), or different; only the last is a failure.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.core.json_path import UnsupportedPathError, get

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "gjson.jsonl"


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


def read_cases(path: Path) -> list[Case]:
    """The cases of a file.

    Raises:
        FileNotFoundError: there is no such file; the text says where the recorded one belongs.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: the recorded gjson cases belong in shared/conformance/ beside the repository, "
            "or name another file with --cases"
        )
    with path.open(encoding="utf-8") as lines:
        return [Case(line=number, **json.loads(line)) for number, line in enumerate(lines, 1) if line.strip()]


def run_case(case: Case) -> Outcome:
    """Look up one case and compare."""
    start = time.perf_counter()
    try:
        result = get(case.json, case.path)
        fields = tuple(
            name for name in ("exists", "type", "string", "raw") if getattr(result, name) != getattr(case, name)
        )
        verdict = "different" if fields else "equal"
    except UnsupportedPathError:
        verdict, fields = "refused", ()
    except Exception as error:  # noqa: BLE001 - whatever escapes is a finding to report, not a reason to stop
        verdict, fields = "different", (type(error).__name__,)
    return Outcome(case, verdict, fields, time.perf_counter() - start)


def report(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """The report's lines: totals, the slowest case, and each case that is not equal, without values."""
    totals = Counter(outcome.verdict for outcome in outcomes)
    for verdict in ("equal", "refused", "different"):
        yield f"{verdict:9} {totals[verdict]:5} of {len(outcomes)}"
    if outcomes:
        slowest = max(outcomes, key=lambda outcome: outcome.seconds)
        yield f"slowest   {slowest.seconds * 1000:.1f} ms, line {slowest.case.line} ({slowest.case.category})"
    for outcome in outcomes:
        if outcome.verdict != "equal":
            case, fields = outcome.case, f" in {', '.join(outcome.fields)}" if outcome.fields else ""
            yield f"{outcome.verdict}: line {case.line} ({case.category}), path {case.path!r}{fields}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all cases of a file; 1 where one is different, 2 where there is nothing to compare with."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.gjson", description=__doc__)
    parser.add_argument("--cases", type=Path, default=RECORDED, help="a JSON Lines file (default: %(default)s)")
    try:
        cases = read_cases(parser.parse_args(arguments).cases)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"cannot read the cases: {error}\n")
        return 2
    if not cases:
        sys.stderr.write("the file holds no cases\n")
        return 2
    outcomes = [run_case(case) for case in cases]
    for line in report(outcomes):
        sys.stdout.write(f"{line}\n")
    return 1 if any(outcome.verdict == "different" for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
