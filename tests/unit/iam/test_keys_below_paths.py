"""What a customer key encrypts bounds `kms:Decrypt` below a path too: a find or `paths` never opens the key further."""

import json
import re
from fnmatch import translate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.iam import CustomerKey, Need, grants, policy_json
from components.core.ssm.permissions import PARAMETER_ARN, PathNeed, PushNeed, SubtreesNeed, TagsNeed, key_encrypts
from sandbox.aws.iam.evaluation import Held, Question, decide
from tests.unit.iam.support import KEYS, PLACE

BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
SHORT = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map(lambda each: "/" + "/".join(each))
PATTERNS = st.text("ab/*", min_size=1, max_size=7) | SHORT | SHORT.map(lambda name: f"{name}/*")


def may_decrypt(need: Need, key: CustomerKey, name: str) -> bool:
    """Whether the policy lets the role decrypt a parameter by a key, as the sandbox's authoriser decides."""
    held = Held([json.loads(policy_json(grants(PLACE, [need], [key])))])
    context = {PARAMETER_ARN.lower(): [BASE + name], "kms:viaservice": ["ssm.eu-central-1.amazonaws.com"]}
    return decide(held, Question("kms:Decrypt", key.arn, context)).allowed


@pytest.mark.parametrize(
    ("names", "path", "allowed", "denied"),
    [
        (("/prod/db/*",), "/prod", ["/prod/db/a"], ["/prod/a", "/prod/db"]),
        (("/dev/*",), "/prod", [], ["/prod/a", "/dev/a"]),
        (("/prod/db",), "/", ["/prod/db"], ["/prod/dbs", "/prod/db/a"]),
        (("/prod/*/key",), "/prod/x", ["/prod/x/key", "/prod/x/y/key"], ["/prod/x/keys", "/prod/y/key"]),
        (("*/key", "/prod/a"), "/prod", ["/prod/a", "/prod/key", "/prod/b/key"], ["/prod/b", "/dev/key"]),
        (("*",), "/prod", ["/prod/a"], ["/dev/a", "/prod"]),
        (("/prod/*",), "/prod/db/", ["/prod/db/a"], ["/prod/a"]),
        (("db", "/prod*"), "/prod", ["/prod/a"], ["/db", "/production/a"]),
    ],
)
@pytest.mark.parametrize("kind", ["find", "tags", "paths", "push"])
def test_a_key_is_opened_for_what_it_encrypts(
    kind: str, names: tuple[str, ...], path: str, allowed: list[str], denied: list[str]
) -> None:
    kinds: dict[str, Need] = {
        "find": PathNeed(path),
        "tags": TagsNeed({"a": "b"}, path=path),
        "paths": SubtreesNeed((path,), everything=True),
        "push": PushNeed(path, below=True),
    }
    key = CustomerKey(KEYS[0], names)
    assert [name for name in (*allowed, *denied) if may_decrypt(kinds[kind], key, name)] == allowed


@given(PATTERNS, SHORT, SHORT)
def test_no_pattern_opens_more_or_less_than_it_matches_below_the_path(pattern: str, path: str, name: str) -> None:
    key = CustomerKey(KEYS[0], (pattern,))
    matches = name.startswith(f"{path}/") and key_encrypts(key, name)
    assert may_decrypt(PathNeed(path), key, name) == matches
    absolute = pattern if pattern[0] in "*/" else f"/{pattern}"
    assert key_encrypts(key, name) == bool(re.fullmatch(translate(absolute), name))
