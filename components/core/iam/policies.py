"""Grants as IAM policy documents, sharded under IAM's size limits by exact counting."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...errors import SpecError
from .grants import ENCRYPTION_CONTEXT, Condition, Grant

INLINE_LIMIT = 10_240
"""Characters that all inline policies of a role may have together; white space does not count (IAM quotas)."""
MANAGED_LIMIT = 6_144
"""Characters of one managed policy; white space does not count (IAM quotas)."""
MANAGED_POLICIES = 10
"""Managed policies on one role, by default; AWS raises it to 20 on request (IAM quotas)."""


class _Frame(NamedTuple):
    """All of a statement but one list: its resources, or where `resource` is set its encryption contexts.

    What is shown of it decides which policy a statement goes to (`_Shard.weight`): other fields, or other names of
    them, move the statements of existing roles.
    """

    actions: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...]
    context: str


@dataclass(frozen=True)
class Shards:
    """The policies of one role: the inline one, None where nothing is granted, and managed ones for the rest."""

    inline: str | None
    managed: tuple[str, ...]


def shards(grants: Iterable[Grant], *, managed_policies: int = MANAGED_POLICIES) -> Shards:
    """Spread grants over an inline policy and, where they do not fit into it, managed ones.

    Where there is room each grant has its own place, so that adding a secret changes one statement.

    Raises:
        SpecError: the grants do not fit. They are never widened to make them fit; the text says what the user can do.
    """
    grants = list(grants)
    key = _context_key(grants)
    pieces = _pieces(grants, key)
    if not pieces:
        return Shards(None, ())
    whole = _document(_framed(pieces), key)
    if len(whole) <= INLINE_LIMIT:
        return Shards(whole, ())
    fewest = -(-(len(whole) - INLINE_LIMIT) // MANAGED_LIMIT)
    choices = [(number, 1) for number in range(fewest, managed_policies + 1)] + [(managed_policies, None)]
    spread = next(filter(None, (_spread(pieces, key, *choice) for choice in choices)), None)
    if spread is None:
        raise SpecError(_too_much(len(whole), managed_policies))
    inline, *managed = (_document(each.statements, key) for each in spread if each.statements)
    return Shards(inline, tuple(managed))


def managed(grants: Iterable[Grant]) -> tuple[str, ...]:
    """Grants as the documents of managed policies alone, each as full as may be.

    Args:
        grants: what is granted.

    Raises:
        SpecError: one grant alone does not fit into a policy.
    """
    grants = list(grants)
    key = _context_key(grants)
    made: list[_Shard] = []
    for piece in _pieces(grants, key):
        if made and made[-1].add(*piece):
            continue
        made.append(_Shard(MANAGED_LIMIT, len(made) + 1, key))
        if not made[-1].add(*piece):
            raise SpecError(_too_much(MANAGED_LIMIT + 1, 1))
    return tuple(_document(each.statements, key) for each in made)


def policy_json(grants: Iterable[Grant]) -> str:
    """Grants as one policy document without white space, sorted, however long, for people."""
    grants = list(grants)
    key = _context_key(grants)
    return _document(_framed(_pieces(grants, key)), key)


def _context_key(grants: Iterable[Grant]) -> str:
    """The condition key of the encryption context: one service, and so one store, has one alone."""
    keys = {each.key for grant in grants for each in grant.conditions if each.key.startswith(ENCRYPTION_CONTEXT)}
    return min(keys, default="")


def _pieces(grants: Iterable[Grant], key: str) -> list[tuple[_Frame, str]]:
    """The smallest parts that documents are made of: a frame and one entry of its list."""
    actions: dict[tuple[str, tuple[Condition, ...]], set[str]] = {}
    for grant in grants:
        actions.setdefault((grant.resource, grant.conditions), set()).add(grant.action)
    pieces = []
    for (resource, conditions), allowed in actions.items():
        context = next((each for each in conditions if each.key == key), None)
        if context is None:
            pieces.append((_Frame(tuple(sorted(allowed)), "", conditions, ""), resource))
            continue
        rest = tuple(each for each in conditions if each is not context)
        frame = _Frame(tuple(sorted(allowed)), resource, rest, context.operator)
        pieces += [(frame, value) for value in context.values]
    return sorted(pieces)


def _framed(pieces: Iterable[tuple[_Frame, str]]) -> dict[_Frame, list[str]]:
    statements: dict[_Frame, list[str]] = {}
    for frame, value in pieces:
        statements.setdefault(frame, []).append(value)
    return statements


def _statement(frame: _Frame, values: Sequence[str], key: str) -> dict[str, Any]:
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in frame.conditions:
        conditions.setdefault(condition.operator, {})[condition.key] = list(condition.values)
    if frame.context:
        conditions.setdefault(frame.context, {})[key] = sorted(values)
    return {
        "Effect": "Allow",
        "Action": list(frame.actions),
        "Resource": [frame.resource] if frame.resource else sorted(values),
        **({"Condition": conditions} if conditions else {}),
    }


def _document(statements: Mapping[_Frame, Sequence[str]], key: str) -> str:
    document = {
        "Version": "2012-10-17",
        "Statement": [_statement(frame, statements[frame], key) for frame in sorted(statements)],
    }
    return json.dumps(document, separators=(",", ":"))


@dataclass
class _Shard:
    """One policy while it fills."""

    limit: int
    number: int
    context_key: str
    statements: dict[_Frame, list[str]] = field(default_factory=dict)
    size: int = len(_document({}, ""))

    def add(self, frame: _Frame, value: str) -> bool:
        """Add a piece if there is room for it."""
        if frame in self.statements:
            needed = len(json.dumps(value)) + 1
        else:
            needed = len(json.dumps(_statement(frame, [value], self.context_key), separators=(",", ":"))) + bool(
                self.statements
            )
        if self.size + needed > self.limit:
            return False
        self.statements.setdefault(frame, []).append(value)
        self.size += needed
        return True

    def weight(self, piece: tuple[_Frame, str]) -> float:
        """How much a piece prefers this policy: rendezvous hashing, weighted by the policy's size."""
        digest = hashlib.sha256(f"{self.number} {piece}".encode()).digest()
        uniform = (int.from_bytes(digest[:8]) + 1) / (1 << 64)
        return float(uniform ** (MANAGED_LIMIT / self.limit))


def _spread(pieces: Sequence[tuple[_Frame, str]], key: str, managed: int, choices: int | None) -> list[_Shard] | None:
    """Put each piece into the policy that it prefers, or of its first `choices` the first that has room."""
    made = [_Shard(INLINE_LIMIT, 0, key), *(_Shard(MANAGED_LIMIT, number, key) for number in range(1, managed + 1))]
    for piece in pieces:
        preferred = sorted(made, key=lambda shard: shard.weight(piece), reverse=True)
        if not any(shard.add(*piece) for shard in preferred[:choices]):
            return None
    return made


def _too_much(size: int, managed_policies: int) -> str:
    return (
        f"the store's policy has {size:,} characters, and one role holds {INLINE_LIMIT:,} inline and {MANAGED_LIMIT:,} "
        f"in each of {managed_policies} managed policies. Split the store into several; or grant a path that it alone "
        "owns by `paths`; or have AWS raise the quota 'Managed policies attached to an IAM role', and set "
        "`managed_policies`"
    )
