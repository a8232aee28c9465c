"""Reads docs/compared-with-eso.md: where our results differ from ESO's on purpose, and how that is checked.

The table's last column holds statements in backticks, of which each must hold, or where `or` stands between them one:
    keys SECRET KEY...            our Secret has just these keys
    secret SECRET KEY VALUE       our Secret has this value under this key
    says TEXT                     an ExternalSecret of ours that is not ready says this
    push says TEXT                a PushSecret of ours that is not ready says this
    parameter NAME VALUE          our parameter has this value
    no parameter NAME             there is none with ours
    writes none                   both fail, and ESO has written some of it before
    only tags                     all that differs is tags of parameters and secrets
    only versions                 all that differs is how many versions secrets of Secrets Manager have
    stored NAME VALUE             our secret of Secrets Manager has this value
    described NAME TEXT           our secret of Secrets Manager has this description
    applies APIVERSION            the case applies an object of this apiVersion
    find by name and tags         the case looks for parameters by both, and all that differs is that we find fewer
    names another                 the program ended with an error about an ExternalSecret that is refused by both
    removes an ExternalSecret     the first step that differs does
    read once                     it is read once; what differs comes with or after a forced sync or an edited spec
    edited before the next sync   what differs comes after a change of a Secret that ESO does not watch
    last-applied-configuration    only an annotation of kubectl's is not there
    another type                  ESO cannot update the Secret, and ours is there with another type
    immutable no more             only ESO's Secret is still immutable
before them `step N:`. A case `*` is any case whose differences the statements explain.
"""

import re
from dataclasses import dataclass

from tests.support.paths import ROOT
from tools.conformance.cases import Case
from tools.conformance.comparing import Comparison
from tools.conformance.statements import STATEMENTS, Claim

DOCUMENT = ROOT / "docs" / "compared-with-eso.md"
_CELLS = 5
_CHECK = re.compile(rf"(?:step (?P<step>\d+): )?(?P<verb>{'|'.join(STATEMENTS)})(?: (?P<rest>.*))?")


@dataclass(frozen=True)
class Row:
    """One difference on purpose.

    Attributes:
        case: the case's name, or `*`.
        theirs: what ESO does.
        ours: what we do.
        why: the reason.
        checks: statements about ours.
        one_will_do: whether one of them is enough.
    """

    case: str
    theirs: str
    ours: str
    why: str
    checks: tuple[str, ...]
    one_will_do: bool = False

    def holds(self, case: Case, comparison: Comparison) -> bool:
        """Whether the statements hold for what ours did in a case."""
        held = (_holds(check, case, comparison) for check in self.checks)
        return any(held) if self.one_will_do else all(held)


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
            rows.append(Row(cells[0].strip("`"), cells[1], cells[2], cells[3], checks, "` or `" in cells[4]))
    return rows


def _holds(check: str, case: Case, comparison: Comparison) -> bool:
    found = _CHECK.fullmatch(check)
    if found is None:
        return False
    step = int(found["step"]) if found["step"] else None
    if step is not None and step > len(case.steps):
        return False
    return STATEMENTS[found["verb"]](Claim(found["rest"] or "", case, comparison, step))
