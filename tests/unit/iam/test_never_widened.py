"""No text that a user gives widens a policy: whatever it holds, only what it names is granted, or it is refused."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.characters import unprintable
from components.core.iam import CustomerKey, Location, NextRoleNeed, grants, policy_json, trust
from components.core.ssm.permissions import (
    ParameterNeed,
    PathNeed,
    PushNeed,
    SubtreesNeed,
    TagsNeed,
    key_encrypts,
    need_of,
)
from components.core.ssm.references import path_of
from components.core.ssm.sources import Find, TagsOf
from components.errors import SpecError

PLACE = Location("aws", "eu-central-1", "123456789012")
BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
ROLE = "arn:aws:iam::123456789012:role/r"
ISSUER = "oidc.example.com/id/x"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
CLUSTER = "arn:aws:eks:eu-central-1:123456789012:cluster/main"

PARTS = ["*", "?", "${", "}", "${aws:username}", "\n", "\x1b[31m", "\x00", "\ud800", "\u2028", "/", "//", ":", "[ab]"]
TEXTS = st.lists(st.sampled_from([*PARTS, "a", "b", "team-a", ".", "-", "key/", "arn:aws:"]), max_size=6).map("".join)
PATHS = TEXTS | TEXTS.map(lambda text: f"/team-a{text}") | st.just("/team-a")
KEYS = st.just(KEY) | TEXTS.map(lambda text: KEY + text) | TEXTS
ROLES = st.just(ROLE) | TEXTS.map(lambda text: ROLE + text) | TEXTS
NEEDS: dict[str, Callable[[str], Any]] = {
    "read": ParameterNeed,
    "read by ARN": lambda text: ParameterNeed(f"{BASE}{text}"),
    "tags": lambda text: ParameterNeed(text, value=False, tags=True),
    "find": PathNeed,
    "find by tags": lambda text: TagsNeed({"team": "a"}, path=text),
    "tag": lambda text: TagsNeed({text: text}),
    "push": lambda text: PushNeed(text, deletes=True),
    "paths": lambda text: SubtreesNeed((text,)),
    "source": need_of,
    "found source": lambda text: need_of(str(Find(text, "."))),
    "tags source": lambda text: need_of(str(TagsOf(text))),
}


def strings(document: Any) -> Iterator[str]:
    """All strings in a document, keys too."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from strings(value)
    elif isinstance(document, list):
        for each in document:
            yield from strings(each)


def check(document: str, subtrees: set[str]) -> None:
    """Nothing in a policy stands for more than itself but `*` of listing, and the subtrees that were named."""
    for statement in json.loads(document)["Statement"]:
        compared = statement.get("Condition", {}).pop("StringEquals", {})
        for text in (*strings(statement), *strings(compared)):
            assert "${" not in text
            assert unprintable(text) is None
        for text in strings(statement):
            assert "?" not in text
            if "*" in text and statement["Action"] != ["ssm:DescribeParameters"]:
                assert text in subtrees


@settings(max_examples=100)
@pytest.mark.parametrize("make", NEEDS.values(), ids=NEEDS)
@given(text=PATHS, arn=KEYS, pattern=TEXTS)
def test_a_policy_grants_what_is_named(make: Callable[[str], Any], text: str, arn: str, pattern: str) -> None:
    try:
        document = policy_json(grants(PLACE, [make(text)], [CustomerKey(arn, (pattern, "*"))]))
    except (SpecError, UnicodeEncodeError):
        return
    path = text.rstrip("/") if text.startswith("/") else ""
    check(document, {f"{BASE}{path}/*", f"{BASE}/*"} if make is NEEDS["tag"] else {f"{BASE}{path}/*"})


@settings(max_examples=100)
@given(role=ROLES)
def test_a_role_on_the_way_is_one_role(role: str) -> None:
    try:
        document = policy_json(grants(PLACE, [NextRoleNeed(role, tagged=True)]))
    except SpecError:
        return
    check(document, set())


@pytest.mark.parametrize("at", range(3))
@given(text=TEXTS)
def test_a_place_is_one_place(at: int, text: str) -> None:
    parts = ["aws", "eu-central-1", "123456789012"]
    parts[at] += text
    try:
        document = policy_json(grants(Location(*parts), [ParameterNeed("/a")], [CustomerKey(KEY)]))
    except SpecError:
        return
    check(document, set())


TRUSTED: dict[str, Callable[[str], str]] = {
    "issuer": lambda text: trust.web_identity(f"{PROVIDER}{text}", f"{ISSUER}{text}", "n", "s"),
    "namespace": lambda text: trust.web_identity(PROVIDER, ISSUER, text, "s"),
    "account": lambda text: trust.web_identity(PROVIDER, ISSUER, "n", text),
    "audience": lambda text: trust.web_identity(PROVIDER, ISSUER, "n", "s", text),
    "cluster": lambda text: trust.pod_identity(f"{CLUSTER}{text}", "123456789012", "n", "s"),
    "pods' namespace": lambda text: trust.pod_identity(CLUSTER, "123456789012", text, "s"),
    "pods' account": lambda text: trust.pod_identity(CLUSTER, "123456789012", "n", text),
    "principal": lambda text: trust.assumed_by([f"{ROLE}{text}"]),
    "external ID": lambda text: trust.assumed_by([ROLE], text),
    "tag": lambda text: trust.assumed_by([ROLE], None, [("team", text)]),
    "tag's key": lambda text: trust.assumed_by([ROLE], None, [(text, "a")], [text]),
}
COMPARED_ONLY = ("external ID", "tag", "tag's key")


@settings(max_examples=100)
@pytest.mark.parametrize("what", TRUSTED)
@given(text=TEXTS)
def test_a_trust_policy_trusts_who_is_named(what: str, text: str) -> None:
    try:
        document = TRUSTED[what](text)
    except SpecError:
        return
    for each in strings(json.loads(document)):
        assert "${" not in each
        assert unprintable(each) is None
        if what not in COMPARED_ONLY:
            assert "*" not in each
            assert "?" not in each


@pytest.mark.parametrize("path", ["/*", "/t?am", "/${aws:username}", "/a\nb", "/a\x1b[31m", "/team-*/db"])
def test_a_finds_path_is_no_pattern(path: str) -> None:
    for make in (PathNeed, lambda text: TagsNeed({"a": "b"}, path=text), lambda text: Find(text, ".")):
        with pytest.raises(SpecError, match=r"find\.path"):
            make(path)


@pytest.mark.parametrize("pattern", ["/a?", "/[ab]", "/${x}", "/a\n"])
def test_a_keys_parameters_know_no_wildcard_but_one(pattern: str) -> None:
    if "[" in pattern:
        assert not key_encrypts(CustomerKey(KEY, (pattern,)), "/a")
        return
    with pytest.raises(SpecError, match="kms_keys: parameters"):
        CustomerKey(KEY, (pattern,))


def test_a_principal_with_a_variable_is_refused_even_where_wildcards_are_allowed() -> None:
    for principal in ("arn:aws:iam::*:role/${aws:username}", "*\n", "arn:aws:iam::123456789012:role/r?*"):
        with pytest.raises(SpecError, match="principals"):
            trust.assumed_by([principal], allow_wildcards=True)


@pytest.mark.parametrize(
    "path", ["/ ", "/a b", "/\uff41\uff0a", "/a\u200b", "/$ {x}", "/a$", "/{a}", "/%2a", "/a,b", "//", "/a//b"]
)
def test_a_path_is_of_the_characters_of_parameters_names(path: str) -> None:
    """IAM takes no others in a resource, or compares them in ways of its own."""
    for make in (PathNeed, lambda text: TagsNeed({"a": "b"}, path=text), lambda text: SubtreesNeed((text,))):
        with pytest.raises(SpecError, match=r"(find\.path|paths: )"):
            make(path)


@pytest.mark.parametrize("path", ["/a", "/a/", "/A_z.0-9/b"])
def test_what_can_be_a_path_is_one(path: str) -> None:
    PathNeed(path)
    TagsNeed({"a": "b"}, path=path)
    SubtreesNeed((path,))


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:sts::123456789012:role/x",
        "arn:aws:iam::123456789012:assumed-role/x/s",
        "arn:aws:sts::123456789012:assumed-role/x",
        "arn:aws:sts::123456789012:root",
        "arn:aws:iam::123456789012:role//",
        "arn:aws:iam::123456789012:role/a//b",
        "arn:aws:iam::123456789012:user/a/",
    ],
)
def test_a_principal_is_one_that_iam_knows(principal: str) -> None:
    with pytest.raises(SpecError, match="principals"):
        trust.assumed_by([principal])


@pytest.mark.parametrize(
    ("pattern", "encrypts"),
    [("*a" * 40 + "*b", False), ("*a" * 40 + "*", True), ("/" + "*a" * 40 + "*b*", False), ("/a*a*a", True)],
)
def test_a_pattern_of_many_wildcards_is_matched_at_once(pattern: str, *, encrypts: bool) -> None:
    assert key_encrypts(CustomerKey(KEY, (pattern,)), f"/{'a' * 1000}") is encrypts


@settings(max_examples=200)
@given(pattern=st.text("/ab*", max_size=8), name=st.text("/ab", min_size=1, max_size=8))
def test_patterns_match_as_their_regular_expressions_do(pattern: str, name: str) -> None:
    whole = pattern if pattern[:1] == "*" else path_of(pattern)
    expected = re.fullmatch(".*".join(map(re.escape, whole.split("*"))), path_of(name)) is not None
    assert key_encrypts(CustomerKey(KEY, (pattern,)), name) is expected
