"""What Pulumi's AWS provider takes as lists and maps is read whole, or refused by its place, without being shown."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.spec.runner_fields import accounts_of, check_endpoint, endpoints_of, roles_of
from components.errors import SpecError

ARN = "arn:aws:iam::222222222222:role/prod"
WRITE = "; write [{roleArn: arn:aws:iam::<account>:role/<name>}]"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("roleArn"), inner),
    max_leaves=6,
)


def error(function: Callable[[Any, str], Any], value: Any) -> str:
    with pytest.raises(SpecError) as caught:
        function(value, "aws:x")
    assert "TOPSECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([ARN], "aws:x[0]: expected a mapping with roleArn, got a string" + WRITE),
        (["TOPSECRET"], "aws:x[0]: expected a mapping with roleArn, got a string" + WRITE),
        ([None], "aws:x[0]: expected a mapping with roleArn, got nothing" + WRITE),
        ([{"roleArn": ARN}, ARN], "aws:x[1]: expected a mapping with roleArn, got a string" + WRITE),
        ([[{"roleArn": ARN}]], "aws:x[0]: expected a mapping with roleArn, got a list" + WRITE),
        ([{}], "aws:x[0]: expected a mapping with roleArn, got one without" + WRITE),
        ({"arn": ARN}, "aws:x: expected a mapping with roleArn, got one without" + WRITE),
        ([{"roleArn": None}], "aws:x[0]: expected a mapping with roleArn, got one without" + WRITE),
        (True, "aws:x: expected a list, each entry a mapping with roleArn, got true or false" + WRITE),
        ([{"roleArn": [ARN]}], "aws:x[0].roleArn: expected a string, got a list"),
        ([{"roleArn": ARN, "tags": ["TOPSECRET"]}], "aws:x[0].tags: expected a mapping of tags, got a list"),
        ([{"roleArn": ARN, "tags": {"a": None}}], "aws:x[0].tags['a']: expected a string, got nothing"),
        ([{"roleArn": ARN, "policyArns": "TOPSECRET"}], "aws:x[0].policyArns: expected a list of strings, got a str"),
        ([{"roleArn": ARN, "transitiveTagKeys": [{}]}], "aws:x[0].transitiveTagKeys[0]: expected a string, got a map"),
        ([{"roleArn": ARN, "externalId": {"TOPSECRET": 1}}], "aws:x[0].externalId: expected a string, got a mapping"),
        ([{"role_arn": ARN, "session_name": True}], "aws:x[0].sessionName: expected a string, got true or false"),
    ],
)
def test_what_is_no_role(value: Any, text: str, wrap: Callable[[Any], Any]) -> None:
    assert text in error(roles_of, wrap(value))


def test_a_role_as_a_string_of_json() -> None:
    text = "aws:x: expected a list, each entry a mapping with roleArn, got a string"
    assert error(roles_of, json.dumps(ARN)) == text + WRITE
    assert "is not JSON; write it as YAML" in error(roles_of, ARN)
    assert "is not JSON; write it as YAML" in error(roles_of, "[" * 100_000)


def test_roles_by_both_spellings() -> None:
    said = [{"role_arn": ARN, "external_id": 12, "tags": {"a_b": 1}, "duration": None}]
    assert roles_of(json.dumps(said), "x") == [{"roleArn": ARN, "externalId": "12", "tags": {"a_b": "1"}}]
    assert roles_of({"roleArn": ARN}, "x") == [{"roleArn": ARN}]
    assert roles_of([], "x") == roles_of(None, "x") == []
    assert [roles_of(text, "x") for text in ("", "null", "[]")] == [[], [], []]


@given(JSON)
def test_no_role_is_passed_over(value: Any) -> None:
    try:
        found = roles_of(json.dumps(value), "x")
    except SpecError:
        return
    entries = value if isinstance(value, list) else [] if value is None else [value]
    assert len(found) == len(entries)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["http://TOPSECRET"], "aws:x[0]: expected a mapping of services to URLs, got a string; write [{ssm: http"),
        ('"http://TOPSECRET"', "aws:x: expected a list, each entry a mapping of services to URLs, got a string"),
        ([None], "aws:x[0]: expected a mapping of services to URLs, got nothing"),
        ([{"ssm": ["http://TOPSECRET"]}], "aws:x[0].ssm: expected a URL, got a list; write http(s)://host:port"),
        ({"sts": True}, "aws:x.sts: expected a URL, got true or false"),
        ({"ssm": "TOPSECRET"}, "aws:x.ssm is not a URL: write http(s)://host:port"),
        ([{"ssm": "http://a"}, {"ssm": "http://b"}], "aws:x[1].ssm: another URL is given before"),
        ({"ssm": "http://bob:TOPSECRET@host"}, "aws:x.ssm holds a user name, a password or a query"),
        ({"sts": "https://TOPSECRET@host:1/"}, "aws:x.sts holds a user name, a password or a query"),
        ({"ssm": "https://host/?key=TOPSECRET"}, "aws:x.ssm holds a user name, a password or a query"),
        ({"ssm": "https://host#TOPSECRET"}, "aws:x.ssm holds a user name, a password or a query"),
        ({"ssm": "https://bob:TOP/SECRET@host"}, "aws:x.ssm "),
    ],
)
def test_endpoints_that_cannot_be_asked(value: Any, text: str) -> None:
    assert text in error(endpoints_of, value)


def test_endpoints_of_services_that_are_not_asked() -> None:
    assert endpoints_of([{"ssm": "http://a:1", "sts": None}, {"s3": "http://b"}], "x") == {"ssm": "http://a:1"}


def test_an_endpoint_with_a_path() -> None:
    check_endpoint("https://vpce-1.ssm.eu-central-1.vpce.amazonaws.com:443/path", "x")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"222222222222"', "aws:x: expected a list of account IDs, got a string"),
        ("{}", "aws:x: expected a list of account IDs, got a mapping"),
        ("false", "aws:x: expected a list of account IDs, got true or false"),
        ("[null]", "aws:x[0]: expected a string, got nothing"),
    ],
)
def test_what_are_no_account_ids(value: Any, text: str) -> None:
    assert text in error(accounts_of, value)
