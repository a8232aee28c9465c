"""Which ExternalSecrets of the running operation write which Secret, so that no two of them write the same one.

Two stores may name one cluster in two ways, and one cluster may have two URLs. So a Secret is known by its place, which
is the cluster's URL with the Secret's name, and by its uid.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from threading import Lock

from ...core.spec.owner import Owner


@dataclass(frozen=True)
class Claim:
    """An ExternalSecret that writes a Secret.

    Attributes:
        owner: which one it is.
        shared: it lets others write the Secret, too.
        keys: the keys that it writes, as far as they are known.
    """

    owner: Owner
    shared: bool
    keys: frozenset[str] = frozenset()


class Claims:
    """The claims of one operation."""

    def __init__(self) -> None:
        """Begin with none."""
        self._claims: dict[Hashable, dict[str, Claim]] = {}
        self._lock = Lock()

    def claim(self, places: Iterable[Hashable], claim: Claim) -> tuple[Owner, str | None] | None:
        """Note that an ExternalSecret writes a Secret.

        Args:
            places: all by which the Secret is known.
            claim: who writes it, and what.

        Returns:
            The owner of another one that is in its way, and the key that both write; None for the key where one of the
            two does not share the Secret at all. None where nobody is in the way.
        """
        with self._lock:
            found = [self._claims.setdefault(place, {}) for place in places]
            for other in (each for claims in found for each in claims.values()):
                if other.owner.text == claim.owner.text:
                    continue
                if not (other.shared and claim.shared):
                    return other.owner, None
                if both := other.keys & claim.keys:
                    return other.owner, min(both)
            for claims in found:
                claims[claim.owner.text] = claim
            return None
