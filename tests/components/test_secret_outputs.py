"""A secret Output is refused where what it holds would be shown, in preview already, and taken elsewhere."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

from components.external_secret import ExternalSecret, Extract, RemoteRef, Target, Template
from components.parameter_store import (
    AccessKeyAuth,
    AssumedRole,
    Cluster,
    InvalidArgumentsError,
    KmsKey,
    NewRole,
    PodIdentityAuth,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
)
from tests.components.support import declare
from tests.components.test_identity import Cloud

VALUE = "hunter2"


def secret() -> pulumi.Output[str]:
    return pulumi.Output.secret(VALUE)


def unknown() -> pulumi.Output[str]:
    """What a resource that is still to be made says of a secret property."""

    async def later(value: Any) -> Any:
        return value

    return pulumi.Output(set(), later(rpc.UNKNOWN), later(False), later(True))


def store(**given: Any) -> SecretStore:
    return SecretStore("s", **{"namespace": "team-a", "region": "eu-central-1", **given})


def keep(**given: Any) -> ExternalSecret:
    return ExternalSecret("e", **{"store": store(), "data": {"k": "/p"}, **given})


NAMES: dict[str, Callable[[pulumi.Output[str]], Any]] = {
    "key k": lambda it: keep(data={"k": it}),
    "key k.key": lambda it: keep(data={"k": RemoteRef(it)}),
    "key k.property": lambda it: keep(data={"k": RemoteRef("/p", property=it)}),
    "key k.version": lambda it: keep(data={"k": RemoteRef("/p", version=it)}),
    "data_from[0].key": lambda it: keep(data_from=[Extract(it)]),
    "namespace": lambda it: store(namespace=it),
    "target": lambda it: keep(target=it),
    "target.name": lambda it: keep(target=Target(it)),
    "region": lambda it: store(region=it),
    "role": lambda it: store(role=it),
    "additional_roles[0]": lambda it: store(additional_roles=[it]),
    "cluster.context": lambda it: store(cluster=Cluster(context=it)),
    "auth.access_key_id.key": lambda it: store(auth=AccessKeyAuth(SecretKeyRef("a", it), SecretKeyRef("a", "b"))),
    "auth.service_account": lambda it: store(auth=PodIdentityAuth("c", it)),
    "auth.audiences[0]": lambda it: store(auth=ServiceAccountAuth("sa", audiences=[it])),
    "auth.oidc_provider": lambda it: store(auth=ServiceAccountAuth(oidc_provider=it)),
    "kms_keys[0].arn": lambda it: store(role=AssumedRole(), kms_keys=[KmsKey(it)]),
    "role.principals[0]": lambda it: store(role=AssumedRole([it])),
}


@pytest.mark.parametrize("made", [secret, unknown])
@pytest.mark.parametrize(("place", "construct"), NAMES.items(), ids=NAMES)
def test_a_name_is_no_secret(
    place: str, construct: Callable[[Any], Any], made: Callable[[], pulumi.Output[str]]
) -> None:
    with pytest.raises(InvalidArgumentsError) as raised:
        declare(lambda: construct(made()), preview=True, engine=Cloud())
    assert f"{place} is a secret Output, but previews, errors and the state show what stands here" in str(raised.value)
    assert VALUE not in str(raised.value)


@pytest.mark.parametrize(
    "construct",
    [
        lambda it: keep(data={"k": pulumi.Output.unsecret(it)}),
        lambda it: keep(target=Target(labels={"a": it}, annotations={"a": it})),
        lambda it: keep(target=Target(template=Template({"a": it}, labels={"b": it}, annotations={"c": it}))),
        lambda it: store(role="arn:aws:iam::123456789012:role/r", external_id=it, session_tags={"a": it}),
        lambda it: store(role=AssumedRole(role=NewRole(tags={"a": it}))),
        lambda it: store(cluster=Cluster(kubeconfig=it)),
    ],
)
def test_what_is_shown_nowhere_may_be_a_secret(construct: Callable[[Any], Any]) -> None:
    declare(lambda: construct(secret()), engine=Cloud())
