"""What each kind of reference is granted: the exact triples that AWS checks, and no other."""

import pytest

from components.core.iam import Condition, CustomerKey, Location, Need, NextRoleNeed, access_rows, grants
from components.core.ssm.permissions import ParameterNeed, PathNeed, PushNeed, SubtreesNeed, TagsNeed, need_of
from components.core.ssm.sources import Find, TagsOf
from components.errors import SpecError
from tests.unit.iam.support import KEYS, PLACE

BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
Triple = tuple[str, str, tuple[Condition, ...]]


def granted(*needs: Need, keys: tuple[CustomerKey, ...] = (), place: Location = PLACE) -> list[Triple]:
    return [(each.action, each.resource, each.conditions) for each in grants(place, needs, keys)]


@pytest.mark.parametrize("reference", ["/app/db", "/app/db:3", "/app/db:prod"])
def test_versions_and_labels_are_the_parameter(reference: str) -> None:
    assert granted(ParameterNeed(reference)) == [("ssm:GetParameters", f"{BASE}/app/db", ())]


def test_a_name_without_slash_is_the_one_with_it() -> None:
    assert granted(ParameterNeed("db"), ParameterNeed("/db")) == [("ssm:GetParameters", f"{BASE}/db", ())]


def test_another_accounts_parameter_is_its_own_arn() -> None:
    arn = "arn:aws:ssm:eu-central-1:999999999999:parameter/shared/db"
    assert granted(ParameterNeed(f"{arn}:2")) == [("ssm:GetParameters", arn, ())]


def test_public_parameters_belong_to_no_account() -> None:
    (only,) = granted(ParameterNeed("/aws/service/eks/optimized-ami/1.30/image_id"))
    assert only[1].startswith("arn:aws:ssm:eu-central-1::parameter/aws/service/")


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "eu-west-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_partitions(partition: str, region: str) -> None:
    (only,) = granted(ParameterNeed("/a"), place=Location(partition, region, "123456789012"))
    assert only[1] == f"arn:{partition}:ssm:{region}:123456789012:parameter/a"


def test_tags_alone_read_no_value() -> None:
    assert granted(ParameterNeed("/a", value=False, tags=True), keys=(CustomerKey(KEYS[0]),)) == [
        ("ssm:ListTagsForResource", f"{BASE}/a", ())
    ]


@pytest.mark.parametrize(("path", "recursive"), [("/app", True), ("/app/", True), ("/app", False)])
def test_by_path_is_the_path_as_sent_and_pins_the_depth(path: str, *, recursive: bool) -> None:
    level = Condition("StringEquals", "ssm:Recursive", (str(recursive).lower(),))
    assert granted(PathNeed(path, recursive=recursive)) == [("ssm:GetParametersByPath", f"{BASE}{path}", (level,))]


def test_by_tags_reads_only_what_is_tagged() -> None:
    tagged = tuple(Condition("StringEquals", f"aws:ResourceTag/{key}", (key * 2,)) for key in "ab")
    assert granted(TagsNeed({"b": "bb", "a": "aa"})) == [
        ("ssm:DescribeParameters", "*", ()),
        ("ssm:GetParameters", f"{BASE}/*", tagged),
    ]


def test_by_tags_below_a_path_reads_only_there() -> None:
    tagged = (Condition("StringEquals", "aws:ResourceTag/team", ("a",)),)
    found = granted(TagsNeed({"team": "a"}, path="/app/"), keys=(CustomerKey(KEYS[0]),))
    assert found[0] == ("kms:Decrypt", KEYS[0], found[0][2])
    assert found[0][2][0] == Condition("StringLike", "kms:EncryptionContext:PARAMETER_ARN", (f"{BASE}/app/*",))
    assert found[1:] == [
        ("ssm:DescribeParameters", "*", ()),
        ("ssm:GetParameters", f"{BASE}/app/*", tagged),
    ]


def test_by_tags_below_a_path_that_is_granted_as_a_whole_only_describes() -> None:
    found = granted(SubtreesNeed(("/app",)), TagsNeed({"team": "a"}, path="/app/x"))
    assert found == [("ssm:DescribeParameters", "*", ()), ("ssm:GetParameters", f"{BASE}/app/*", ())]


def test_what_is_within_another_grant_is_left_out() -> None:
    everything = (PathNeed("/app"), ParameterNeed("/app/db"), ParameterNeed("/other"))
    contexts = [each[2][0].values for each in granted(*everything, keys=(CustomerKey(KEYS[0]),)) if "kms" in each[0]]
    assert contexts == [(f"{BASE}/other",), (f"{BASE}/app/*",)]
    wide = TagsNeed({"a": "b"})
    assert granted(wide, TagsNeed({"a": "b"}, path="/x")) == granted(wide)
    assert len(granted(wide, TagsNeed({"a": "c"}, path="/x"))) == 3


def test_a_tags_value_is_no_pattern() -> None:
    assert len(granted(TagsNeed({"a": "b/*"}), TagsNeed({"a": "b/c"}))) == 3


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("/app/db", ParameterNeed("/app/db", "a key")),
        ("/app/db:prod", ParameterNeed("/app/db:prod", "a key")),
        (str(TagsOf("/app/db")), ParameterNeed("/app/db", "a key", value=False, tags=True)),
        (str(Find("/app", ".*")), PathNeed("/app", "a key")),
        (str(Find("/app/", ".*")), PathNeed("/app/", "a key")),
        (str(Find(None, ".*")), PathNeed("/", "a key")),
        (str(Find(None, "db", (("team", "a"),))), TagsNeed({"team": "a"}, "a key")),
        (str(Find("/app", None, (("team", "a"),))), TagsNeed({"team": "a"}, "a key", "/app")),
    ],
)
def test_what_a_source_needs(source: str, needed: Need) -> None:
    assert need_of(source, "a key") == needed


def test_a_customer_key_is_bound_to_each_parameter_and_to_ssm() -> None:
    key = CustomerKey(KEYS[0], ("/app/*",))
    through = Condition("StringEquals", "kms:ViaService", ("ssm.eu-central-1.amazonaws.com",))
    decrypts = [
        each for each in granted(ParameterNeed("/app/db:3"), ParameterNeed("/b"), keys=(key,)) if each[0][:4] == "kms:"
    ]
    context = Condition("StringEquals", "kms:EncryptionContext:PARAMETER_ARN", (f"{BASE}/app/db",))
    assert decrypts == [("kms:Decrypt", KEYS[0], (context, through))]


def test_the_default_key_needs_no_grant() -> None:
    assert not any(action.startswith("kms:") for action, _, _ in granted(ParameterNeed("/a"), PushNeed("/b")))


@pytest.mark.parametrize(
    ("push", "kms"),
    [
        (PushNeed("/a"), {"kms:Decrypt", "kms:Encrypt"}),
        (PushNeed("/a", standard=False, advanced=True), {"kms:Decrypt", "kms:GenerateDataKey"}),
        (PushNeed("/a", advanced=True), {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}),
    ],
)
def test_pushing_needs_what_its_tier_makes_kms_do(push: PushNeed, kms: set[str]) -> None:
    found = granted(push, keys=(CustomerKey(KEYS[0]),))
    assert {action for action, resource, _ in found if resource == KEYS[0]} == kms
    assert {action for action, resource, _ in found if resource == f"{BASE}/a"} == {
        "ssm:GetParameters",
        "ssm:PutParameter",
        "ssm:ListTagsForResource",
        "ssm:AddTagsToResource",
        "ssm:RemoveTagsFromResource",
    }


def test_only_what_is_tagged_as_ours_may_be_deleted() -> None:
    (delete,) = [each for each in granted(PushNeed("/a", deletes=True)) if "Delete" in each[0]]
    assert delete[2] == (Condition("StringEquals", "aws:ResourceTag/managed-by", ("external-secrets",)),)


def test_paths_take_the_place_of_the_names_below_them() -> None:
    found = granted(
        SubtreesNeed(("/team-a",)), ParameterNeed("/team-a/db"), ParameterNeed("/team-ab/db"), ParameterNeed("/team-a")
    )
    assert found == [
        ("ssm:GetParameters", f"{BASE}/team-a", ()),
        ("ssm:GetParameters", f"{BASE}/team-a/*", ()),
        ("ssm:GetParameters", f"{BASE}/team-ab/db", ()),
    ]


def test_everything_is_granted_only_to_who_says_so() -> None:
    with pytest.raises(SpecError, match="allow_all_parameters"):
        SubtreesNeed(("/",))
    assert granted(SubtreesNeed(("/",), everything=True), ParameterNeed("/a")) == [
        ("ssm:GetParameters", f"{BASE}/*", ())
    ]


@pytest.mark.parametrize("path", ["//", "*", "/a*", "team-a", "/a?"])
def test_paths_that_are_nobodys_own_are_refused(path: str) -> None:
    with pytest.raises(SpecError, match="paths"):
        SubtreesNeed((path,))


@pytest.mark.parametrize("arn", ["*", "arn:aws:kms:eu-central-1:123456789012:key/*", "alias/team-a"])
def test_a_key_is_one_key(arn: str) -> None:
    with pytest.raises(SpecError, match=r"kms_keys: .* is not a key's ARN"):
        CustomerKey(arn)


def test_a_chain_needs_its_next_role() -> None:
    role = "arn:aws:iam::999999999999:role/reader"
    assert [each[0] for each in granted(NextRoleNeed(role))] == ["sts:AssumeRole"]
    assert [each[0] for each in granted(NextRoleNeed(role, tagged=True))] == ["sts:AssumeRole", "sts:TagSession"]


def test_rows_name_every_secret_key_that_needs_a_grant() -> None:
    needs = [ParameterNeed("/a", "ExternalSecret one, key x"), ParameterNeed("/a:2", "ExternalSecret two, key y")]
    assert access_rows("arn:aws:iam::123456789012:role/r", grants(PLACE, needs)) == [
        {
            "identity": "arn:aws:iam::123456789012:role/r",
            "action": "ssm:GetParameters",
            "arn": f"{BASE}/a",
            "condition": "",
            "because": "ExternalSecret one, key x; ExternalSecret two, key y",
        }
    ]
