"""Which namespaces a cluster-wide kind is for (ESO: `namespaceSelectors`, `namespaces`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from .store_conditions import LabelRequirement, requirements


@dataclass(frozen=True)
class NamespaceChoice:
    """Namespaces by labels and by names. Any selector and any name chooses a namespace.

    Attributes:
        selectors: each the labels that a namespace must all meet; an empty one chooses every namespace, as in
            Kubernetes (ESO: `namespaceSelectors`).
        names: names (ESO: `namespaces`).
    """

    selectors: tuple[tuple[LabelRequirement, ...], ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The choice out of a property bag, in the words of ESO's manifests."""
        return cls(
            tuple(map(requirements, bag.get("namespaceSelectors") or ())),
            tuple(dict.fromkeys(bag.get("namespaces") or ())),
        )

    def chooses(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a namespace with this name and these labels is chosen."""
        return name in self.names or any(all(each.matches(labels) for each in selector) for selector in self.selectors)

    @property
    def words(self) -> str:
        """The choice in words, with labels as kubectl writes them: `team-a or labels kind=team,!old`."""
        labels = [",".join(map(_selects, each)) for each in self.selectors]
        return " or ".join([*self.names, *(f"labels {each}" if each else "all namespaces" for each in labels)])


def _selects(required: LabelRequirement) -> str:
    values = ",".join(required.values)
    match required.operator:
        case "Exists":
            return required.key
        case "DoesNotExist":
            return f"!{required.key}"
        case operator:
            return (
                f"{required.key} {operator.lower()} ({values})"
                if "," in values
                else (f"{required.key}{'=' if operator == 'In' else '!='}{values}")
            )
