"""Names that a program leaves out: made up from the resource's, kept while the resource lives, short enough."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.values import UNKNOWN, Unknown
from sandbox.providers.aws import lifecycle
from sandbox.providers.aws.provider import TYPES
from sandbox.providers.naming import unique_name

ROLE = TYPES["aws:iam/role:Role"]
INPUTS = {"assumeRolePolicy": "{}"}


def test_name_is_the_resource_name_and_seven_hex_digits() -> None:
    inputs = lifecycle.checked(ROLE, "reader", {}, INPUTS, b"").inputs
    assert re.fullmatch(r"reader-[0-9a-f]{7}", inputs["name"])


def test_name_stays() -> None:
    first = lifecycle.checked(ROLE, "reader", {}, INPUTS, b"1").inputs
    assert lifecycle.checked(ROLE, "reader", first, INPUTS, b"2").inputs["name"] == first["name"]


def test_name_is_made_up_anew_where_the_program_gave_one_before() -> None:
    first = lifecycle.checked(ROLE, "reader", {}, {**INPUTS, "name": "mine"}, b"").inputs
    assert lifecycle.checked(ROLE, "reader", first, INPUTS, b"").inputs["name"].startswith("reader-")


def test_prefix_takes_the_place_of_the_resource_name() -> None:
    inputs = lifecycle.checked(ROLE, "reader", {}, {**INPUTS, "namePrefix": "team-"}, b"").inputs
    assert re.fullmatch(r"team-[0-9a-f]{7}", inputs["name"])
    unknown = lifecycle.checked(ROLE, "reader", {}, {**INPUTS, "namePrefix": UNKNOWN}, b"").inputs
    assert isinstance(unknown["name"], Unknown)


@given(prefix=st.text(max_size=300), seed=st.binary(max_size=32), limit=st.integers(8, 253))
def test_any_name_fits_and_repeats_by_seed(prefix: str, seed: bytes, limit: int) -> None:
    name = unique_name(prefix, seed, limit=limit)
    assert len(name) <= limit
    assert re.search(r"[0-9a-f]{7}\Z", name)
    assert (name == unique_name(prefix, seed, limit=limit)) is bool(seed)


@pytest.mark.parametrize(
    ("news", "failures"),
    [
        ({}, [("assumeRolePolicy", "missing required argument 'assumeRolePolicy'")]),
        ({**INPUTS, "colour": "red"}, [("colour", "unexpected argument 'colour' of IAM role")]),
        ({**INPUTS, "description": None}, []),
        ({"assumeRolePolicy": UNKNOWN}, []),
    ],
)
def test_wrong_arguments_are_named(news: dict[str, object], failures: list[tuple[str, str]]) -> None:
    assert lifecycle.checked(ROLE, "reader", {}, news, b"").failures == failures
