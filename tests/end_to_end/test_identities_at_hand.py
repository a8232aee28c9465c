"""Identities that are there already, on an AWS that evaluates policies, and what is said when they do not do."""

import base64
import json
from typing import Any

import pytest
import urllib3

from tests.end_to_end.support import NAMESPACE, STORE, Project
from tests.support.roles import allow, create_role, document

pytestmark = pytest.mark.slow

READ = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/"


def issuer(project: Project) -> str:
    return project.sandbox.kubernetes.issuer.removeprefix("https://")


def irsa_role(project: Project, subject: str = "system:serviceaccount:team-a:reader") -> str:
    """A role for a ServiceAccount, and the OIDC provider of the cluster."""
    aws = project.sandbox.aws
    aws.client("iam").create_open_id_connect_provider(
        Url=project.sandbox.kubernetes.issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    equal = {f"{issuer(project)}:sub": subject, f"{issuer(project)}:aud": "sts.amazonaws.com"}
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": PROVIDER + issuer(project)},
        "Condition": {"StringEquals": equal},
    }
    role = create_role(aws, "irsa", trust=trust)
    allow(aws, "irsa", READ)
    return role


def service_account(project: Project, **annotations: str) -> None:
    kubernetes = project.sandbox.kubernetes
    http = urllib3.PoolManager(headers={"Authorization": f"Bearer {kubernetes.token}"})
    body = {"metadata": {"name": "reader", "annotations": annotations}}
    answer = http.request("POST", f"{kubernetes.url}/api/v1/namespaces/{NAMESPACE}/serviceaccounts", json=body)
    assert answer.status == 201
    http.clear()


def reads_as(project: Project, **store: Any) -> str:
    """Declare one Secret of a store, and say who read for it."""
    (value,) = project.put("/app/db", "user").values()
    project.stores = [{**STORE, **store}]
    project.declare("db", "/app/db", "user")
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.secret("db") == {"user": value}
    assert project.preview().changes == {}
    return project.sandbox.aws.calls[-1].principal.rpartition(":")[2]


JWT = {"auth": {"jwt": {"serviceAccountRef": {"name": "reader"}}}}


def test_a_service_account(project: Project) -> None:
    service_account(project, **{"eks.amazonaws.com/role-arn": irsa_role(project)})
    assert reads_as(project, **JWT) == "assumed-role/irsa/pulumi-parameter-store"


def test_a_chain_with_external_id_and_tags(project: Project) -> None:
    aws = project.sandbox.aws
    hop = create_role(aws, "hop")
    trust = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"AWS": hop},
        "Condition": {"StringEquals": {"sts:ExternalId": "ext", "aws:RequestTag/team": "a"}},
    }
    role = create_role(aws, "reader", trust=trust)
    own = "arn:aws:ssm:eu-central-1:123456789012:parameter/*"
    allow(aws, "reader", {**READ, "Resource": own, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}})
    chain = {
        "role": role,
        "additionalRoles": [hop],
        "externalID": "ext",
        "sessionTags": [{"key": "team", "value": "a"}],
        "transitiveTagKeys": ["team"],
    }
    assert reads_as(project, **chain) == "assumed-role/reader/pulumi-parameter-store"


def test_a_users_access_keys_in_a_secret(project: Project) -> None:
    iam = project.sandbox.aws.client("iam")
    iam.create_user(UserName="reader")
    own = {**READ, "Resource": "arn:aws:ssm:eu-central-1:123456789012:parameter/app/db"}
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=document(own))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    data = {name: base64.b64encode(key[name].encode()).decode() for name in ("AccessKeyId", "SecretAccessKey")}
    project.cluster("admin").apply_secret(NAMESPACE, "aws-keys", {"data": data}, force=False)
    refs = {
        "accessKeyIDSecretRef": {"name": "aws-keys", "key": "AccessKeyId"},
        "secretAccessKeySecretRef": {"name": "aws-keys", "key": "SecretAccessKey"},
    }
    assert reads_as(project, auth={"secretRef": refs}) == "user/reader"


def failing_preview(project: Project, **store: Any) -> str:
    project.put("/app/db", "user")
    project.stores = [{**STORE, **store}]
    project.declare("db", "/app/db", "user")
    preview = project.preview()
    assert preview.result.exit_code != 0
    assert "Traceback" not in preview.output
    return preview.output


def test_a_service_account_without_a_role(project: Project) -> None:
    service_account(project)
    text = "ServiceAccount team-a/reader has no role: annotate it with eks.amazonaws.com/role-arn"
    assert text in failing_preview(project, **JWT)


def test_no_such_service_account(project: Project) -> None:
    assert "ServiceAccount team-a/reader" in failing_preview(project, **JWT)


@pytest.mark.parametrize("subject", ["system:serviceaccount:team-b:reader", "system:serviceaccount:team-a:other"])
def test_a_role_of_another_service_account(project: Project, subject: str) -> None:
    service_account(project, **{"eks.amazonaws.com/role-arn": irsa_role(project, subject)})
    output = failing_preview(project, **JWT)
    assert "ServiceAccount team-a/reader may not take role arn:aws:iam::123456789012:role/irsa" in output
    assert "sub = system:serviceaccount:team-a:reader and aud = sts.amazonaws.com" in output


def test_a_wrong_audience(project: Project) -> None:
    role = irsa_role(project)
    service_account(project, **{"eks.amazonaws.com/role-arn": role, "eks.amazonaws.com/audience": "vault"})
    output = failing_preview(project, **JWT)
    assert "the OIDC provider does not list the token's audience" in output
    assert "the audience vault" in output


def test_an_issuer_that_the_account_does_not_know(project: Project) -> None:
    role = irsa_role(project)
    iam = project.sandbox.aws.client("iam")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER + issuer(project))
    service_account(project, **{"eks.amazonaws.com/role-arn": role})
    output = failing_preview(project, **JWT)
    assert "the role's account has no OIDC provider of the token's issuer" in output
    assert project.sandbox.kubernetes.issuer in output


def test_a_missing_external_id(project: Project) -> None:
    user = "arn:aws:iam::123456789012:user/sandbox"
    condition = {"StringEquals": {"sts:ExternalId": "ext"}}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": user}, "Condition": condition}
    role = create_role(project.sandbox.aws, "reader", trust=trust)
    output = failing_preview(project, role=role)
    assert f"{user} may not assume role {role}" in output
    assert "it demands an external ID (set the store's externalID)" in output


def test_a_recreated_role_in_the_chain(project: Project) -> None:
    aws = project.sandbox.aws
    hop = create_role(aws, "hop")
    role = create_role(aws, "reader", trust={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": hop}})
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName="hop", PolicyName="p")
    iam.delete_role(RoleName="hop")
    create_role(aws, "hop")
    assert f"assumed-role/hop/pulumi-parameter-store may not assume role {role}" in failing_preview(
        project, role=role, additionalRoles=[hop]
    )


def test_a_denied_parameter_names_all_that_is_needed_to_allow_it(project: Project) -> None:
    role = create_role(project.sandbox.aws, "reader")
    arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/app/db"
    allow(project.sandbox.aws, "reader", {**READ, "Resource": f"{arn}-x"})
    output = failing_preview(project, role=role)
    statement = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": arn}
    for part in ("key user: ", "/app/db", "assumed-role/reader/", "ssm:GetParameters", json.dumps(statement)):
        assert part in output
