"""What cluster-wide kinds declare besides what they write: the namespaces, and the stores of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import pulumi

from ..arguments.store import LabelRequirement
from ..core.spec.argument_types import Expected, Items, Namespace
from ..core.spec.store_conditions import admits, not_admitted, not_its_namespace, refuse_contradiction
from ..errors import SpecError
from .declared_store import DeclaredStore, StoreBinding
from .ledger import Dependencies, is_made_here

Selectors = Annotated[
    Sequence[
        Annotated[
            Sequence[Annotated[LabelRequirement, Expected("a LabelRequirement")]],
            Expected("a list of LabelRequirements, such as [LabelRequirement('kind', 'In', ['team'])]"),
        ]
    ],
    Expected("a list of selectors, each a list of LabelRequirements"),
    Items("namespace_selectors[{}]"),
]
Names = Annotated[Sequence[pulumi.Input[Namespace]], Expected("a list of namespaces"), Items("namespaces[{}]")]


def choice_bag(
    where: str,
    selectors: Sequence[Sequence[LabelRequirement]],
    names: Sequence[pulumi.Input[str]],
    owners: Sequence[pulumi.Input[str] | None],
    *,
    lenient: bool,
) -> dict[str, Any]:
    """The choice of namespaces as it is stored, in the words of ESO's manifests.

    Args:
        where: what errors begin with.
        selectors: labels; a namespace that meets all of one is chosen.
        names: namespaces that are chosen, too.
        owners: namespaces that have stores of their own; None stands for every namespace.
        lenient: what changes nothing beside an empty selector is taken, as ESO does.

    Raises:
        SpecError: nothing is chosen, nothing can be, or a part of it, or a store, has no effect.
    """
    if not selectors and not names:
        raise SpecError(
            f"{where}: no namespaces are chosen; give namespace_selectors, or namespaces (ESO: namespaceSelectors)"
        )
    for at, selector in enumerate(selectors):
        refuse_contradiction(f"{where}: namespace_selectors[{at}]", selector)
        if not (selector or lenient) and len(selectors) + len(names) > 1:
            raise SpecError(
                f"{where}: namespace_selectors[{at}] is empty and chooses every namespace, so that the rest of "
                "namespace_selectors and namespaces has no effect; leave out the one or the other"
            )
    if not selectors and all(isinstance(name, str) for name in names):
        for namespace in owners:
            if isinstance(namespace, str) and namespace not in names:
                raise SpecError(
                    f"{where}: stores: the one for namespace {namespace!r} has no effect, as `namespaces` does not "
                    "choose that; leave the store out, or name the namespace"
                )
    chosen = [{"matchExpressions": [each.to_bag() for each in selector]} for selector in selectors]
    return {**({"namespaceSelectors": chosen} if chosen else {}), **({"namespaces": list(names)} if names else {})}


def may_come(names: Sequence[pulumi.Input[str]], dependencies: Dependencies) -> pulumi.Input[bool]:
    """Whether this program may make namespaces before anything is written to them."""
    also = dependencies.namespace or dependencies.deferred
    made = [is_made_here(name, also=also) for name in names] or [also]
    if all(isinstance(each, bool) for each in made):
        return any(made)
    return pulumi.Output.all(*made).apply(any)


def by_namespace(stores: Sequence[DeclaredStore]) -> list[tuple[pulumi.Input[str], list[DeclaredStore]]]:
    """Namespaces and their own stores, in order."""
    found: dict[Any, tuple[pulumi.Input[str], list[DeclaredStore]]] = {}
    for store in stores:
        namespace = store.binding.namespace
        if namespace is not None:
            key = namespace if isinstance(namespace, str) else id(namespace)
            found.setdefault(key, (namespace, []))[1].append(store)
    return list(found.values())


def check_namespaces(
    where: str, placed: Sequence[tuple[str, StoreBinding]], namespace: pulumi.Input[str] | None, names: Sequence[Any]
) -> None:
    """Check that stores are for the namespaces that they are used from, as far as that is known.

    Args:
        where: what errors begin with.
        placed: the stores, each with the place that uses it.
        namespace: the one namespace whose Secret they are used for; None where it can be any that is chosen.
        names: the namespaces that are chosen by name.

    Raises:
        SpecError: a store is not for one of them.
    """
    for place, binding in placed:
        own = binding.namespace
        if own is not None and namespace is None:
            shown = repr(own) if isinstance(own, str) else "of its own"
            raise SpecError(
                f"{place or where}: its store is for one namespace, {shown}, alone; take a ClusterSecretStore, or give "
                "the SecretStores of all namespaces in `stores`"
            )
        if isinstance(own, str) and isinstance(namespace, str) and own != namespace:
            raise SpecError(f"{place or where}: {not_its_namespace(own, namespace)}")
        for name in names:
            if isinstance(name, str) and admits(binding.conditions, name) is False:
                raise SpecError(f"{place or where}: {not_admitted(name)}")
