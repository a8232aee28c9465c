"""What the IAM rule calls a grant of every secret is what the sandbox's authoriser allows for one nobody declared."""

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.rules.globs import matches_in_policy
from sandbox.aws.iam.evaluation import Held, Question, decide
from sandbox.aws.iam.patterns import filled_in, matches
from tests.unit.policies.support import policy, said

ACCOUNT, REGION = "123456789012", "eu-central-1"
DOCUMENTS = 1_000
ACTIONS = {
    "ssm": ("GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"),
    "secretsmanager": ("GetSecretValue",),
    "kms": ("Decrypt",),
}
# Each shape of a name twice, so that what matches one by chance does not count.
UNDECLARED = {
    "ssm": (("parameter/k3", "parameter/zz-top.9"), ("parameter/k3/v1", "parameter/w/x/y.z")),
    "secretsmanager": (("secret:k3-AAAAAA", "secret:other/team/db-bbbbbb"),),
    "kms": (("key/1234abcd-12ab-34cd-56ef-1234567890ab", "key/mrk-1"),),
}
NAMES = {
    "ssm": [
        "parameter/*",
        "*",
        "parameter/prod/*",
        "parameter/prod/db",
        "parameter/*/*",
        "parameter/p*",
        "parameter/?*",
    ],
    "secretsmanager": ["secret:*", "*", "secret:prod/*", "secret:db-??????", "secret:*-??????"],
    "kms": ["key/*", "*", "key/1", "alias/*", "key/????????-*"],
}
VERBS = {
    "ssm": ["*", "Get*", "get*", "GetParameter", "GetParameters", "GetParameter?", "DescribeParameters", "Put*"],
    "secretsmanager": ["*", "Get*", "GetSecretValue", "BatchGetSecretValue", "List*"],
    "kms": ["*", "Decrypt", "D*", "Encrypt", "GenerateDataKey*"],
}
# Conditions on what is asked for, which the authoriser finds missing, and on who asks, which it finds met.
NARROW = ["aws:ResourceTag/team", "ssm:resourceTag/team", "secretsmanager:ResourceTag/x", "kms:EncryptionContext:y"]
OPERATORS = ["StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals"]
ASKED = {"aws:principaltag/team": ["a"], "aws:securetransport": ["true"]}
MET: list[dict[str, Any]] = [
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": ["a", "b"]}},
]
UNMET: list[dict[str, Any]] = [
    {"Bool": {"aws:SecureTransport": "false"}},
    {"StringEquals": {"aws:PrincipalTag/team": "b"}},
]


def arn(made: random.Random, service: str, name: str) -> str:
    if name == "*" and made.random() < 0.5:
        return made.choice(["*", f"arn:aws:{service}:*", "arn:*"])
    region, account = made.choice([REGION, "*", "eu-*", "us-east-1"]), made.choice([ACCOUNT, "*", "999999999999"])
    return f"arn:{made.choice(['aws', '*'])}:{service}:{region}:{account}:{name}"


def statement(made: random.Random) -> dict[str, Any]:
    effect = made.choice(["Allow", "Allow", "Allow", "Deny"])
    service = made.choice(list(NAMES))
    verbs = [f"{service}:{each}" for each in made.sample(VERBS[service], made.randint(1, 3))]
    resources = [arn(made, service, each) for each in made.sample(NAMES[service], made.randint(1, 3))]
    if made.random() < 0.1:
        verbs, resources = ["*"], [made.choice(["*", *resources])]
    condition: dict[str, Any] = {}
    if made.random() < 0.25:
        condition = {made.choice(OPERATORS): {made.choice(NARROW): made.choice(["a", ["a", "b"], "*"])}}
    elif made.random() < 0.2:
        condition = made.choice(MET if effect == "Allow" else UNMET)
    return {
        "Effect": effect,
        "NotAction" if made.random() < 0.1 else "Action": verbs if made.random() < 0.8 else verbs[0],
        "NotResource" if made.random() < 0.1 else "Resource": resources if made.random() < 0.8 else resources[0],
        **({"Condition": condition} if condition else {}),
    }


def allowed(given: dict[str, Any]) -> bool:
    """Whether the authoriser lets everything of one shape be read, in some account and region."""
    held = Held([given])
    places = [
        (region, account) for region in (REGION, "us-east-1", "ap-1") for account in (ACCOUNT, "999999999999", "0")
    ]
    return any(
        all(
            decide(held, Question(f"{service}:{verb}", f"arn:aws:{service}:{region}:{account}:{name}", ASKED)).allowed
            for name in names
        )
        for service, verbs in ACTIONS.items()
        for verb in verbs
        for names in UNDECLARED[service]
        for region, account in places
    )


def test_the_rule_and_the_authoriser_agree() -> None:
    made = random.Random(15)  # noqa: S311 - the same documents each time
    verdicts = {True: 0, False: 0}
    for _ in range(DOCUMENTS):
        statements = [statement(made) for _ in range(made.randint(1, 4))]
        grants_all = allowed({"Statement": statements})
        assert bool(said("iam-no-wildcard-secrets", policy(*statements))) is grants_all, json.dumps(statements)
        verdicts[grants_all] += 1
    assert min(verdicts.values()) > DOCUMENTS / 5, verdicts


PIECES = st.lists(
    st.sampled_from(["*", "?", "a", "b", "/", "${aws:username}", "${*}", "${$}", "${x,'*'}", "$", "{"]), max_size=9
)


@given(PIECES.map("".join), st.text("ab/*$?", max_size=8))
def test_wildcards_are_those_of_the_authoriser(pattern: str, text: str) -> None:
    filled = filled_in(pattern, {})
    assert matches_in_policy(pattern, text) is (filled is not None and matches(filled, text))
