"""Reads docs/compared-with-eso.md: where our results differ from ESO's on purpose, and how that is checked.

The table's last column holds statements in backticks, each of which must hold:
    keys SECRET KEY...     our Secret has just these keys
    says TEXT              an ExternalSecret of ours that is not ready says this
    find by name and tags  the case looks for parameters by both, and all that differs is that we find fewer
before them `step N:` where it is not the last step. A case `*` is any case whose differences the statements explain.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.cases import Case
from tests.conformance.comparing import Comparison

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "compared-with-eso.md"
_CELLS = 5
_CHECK = re.compile(r"(?:step (?P<step>\d+): )?(?P<verb>keys|says|find by name and tags)(?: (?P<rest>.*))?")


@dataclass(frozen=True)
class Row:
    """One difference on purpose.

    Attributes:
        case: the case's name, or `*`.
        theirs: what ESO does.
        ours: what we do.
        why: the reason.
        checks: statements about ours.
    """

    case: str
    theirs: str
    ours: str
    why: str
    checks: tuple[str, ...]

    def holds(self, case: Case, comparison: Comparison) -> bool:
        """Whether all statements hold for what ours did in a case."""
        return all(_holds(check, case, comparison) for check in self.checks)


def read_rows(text: str) -> list[Row]:
    """The rows of the table.

    Raises:
        ValueError: a row has no case, or no statement that can be checked.
    """
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == _CELLS and line.startswith("| `"):
            checks = tuple(re.findall(r"`([^`]+)`", cells[4]))
            if not checks or not all(_CHECK.fullmatch(check) for check in checks):
                raise ValueError(f"{cells[0]}: {cells[4]!r} is no list of statements that this runner knows")
            rows.append(Row(cells[0].strip("`"), cells[1], cells[2], cells[3], checks))
    return rows


def _holds(check: str, case: Case, comparison: Comparison) -> bool:
    found = _CHECK.fullmatch(check)
    if found is None:
        return False
    number = int(found["step"]) if found["step"] else len(case.steps)
    if number > len(case.steps):
        return False
    seen, rest = comparison.seen[number - 1], found["rest"] or ""
    if found["verb"] == "keys":
        secret, *keys = rest.split()
        return secret in seen.secrets and sorted(seen.secrets[secret]["data"]) == sorted(keys)
    if found["verb"] == "says":
        theirs = case.steps[number - 1].observed.conditions
        return any(
            not each.ready and rest.lower() in each.message.lower() and name in theirs and theirs[name].ready
            for name, each in seen.conditions.items()
        )
    return all(difference.endswith("got none") for difference in comparison.differences) and any(
        entry.get("find", {}).get("name") and entry.get("find", {}).get("tags")
        for each in case.steps[number - 1].apply
        for entry in (each.get("spec") or {}).get("dataFrom") or ()
    )
