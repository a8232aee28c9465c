"""Which ExternalSecrets of the running operation write which Secret, so that no two of them write the same one.

Two stores may name one cluster in two ways, and one cluster may have two URLs. So a Secret is known by its place, which
is the cluster's URL with the Secret's name, and by its uid.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from threading import Lock

from ...core.spec.owner import Owner
from ...core.spec.store_specs import StoreSpec
from ...errors import SpecError


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


def parameter_places(store: StoreSpec, name: str, account: str | None) -> list[Hashable]:
    """What a parameter is known by: its store with its name, and its account, where that is known.

    Raises:
        SpecError: the store's service is not written to.
    """
    if store.service.writing is None:
        raise SpecError(f"service {store.service.name} is not written to; push to a store of another service")
    identity = store.service.writing.identity(name)
    places: list[Hashable] = [("parameter", store, identity)]
    if account is not None:
        places.append(("parameter", store.service.name, account, store.identity.region, identity))
    return places


class Claims:
    """The claims of one operation."""

    def __init__(self) -> None:
        """Begin with none."""
        self._claims: dict[Hashable, dict[str, Claim]] = {}
        self._expected: set[Hashable] = set()
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

    def expect(self, places: Iterable[Hashable]) -> None:
        """Note what the program declares, whether the engine has come to check it yet or not."""
        with self._lock:
            self._expected.update(places)

    def is_wanted(self, places: Iterable[Hashable], but: str | None = None) -> bool:
        """Whether anything of the program but one owner writes there: then nothing else takes it away.

        Args:
            places: all that the thing is known by.
            but: the owner, who is one of those that are expected where it has claimed one of the places.
        """
        with self._lock:
            known = set(places)
            owners = {owner for place in known for owner in self._claims.get(place, ())}
            return bool(owners - {but} or (but not in owners and known & self._expected))
