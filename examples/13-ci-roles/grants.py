"""What each role may do, statement by statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BOUNDARY = "parameter-store-boundary"
ROLES = "parameter-store-*"
"""Names of the roles that stores may make: `NewRole(name="parameter-store-team-a", permissions_boundary=...)`."""

PREVIEW_RULES = [
    # Kubernetes cannot tell a Secret's metadata from its values: who may get it, may read it.
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]},
    # For the dry run, which finds what the API server would refuse. Kubernetes has no right for dry runs alone.
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "patch"]},
]
UP_RULES = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "create", "patch", "delete"]}]


@dataclass(frozen=True)
class Account:
    """What there is in the account: names, ARNs of keys, and patterns of the parameters that Secrets are made of."""

    id: str
    region: str
    state_bucket: str
    state_key: str
    parameter_key: str
    parameters: tuple[str, ...]
    clusters: tuple[str, ...]

    @property
    def parameter_arns(self) -> list[str]:
        """The parameters as IAM names them."""
        return [f"arn:aws:ssm:{self.region}:{self.id}:parameter/{name.removeprefix('/')}" for name in self.parameters]


def trust(provider: str, issuer: str, audience: str, subjects: Sequence[str]) -> str:
    """A trust policy for jobs of just these subjects."""
    same = {f"{issuer}:aud": audience, f"{issuer}:sub": list(subjects)}
    statement = {"Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": provider}}
    return _document({**statement, "Condition": {"StringEquals": same}})


def preview(account: Account) -> str:
    """Read the state, ask for versions, and nothing else: no decryption of parameters, no write anywhere in AWS."""
    return _document(*_common(account))


def up(account: Account) -> str:
    """All that `preview` may, write the state, decrypt parameters, and make roles within the boundary."""
    roles, boundary = f"arn:aws:iam::{account.id}:role/{ROLES}", f"arn:aws:iam::{account.id}:policy/{BOUNDARY}"
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    return _document(
        *_common(account),
        _decrypt(account),
        {"Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": f"arn:aws:s3:::{account.state_bucket}/*"},
        # The rest is for stores that make a role of their own: ServiceAccountAuth(oidc_provider=...).
        {"Action": ["iam:CreateRole", "iam:PutRolePolicy"], "Resource": roles, "Condition": bounded},
        {
            "Action": [
                *("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"),
                *("iam:ListInstanceProfilesForRole", "iam:DeleteRole", "iam:DeleteRolePolicy"),
                *("iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole"),
            ],
            "Resource": roles,
        },
    )


def read(account: Account) -> str:
    """The boundary of roles that stores make: reading, of these parameters alone."""
    return _document(
        {
            "Action": ["ssm:GetParameters", "ssm:GetParametersByPath", "ssm:ListTagsForResource"],
            "Resource": account.parameter_arns,
        },
        _decrypt(account),
    )


def _common(account: Account) -> list[Mapping[str, Any]]:
    return [
        {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{account.state_bucket}"},
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{account.state_bucket}/*"},
        # Opens secrets of the state and of the settings. This library puts no parameter's value there; others may.
        {"Action": "kms:Decrypt", "Resource": account.state_key},
        {"Action": "ssm:GetParameters", "Resource": account.parameter_arns},
        {
            "Action": "eks:DescribeCluster",
            "Resource": [f"arn:aws:eks:{account.region}:{account.id}:cluster/{name}" for name in account.clusters],
        },
    ]


def _decrypt(account: Account) -> Mapping[str, Any]:
    """Use the parameters' customer key, only by way of Parameter Store and only for these parameters."""
    through = {"kms:ViaService": f"ssm.{account.region}.amazonaws.com"}
    which = {"kms:EncryptionContext:PARAMETER_ARN": account.parameter_arns}
    condition = {"StringEquals": through, "StringLike": which}
    return {"Action": "kms:Decrypt", "Resource": account.parameter_key, "Condition": condition}


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})
