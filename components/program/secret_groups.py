"""Which ExternalSecrets a store keeps in one resource, and what that is told of them.

Those alone that wait for nothing but what their store waits for, and that no option of their own is about: anything
else could wait for ever, as others may wait for the group, or would lose what it asks for. They keep a resource of
their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

import pulumi
from pulumi.runtime.settings import get_root_resource

from ..arguments.invalid import InvalidArgumentsError
from ..arguments.provider_options import deletion_options
from ..core.spec.groups import COMPONENT
from .cluster import ClusterChoice
from .ledger import ReferenceLedger
from .resources import SecretGroup, detached, stand_in

_OPTIONS = frozenset(("parent", "provider", "providers"))
"""Options that say nothing of one resource alone."""


@dataclass(frozen=True)
class Group:
    """The ExternalSecrets that one store keeps in one resource.

    Attributes:
        store: the store.
        opts: its options.
        cluster: where its Secrets are written.
        account_provider: the provider that says in which account it reads.
        resource: what keeps them.
        secrets: ExternalSecret's name -> its URN where it has a parent, and what it declares.
        declared: the names and parents of all ExternalSecrets of the store.
    """

    store: pulumi.Resource
    opts: pulumi.ResourceOptions | None
    cluster: ClusterChoice
    account_provider: pulumi.ProviderResource | None
    resource: SecretGroup
    secrets: dict[str, tuple[pulumi.Output[str] | None, dict[str, Any]]] = field(repr=False)
    declared: set[tuple[str, pulumi.Resource | None]] = field(default_factory=set, repr=False)

    def admits(self, component: pulumi.ComponentResource, name: str, opts: pulumi.ResourceOptions | None) -> bool:
        """Whether an ExternalSecret may be in the group, as far as its options tell. It stands for its part then.

        Args:
            component: the ExternalSecret.
            name: its name.
            opts: the options that it was given.

        Raises:
            InvalidArgumentsError: the store has one of this name, and of the same parent.
        """
        parent = _parent(opts)
        if (name, parent) in self.declared:
            raise InvalidArgumentsError(
                f"ExternalSecret {name!r}: its store has one of this name already; give one of them another name, "
                "and the Secret's name as its `target`"
            )
        self.declared.add((name, parent))
        if name in self.secrets or not self._is_free(parent, opts):
            return False
        stand_in(component, COMPONENT, name, opts, self.resource)
        return True

    def takes(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None,
        provider: pulumi.ProviderResource | None,
        bag: Mapping[str, Any],
    ) -> bool:
        """Take an ExternalSecret that is admitted, if what it declares waits for nothing.

        Args:
            name: its name.
            opts: the options that it was given.
            provider: the provider that says in which cluster its Secret is.
            bag: what it declares besides what its store says.
        """
        if provider is not self.cluster.source or not _is_plain(bag):
            return False
        parent = _parent(opts)
        urn = None if parent is None else detached(pulumi.create_urn(name, COMPONENT, parent))
        self.secrets[name] = urn, {key: value for key, value in bag.items() if value is not None}
        return True

    def _is_free(self, parent: pulumi.Resource | None, opts: pulumi.ResourceOptions | None) -> bool:
        above = parent or get_root_resource()
        # A transformation may say what an option says.
        if above is not None and vars(above).get("_transformations"):
            return False
        if parent is not None and any(deletion_options(parent).values()):
            return False
        if opts is None:
            return True
        given = {key for key, value in vars(opts).items() if value is not None and value not in ([], (), {}, False)}
        if not given <= _OPTIONS:
            return False
        named = opts.providers or ()
        providers = [*(named.values() if isinstance(named, Mapping) else named), opts.provider]
        known = (None, self.cluster.source, self.account_provider)
        return any(parent is each for each in (None, self.store, _parent(self.opts))) and all(
            any(each is one for one in known) for each in providers
        )


def _parent(opts: pulumi.ResourceOptions | None) -> pulumi.Resource | None:
    """The parent that an option names; None for the stack."""
    parent = opts.parent if opts else None
    return None if parent is get_root_resource() else parent


def declare_group(
    store: pulumi.Resource,
    name: str,
    opts: pulumi.ResourceOptions | None,
    cluster: ClusterChoice,
    account_provider: pulumi.ProviderResource | None,
    ledger: ReferenceLedger,
    shared: Mapping[str, Any],
) -> Group:
    """Declare the group of a store.

    Args:
        store: the store.
        name: its name.
        opts: its options.
        cluster: where its Secrets are written.
        account_provider: the provider that says in which account it reads.
        ledger: what tells when all are declared.
        shared: the inputs that all have in common.
    """
    secrets: dict[str, tuple[pulumi.Output[str] | None, dict[str, Any]]] = {}

    def told(_: object) -> pulumi.Output[dict[str, Any]]:
        elsewhere = {key: urn for key, (urn, _) in secrets.items() if urn is not None}
        return pulumi.Output.all(**elsewhere).apply(
            lambda urns: {
                key: {**bag, "owner": {"urn": urns[key]}} if key in urns else bag for key, (_, bag) in secrets.items()
            }
        )

    inputs = {**shared, "secrets": ledger.declared().apply(told)}
    # What a store's options say of deleting holds for its children, and ExternalSecrets are none.
    resource = SecretGroup(name, inputs, pulumi.ResourceOptions(parent=store, protect=False, retain_on_delete=False))
    return Group(store, opts, cluster, account_provider, resource, secrets)


def _is_plain(value: Any) -> bool:
    """Whether no Output is in it, and nothing else that has to be waited for."""
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, pulumi.Output | pulumi.Resource) and not isawaitable(value)
