"""Which Secrets the running operation declares, so that no stale entry of the state deletes one of them.

At its end the engine deletes what is not declared any more, also where the ExternalSecret that was declared in its
place has failed, or was skipped because its store failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import RLock

from ...core.spec.specs import ExpectedTarget, SecretSpec
from ...core.spec.store_specs import ClusterSpec
from ...errors import WriteError


class ClaimedError(WriteError):
    """A Secret is not deleted, as an ExternalSecret of the program is to take it over, and has not done so yet."""


@dataclass(frozen=True)
class Claimant:
    """An ExternalSecret that declares a Secret which another entry of the state is about to delete.

    It is settled where it has done its work in this operation, or an earlier one did.
    """

    title: str
    settled: bool


class Targets:
    """The Secrets that one operation declares."""

    def __init__(self) -> None:
        """Begin with none."""
        self._expected: set[ExpectedTarget] = set()
        self._declared: dict[tuple[str, str], dict[str, SecretSpec]] = {}
        self._checked: set[tuple[str, str, str]] = set()
        self._settled: dict[tuple[str, str, str], str | None] = {}
        self._resolved: set[str] = set()
        self._lock = RLock()

    def resolve(self, secret: str) -> None:
        """Note that an expected one of this name is known by now: each of its Secrets is declared by itself."""
        with self._lock:
            self._resolved.add(secret)

    def expect(self, expected: Iterable[ExpectedTarget]) -> None:
        """Note what a store's ExternalSecrets declare, whether the engine comes to check them or not."""
        with self._lock:
            self._expected.update(expected)

    def declare(self, spec: SecretSpec) -> None:
        """Note an ExternalSecret that is checked."""
        with self._lock:
            self._checked.add((spec.owner.name, spec.namespace, spec.name))
            place = self._declared.setdefault((spec.namespace, spec.name), {})
            place[spec.owner.text] = spec

    def settle(self, spec: SecretSpec, uid: str | None) -> None:
        """Note that an ExternalSecret is done, and the object that it keeps, if that is known."""
        with self._lock:
            place = spec.namespace, spec.name, spec.owner.text
            self._settled[place] = uid or self._settled.get(place)

    def claimant(
        self, spec: SecretSpec, uid: str, are_apart: Callable[[ClusterSpec, ClusterSpec], bool]
    ) -> Claimant | None:
        """The ExternalSecret that wants a Secret which an entry of the state is about to delete.

        One of another name that only writes into what others made does not keep it.
        """
        with self._lock:
            for text, other in self._declared.get((spec.namespace, spec.name), {}).items():
                place = spec.namespace, spec.name, text
                other_object = self._settled.get(place) not in (None, uid)  # of another cluster
                keeps = other.target.adopt or other.target.creation_policy in ("Owner", "Orphan")
                wants = keeps or other.owner.name == spec.owner.name
                if wants and not other_object and not are_apart(spec.cluster, other.cluster):
                    return Claimant(other.owner.full_title, place in self._settled)
            for each in self._expected:
                if each.may_be(spec.namespace, spec.name) and not self._is_checked(each):
                    return Claimant(repr(each.secret), settled=False)
            return None

    def _is_checked(self, expected: ExpectedTarget) -> bool:
        """Whether it was checked; another one of its name, below another parent, writes another Secret."""
        return expected.secret in self._resolved or any(
            secret == expected.secret and expected.may_be(namespace, name) for secret, namespace, name in self._checked
        )
