"""IAM policies: what grants every secret, what grants by a wildcard, and what decrypts anything."""

import json
from typing import Any

import pytest

from policies.rules.resource import Unknown
from tests.unit.policies.support import found, policy, resource, said

ONE = "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db"
READ = {"Action": "ssm:GetParameters", "Resource": ONE}


@pytest.mark.parametrize(
    "statement",
    [
        READ,
        {"Action": ["ssm:GetParameters"], "Resource": ["arn:aws:ssm:*:*:parameter/team-a/*"]},
        {"Action": ["ssm:DescribeParameters", "secretsmanager:ListSecrets", "tag:GetResources"], "Resource": "*"},
        {"Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"},
        {"Action": "s3:*", "Resource": "*"},
        {"Action": "*", "Resource": "arn:aws:s3:::shop/*"},
        {"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "ssm.x"}}},
        {"Action": "ssm:GetParameter", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}},
        {"Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:x:1:parameter/${aws:PrincipalTag/team}/*"},
        {"Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:x:1:parameter/${*}"},
        {"NotAction": ["ssm:*", "secretsmanager:*", "kms:*"], "Resource": "*"},
    ],
)
def test_what_names_its_secrets_is_fine(statement: dict[str, Any]) -> None:
    assert said("iam-no-wildcard-secrets", policy(statement)) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ({"Action": "ssm:GetParameter", "Resource": "*"}, "ssm:GetParameter is allowed on every parameter"),
        ({"Action": "SSM:getparameter*", "Resource": "arn:aws:ssm:*:*:parameter/*"}, "every parameter"),
        ({"Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:eu-central-1:1:*"}, "every parameter"),
        ({"Action": "ssm:GetParameters", "Resource": "arn:aws-cn:ssm:cn-north-1:1:parameter/?*"}, "every parameter"),
        ({"Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:x:1:parameter/*/*"}, "every parameter"),
        ({"Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:x:1:parameter/${aws:username,'*'}"}, "every"),
        ({"Action": "ssm:GetParameters", "NotResource": ONE}, "every parameter"),
        ({"NotAction": "iam:*", "Resource": "*"}, "every key"),
        ({"Action": "secretsmanager:Get*", "Resource": "arn:aws:secretsmanager:x:1:secret:*"}, "every secret"),
        ({"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:1:key/*"}, "kms:Decrypt is allowed on every key"),
        (
            {"Action": "ssm:GetParameter", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            "every parameter",
        ),
        (
            {
                "Action": "ssm:GetParameter",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "b"}},
            },
            "every parameter",
        ),
    ],
)
def test_a_grant_of_every_secret_is_told(statement: dict[str, Any], what: str) -> None:
    messages = said("iam-no-wildcard-secrets", policy(READ, statement))
    assert messages
    assert all(each.startswith("policy, statement 2: ") for each in messages)
    assert any(what in each for each in messages)


def test_a_denial_of_everything_else_counts() -> None:
    allow, deny = {"Action": "ssm:Get*", "Resource": "*"}, {"Effect": "Deny", "Action": "ssm:*", "NotResource": ONE}
    assert said("iam-no-wildcard-secrets", policy(allow, deny)) == []
    sometimes = {**deny, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
    assert said("iam-no-wildcard-secrets", policy(allow, sometimes))


def test_policies_of_all_kinds_are_read() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}}
    for kind in ("policy:Policy", "rolePolicy:RolePolicy", "userPolicy:UserPolicy", "groupPolicy:GroupPolicy"):
        assert said("iam-no-wildcard-secrets", resource(f"aws:iam/{kind}", {"policy": document}))
    role = resource("aws:iam/role:Role", {"inlinePolicies": [{"policy": "{}"}, {"policy": json.dumps(document)}]})
    (message,) = said("iam-no-wildcard-secrets", role)
    assert message.startswith("inlinePolicies[1].policy, statement 1: ")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "7", "null", '"*"'])
def test_what_is_no_policy_is_told(text: str) -> None:
    (message,) = said("iam-no-wildcard-secrets", resource("aws:iam/policy:Policy", {"policy": text}))
    assert "is no JSON policy" in message


@pytest.mark.parametrize("rule", ["iam-no-wildcard-secrets", "iam-action-wildcard", "iam-kms-context"])
def test_an_exception_is_by_the_name_of_the_resource(rule: str) -> None:
    given = policy({"Action": ["kms:*", "ssm:*"], "Resource": "*"})
    assert said(rule, given, allow=["two", "x*"])
    assert said(rule, given, allow=["two", "o*"]) == []


@pytest.mark.parametrize("rule", ["iam-no-wildcard-secrets", "iam-action-wildcard", "iam-kms-context"])
@pytest.mark.parametrize(
    "props",
    [
        {"policy": Unknown(("policy",))},
        {"policy": {"Statement": Unknown(("policy", "Statement"))}},
        {"policy": {"Statement": [{"Action": "*", "Resource": [ONE, Unknown(("policy",))]}]}},
    ],
)
def test_a_policy_that_is_not_known_is_told_as_such(rule: str, props: dict[str, Any]) -> None:
    assert [type(each) for each in found(rule, resource("aws:iam/policy:Policy", props))] == [Unknown]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "ssm:GetParameters", "Resource": "*"}, False),
        ({"Action": ["ssm:Describe*", "s3:*", "kms:List*"], "Resource": "*"}, False),
        ({"Action": "*", "Resource": "arn:aws:s3:::shop"}, False),
        ({"Action": "ssm:GetParameter*", "Resource": ONE}, True),
        ({"Action": "ssm:*", "Resource": "*"}, True),
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": "kms:De?rypt", "Resource": "*"}, True),
        ({"Action": "secretsmanager:*", "Resource": "arn:*:secretsmanager:*"}, True),
        ({"NotAction": "iam:*", "Resource": ONE}, True),
        ({"NotAction": ["ssm:*", "kms:*", "secretsmanager:*"], "Resource": "*"}, False),
        ({"Action": "ssm:GetParameter", "NotResource": ONE}, True),
        ({"Effect": "Deny", "Action": "ssm:*", "Resource": "*"}, False),
    ],
)
def test_actions_that_give_secrets_away_are_written_out(statement: dict[str, Any], *, expected: bool) -> None:
    assert bool(said("iam-action-wildcard", policy(statement))) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "a"}}, True),
        ({"StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": ONE}}, False),
        ({"StringLike": {"KMS:viaService": "ssm.*.amazonaws.com"}}, False),
    ],
)
def test_decryption_is_bound_to_what_was_encrypted(condition: dict[str, Any], *, expected: bool) -> None:
    key = "arn:aws:kms:x:1:key/1"
    statement = {"Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": key, "Condition": condition}
    assert bool(said("iam-kms-context", policy(statement))) is expected
    assert said("iam-kms-context", policy({"Action": "kms:Encrypt", "Resource": key})) == []


def test_a_hostile_pattern_takes_no_time() -> None:
    stars = "*a" * 3_000 + "b"
    statements = [{"Action": f"ssm:{stars}", "Resource": f"arn:aws:ssm:x:1:parameter/{stars}"} for _ in range(20)]
    assert said("iam-no-wildcard-secrets", policy(*statements)) == []
