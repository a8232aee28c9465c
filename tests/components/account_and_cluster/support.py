"""Declares a store and a Secret, and tells which account and cluster their providers are told."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.external_secret import ExternalSecret
from components.parameter_store import InvalidArgumentsError, SecretStore
from components.providers.operation.results import take_operation
from tests.components.support import Engine, declare

Opts = pulumi.ResourceOptions
CONTENTS = "apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: TOPSECRET}}]\n"
ROLE = "arn:aws:iam::222222222222:role/prod"
REGION: dict[str, Any] = {"region": "eu-central-1"}


class Team(pulumi.ComponentResource):
    def __init__(self, name: str, *providers: pulumi.ProviderResource) -> None:
        super().__init__("test:index:Team", name, {}, Opts(providers=list(providers)))


def kubernetes(kubeconfig: Any) -> k8s.Provider:
    return k8s.Provider("k", kubeconfig=kubeconfig)


def account() -> aws.Provider:
    roles, ids = [aws.ProviderAssumeRoleArgs(role_arn=ROLE)], ["222222222222"]
    return aws.Provider(
        "a", region="eu-west-1", assume_roles=roles, allowed_account_ids=ids, secret_key="k", access_key="AK"
    )


def told(
    opts: Callable[[], Opts | None] = lambda: None, secret_opts: Callable[[], Opts | None] = lambda: None, **given: Any
) -> Any:
    """Declare a store and a Secret; returns what the snapshot and the sync are told, as their providers take it."""

    def program() -> None:
        arguments = {name: value() if callable(value) else value for name, value in given.items()}
        store = SecretStore("s", namespace="team-a", opts=opts(), **arguments)
        ExternalSecret("db", store=store, data={"user": "/app/db"}, opts=secret_opts())

    engine = declare(program)
    return taken(engine, "Snapshot", "s")["store"], taken(engine, "SecretSync", "db").get("cluster") or {}


def taken(engine: Engine, kind: str, name: str) -> dict[str, Any]:
    """What a resource is told, as its provider takes it: without what its own environment says, too."""
    inputs = dict(engine.registered[kind, name])
    take_operation(inputs)
    return inputs


def refusal(opts: Callable[[], Opts | None] = lambda: None, **given: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as caught:
        told(opts, **given)
    assert "\n" not in str(caught.value)
    assert "TOPSECRET" not in str(caught.value)
    return str(caught.value)
