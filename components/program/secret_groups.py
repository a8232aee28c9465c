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

from ..core.spec.groups import sibling
from .cluster import ClusterChoice
from .ledger import ReferenceLedger
from .resources import SecretGroup, detached

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
        secrets: ExternalSecret's name -> its URN, and what it declares.
    """

    store: pulumi.Resource
    opts: pulumi.ResourceOptions | None
    cluster: ClusterChoice
    account_provider: pulumi.ProviderResource | None
    resource: SecretGroup
    secrets: dict[str, tuple[pulumi.Output[str], dict[str, Any]]] = field(repr=False)

    def takes(
        self,
        component: pulumi.Resource,
        opts: pulumi.ResourceOptions | None,
        provider: pulumi.ProviderResource | None,
        name: str,
        bag: Mapping[str, Any],
    ) -> bool:
        """Take an ExternalSecret, if it may be in the group.

        Args:
            component: the ExternalSecret.
            opts: the options that it was given.
            provider: the provider that says in which cluster its Secret is.
            name: its name.
            bag: what it declares besides what its store says.
        """
        free = name not in self.secrets and provider is self.cluster.source and self._is_free(component, opts)
        if not (free and _is_plain(bag)):
            return False
        self.secrets[name] = detached(component.urn), {key: value for key, value in bag.items() if value is not None}
        return True

    def _is_free(self, component: pulumi.Resource, opts: pulumi.ResourceOptions | None) -> bool:
        if getattr(component, "_protect", None):
            return False
        if opts is None:
            return True
        given = {key for key, value in vars(opts).items() if value is not None and value not in ([], (), {}, False)}
        if not given <= _OPTIONS:
            return False
        named = opts.providers or ()
        providers = [*(named.values() if isinstance(named, Mapping) else named), opts.provider]
        known = (None, self.cluster.source, self.account_provider)
        parents = (None, self.store, self.opts.parent if self.opts else None)
        return any(opts.parent is each for each in parents) and all(
            any(each is one for one in known) for each in providers
        )


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
    secrets: dict[str, tuple[pulumi.Output[str], dict[str, Any]]] = {}

    def told(_: object) -> pulumi.Output[dict[str, Any]]:
        return pulumi.Output.all(*[urn for urn, _ in secrets.values()]).apply(
            lambda urns: {
                key: bag if urn == sibling(urn, key) else {**bag, "owner": {"urn": urn}}
                for urn, (key, (_, bag)) in zip(urns, secrets.items(), strict=True)
            }
        )

    inputs = {**shared, "secrets": ledger.declared().apply(told)}
    resource = SecretGroup(name, inputs, pulumi.ResourceOptions(parent=store))
    return Group(store, opts, cluster, account_provider, resource, secrets)


def _is_plain(value: Any) -> bool:
    """Whether no Output is in it, and nothing else that has to be waited for."""
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, pulumi.Output | pulumi.Resource) and not isawaitable(value)
