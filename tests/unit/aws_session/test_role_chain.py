"""Roles are assumed in ESO's order, each with one call to STS in the life of a session."""

from datetime import timedelta

import pytest

from components.clients.aws import RateLimiters, open_access, open_session
from components.core.spec.store_identity import StoreIdentity
from components.core.ssm import PARAMETER_STORE
from components.errors import IdentityError
from sandbox.aws import AwsApi
from tests.support.roles import create_role
from tests.unit.aws_session.support import ACCOUNT, KEYS, REGION, ROLE, assumed, endpoints, sts_error
from tests.unit.ssm_reader.support import Answer, Asked, parameters, scripted_aws


def test_without_roles_sts_is_not_asked(aws: AwsApi) -> None:
    open_session(StoreIdentity(REGION), KEYS, environ=endpoints(aws.url)).client("ssm")

    assert aws.calls == []


def test_additional_roles_come_first_then_the_role_and_it_reads(aws: AwsApi) -> None:
    hop, other, role = (create_role(aws, name) for name in ("hop", "other", "reader"))
    aws.put_parameter("/app/db", "value")
    identity = StoreIdentity(REGION, role=role, additional_roles=(hop, other))

    session = open_session(identity, KEYS, environ=endpoints(aws.url))
    for _ in range(3):
        session.client("ssm").get_parameters(Names=["/app/db"])

    assert [(call.service, call.names) for call in aws.calls] == [
        ("sts", (hop,)),
        ("sts", (other,)),
        ("sts", (role,)),
        *[("ssm", ("/app/db",))] * 3,
    ]
    callers = [call.principal.split(":", 5)[-1] for call in aws.calls]
    assert callers[1:3] == ["assumed-role/hop/pulumi-parameter-store", "assumed-role/other/pulumi-parameter-store"]
    assert set(callers[3:]) == {"assumed-role/reader/pulumi-parameter-store"}
    assert session.caller("ssm").identity == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/pulumi-parameter-store"
    assert session.caller("ssm").account == ACCOUNT


def test_external_id_and_tags_go_to_the_last_role_only() -> None:
    identity = StoreIdentity(
        REGION,
        role=ROLE,
        external_id="external-1",
        session_tags=(("team", "a"), ("env", "prod")),
        additional_roles=(f"arn:aws:iam::{ACCOUNT}:role/hop",),
    )
    with scripted_aws(assumed) as aws:
        open_session(identity, KEYS, environ=endpoints(aws.url))

    first, last = (
        {key: value for key, value in asked.body.items() if key not in ("Action", "Version")} for asked in aws.requests
    )
    common = {"RoleSessionName": "pulumi-parameter-store", "DurationSeconds": "3600"}
    assert first == {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/hop", **common}
    assert last == {
        "RoleArn": ROLE,
        "ExternalId": "external-1",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "a",
        "Tags.member.2.Key": "env",
        "Tags.member.2.Value": "prod",
        **common,
    }


def test_without_a_role_external_id_and_tags_have_no_effect(aws: AwsApi) -> None:
    identity = StoreIdentity(REGION, external_id="external-1", session_tags=(("team", "a"),))

    open_session(identity, KEYS, environ=endpoints(aws.url))

    assert aws.calls == []


@pytest.mark.parametrize(("lifetime", "hops"), [(timedelta(hours=1), 1), (timedelta(seconds=30), 3)])
def test_credentials_are_renewed_only_before_they_expire(lifetime: timedelta, hops: int) -> None:
    renewals = iter(("ASIAFIRST", "ASIASECOND", "ASIATHIRD"))

    def script(asked: Asked) -> Answer:
        if asked.operation == "AssumeRole":
            return assumed(asked, lifetime, key=next(renewals))
        return parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        client = open_session(StoreIdentity(REGION, role=ROLE), KEYS, environ=endpoints(aws.url)).client("ssm")
        for _ in range(2):
            client.get_parameters(Names=["/app/db"])

    assert [asked.operation for asked in aws.requests].count("AssumeRole") == hops
    used = [asked.headers["x-amz-security-token"] for asked in aws.requests if asked.operation == "GetParameters"]
    expected = ["ASIASECOND", "ASIATHIRD"] if hops > 1 else ["ASIAFIRST", "ASIAFIRST"]
    assert used == [f"canary-token-{key}" for key in expected]


def test_a_renewal_that_is_denied_ends_the_read_with_the_role_named() -> None:
    roles = iter((timedelta(seconds=30),))

    def script(asked: Asked) -> Answer:
        if asked.operation == "AssumeRole":
            lifetime = next(roles, None)
            return assumed(asked, lifetime) if lifetime else sts_error("AccessDenied", "no longer")
        return parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        identity = StoreIdentity(REGION, role=ROLE)
        access = open_access(PARAMETER_STORE, identity, KEYS, limiters=RateLimiters(), environ=endpoints(aws.url))
        with pytest.raises(IdentityError, match=f"may not assume role {ROLE}"):
            access.reader.ask(["/app/db"], decrypt=False)


def test_open_access_is_a_session_and_a_reader_under_the_accounts_limit(aws: AwsApi) -> None:
    role = create_role(aws, "reader")
    aws.put_parameter("/app/db", "value")
    limiters = RateLimiters()
    reader = open_access(
        PARAMETER_STORE,
        StoreIdentity(REGION, role=role),
        KEYS,
        limiters=limiters,
        requests_per_second=7,
        environ=endpoints(aws.url),
    ).reader

    assert list(reader.ask(["/app/db"], decrypt=True).found) == ["/app/db"]
    assert [call.operation for call in aws.calls] == ["AssumeRole", "GetParameters"]
    assert limiters.of("ssm", ACCOUNT, REGION, 40).rate == 7
