"""Entries of a PushSecret come together in parameters; what cannot stand side by side is refused before any call."""

from typing import Any

import pytest

from components.core.parameter.parameter_mark import is_renamed_parent, mark_of, whose
from components.core.parameter.wanted_parameters import Part, WantedParameter, entries_of, wanted_parameters
from components.core.spec.argument_types import TAG_VALUE
from components.core.spec.owner import Owner
from components.core.spec.push_specs import PushData, PushMetadata
from components.core.ssm import PARAMETER_STORE
from components.errors import SpecError

STATE = "0123456789abcdef" * 2
URN = "urn:pulumi:dev::shop::my:index:Team$parameterstore:index:PushSecret::"


def wanted(*data: PushData[str], prefix: str = "") -> dict[str, WantedParameter]:
    return wanted_parameters(entries_of(data), prefix, PARAMETER_STORE.writing)


def test_entries_of_one_parameter_come_together_under_the_stores_prefix() -> None:
    found = wanted(
        PushData("db", "user", "user"), PushData("all"), PushData("db", "pass", "login.password"), prefix="/prod/"
    )
    assert list(found) == ["/prod/all", "/prod/db"]
    assert found["/prod/db"].parts == (Part("user", "user"), Part("pass", "login.password"))
    assert found["/prod/all"].parts == (Part(),)
    assert WantedParameter.from_bag("/prod/db", found["/prod/db"].to_bag()) == found["/prod/db"]


@pytest.mark.parametrize(
    "data",
    [
        [PushData("a", "x"), PushData("a", "y")],
        [PushData("a", "x"), PushData("/a", "y")],  # one parameter for AWS
        [PushData("a", "x"), PushData("a", "y", "p")],
        [PushData("a", "x", "p"), PushData("a", "y", "p")],
        [PushData("a", "x", "p"), PushData("a", "y", "p.q")],
        [PushData("a", "x", r"p\.q"), PushData("a", "y", r"\p.q"), PushData("a", "z", "p")],
    ],
)
def test_two_entries_that_write_the_same_are_refused(data: list[PushData[str]]) -> None:
    with pytest.raises(SpecError, match=r"duplicate remote key '/?a': .* both write the same of it"):
        wanted(*data)


def test_entries_of_one_parameter_agree_on_what_it_is_like() -> None:
    tagged: PushMetadata[str] = PushMetadata(tags={"team": "a"})
    with pytest.raises(SpecError, match="different metadata"):
        wanted(PushData("a", "x", "p"), PushData("a", "y", "q", metadata=tagged))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is empty"),
        ("name:1", "cannot be a parameter's name"),
        ("has space", "cannot be a parameter's name"),
        ("a/b", "must begin with one"),
        ("/a/", "ends with '/'"),
        ("/" + "/".join("abcdefghijklmnop"), "levels"),
        ("aws-thing", "reserves"),
        ("/aws/service/x", "AWS's own"),
        ("/aws/reference/secretsmanager/x", "AWS's own"),
        ("arn:aws:ssm:eu-central-1:123456789012:parameter/a", "never by its ARN"),
        ("x" * 1100, "longer than"),
    ],
)
def test_a_name_that_aws_refuses_is_found(name: str, problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        wanted(PushData(name, "x"))


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"secretType": "Secret"}, "secretType 'Secret' is not known"),
        ({"tier": {"type": "advanced"}}, "type 'advanced' is not known"),
        ({"tags": {"managed-by": "me"}}, "the tag 'managed-by' is this library's own"),
        ({"tags": {"pulumi-parameter-store/owner": "me"}}, "is this library's own"),
        ({"tags": {"aws:x": "y"}}, "not 'aws:' at the beginning"),
        ({"tags": {"x": "a;b"}}, "is not allowed"),
        ({"tags": {f"t{number}": "" for number in range(49)}}, "AWS allows 50 tags"),
        ({"tier": {"type": "Advanced", "policies": [{"Type": "Expiration"}]}}, "Type and Version are required"),
        ({"description": "x" * 1025}, "1,024 characters"),
    ],
)
def test_metadata_that_aws_refuses_is_found(metadata: dict[str, Any], problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        PushData.from_bag({"remoteKey": "a", "metadata": metadata})


def test_metadata_is_stored_as_eso_spells_it_and_read_back() -> None:
    bag = {
        "secretType": "StringList",
        "kmsKeyID": "alias/x",
        "tier": {"type": "Advanced", "policies": [{"Type": "Expiration", "Version": "1.0", "Attributes": {}}]},
        "tags": {"a": ""},
        "description": "d",
        "encodeAsDecoded": True,
    }
    assert PushMetadata.from_bag(bag).to_bag() == bag
    assert PushMetadata.from_bag({}).to_bag() == {}
    assert PARAMETER_STORE.writing.details_of(PushMetadata.from_bag({})).key == "alias/aws/ssm"
    assert PARAMETER_STORE.writing.details_of(PushMetadata.from_bag(bag)).key is None


def test_a_mark_is_exact_fits_into_a_tag_and_says_whose_it_is() -> None:
    owners = [Owner(f"{URN}{name}", STATE) for name in ("db", "d b", "d;b", "x" * 300, "x" * 300 + "y", "ключ")]
    marks = [mark_of(owner) for owner in owners]
    assert len(set(marks)) == len(owners)
    assert all(mark and TAG_VALUE.problem(mark) is None for mark in marks)
    assert whose(marks[0]) == "it is that of PushSecret shop/dev/db"
    assert whose(None) == "it bears no mark of this library"
    assert whose("anything") == "it is that of PushSecret anything"
    assert mark_of(Owner(owners[0].text, STATE[::-1])) not in marks
    assert mark_of(Owner(owners[0].text)) is None
    moved = Owner(URN.replace("my:index:Team$", "") + "db", STATE)
    assert is_renamed_parent(str(marks[0]), moved)
    assert not is_renamed_parent(str(marks[1]), moved)
    assert not is_renamed_parent(str(marks[0]), Owner(moved.text, STATE[::-1]))
    assert not is_renamed_parent("anything", moved)
