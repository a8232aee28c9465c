"""Who a store is: the base credentials, the roles that are taken in order, and those of them that the store creates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ...arguments.auth import AccessKeyAuth, AssumedRole, PodIdentityAuth, SecretKeyRef, ServiceAccountAuth
from ...arguments.invalid import plainly
from ...core.iam import CustomerKey, Grant, Location, NextRoleNeed, access_rows, grants, policy_json
from ...core.spec.store_specs import compact
from .asked import Asked
from .role_maker import Made, RoleMaker


@dataclass(frozen=True)
class Chain:
    """A store's identity.

    Attributes:
        bag: what the dynamic resources are told of it. Known when everything that the store creates is attached.
        made: the store creates a part of it.
        policy_json: the policy of the role that reads; None where the store does not create that.
        access: rows of who may do what, and because of which secret key; see `core.iam.access`.
    """

    bag: dict[str, Any] = field(repr=False)
    made: bool
    policy_json: pulumi.Output[str | None]
    access: pulumi.Output[list[dict[str, str]]]


def declare_chain(asked: Asked, parent: pulumi.Resource) -> Chain:
    """Declare what the store creates of its identity, and say how to take it."""
    bag = _given(asked)
    auth = asked.auth
    provider = auth.oidc_provider if isinstance(auth, ServiceAccountAuth) else None
    if provider is None and not isinstance(auth, PodIdentityAuth) and not isinstance(asked.role, AssumedRole):
        none: pulumi.Output[Any] = pulumi.Output.from_input(None)
        return Chain(bag, False, none, pulumi.Output.from_input([]))
    maker = RoleMaker(asked.name, parent)
    location = pulumi.Output.all(maker.account, asked.region).apply(
        plainly(lambda got: Location(got[0].partition, got[1], got[0].id), _store(asked))
    )
    hops = [*asked.additional_roles, *([asked.role] if asked.role is not None else [])]
    reading = _reading(asked, location)
    made: list[Made] = []
    allowed = (
        reading if not hops else _taking(asked, hops[0], location, tagged=len(hops) == 1 and bool(asked.session_tags))
    )
    if isinstance(auth, PodIdentityAuth):
        made.append(maker.for_pods(asked, auth, allowed))
    elif isinstance(auth, ServiceAccountAuth) and provider is not None:
        made.append(maker.for_service_account(asked, provider, auth.role, bag["serviceAccountRef"], allowed))
    if isinstance(asked.role, AssumedRole):
        before = [asked.additional_roles[-1]] if asked.additional_roles else [each.arn for each in made]
        made.append(maker.last(asked, asked.role, before, reading))
    # Readers wait until all of it is attached.
    attached = pulumi.Output.all(*[each.attached for each in made])
    for each in made:
        bag |= {key: _after(attached, value) for key, value in each.bag.items()}
    reads = made[-1] if isinstance(asked.role, AssumedRole) or not hops else None
    rows = pulumi.Output.all(
        *[pulumi.Output.all(each.arn, each.allowed).apply(lambda got: access_rows(*got)) for each in made]
    )
    return Chain(
        bag,
        True,
        reads.allowed.apply(policy_json) if reads else pulumi.Output.from_input(None),
        rows.apply(lambda found: [row for each in found for row in each]),
    )


def _given(asked: Asked) -> dict[str, Any]:
    """What is known without creating anything."""
    tags = [{"key": key, "value": value} for key, value in sorted(asked.session_tags.items())]
    return compact(
        {
            "region": asked.region,
            "additionalRoles": list(asked.additional_roles) or None,
            "role": None if isinstance(asked.role, AssumedRole) else asked.role,
            "externalID": asked.external_id,
            "sessionTags": tags or None,
            "transitiveTagKeys": list(asked.transitive_tag_keys) or None,
            "secretRef": _access_keys(asked, asked.auth) if isinstance(asked.auth, AccessKeyAuth) else None,
            "serviceAccountRef": _service_account(asked, asked.auth)
            if isinstance(asked.auth, ServiceAccountAuth)
            else None,
        }
    )


def _access_keys(asked: Asked, auth: AccessKeyAuth) -> dict[str, Any]:
    def selector(ref: SecretKeyRef) -> dict[str, Any]:
        return {
            "namespace": asked.in_namespace(ref.namespace),
            "name": ref.name,
            "key": ref.key,
        }

    return compact(
        {
            "accessKeyIDSecretRef": selector(auth.access_key_id),
            "secretAccessKeySecretRef": selector(auth.secret_access_key),
            "sessionTokenSecretRef": selector(auth.session_token) if auth.session_token else None,
        }
    )


def _service_account(asked: Asked, auth: ServiceAccountAuth) -> dict[str, Any]:
    return compact(
        {
            "namespace": asked.in_namespace(auth.namespace),
            "name": asked.name if auth.service_account is None else auth.service_account,
            "audiences": list(auth.audiences) or None,
        }
    )


def _reading(asked: Asked, location: pulumi.Output[Location]) -> pulumi.Output[list[Grant]]:
    """What the sources of all the store's secrets need."""

    def needed(known: Sequence[Any]) -> list[Grant]:
        keys = [CustomerKey(arn, tuple(key.parameters)) for arn, key in zip(known[2], asked.kms_keys, strict=True)]
        # `everything` was checked with the arguments.
        paths = [asked.service.paths_need(asked.paths, everything=True)] if asked.paths else []
        needs = [plainly(asked.service.need, reason)(source, reason) for source, reason in known[1]]
        return grants(known[0], [*paths, *needs], keys)

    return pulumi.Output.all(location, asked.uses(), [key.arn for key in asked.kms_keys]).apply(
        plainly(needed, _store(asked))
    )


def _taking(
    asked: Asked, hop: pulumi.Input[str] | AssumedRole, location: pulumi.Output[Location], *, tagged: bool
) -> pulumi.Output[list[Grant]]:
    """What the next role of the chain needs: nothing where the store creates it, for its trust policy names us."""
    if isinstance(hop, AssumedRole):
        return location.apply(lambda _: [])
    return pulumi.Output.all(location, hop).apply(
        plainly(lambda got: grants(got[0], [NextRoleNeed(got[1], tagged=tagged)]), _store(asked))
    )


def _store(asked: Asked) -> str:
    return f"store {asked.name!r}"


def _after(attached: pulumi.Output[Any], value: Any) -> pulumi.Output[Any]:
    return pulumi.Output.all(value, attached).apply(lambda got: got[0])
