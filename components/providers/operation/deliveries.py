"""What PushSecrets are to do to parameters, built in memory by `check` and waiting for `create` or `update`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from ...core.spec.push_specs import PushMetadata
from ...core.spec.store_specs import StoreSpec

if TYPE_CHECKING:
    from ...core.service_writing import Put


@dataclass(frozen=True)
class Delivery:
    """What is to be done to one parameter.

    Attributes:
        store: how it is written to.
        name: its full name.
        seen: the version that this was built for; None where there is none.
        mark: the mark that it bore then.
        put: the write, if there is one.
        version: the version that it comes to.
        tags: tags to set.
        untags: keys of tags to remove.
        deletes: it is deleted; before the write, where there is one.
        restores: it is marked for deletion, and restored before all else.
        metadata: what it is or was to be like.
        goes: it is not wanted any more, and is left alone where anything else of the program wants it.
    """

    store: StoreSpec
    name: str
    seen: str | None = None
    mark: str | None = None
    put: Put | None = field(default=None, repr=False)
    version: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    untags: tuple[str, ...] = ()
    deletes: bool = False
    goes: bool = False
    restores: bool = False
    metadata: PushMetadata[str] = field(default_factory=PushMetadata)

    @property
    def title(self) -> str:
        """What it is about, for errors."""
        return f"{self.store.service.noun} {self.name!r}"


def passed_on(name: str, store: StoreSpec) -> str:
    """What the user is told of a parameter that a PushSecret does not push any more, and another one does."""
    return (
        f"{store.service.noun} {name} in {store.identity.region} stays, as another PushSecret of the program pushes "
        "it; where that one is refused, set `adopt` on it"
    )


class Deliveries:
    """Those of one operation, by the URN of the PushSecret."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: dict[str, tuple[Delivery, ...]] = {}
        self._lock = Lock()

    def keep(self, urn: str, deliveries: tuple[Delivery, ...]) -> None:
        """Keep what `check` built, in place of what it built before."""
        with self._lock:
            self._waiting[urn] = deliveries

    def take(self, urn: str) -> tuple[Delivery, ...] | None:
        """What was built; None where nothing was."""
        with self._lock:
            return self._waiting.pop(urn, None)
