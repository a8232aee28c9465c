"""What the two roles of examples/13-ci-roles can reach, as IAM would judge it; docs/ci/README.md says the same."""

import importlib.util
import json
import re
from types import ModuleType
from typing import Any

import pytest
import yaml

from sandbox.aws.iam.evaluation import Held, Question, Verdict, decide
from sandbox.aws.iam.trust import Principal, trusts
from tests.support.pages import blocks
from tests.support.paths import ROOT

FOLDER = ROOT / "examples" / "13-ci-roles"
NUMBER = "123456789012"
PROVIDER = f"arn:aws:iam::{NUMBER}:oidc-provider/token.actions.githubusercontent.com"
STATE, KEY, OTHER = (f"arn:aws:kms:eu-central-1:{NUMBER}:key/{name}" for name in ("state", "parameters", "other"))
PARAMETER = f"arn:aws:ssm:eu-central-1:{NUMBER}:parameter"
BOUNDARY = f"arn:aws:iam::{NUMBER}:policy/parameter-store-boundary"
ROLE = f"arn:aws:iam::{NUMBER}:role"
BUCKET = "arn:aws:s3:::my-state"


def grants() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ci_role_grants", FOLDER / "grants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    __import__("sys").modules[spec.name] = module  # which its dataclass looks itself up in
    spec.loader.exec_module(module)
    return module


GRANTS = grants()
ACCOUNT = GRANTS.Account(NUMBER, "eu-central-1", "my-state", STATE, KEY, ("/team-a/*",), ("main", "second"))
POLICIES = {"preview": GRANTS.preview(ACCOUNT), "up": GRANTS.up(ACCOUNT), "boundary": GRANTS.read(ACCOUNT)}


def through(name: str, service: str = "ssm") -> dict[str, Any]:
    """How Parameter Store calls KMS for a parameter."""
    via = [f"{service}.eu-central-1.amazonaws.com"]
    return {"kms:viaservice": via, "kms:encryptioncontext:parameter_arn": [f"{PARAMETER}/{name}"]}


BOUNDED = {"iam:permissionsboundary": [BOUNDARY]}
# action, resource, context, who may
REACH: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("s3:ListBucket", BUCKET, {}, {"preview", "up"}),
    ("s3:GetObject", f"{BUCKET}/.pulumi/stacks/infra/dev.json", {}, {"preview", "up"}),
    ("s3:PutObject", f"{BUCKET}/.pulumi/stacks/infra/dev.json", {}, {"up"}),
    ("s3:DeleteObject", f"{BUCKET}/.pulumi/locks/infra/dev/1.json", {}, {"up"}),
    ("s3:GetObject", "arn:aws:s3:::my-state-of-others/x", {}, set()),
    ("s3:PutBucketPolicy", BUCKET, {}, set()),
    ("kms:Decrypt", STATE, {}, {"preview", "up"}),
    ("ssm:GetParameters", f"{PARAMETER}/team-a/db", {}, {"preview", "up", "boundary"}),
    ("ssm:GetParameters", f"{PARAMETER}/team-b/db", {}, set()),
    ("ssm:GetParameters", f"{PARAMETER}/team-ab/db", {}, set()),
    ("ssm:GetParameter", f"{PARAMETER}/team-a/db", {}, set()),
    ("ssm:GetParameterHistory", f"{PARAMETER}/team-a/db", {}, set()),
    ("ssm:PutParameter", f"{PARAMETER}/team-a/db", {}, set()),
    ("ssm:GetParametersByPath", f"{PARAMETER}/team-a/x", {}, {"boundary"}),
    ("kms:Decrypt", KEY, through("team-a/db"), {"up", "boundary"}),
    ("kms:Decrypt", KEY, through("team-b/db"), set()),
    ("kms:Decrypt", KEY, through("team-a/db", "secretsmanager"), set()),
    ("kms:Decrypt", KEY, {}, set()),
    ("kms:Decrypt", OTHER, through("team-a/db"), set()),
    ("kms:Encrypt", KEY, through("team-a/db"), set()),
    ("eks:DescribeCluster", f"arn:aws:eks:eu-central-1:{NUMBER}:cluster/main", {}, {"preview", "up"}),
    ("eks:DescribeCluster", f"arn:aws:eks:eu-central-1:{NUMBER}:cluster/second", {}, {"preview", "up"}),
    ("eks:DescribeCluster", f"arn:aws:eks:eu-central-1:{NUMBER}:cluster/other", {}, set()),
    ("eks:CreateAccessEntry", f"arn:aws:eks:eu-central-1:{NUMBER}:cluster/main", {}, set()),
    ("iam:CreateRole", f"{ROLE}/parameter-store-team-a", BOUNDED, {"up"}),
    ("iam:CreateRole", f"{ROLE}/parameter-store-team-a", {}, set()),
    ("iam:CreateRole", f"{ROLE}/admin", BOUNDED, set()),
    ("iam:PutRolePolicy", f"{ROLE}/parameter-store-team-a", {}, set()),
    ("iam:DeleteRolePermissionsBoundary", f"{ROLE}/parameter-store-team-a", {}, set()),
    ("iam:PutRolePolicy", f"{ROLE}/pulumi-up", BOUNDED, set()),
    ("iam:UpdateAssumeRolePolicy", f"{ROLE}/pulumi-up", {}, set()),
    ("iam:CreatePolicyVersion", BOUNDARY, {}, set()),
    ("iam:PassRole", f"{ROLE}/parameter-store-team-a", {}, set()),
    ("sts:AssumeRole", f"{ROLE}/parameter-store-team-a", {}, set()),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-central-1:{NUMBER}:secret:team-a-x", {}, set()),
]


@pytest.mark.parametrize(
    ("action", "resource", "context", "who"), REACH, ids=[f"{a} {r[-24:]}" for a, r, _, _ in REACH]
)
def test_a_role_reaches_what_it_should_and_nothing_else(
    action: str, resource: str, context: dict[str, Any], who: set[str]
) -> None:
    may = {
        name
        for name, policy in POLICIES.items()
        if decide(Held([json.loads(policy)]), Question(action, resource, context)).allowed
    }
    assert may == who


def test_every_statement_is_needed_by_a_row() -> None:
    for name, policy in POLICIES.items():
        statements = json.loads(policy)["Statement"]
        for left_out in statements:
            rest = {"Statement": [each for each in statements if each is not left_out]}
            lost = [
                action
                for action, resource, context, who in REACH
                if name in who and not decide(Held([rest]), Question(action, resource, context)).allowed
            ]
            assert lost or "iam:GetRole" in left_out["Action"], left_out


def test_nothing_is_granted_on_everything() -> None:
    for policy in POLICIES.values():
        for statement in json.loads(policy)["Statement"]:
            resources, actions = statement["Resource"], statement["Action"]
            assert "*" not in (resources if isinstance(resources, list) else [resources])
            assert not any("*" in action for action in (actions if isinstance(actions, list) else [actions]))


@pytest.mark.parametrize(
    ("subject", "audience", "trusted"),
    [
        ("repo:acme/infrastructure:pull_request", "sts.amazonaws.com", True),
        ("repo:acme/infrastructure:pull_request", "https://github.com/acme", False),
        ("repo:acme/infrastructure-fork:pull_request", "sts.amazonaws.com", False),
        ("repo:mallory/infrastructure:pull_request", "sts.amazonaws.com", False),
        ("repo:acme/infrastructure:environment:dev", "sts.amazonaws.com", False),
        ("repo:acme/infrastructure:ref:refs/heads/feature", "sts.amazonaws.com", False),
        ("repo:acme/infrastructure:*", "sts.amazonaws.com", False),
    ],
)
def test_only_the_named_jobs_may_take_a_role(subject: str, audience: str, trusted: bool) -> None:  # noqa: FBT001
    issuer = "token.actions.githubusercontent.com"
    document = GRANTS.trust(PROVIDER, issuer, "sts.amazonaws.com", ["repo:acme/infrastructure:pull_request"])
    context = {f"{issuer}:sub": [subject], f"{issuer}:aud": [audience]}
    question = Question("sts:AssumeRoleWithWebIdentity", f"{ROLE}/pulumi-preview", context)
    said, _ = trusts(json.loads(document), {}, Principal("Federated", (PROVIDER,), {}), question)
    assert (said is Verdict.ALLOW) is trusted


def test_in_the_cluster_the_preview_may_not_delete_and_cannot_ask_for_tokens() -> None:
    def rights(rules: list[dict[str, list[str]]]) -> set[tuple[str, str]]:
        return {(verb, resource) for rule in rules for verb in rule["verbs"] for resource in rule["resources"]}

    secrets = {(verb, "secrets") for verb in ("get", "list", "create", "patch")}
    assert rights(GRANTS.PREVIEW_RULES) == secrets
    assert rights(GRANTS.UP_RULES) == secrets | {("delete", "secrets")}


def test_the_page_names_all_that_the_runner_can_need_in_the_cluster_besides() -> None:
    page = (ROOT / "docs" / "ci" / "README.md").read_text("utf-8")
    section = page.partition("## What more the roles need")[2].partition("\n## ")[0]
    named = {(verb, resource) for verb, resource in re.findall(r"`(get|list|create)` on `([a-z/]+)`", section)}
    (needed,) = [
        yaml.safe_load(text) for text in blocks(ROOT / "docs" / "how-it-works.md", "yaml") if "ClusterRole" in text
    ]
    besides = [rule for rule in needed["rules"] if rule["resources"] != ["secrets"]]
    rights = {(verb, resource) for rule in besides for verb in rule["verbs"] for resource in rule["resources"]}
    assert named == rights | {("list", "namespaces")}


def test_the_page_names_all_that_finds_and_pushes_can_need_in_aws_besides() -> None:
    page = (ROOT / "docs" / "ci" / "README.md").read_text("utf-8")
    section = page.partition("## What more the roles need")[2].partition("\n## ")[0]
    named = set(re.findall(r"`ssm:(\w+)`", section))
    text = "".join((ROOT / "docs" / each).read_text("utf-8") for each in ("permissions.md", "pushing.md"))
    assert {each for each in named if each not in text} == set()
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "components" / "core" / "ssm").rglob("*.py"))
    granted = set(re.findall(r'"ssm:([A-Z]\w+)"', sources)) - {"Recursive"}
    assert len(granted) >= 4
    assert granted - {"GetParameter"} <= named, "what the library's own policies grant"
