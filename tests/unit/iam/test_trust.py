"""Trust policies: exact subjects and audiences, no wildcard; names that stay apart when they are shortened."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.iam import shortened, trust
from components.errors import SpecError

ROLE = "arn:aws:iam::123456789012:role/ci"


def statement(document: str) -> dict[str, Any]:
    (only,) = json.loads(document)["Statement"]
    return dict(only)


def test_irsa_names_one_service_account_and_one_audience() -> None:
    issuer = "oidc.eks.eu-central-1.amazonaws.com/id/X"
    provider = f"arn:aws:iam::123456789012:oidc-provider/{issuer}"
    assert statement(trust.web_identity(provider, issuer, "team-a", "reader")) == {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": "system:serviceaccount:team-a:reader",
            }
        },
    }


def test_pod_identity_shuts_out_other_associations() -> None:
    cluster = "arn:aws:eks:eu-central-1:123456789012:cluster/c"
    conditions = statement(trust.pod_identity(cluster, "123456789012", "ci", "runner"))["Condition"]
    assert conditions["StringEquals"] == {
        "aws:RequestTag/eks-cluster-arn": cluster,
        "aws:RequestTag/kubernetes-namespace": "ci",
        "aws:RequestTag/kubernetes-service-account": "runner",
        "aws:SourceAccount": "123456789012",
    }
    assert conditions["ArnEquals"] == {"aws:SourceArn": cluster}


def test_a_plain_assumed_role_has_no_condition() -> None:
    assert statement(trust.assumed_by([ROLE])) == {
        "Effect": "Allow",
        "Principal": {"AWS": [ROLE]},
        "Action": ["sts:AssumeRole"],
    }


def test_external_id_and_tags_must_be_those_that_the_store_passes() -> None:
    made = statement(trust.assumed_by([ROLE], "ext", [("team", "a"), ("env", "dev")], ["team"]))
    assert made["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert made["Condition"] == {
        "StringEquals": {"sts:ExternalId": "ext", "aws:RequestTag/team": "a", "aws:RequestTag/env": "dev"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"], "sts:TransitiveTagKeys": ["team"]},
    }


@pytest.mark.parametrize("principal", ["*", "arn:aws:iam::123456789012:role/*", "arn:aws:iam::*:root", "ci"])
def test_wildcards_and_nonsense_are_no_principals(principal: str) -> None:
    with pytest.raises(SpecError, match="principals"):
        trust.assumed_by([principal])


def test_a_wildcard_is_a_principal_for_who_says_so() -> None:
    with pytest.raises(SpecError, match="allow_wildcards"):
        trust.assumed_by(["*"])
    assert statement(trust.assumed_by(["*"], allow_wildcards=True))["Principal"] == {"AWS": ["*"]}


@given(st.lists(st.text("ab-", min_size=1, max_size=90), unique=True), st.integers(10, 64))
def test_shortened_names_stay_apart(names: list[str], limit: int) -> None:
    short = [shortened(name, limit) for name in names]
    assert len(set(short)) == len(names)
    assert all(len(name) <= limit for name in short)
    assert all(name == made for name, made in zip(names, short, strict=True) if len(name) <= limit)
