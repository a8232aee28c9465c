"""Who may take a role: trust policies, external IDs, session tags, recreated roles, and ServiceAccount tokens."""

import time
from typing import Any

import pytest
from moto.iam.models import iam_backends

from sandbox.aws import AwsApi
from sandbox.kubernetes.tokens import TokenIssuer, service_account_claims
from tests.sandbox.aws.support import error_of
from tests.support.roles import allow, create_role, document, keys_of

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/sandbox"
ISSUER = "oidc.example.com/id/X"
TAGS = [{"Key": "team", "Value": "a"}]


def trust(principal: Any, action: str | list[str] = "sts:AssumeRole", **condition: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    return made | ({"Condition": condition} if condition else {})


def assume(aws: AwsApi, role: str, by: dict[str, str] | None = None, **more: Any) -> dict[str, str]:
    return keys_of(aws.client("sts", **(by or {})).assume_role(RoleArn=role, RoleSessionName="run", **more))


def refused(aws: AwsApi, role: str, by: dict[str, str] | None = None, **more: Any) -> str:
    code, text = error_of(lambda: assume(aws, role, by, **more))
    assert code == "AccessDenied"
    return text


def test_external_id_must_be_the_one_and_must_be_there(aws: AwsApi) -> None:
    role = create_role(aws, "reader", trust=trust({"AWS": USER}, StringEquals={"sts:ExternalId": "ext"}))
    assume(aws, role, ExternalId="ext")
    denial = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {role}"
    assert refused(aws, role, ExternalId="other") == denial
    assert refused(aws, role) == denial


def test_session_tags_need_an_action_of_their_own(aws: AwsApi) -> None:
    plain = create_role(aws, "plain", trust=trust({"AWS": USER}))
    assert "perform: sts:TagSession" in refused(aws, plain, Tags=TAGS)
    only_a = {"StringEquals": {"aws:RequestTag/team": "a"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    tagged = create_role(aws, "tagged", trust=trust({"AWS": USER}, ["sts:AssumeRole", "sts:TagSession"], **only_a))
    assume(aws, tagged, Tags=TAGS)
    refused(aws, tagged, Tags=[{"Key": "team", "Value": "b"}])
    refused(aws, tagged, Tags=[*TAGS, {"Key": "x", "Value": "y"}])
    refused(aws, tagged)


def test_tags_decide_what_is_read_and_transitive_ones_reach_the_next_role(aws: AwsApi) -> None:
    anybody = trust({"AWS": ACCOUNT}, "sts:*")
    first, second = create_role(aws, "first", trust=anybody), create_role(aws, "second", trust=anybody)
    own = f"arn:aws:ssm:eu-central-1:{ACCOUNT}:parameter/${{aws:PrincipalTag/team}}/*"
    allow(aws, "second", {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": own})

    def read(transitive: list[str]) -> None:
        chained = assume(aws, second, assume(aws, first, Tags=TAGS, TransitiveTagKeys=transitive))
        aws.client("ssm", **chained).get_parameters(Names=["/a/db"])

    read(["team"])
    assert error_of(lambda: read([]))[0] == "AccessDeniedException"


def test_a_role_named_in_trust_needs_no_policy_of_its_own_but_the_account_alone_does(aws: AwsApi) -> None:
    hop = create_role(aws, "hop")
    named = create_role(aws, "named", trust=trust({"AWS": hop}))
    left = create_role(aws, "left", trust=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    by = assume(aws, hop)
    allow(aws, "hop", {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"})
    assume(aws, named, by)
    assert "assumed-role/hop/run is not authorized" in refused(aws, left, by)
    allow(aws, "hop", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": left})
    assume(aws, left, by)


def test_another_account_needs_both_sides(aws: AwsApi) -> None:
    hop = create_role(aws, "hop")
    by = assume(aws, hop)
    there = iam_backends["999999999999"]["aws"].create_role(
        role_name="there",
        assume_role_policy_document=document(trust({"AWS": ACCOUNT})),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    assume(aws, there.arn, by)
    allow(aws, "hop", {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"})
    assert there.arn in refused(aws, there.arn, by), "its own account must let it, too"
    there.assume_role_policy_document = document(trust({"AWS": "999999999999"}))
    allow(aws, "hop", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": there.arn})
    assert there.arn in refused(aws, there.arn, by), "the role's account must let it, too"


def test_a_recreated_role_is_another_one(aws: AwsApi) -> None:
    hop = create_role(aws, "hop")
    role = create_role(aws, "reader", trust=trust({"AWS": hop}))
    assume(aws, role, assume(aws, hop))
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName="hop", PolicyName="p")
    iam.delete_role(RoleName="hop")
    create_role(aws, "hop")
    assert role in refused(aws, role, assume(aws, hop))
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=document(trust({"AWS": hop})))
    assume(aws, role, assume(aws, hop))


def test_an_explicit_deny_goes_first(aws: AwsApi) -> None:
    role = create_role(aws, "reader")
    deny = {**trust({"AWS": USER}), "Effect": "Deny"}
    aws.client("iam").update_assume_role_policy(
        RoleName="reader", PolicyDocument=document(trust({"AWS": ACCOUNT}), deny)
    )
    refused(aws, role)


@pytest.fixture
def issuer(aws: AwsApi) -> TokenIssuer:
    signer = TokenIssuer(f"https://{ISSUER}")
    aws.publish_keys(signer.issuer, signer.jwks)
    aws.client("iam").create_open_id_connect_provider(
        Url=signer.issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    equal = {f"{ISSUER}:sub": "system:serviceaccount:team-a:reader", f"{ISSUER}:aud": "sts.amazonaws.com"}
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
    create_role(aws, "irsa", trust=trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", StringEquals=equal))
    return signer


def token(
    signer: TokenIssuer, *audiences: str, namespace: str = "team-a", name: str = "reader", seconds: int = 600
) -> str:
    account = {"name": name, "uid": "1"}
    wanted = list(audiences) or ["sts.amazonaws.com"]
    claims = service_account_claims(signer.issuer, namespace, account, wanted, int(time.time()), seconds)
    return signer.sign(claims)


def by_token(aws: AwsApi, text: str) -> dict[str, str]:
    role = f"arn:aws:iam::{ACCOUNT}:role/irsa"
    asked = {"RoleArn": role, "RoleSessionName": "run", "WebIdentityToken": text}
    return keys_of(aws.client("sts").assume_role_with_web_identity(**asked))


@pytest.mark.parametrize("audiences", [(), ("sts.amazonaws.com",), ("sts.amazonaws.com", "vault")])
def test_the_service_account_gets_the_role(aws: AwsApi, issuer: TokenIssuer, audiences: tuple[str, ...]) -> None:
    keys = by_token(aws, token(issuer, *audiences))
    arn = aws.client("sts", **keys).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/irsa/run"


DENIED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_another_service_account_is_denied(aws: AwsApi, issuer: TokenIssuer) -> None:
    assert error_of(lambda: by_token(aws, token(issuer, name="other"))) == DENIED
    assert error_of(lambda: by_token(aws, token(issuer, namespace="team-b"))) == DENIED


def test_tokens_that_sts_does_not_accept(aws: AwsApi, issuer: TokenIssuer) -> None:
    def code(text: str) -> tuple[str, str]:
        name, message = error_of(lambda: by_token(aws, text))
        return name, message.split(":")[0]

    stranger = TokenIssuer("https://elsewhere.example.com")
    forger = TokenIssuer(issuer.issuer)
    assert code(token(issuer, "vault")) == ("InvalidIdentityToken", "Incorrect token audience")
    assert code(token(issuer, seconds=-1)) == ("ExpiredTokenException", "Token expired")
    no_provider = "No OpenIDConnect provider found in your account for https"
    assert code(token(stranger)) == ("InvalidIdentityToken", no_provider)
    assert code(token(forger)) == ("InvalidIdentityToken", "Token signature invalid")
    assert code("x" * 20)[0] == "InvalidIdentityToken"
    tampered = token(issuer).split(".")
    assert code(".".join([tampered[0], token(issuer, name="other").split(".")[1], tampered[2]]))[1].startswith(
        "Token sig"
    )
