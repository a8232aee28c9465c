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
    """An ExternalSecret that writes a Secret, whether it lets others write too, and its keys, where they are known."""

    owner: Owner
    shared: bool
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rival:
    """Another ExternalSecret of the program in the way of a claim, and the key that both write.

    Without a key, one of the two does not share the Secret at all.
    """

    owner: Owner
    key: str | None


class Claims:
    """The claims of one operation."""

    def __init__(self) -> None:
        """Begin with none."""
        self._claims: dict[Hashable, dict[str, Claim]] = {}
        self._lock = Lock()

    def claim(self, places: Iterable[Hashable], claim: Claim) -> Rival | None:
        """Note that an ExternalSecret writes a Secret, unless another one is in its way, which is returned."""
        with self._lock:
            found = [self._claims.setdefault(place, {}) for place in places]
            for other in (each for claims in found for each in claims.values()):
                if other.owner.text == claim.owner.text:
                    continue
                if not (other.shared and claim.shared):
                    return Rival(other.owner, None)
                if both := other.keys & claim.keys:
                    return Rival(other.owner, min(both))
            for claims in found:
                claims[claim.owner.text] = claim
            return None
