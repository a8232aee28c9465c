"""Policies as documents: sorted, stable, exactly under AWS's limits, and never wider than what is granted."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.iam import CustomerKey, Grant, Need, Shards, grants, policy_json, shards
from components.core.iam.policies import INLINE_LIMIT, MANAGED_LIMIT
from components.core.ssm.permissions import ParameterNeed
from components.errors import SpecError
from tests.unit.iam.support import NEEDS, PLACE, customer_keys


def names(count: int, length: int = 60) -> list[Need]:
    return [ParameterNeed(f"/{number:04d}-".ljust(length, "x")) for number in range(count)]


def documents(made: Shards) -> list[str]:
    return [text for text in (made.inline, *made.managed) if text is not None]


def triples(text: str) -> set[tuple[str, str, str]]:
    """All (action, resource, condition) of a document; of a condition's values each is one."""
    found = set()
    for statement in json.loads(text)["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                found |= {(action, resource, each) for each in _conditions(statement.get("Condition", {}))}
    return found


def _conditions(condition: dict[str, Any]) -> set[str]:
    flat = [(operator, key, values) for operator, keys in condition.items() for key, values in keys.items()]
    context = [each for each in flat if "PARAMETER_ARN" in each[1]]
    rest = sorted(each for each in flat if each not in context)
    if not context:
        return {json.dumps(rest)}
    operator, key, values = context[0]
    return {json.dumps([*rest, (operator, key, [value])]) for value in values}


def test_one_name_is_one_statement_with_one_action() -> None:
    assert json.loads(policy_json(grants(PLACE, [ParameterNeed("/prod/db")]))) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ssm:GetParameters"],
                "Resource": ["arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db"],
            }
        ],
    }


@pytest.mark.parametrize(("count", "managed"), [(1, 0), (65, 0), (500, 10)])
def test_sizes(count: int, managed: int) -> None:
    made = shards(grants(PLACE, names(count)))
    assert len(made.managed) == managed
    assert len(made.inline or "") <= INLINE_LIMIT
    assert all(len(text) <= MANAGED_LIMIT for text in made.managed)


def test_too_much_is_an_error_with_advice_and_a_raised_quota_helps() -> None:
    allowed = grants(PLACE, names(900))
    with pytest.raises(SpecError, match=r"Split the store.*`paths`.*quota"):
        shards(allowed)
    made = shards(allowed, managed_policies=20)
    assert set().union(*map(triples, documents(made))) == triples(policy_json(allowed))


def test_nothing_granted_is_no_policy() -> None:
    assert documents(shards([])) == []


@given(st.lists(NEEDS, max_size=12), customer_keys(), st.randoms(use_true_random=False))
def test_order_of_declaration_is_irrelevant(
    needs: list[Need], keys: list[CustomerKey], shuffled: random.Random
) -> None:
    before = shards(grants(PLACE, needs, keys))
    shuffled.shuffle(needs)
    assert shards(grants(PLACE, needs, keys)) == before


@given(st.lists(NEEDS, max_size=12), customer_keys())
def test_a_document_allows_each_grant_and_no_other(needs: list[Need], keys: list[CustomerKey]) -> None:
    allowed = grants(PLACE, needs, keys)
    assert triples(policy_json(allowed)) == set().union(*(triples(policy_json([each])) for each in allowed))


@settings(deadline=None)
@given(count=st.integers(100, 500), encrypted=st.booleans())
def test_shards_together_allow_the_whole(*, count: int, encrypted: bool) -> None:
    keys = [CustomerKey("arn:aws:kms:eu-central-1:123456789012:key/1")] if encrypted and count < 250 else []
    allowed = grants(PLACE, names(count), keys)
    made, whole = shards(allowed), triples(policy_json(allowed))
    parts = [triples(text) for text in documents(made)]
    assert set().union(*parts) == whole
    assert sum(map(len, parts)) == len(whole), "each grant has one place"
    assert len(made.inline or "") <= INLINE_LIMIT
    assert all(len(text) <= MANAGED_LIMIT for text in made.managed)


def changed_statements(before: Shards, after: Shards) -> int:
    old, new = (
        {json.dumps(statement) for text in documents(made) for statement in json.loads(text)["Statement"]}
        for made in (before, after)
    )
    return len(new - old)


@pytest.mark.parametrize("count", [1, 60, 200, 400])
def test_adding_one_secret_changes_one_statement(count: int) -> None:
    for added in ("/0000", "/0050-a", "/zzz"):
        needs = names(count)
        before = shards(grants(PLACE, needs))
        assert changed_statements(before, shards(grants(PLACE, [*needs, ParameterNeed(added)]))) == 1


def test_grants_of_one_resource_share_a_statement() -> None:
    both = [Grant("ssm:GetParameters", "arn:a"), Grant("ssm:ListTagsForResource", "arn:a")]
    (statement,) = json.loads(policy_json(both))["Statement"]
    assert statement["Action"] == ["ssm:GetParameters", "ssm:ListTagsForResource"]
