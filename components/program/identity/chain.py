"""Who a store is: the base credentials, the roles that are taken in order, and those of them that the store creates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ...arguments.auth import AccessKeyAuth, AssumedRole, PodIdentityAuth, ServiceAccountAuth
from ...arguments.invalid import plainly
from ...core.iam import CustomerKey, Grant, Location, NextRoleNeed, access_rows, grants, policy_json
from ...core.services import service_named
from .arguments import IdentityArguments
from .role_maker import Allowed, Made, RoleMaker


@dataclass(frozen=True)
class Chain:
    """A store's identity.

    Attributes:
        bag: what the dynamic resources are told of it. Known when everything that the store creates is attached.
        made: the store creates a part of it.
        policy_json: the policy of the role that reads; None where the store does not create that.
        role: ARN of the role that reads, where the store creates it and the bag does not say so.
        access: rows of who may do what, and because of which secret key; see `core.iam.access_rows`.
    """

    bag: dict[str, Any] = field(repr=False)
    made: bool
    policy_json: pulumi.Output[str | None]
    role: pulumi.Output[str] | None
    access: pulumi.Output[list[dict[str, str]]]


def declare_chain(store: IdentityArguments, parent: pulumi.Resource) -> Chain:
    """Declare what the store creates of its identity, and say how to take it."""
    auth, role = store.given.get("auth"), store.given.get("role")
    bag = store.identity.to_bag()
    if isinstance(auth, AccessKeyAuth):
        bag["secretRef"] = auth.placed(store.namespace).to_bag()
    elif isinstance(auth, ServiceAccountAuth):
        bag["serviceAccountRef"] = {"name": store.name} | auth.placed(store.namespace).to_bag()
    provider = auth.oidc_provider if isinstance(auth, ServiceAccountAuth) else None
    if provider is None and not isinstance(auth, PodIdentityAuth) and not isinstance(role, AssumedRole):
        none: pulumi.Output[Any] = pulumi.Output.from_input(None)
        return Chain(bag, False, none, None, pulumi.Output.from_input([]))
    maker = RoleMaker(store.name, parent)
    location = pulumi.Output.all(maker.account, store.identity.region).apply(
        plainly(lambda got: Location(got[0].partition, got[1], got[0].id), _where(store))
    )
    hops = [*store.identity.additional_roles, *([role] if role is not None else [])]
    reading = Allowed(_reading(store, location), _pushing(store, location))
    made: list[Made] = []
    tagged = len(hops) == 1 and bool(store.identity.session_tags)
    nothing = location.apply(lambda _: list[Grant]())
    allowed = reading if not hops else Allowed(_taking(store, hops[0], location, tagged=tagged), nothing)
    if isinstance(auth, PodIdentityAuth):
        made.append(maker.for_pods(store, auth, allowed))
    elif isinstance(auth, ServiceAccountAuth) and provider is not None:
        made.append(maker.for_service_account(store, provider, auth.role, bag["serviceAccountRef"], allowed))
    if isinstance(role, AssumedRole):
        before = [*store.identity.additional_roles[-1:]] or [each.arn for each in made]
        made.append(maker.last(store, role, before, reading))
    # Readers wait until all of it is attached.
    attached = pulumi.Output.all(*[each.attached for each in made])
    for each in made:
        bag |= {key: _after(attached, value) for key, value in each.bag.items()}
    reads = made[-1] if isinstance(role, AssumedRole) or not hops else None
    rows = pulumi.Output.all(
        *[pulumi.Output.all(each.arn, each.allowed).apply(lambda got: access_rows(*got)) for each in made]
    )
    return Chain(
        bag,
        True,
        reads.allowed.apply(policy_json) if reads else pulumi.Output.from_input(None),
        reads.arn if reads and "serviceAccountRef" in reads.bag else None,
        rows.apply(lambda found: [row for each in found for row in each]),
    )


def _reading(store: IdentityArguments, location: pulumi.Output[Location]) -> pulumi.Output[list[Grant]]:
    """What the sources of all the store's secrets need."""
    kms_keys, below = store.given.get("kms_keys", ()), store.given.get("paths", ())
    service = service_named(store.given.get("service"))

    def needed(known: Sequence[Any]) -> list[Grant]:
        keys = [CustomerKey(arn, tuple(key.parameters)) for arn, key in zip(known[2], kms_keys, strict=True)]
        # `everything` was checked with the arguments.
        paths = [service.paths_need(below, everything=True)] if below else []
        needs = [plainly(service.need, reason)(source, reason) for source, reason in known[1]]
        return grants(known[0], [*paths, *needs], keys)

    return pulumi.Output.all(location, store.uses(), [key.arn for key in kms_keys]).apply(
        plainly(needed, _where(store))
    )


def _pushing(store: IdentityArguments, location: pulumi.Output[Location]) -> pulumi.Output[list[Grant]]:
    """What the parameters of all the store's PushSecrets need."""
    kms_keys, below = store.given.get("kms_keys", ()), store.given.get("paths", ())
    writing = service_named(store.given.get("service")).writing

    def needed(known: Sequence[Any]) -> list[Grant]:
        keys = [CustomerKey(arn, tuple(key.parameters)) for arn, key in zip(known[2], kms_keys, strict=True)]
        needs = [need for each in known[1] for need in each.needs(writing, below)] if writing else []
        return grants(known[0], needs, keys)

    return pulumi.Output.all(location, store.pushes(), [key.arn for key in kms_keys]).apply(
        plainly(needed, _where(store))
    )


def _taking(
    store: IdentityArguments, hop: pulumi.Input[str] | AssumedRole, location: pulumi.Output[Location], *, tagged: bool
) -> pulumi.Output[list[Grant]]:
    """What the next role of the chain needs: nothing where the store creates it, for its trust policy names us."""
    if isinstance(hop, AssumedRole):
        return location.apply(lambda _: [])
    return pulumi.Output.all(location, hop).apply(
        plainly(lambda got: grants(got[0], [NextRoleNeed(got[1], tagged=tagged)]), _where(store))
    )


def _where(store: IdentityArguments) -> str:
    return f"store {store.name!r}"


def _after(attached: pulumi.Output[Any], value: Any) -> pulumi.Output[Any]:
    return pulumi.Output.all(value, attached).apply(lambda got: got[0])
