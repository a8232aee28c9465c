"""Policies as AWS evaluates them: wildcards, conditions, variables, explicit denies, boundaries, session policies."""

from typing import Any

import pytest

from sandbox.aws.iam.conditions import UnknownOperatorError, hold
from sandbox.aws.iam.evaluation import Decision, Held, Question, decide
from sandbox.aws.iam.patterns import matches

BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
READ = Question("ssm:GetParameters", f"{BASE}/app/db", {"aws:resourcetag/team": ["a"], "aws:principaltag/team": ["a"]})


def allow(resource: str | list[str] = "*", action: str = "ssm:GetParameters", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


def deny(resource: str = "*", action: str = "ssm:GetParameters") -> dict[str, Any]:
    return {"Statement": {"Effect": "Deny", "Action": [action], "Resource": resource}}


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (allow(f"{BASE}/app/db"), True),
        (allow(f"{BASE}//app/db"), False),
        (allow(f"{BASE}/App/db"), False),
        (allow(f"{BASE}/app*"), True),
        (allow(f"{BASE}/?pp/d?"), True),
        (allow([f"{BASE}/x", f"{BASE}/app/*"]), True),
        (allow(action="SSM:getparameters"), True),
        (allow(action="ssm:GetParameter"), False),
        (allow(action="ssm:GetParameter?"), True),
        (allow(action="ssm:Get*"), True),
        (allow(f"{BASE}/app/[d]b"), False),
        ({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "NotResource": f"{BASE}/secret/*"}]}, True),
        ({"Statement": [{"Effect": "Allow", "NotAction": "ssm:*", "Resource": "*"}]}, False),
        ({"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": f"{BASE}/app/*"}]}, False),
        (allow(f"{BASE}/app/${{aws:PrincipalTag/team}}b"), False),
        (allow(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}), True),
        (allow(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/none}"}}), False),
        (allow(Condition={"StringEquals": {"aws:ResourceTag/team": ["b", "a"], "aws:ResourceTag/x": "y"}}), False),
    ],
)
def test_identity_policies(policy: dict[str, Any], *, allowed: bool) -> None:
    assert decide(Held([policy]), READ).allowed is allowed


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (Held(), "because no identity-based policy allows the ssm:GetParameters action"),
        (Held([allow(), deny(f"{BASE}/app/*")]), "with an explicit deny in an identity-based policy"),
        (
            Held([allow()], boundary=allow(f"{BASE}/x")),
            "because no permissions boundary allows the ssm:GetParameters action",
        ),
        (Held([allow()], boundary=deny()), "with an explicit deny in a permissions boundary"),
        (
            Held([allow()], session=[allow(f"{BASE}/x")]),
            "because no session policy allows the ssm:GetParameters action",
        ),
        (Held([allow()], session=[allow(), deny()]), "with an explicit deny in a session policy"),
        (
            Held([allow(f"{BASE}/x")], allow(), [allow()]),
            "because no identity-based policy allows the ssm:GetParameters action",
        ),
    ],
)
def test_reasons_are_aws_own_words(held: Held, reason: str) -> None:
    assert decide(held, READ) == Decision(allowed=False, reason=reason)


def test_boundary_and_session_must_allow_too() -> None:
    assert decide(Held([allow()], allow(f"{BASE}/app/*"), [allow(f"{BASE}/app/db")]), READ).allowed


CONTEXT = {"a": ["x"], "many": ["x", "y"], "arn": [f"{BASE}/app"], "number": ["5"], "yes": ["true"]}


@pytest.mark.parametrize(
    ("block", "holds"),
    [
        ({"StringEquals": {"A": "x"}}, True),
        ({"StringEquals": {"a": "X"}}, False),
        ({"StringEqualsIgnoreCase": {"a": "X"}}, True),
        ({"StringNotEquals": {"a": "x"}}, False),
        ({"StringNotEquals": {"none": "x"}}, True),
        ({"StringLike": {"a": ["y", "?"]}}, True),
        ({"StringNotLike": {"a": "?"}}, False),
        ({"StringEquals": {"none": "x"}}, False),
        ({"StringEqualsIfExists": {"none": "x"}}, True),
        ({"StringEqualsIfExists": {"a": "y"}}, False),
        ({"StringEquals": {"many": "y"}}, True),
        ({"StringNotEquals": {"many": "y"}}, False),
        ({"ForAllValues:StringEquals": {"many": ["x", "y", "z"]}}, True),
        ({"ForAllValues:StringEquals": {"many": ["x"]}}, False),
        ({"ForAllValues:StringEquals": {"none": ["x"]}}, True),
        ({"ForAnyValue:StringEquals": {"many": ["y"]}}, True),
        ({"ForAnyValue:StringEquals": {"none": ["y"]}}, False),
        ({"Null": {"none": "true", "a": "false"}}, True),
        ({"Null": {"a": True}}, False),
        ({"Bool": {"yes": True}}, True),
        ({"ArnEquals": {"arn": f"{BASE}/*"}}, True),
        ({"ArnLike": {"arn": "arn:aws:ssm:*:*:parameter/app"}}, True),
        ({"ArnNotLike": {"arn": "arn:aws:ssm:*:*:parameter/app"}}, False),
        ({"NumericLessThan": {"number": "6"}}, True),
        ({"NumericGreaterThanEquals": {"number": "6"}}, False),
        ({"StringEquals": {"a": "x"}, "Bool": {"yes": "false"}}, False),
    ],
)
def test_conditions(block: dict[str, Any], *, holds: bool) -> None:
    assert hold(block, CONTEXT) is holds


def test_an_operator_that_is_not_evaluated_is_no_silent_allow() -> None:
    with pytest.raises(UnknownOperatorError, match="IpAddress"):
        hold({"IpAddress": {"aws:sourceip": "10.0.0.0/8"}}, {})


def test_wildcards_cross_slashes_and_nothing_else_is_special() -> None:
    assert matches("a*", "a/b/c")
    assert not matches("a.c", "abc")
    assert matches("a[*]", "a*")
    assert not matches("a[*]", "ab")
