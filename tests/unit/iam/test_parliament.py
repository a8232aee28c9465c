"""Generated policies pass parliament, a linter of IAM policies by Duo Labs, without findings."""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.iam import CustomerKey, Need, NextRoleNeed, grants, policy_json
from components.core.ssm.permissions import SubtreesNeed
from tests.unit.iam.support import NEEDS, PLACE, customer_keys


@pytest.fixture(scope="module")
def parliament() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources, which announces its end
        import parliament  # noqa: PLC0415

    return parliament


def findings(parliament: Any, document: str) -> list[str]:
    return [f"{each.issue}: {each.detail}" for each in parliament.analyze_policy_string(document).findings]


@settings(max_examples=60)
@given(needs=st.lists(NEEDS, min_size=1, max_size=8), keys=customer_keys())
def test_any_store(parliament: Any, needs: list[Need], keys: list[CustomerKey]) -> None:
    assert findings(parliament, policy_json(grants(PLACE, needs, keys))) == []


def test_paths_and_chains(parliament: Any) -> None:
    needs: list[Need] = [SubtreesNeed(("/team-a",)), NextRoleNeed("arn:aws:iam::999999999999:role/reader", tagged=True)]
    assert findings(parliament, policy_json(grants(PLACE, needs))) == []


def test_it_would_find_an_action_on_a_resource_that_it_does_not_know(parliament: Any) -> None:
    allowed = {"Effect": "Allow", "Action": "ssm:DescribeParameters", "Resource": "arn:aws:ssm:eu-west-1:1:parameter/a"}
    wrong = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    assert findings(parliament, wrong) != []
