"""Which ExternalSecrets and PushSecrets a store keeps in one resource, and what that is told of them.

Those alone that wait for nothing but what their store waits for, and that no option of their own is about: anything
else could wait for ever, as others may wait for the group, or would lose what it asks for. They keep a resource of
their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from inspect import isawaitable
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.settings import get_monitor, get_root_resource

from ..arguments.invalid import InvalidArgumentsError
from ..arguments.provider_options import deletion_options
from ..core.spec.groups import PUSHES, SECRETS, GroupKind
from .cluster import ClusterChoice
from .ending import ended_well
from .ledger import ReferenceLedger
from .resources import (
    GroupMember,
    PushGroup,
    SecretGroup,
    SecretPush,
    SecretSync,
    belong_to,
    detached,
    short_trace,
    stand_in,
)

_OPTIONS = frozenset(("parent", "provider", "providers"))
"""Options that say nothing of one resource alone."""
_DECLARED: WeakKeyDictionary[Any, dict[tuple[str, str, pulumi.Resource | None], bool]] = WeakKeyDictionary()
"""The monitor of a program -> kind, name and parent of all that it declares, and whether a group may keep it."""
_RESOURCES: Mapping[str, Callable[..., SecretGroup | PushGroup]] = {SECRETS.kept: SecretGroup, PUSHES.kept: PushGroup}


@dataclass(frozen=True)
class GroupingStore:
    """The store of groups.

    Attributes:
        resource: the store.
        name: its name.
        opts: its options.
        cluster: where its Secrets are.
        account_provider: the provider that says in which account its parameters are.
        ledger: what tells when all are declared.
    """

    resource: pulumi.Resource
    name: str
    opts: pulumi.ResourceOptions | None
    cluster: ClusterChoice
    account_provider: pulumi.ProviderResource | None
    ledger: ReferenceLedger


@dataclass
class Group:
    """What of one kind a store keeps in one resource, which is declared when there is something to keep.

    Attributes:
        kind: ExternalSecrets or PushSecrets.
        store: their store.
        shared: the inputs that all have in common.
        members: name -> the URN where there is a parent, and what is declared.
    """

    kind: GroupKind
    store: GroupingStore
    shared: Mapping[str, Any] = field(repr=False)
    members: dict[str, tuple[pulumi.Output[str] | None, dict[str, Any]]] = field(default_factory=dict, repr=False)
    _resource: SecretGroup | PushGroup | None = None

    def admits(self, component: pulumi.ComponentResource, name: str, opts: pulumi.ResourceOptions | None) -> bool:
        """Whether something may be in the group, as far as its options tell; then Pulumi does not register it yet.

        Args:
            component: the ExternalSecret or PushSecret.
            name: its name.
            opts: the options that it was given.
        """
        if name in self.members or not self._is_free(_parent(opts), opts):
            return False
        stand_in(component, self.kind.component, name, opts)
        return True

    def take(
        self,
        component: pulumi.ComponentResource,
        opts: pulumi.ResourceOptions | None,
        provider: pulumi.ProviderResource | None,
        bag: Mapping[str, Any],
        otherwise: Mapping[str, Any],
    ) -> GroupMember | None:
        """Take what is admitted; None where what it declares has to be waited for.

        Args:
            component: the ExternalSecret or PushSecret.
            opts: the options that it was given.
            provider: the provider that says in which cluster its Secret is.
            bag: what it declares besides what its store says.
            otherwise: outputs that are what is declared.
        """
        if provider is not self.store.cluster.source or not _is_plain(bag):
            return None
        name, parent = component.pulumi_resource_name, _parent(opts)
        urn = None if parent is None else detached(pulumi.create_urn(name, self.kind.component, parent))
        self.members[name] = urn, {key: value for key, value in bag.items() if value is not None}
        if self._resource is None:
            # What a store's options say of deleting holds for its children, and its ExternalSecrets are none.
            asked = pulumi.ResourceOptions(parent=self.store.resource, protect=False, retain_on_delete=False)
            # Of a program that failed, nobody knows all the members.
            end = ended_well(f"{self.kind.kept.capitalize()} of store {self.store.name!r}")
            known = pulumi.Output.all(self.store.ledger.declared(), end)
            inputs = {**self.shared, self.kind.kept: known.apply(self._told)}
            self._resource = _RESOURCES[self.kind.kept](self.store.name, inputs, asked)
        belong_to(component, self._resource)
        return GroupMember(getattr(self._resource, self.kind.kept), name, otherwise)

    def _told(self, _: object) -> pulumi.Output[dict[str, Any]]:
        elsewhere = {key: urn for key, (urn, _) in self.members.items() if urn is not None}
        return pulumi.Output.all(**elsewhere).apply(
            lambda urns: {
                key: {**bag, "owner": {"urn": urns[key]}} if key in urns else bag
                for key, (_, bag) in self.members.items()
            }
        )

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
        known = (None, self.store.cluster.source, self.store.account_provider)
        return any(parent is each for each in (None, self.store.resource, _parent(self.store.opts))) and all(
            any(each is one for one in known) for each in providers
        )


class Groupable(pulumi.ComponentResource):
    """An ExternalSecret or a PushSecret: a resource of its own, or a part of what its store keeps in one resource."""

    _kind: ClassVar[GroupKind]
    _takes_what_has_no_effect: ClassVar[bool] = False
    _namespace: pulumi.Input[str]
    _kept: SecretSync | SecretPush | GroupMember

    def _begin(self, name: str, opts: pulumi.ResourceOptions | None, group: Group | None) -> Group | None:
        """Register with Pulumi what no group may keep, as far as options tell.

        Args:
            name: its name.
            opts: the options that it was given.
            group: what may keep it.

        Returns:
            That group, if it may.

        Raises:
            InvalidArgumentsError: there is one of this name and parent already, and a group may keep one of the two.
        """
        place = self._kind.noun, name, _parent(opts)
        declared = _DECLARED.setdefault(get_monitor(), {})
        if declared.get(place, False) or (group and place in declared):
            raise InvalidArgumentsError(
                f"{self._kind.noun} {name!r}: the program has one of this name already; give one of them another name"
            )
        declared[place] = group is not None
        if group is not None and group.admits(self, name, opts):
            return group
        self._register(name, opts)
        return None

    def _is_taken(
        self,
        group: Group,
        opts: pulumi.ResourceOptions | None,
        provider: pulumi.ProviderResource | None,
        bag: Mapping[str, Any],
        otherwise: Mapping[str, Any],
    ) -> bool:
        """Whether a group takes it, see `Group.take`; else it is registered with Pulumi."""
        if taken := group.take(self, opts, provider, bag, otherwise):
            self._kept = taken
            return True
        self._register(self.pulumi_resource_name, opts)
        return False

    def _register(self, name: str, opts: pulumi.ResourceOptions | None) -> None:
        with short_trace():
            super().__init__(self._kind.component, name, {}, opts)

    @cached_property
    def namespace(self) -> pulumi.Output[str]:
        """Namespace of the Secret."""
        return pulumi.Output.from_input(self._namespace)

    @cached_property
    def status(self) -> pulumi.Output[str]:
        """ESO's reason of condition Ready.

        Of an ExternalSecret `SecretSynced`, `SecretDeleted` or `SecretMissing`, of a PushSecret `Synced` or
        `SourceDeleted`.
        """
        return self._kept.of("status")

    @cached_property
    def message(self) -> pulumi.Output[str]:
        """What the condition says."""
        return self._kept.of("message")

    @cached_property
    def refresh_time(self) -> pulumi.Output[str]:
        """When the Secret, or the parameters of a PushSecret, were written last, ISO 8601 in UTC."""
        return self._kept.of("refreshTime")


def _parent(opts: pulumi.ResourceOptions | None) -> pulumi.Resource | None:
    """The parent that an option names; None for the stack."""
    parent = opts.parent if opts else None
    return None if parent is get_root_resource() else parent


def _is_plain(value: Any) -> bool:
    """Whether no Output is in it, and nothing else that has to be waited for."""
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, pulumi.Output | pulumi.Resource) and not isawaitable(value)
