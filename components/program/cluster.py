"""Which cluster a component's Secrets are in, in Pulumi's order.

What the store says; the provider in the options of the store or ExternalSecret, inherited from parents; the stack's
settings; the environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pulumi

from ..arguments.invalid import plainly
from ..arguments.provider_options import KUBERNETES, given_to, own_provider, provider_for, refuse_default, setting
from ..arguments.store import Cluster
from ..core.spec.config_fields import camel
from ..core.spec.runner_specs import is_contents
from ..core.spec.store_specs import OF_PROVIDER, compact
from ..errors import SpecError
from .provider_settings import FOLLOWED, INDIFFERENT, keys_of_stack, refuse_misspelt

_FILE_NAME = re.compile(r"[\w./-]{1,200}\.(yaml|yml|json|conf|config|kubeconfig)")
_FIELDS = FOLLOWED[KUBERNETES]
_INSTEAD_OF_EMPTY = {
    "kubeconfig": "write the path or contents of a kubeconfig, or leave it out for the environment's cluster",
    "context": "write the name of a context, or leave it out for the current one",
    "cluster": "write the name of a cluster, or leave it out for the context's",
}
_RENDERED = "renderYamlToDirectory"
_DELETE = "deleteUnreachable"

Bag = dict[str, Any]


@dataclass(frozen=True)
class ClusterChoice:
    """A cluster.

    Attributes:
        bag: what the dynamic resources are told of it, by the names of Pulumi's Kubernetes provider; empty for the
            environment's.
        asked: what the store itself says, for what it creates there; empty where it says nothing.
        provider: the provider that the store itself names.
        said: the store itself says which.
        default: neither the store nor a provider says which, so that it is that of Pulumi's default provider.
        source: the provider that says which, the store's own or one that it has in its options or inherits.
    """

    bag: Bag = field(repr=False)
    asked: Mapping[str, pulumi.Input[str]] = field(repr=False)
    provider: pulumi.ProviderResource | None
    said: bool
    default: bool = False
    source: pulumi.ProviderResource | None = None

    def check(self) -> None:
        """Check that the cluster may be used, before anything is read or written there.

        Raises:
            SpecError: the stack rules out its default, or has Pulumi write files in place of a cluster.
        """
        if not self.default:
            return
        refuse_default(KUBERNETES, "give the store its `cluster`")
        if setting(KUBERNETES, _RENDERED) is not None:
            raise SpecError(
                f"the setting kubernetes:{_RENDERED} cannot be honoured for Secrets: their values are in no file; "
                "give a Kubernetes provider in `opts`, or give the store its `cluster`"
            )


def cluster_of_store(component: pulumi.Resource, cluster: Cluster | pulumi.ProviderResource | None) -> ClusterChoice:
    """The cluster of a store.

    Raises:
        SpecError: a provider asks for what cannot be honoured, or a setting is misspelt.
    """
    if pulumi.Config(KUBERNETES).get(_DELETE) not in (None, "true", "false"):
        raise SpecError(f"the setting kubernetes:{_DELETE} is neither true nor false; write one of them")
    if isinstance(cluster, pulumi.ProviderResource):
        return ClusterChoice(_of_provider(cluster), {}, cluster, said=True, source=cluster)
    asked = cluster.to_bag() if cluster else {}
    if asked:
        return ClusterChoice(_bag(asked), asked, None, said=True)
    provider = provider_for(component, KUBERNETES)
    if provider is not None:
        return ClusterChoice(_of_provider(provider), {}, None, said=False, source=provider)
    refuse_misspelt(KUBERNETES, keys_of_stack(), pulumi.get_project(), "give the store its `cluster`")
    return ClusterChoice(_of_settings(), {}, None, said=False, default=True)


def provider_of_secret(component: pulumi.Resource, store: ClusterChoice) -> pulumi.ProviderResource | None:
    """The provider that says which cluster an ExternalSecret is in; None where none does."""
    return store.source if store.said else provider_for(component, KUBERNETES) or store.source


def cluster_of_secret(
    component: pulumi.Resource, opts: pulumi.ResourceOptions | None, stores: Sequence[ClusterChoice]
) -> Bag:
    """The cluster of an ExternalSecret, as its dynamic resource is told of it.

    Args:
        component: the ExternalSecret.
        opts: its options.
        stores: the cluster of its own store; without one those of all stores that its entries name.

    Raises:
        SpecError: it and its stores name two, or a provider asks for what cannot be honoured.
    """
    store, provider = stores[0], provider_for(component, KUBERNETES)
    if provider is None or any(each.said for each in stores):
        for each in stores:
            if each.source is not store.source or each.asked != store.asked:
                raise SpecError(
                    "its stores are of different clusters; name its own `store`, or give all of them the same `cluster`"
                )
    if store.said:
        own = own_provider(component, opts, KUBERNETES)
        if own is not None and own is not store.provider:
            raise SpecError(
                "opts name a Kubernetes provider, and the store names its `cluster`; leave one of the two out"
            )
        return store.bag
    if provider is None:
        store.check()
    return _of_provider(provider) if provider else store.bag


def _of_provider(provider: pulumi.ProviderResource) -> Bag:
    given = given_to(provider)
    honoured = {*_FIELDS, *INDIFFERENT[KUBERNETES]}
    if strange := sorted(name for name in given if camel(name) not in honoured):
        raise SpecError(
            f"the Kubernetes provider {provider.pulumi_resource_name!r} is given {strange[0]}, which cannot be "
            "honoured for Secrets; leave it out, or give the store a `cluster`"
        )
    asked = {name: given[name] for name in _FIELDS if name in given}
    if asked.get("kubeconfig") == os.environ.get("KUBECONFIG") == "":  # as the SDK fills in an empty variable, too
        del asked["kubeconfig"]
    said = given.get("deleteUnreachable", given.get("delete_unreachable"))
    return {**_bag(asked), **compact({_DELETE: said}), OF_PROVIDER: True}


def _of_settings() -> dict[str, Any]:
    return _bag(compact({name: setting(KUBERNETES, name) for name in _FIELDS}))


def _bag(asked: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    bag: dict[str, Any] = dict(asked)
    for name, value in list(bag.items()):
        guarded = partial(_guarded, name)
        if isinstance(value, str):
            bag[name] = guarded(value)
        else:
            # In an apply nobody else would make one line of an error.
            bag[name] = pulumi.Output.from_input(value).apply(plainly(guarded))
    return bag


def _guarded(name: str, value: str | None) -> pulumi.Input[str]:
    """Contents of a kubeconfig may hold credentials, so they are secret; so is what is neither, as it may be some.

    Raises:
        SpecError: it is empty, which would mean the environment's cluster.
    """
    if not value or not value.strip():
        raise SpecError(f"{name}: it is empty, which does not say which cluster; {_INSTEAD_OF_EMPTY[name]}")
    return _secret(value) if name == "kubeconfig" else value


def _secret(kubeconfig: str) -> pulumi.Input[str]:
    if is_contents(kubeconfig) or not _is_path(kubeconfig):
        return pulumi.Output.secret(kubeconfig)
    return kubeconfig


def _is_path(text: str) -> bool:
    if _FILE_NAME.fullmatch(text):
        return True
    try:
        return Path(text).expanduser().exists() or text.startswith(("/", ".", "~"))
    except (OSError, ValueError, RuntimeError):
        return False
