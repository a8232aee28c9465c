"""What components tell their dynamic resources of the running operation, and of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from ..core.spec import target_specs
from ..core.spec.store_conditions import admits, not_admitted, not_its_namespace
from ..errors import SpecError
from .declared_store import StoreBinding
from .resources import detached


def owner_of(component: pulumi.Resource, store: StoreBinding) -> dict[str, Any]:
    """The component as the owner of what its child writes; as plain Outputs they would be waited for, and listed."""
    return {"id": detached(store.state_id), "urn": detached(component.urn)}


def namespace_of(
    where: str,
    stores: Sequence[StoreBinding],
    placed: Sequence[tuple[str, StoreBinding]],
    given: pulumi.Input[str] | None,
) -> pulumi.Input[str]:
    """The namespace of a Secret, which every store must be for.

    Args:
        where: what errors begin with.
        stores: the stores; the first one that has a namespace gives the default.
        placed: those that are used, each with what errors about it begin with.
        given: what the program says.

    Raises:
        SpecError: there is none, or a store is not for it.
    """
    own = next((each.namespace for each in stores if each.namespace is not None), None)
    namespace = own if given is None else given
    if namespace is None:
        raise SpecError(f"{where}: a ClusterSecretStore has no namespace of its own; name the Secret's `namespace`")
    for place, binding in placed:
        known = isinstance(namespace, str) and isinstance(binding.namespace, str)
        if known and namespace != binding.namespace:
            raise SpecError(f"{place}: {not_its_namespace(str(binding.namespace), str(namespace))}")
        if isinstance(namespace, str) and admits(binding.conditions, namespace) is False:
            raise SpecError(f"{place}: {not_admitted(namespace)}")
    return namespace


def undecided(bindings: Sequence[StoreBinding], namespace: pulumi.Input[str] | None) -> dict[str, Any]:
    """The conditions of stores where only the cluster can tell whether they admit the namespace."""
    found = [
        [each.to_bag() for each in binding.conditions]
        for binding in each_once(bindings)
        if binding.conditions and not (isinstance(namespace, str) and admits(binding.conditions, namespace))
    ]
    return {"conditions": found} if found else {}


def to_compare(stores: Sequence[tuple[str, StoreBinding]], namespace: pulumi.Input[str]) -> dict[str, Any]:
    """The namespaces that SecretStores are for, where that or the Secret's own is only known later.

    Args:
        stores: the stores, each with the place that errors name.
        namespace: of the Secret.
    """
    found: dict[int, dict[str, Any]] = {}
    for place, binding in stores:
        own = binding.namespace
        if own is None or own is namespace or (isinstance(own, str) and isinstance(namespace, str)):
            continue
        found.setdefault(id(binding), {"place": place, "namespace": own})
    # An Output by itself, for who puts the operation together looks for Outputs among its values alone.
    return {"storeNamespaces": pulumi.Output.from_input(list(found.values()))} if found else {}


def confidential(template: target_specs.Template[pulumi.Input[str]] | None) -> dict[str, Any]:
    """Whether a text of a template is one of Pulumi's secrets, which providers do not get to know by themselves."""
    named = (template.data, template.labels, template.annotations) if template else ()
    outputs = [text for texts in named for text in texts.values() if isinstance(text, pulumi.Output)]
    if not outputs:
        return {}

    async def any_secret() -> bool:
        return any([await output.is_secret() for output in outputs])

    return {"confidentialTexts": pulumi.Output.from_input(any_secret())}


def each_once(bindings: Sequence[StoreBinding]) -> list[StoreBinding]:
    """The stores, each once, in order."""
    return list({id(binding): binding for binding in bindings}.values())


def told(operation: dict[str, Any], read: Sequence[pulumi.Output[bool]]) -> pulumi.Output[dict[str, Any]]:
    """The operation, once the stores' snapshots are there.

    Every Output costs a fraction of a millisecond, which hundreds of secrets feel, so there is just one where nothing
    else is an Output.
    """
    if len(read) == 1 and not any(isinstance(part, pulumi.Output) for part in operation.values()):
        return read[0].apply(lambda _: operation)
    return pulumi.Output.all(pulumi.Output.all(*operation.values()), *read).apply(
        lambda known: dict(zip(operation, known[0], strict=True))
    )
