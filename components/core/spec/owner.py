"""Whose a Secret is: one ExternalSecret of one stack's state, and the mark on a Secret that says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ...display import plain

_MARK = re.compile(r"([0-9a-f]{32})(?:-([0-9a-f]{8}))? (urn:pulumi:.+)", re.DOTALL)
_URN_PARTS = 4
_LONGEST_SHOWN = 400

MOVED_FROM = "PARAMETER_STORE_MOVED_FROM"
"""The environment variable that names, as `project/stack`, the stack whose state moved to the running one for good."""


@dataclass(frozen=True)
class Owner:
    """One ExternalSecret of one stack's state.

    Attributes:
        text: the ExternalSecret's URN, which tells its parents' types too. State of earlier versions holds
            `project/stack/name` instead.
        state_id: the id of the state that keeps it. Equal projects, stacks and names in two backends have two. None
            where the state has none yet, and in what earlier versions wrote.
        entry: tells the entry of the state that took the Secret over by its mark from another entry that bears the same
            mark, as `pulumi state rename` of the SecretSync alone leaves it. None for all others.
    """

    text: str
    state_id: str | None = None
    entry: str | None = None

    @classmethod
    def from_bag(cls, bag: str | Mapping[str, Any]) -> Self:
        """The owner out of a property bag; a string is what earlier versions stored. Preview may not know the id."""
        if isinstance(bag, str):
            return cls(bag)
        state_id = bag.get("id")
        return cls(bag["urn"], state_id if isinstance(state_id, str) else None, bag.get("entry"))

    @classmethod
    def of_mark(cls, mark: str) -> Self:
        """The owner that a mark names; anybody can write an annotation, so any text is taken."""
        found = _MARK.fullmatch(mark)
        return cls(found[3], found[1], found[2]) if found else cls(mark)

    @property
    def mark(self) -> str | None:
        """The mark on its Secrets. None while the state has no id: then no Secret can bear it."""
        if not self.is_urn:
            return self.text
        entry = f"-{self.entry}" if self.entry else ""
        return f"{self.state_id}{entry} {self.text}" if self.state_id else None

    def is_same_resource(self, other: Owner) -> bool:
        """Whether both are one ExternalSecret of one state, whatever entry of the state each is of."""
        return self.state_id is not None and (self.state_id, self.text) == (other.state_id, other.text)

    def refusal(self, what: str, kind: str) -> str:
        """The text that something is another stack's, whose state was renamed, moved or copied to the running one.

        Args:
            what: what was written, with a verb.
            kind: the kind of the owner.
        """
        stack = shown_mark(self.stack)
        return (
            f"{what} written by stack {stack} ({kind} {self.full_title}), whose state this stack has, and is not "
            f"touched. If {stack} was renamed or moved here for good, run this once with {MOVED_FROM}={stack} in the "
            f"environment. If this is a copy and {stack} goes on, run `pulumi state delete` for the {kind}, or `pulumi "
            "stack rm --force`."
        )

    @property
    def name(self) -> str:
        """The ExternalSecret's resource name."""
        return self._parts[2]

    @property
    def stack(self) -> str:
        """`project/stack` of its state when this was written."""
        return "/".join(self._parts[:2])

    @property
    def title(self) -> str:
        """How messages call it: `project/stack/name`, without control characters and not too long."""
        return shown_mark("/".join(filter(None, self._parts))) or "(unnamed)"

    @property
    def kind(self) -> str:
        """The component's kind, such as `ExternalSecret`; empty where the owner is not named by its URN."""
        return self.text.split("::")[2].rpartition(":")[2] if self.is_urn and self.text.count("::") > 1 else ""

    @property
    def resource(self) -> str:
        """The URN of the resource that keeps it: a cluster-wide kind keeps what it has in several namespaces."""
        return self.text.rpartition("@")[0] if self.kind.startswith("Cluster") else self.text

    @property
    def full_title(self) -> str:
        """The title with the URN, where that is known."""
        return f"{self.title} ({shown_mark(self.text)})" if self.is_urn else self.title

    def beside(self, other: Owner) -> str:
        """The title, with the URN where the title alone does not tell it from another."""
        return self.full_title if self.title == other.title else self.title

    def is_of_program(self, program: Owner, state_ids: Collection[str]) -> bool:
        """Whether it is kept by the same stack's state as another one.

        Args:
            program: the other one.
            state_ids: the ids of that state, as far as they are known.
        """
        # A state that was copied to another stack holds the same id.
        return self.stack == program.stack and (self.state_id in state_ids or not self.is_urn)

    @property
    def is_urn(self) -> bool:
        """Whether it is named by its URN; only earlier versions did not."""
        return self.text.startswith("urn:pulumi:")

    @property
    def _parts(self) -> tuple[str, str, str]:
        """Project, stack and name."""
        if self.is_urn:
            urn = self.text.split("::", _URN_PARTS - 1)
            if len(urn) == _URN_PARTS:
                return urn[1], urn[0].removeprefix("urn:pulumi:"), urn[3]
        elif self.text.count("/") > 1:
            project, stack, name = self.text.split("/", 2)
            return project, stack, name
        return "", "", self.text


def urn_in(urn: str, namespace: str) -> str:
    """What stands for the URN of a cluster-wide kind's Secret in one namespace; no other resource has such a one."""
    return f"{urn}@{namespace}"


def shown_mark(text: str) -> str:
    """A mark, or a part of one, as it stands in a message: escaped where it would not print, and cut where long."""
    shown = plain(text)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
