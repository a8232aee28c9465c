"""Runs recorded cases of External Secrets Operator through the sandbox, and compares: `make conformance`.

Exit code: 0 where nothing differs but on purpose, 1 where something does, 2 where there is nothing to compare with.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.conformance.cases import CaseError, default_cases, read_cases
from tools.conformance.judging import Outcome, run_all
from tools.conformance.on_purpose import DOCUMENT, Row, read_rows


def report(outcomes: Sequence[Outcome], unused: Sequence[Row]) -> Iterator[str]:
    """The lines after all cases have run."""
    run = [each for each in outcomes if each.verdict != "not supported"]
    yield ""
    yield f"{sum(each.verdict == 'agrees' for each in run)} of {len(run)} agree"
    for verdict, title in (
        ("differs", "Different"),
        ("on purpose", f"Different on purpose, see docs/{DOCUMENT.name}"),
        ("not supported", "Not supported, so not run"),
    ):
        found = [each for each in outcomes if each.verdict == verdict]
        if found:
            yield ""
            yield f"{title}: {len(found)}"
        for each in found:
            yield f"  {each.case}" + (f": here {each.row.ours}; {each.row.why}" if each.row else "")
            yield from (f"    {line}" for line in each.details)
    uncompared = [f"  {each.case}: {text}" for each in outcomes for text in each.uncompared]
    if uncompared:
        yield ""
        yield "Failed with both; the cause was not compared, as tools/conformance/causes.py does not know the text:"
        yield from uncompared
    for row in unused:
        yield f"no case differs as docs/{DOCUMENT.name} says: {row.case}: {row.ours}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases of files."""
    parser = argparse.ArgumentParser(prog="python -m tools.conformance", description=__doc__)
    parser.add_argument("cases", type=Path, nargs="*", help="files of cases (default: the recorded ones and our own)")
    parser.add_argument("--only", action="append", help="run just this case; may be given several times")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--grouped", action="store_true", help="stores keep their ExternalSecrets in one resource")
    asked = parser.parse_args(arguments)
    try:
        rows = read_rows(DOCUMENT.read_text(encoding="utf-8"))
        named = [case for path in asked.cases for case in read_cases(path)]
        cases = named if asked.cases else default_cases()
    except (CaseError, ValueError) as error:
        sys.stderr.write(f"cannot run the cases: {error}\n")
        return 2
    cases = [case for case in cases if not asked.only or case.name in asked.only]
    if not cases:
        sys.stderr.write("there are no such cases\n")
        return 2
    outcomes = run_all(cases, rows, asked.workers, grouped=asked.grouped)
    used = [each.row for each in outcomes]
    unused = [] if asked.cases or asked.only else [row for row in rows if row not in used]
    sys.stdout.write("\n".join([*report(outcomes, unused), ""]))
    return 1 if unused or any(each.verdict == "differs" for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
