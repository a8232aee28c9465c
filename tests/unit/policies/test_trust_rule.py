"""Trust policies: one ServiceAccount, and no other, takes a role."""

from typing import Any

import pytest

from components.core.iam import trust as ours
from policies.rules.resource import Unknown
from tests.unit.policies.support import found, resource, said, trust

ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/4A"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
SUB = {f"{ISSUER}:sub": "system:serviceaccount:team-a:app"}
AUD = {f"{ISSUER}:aud": "sts.amazonaws.com"}
CLUSTER = "arn:aws:eks:eu-central-1:123456789012:cluster/prod"


def web(condition: dict[str, Any], principal: Any = None, action: Any = "sts:AssumeRoleWithWebIdentity") -> list[str]:
    given = {"Federated": PROVIDER} if principal is None else principal
    return said("irsa-trust", trust(Action=action, Principal=given, Condition=condition))


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        ({"StringEquals": {**SUB, **AUD}}, []),
        ({"StringLike": SUB, "StringEquals": AUD}, []),
        ({"StringEqualsIgnoreCase": SUB, "ForAnyValue:StringEquals": AUD}, []),
        ({"StringEquals": SUB}, ["aud"]),
        ({"StringEquals": AUD}, ["sub"]),
        ({}, ["sub", "aud"]),
        ({"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:*"}, "StringEquals": AUD}, ["sub"]),
        ({"StringLike": {f"{ISSUER}:sub": ["system:serviceaccount:a:b", "system:*"]}, "StringEquals": AUD}, ["sub"]),
        ({"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:a:?"}, "StringEquals": AUD}, ["sub"]),
        ({"StringNotEquals": SUB, "StringEquals": AUD}, ["sub"]),
        ({"StringEqualsIfExists": {**SUB, **AUD}}, ["sub", "aud"]),
        ({"ForAllValues:StringEquals": {**SUB, **AUD}}, ["sub", "aud"]),
        ({"StringEquals": {f"{ISSUER}:sub": [], **AUD}}, ["sub"]),
    ],
)
def test_a_token_is_held_to_subject_and_audience(condition: dict[str, Any], missing: list[str]) -> None:
    messages = web(condition)
    assert len(messages) == len(missing)
    for message, name in zip(messages, missing, strict=True):
        assert f"`<issuer>:{name}`" in message


def test_all_ways_to_let_tokens_in_are_seen() -> None:
    assert web({}, action=["sts:TagSession", "sts:*"])
    assert web({}, principal={"Federated": [GITHUB, PROVIDER]})
    assert web({}, principal="*")
    assert web({}, principal={"Federated": GITHUB}) == []
    assert web({}, action="sts:AssumeRole") == []
    assert web({}, principal={"AWS": "arn:aws:iam::123456789012:root"}) == []


@pytest.mark.parametrize(
    ("condition", "fine"),
    [
        ({}, False),
        ({"StringEquals": {"aws:RequestTag/kubernetes-namespace": "a"}}, False),
        (
            {
                "StringEquals": {
                    "aws:RequestTag/kubernetes-namespace": "a",
                    "aws:RequestTag/kubernetes-service-account": "b",
                }
            },
            True,
        ),
        ({"ArnEquals": {"aws:SourceArn": CLUSTER}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:eks:*:123456789012:cluster/*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
    ],
)
def test_pod_identity_is_held_to_an_association(condition: dict[str, Any], *, fine: bool) -> None:
    given = {"Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    assert (said("irsa-trust", trust(**given, Condition=condition)) == []) is fine
    assert said("irsa-trust", trust(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")) == []


@pytest.mark.parametrize(
    "document",
    [
        ours.web_identity(PROVIDER, ISSUER, "team-a", "app"),
        ours.pod_identity(CLUSTER, "123456789012", "team-a", "app"),
        ours.assumed_by(["arn:aws:iam::123456789012:root"], "ext", [("team", "a")]),
    ],
)
def test_the_librarys_own_roles_are_fine(document: str) -> None:
    assert said("irsa-trust", resource("aws:iam/role:Role", {"assumeRolePolicy": document})) == []


def test_an_issuer_that_is_not_known_yet_is_told_as_such() -> None:
    given = resource("aws:iam/role:Role", {"assumeRolePolicy": Unknown(("assumeRolePolicy",))})
    assert found("irsa-trust", given) == [Unknown(("assumeRolePolicy",))]
