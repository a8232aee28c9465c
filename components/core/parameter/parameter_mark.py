"""The mark on a parameter: a tag that says which PushSecret of which stack's state it is.

A tag holds 256 characters of a few kinds, which a URN does not fit into. So the mark has the state's id, a digest of
the URN, which makes it exact, and `project/stack/name` for people.
"""

from __future__ import annotations

import hashlib
import re

from ..spec.owner import Owner

_LONGEST = 256
_NOT_TAGGED = re.compile(r"[^\w .:/=+@-]", re.ASCII)
_MARK = re.compile(r"([0-9a-f]{32}) ([0-9a-f]{32}) (.*)", re.DOTALL)
_LONGEST_SHOWN = 200


def mark_of(owner: Owner) -> str | None:
    """The mark of a PushSecret's parameters; None while the state has no id, so that no parameter can bear it."""
    if owner.state_id is None:
        return None
    digest = hashlib.sha256(owner.text.encode()).hexdigest()[:32]
    return f"{owner.state_id} {digest} {_NOT_TAGGED.sub('_', owner.title)}"[:_LONGEST].rstrip()


def whose(mark: str | None) -> str:
    """Whose a parameter is, for messages, by its mark."""
    if mark is None:
        return "it bears no mark of this library"
    found = _MARK.fullmatch(mark)
    return f"it is that of PushSecret {(found[3] if found else mark)[:_LONGEST_SHOWN]}"


def is_of_state(mark: str, owner: Owner) -> bool:
    """Whether a mark is that of a PushSecret of the same state."""
    found = _MARK.fullmatch(mark)
    return found is not None and found[1] == owner.state_id


def is_renamed_parent(mark: str, owner: Owner) -> bool:
    """Whether a mark is that of the PushSecret of the same state and name, below other parents maybe."""
    found = _MARK.fullmatch(mark)
    own = _MARK.fullmatch(mark_of(owner) or "")
    whole = len(mark) < _LONGEST  # of one that was cut nobody can say
    return whole and found is not None and own is not None and (found[1], found[3]) == (own[1], own[3])
