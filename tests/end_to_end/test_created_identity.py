"""Identities that a store creates: with its own policy the program reads, on an AWS that evaluates policies."""

import json

import pytest
import urllib3

from sandbox.aws.iam.permission import Permission
from tests.end_to_end.engines import Outcome
from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import *

provider = aws.iam.OpenIdConnectProvider("cluster", url=ISSUER, client_id_lists=["sts.amazonaws.com"])
store = SecretStore("team-a", namespace="team-a", region="eu-central-1", IDENTITY)
for name in SECRETS:
    ExternalSecret(name, store=store, data={"user": RemoteRef(f"/app/{name}", property="user")})
pulumi.export("policy", store.policy_json)
pulumi.export("access", store.access)
"""
MADE = """
key = aws.kms.Key("key", description="parameters")
aws.ssm.Parameter("made", name="/app/one", type="SecureString", key_id=key.arn, value='{"user": "ann"}')
"""
IRSA = "auth=ServiceAccountAuth(oidc_provider=provider)"
ASSUMED = "role=AssumedRole(), external_id='ext', session_tags={'team': 'a'}, transitive_tag_keys=['team']"
KINDS = {"assumed": ASSUMED, "irsa then assumed": f"{IRSA}, role=AssumedRole()"}


def declare(project: Project, identity: str, *names: str) -> None:
    issuer = project.sandbox.kubernetes.issuer
    text = PROGRAM.replace("ISSUER", repr(issuer)).replace("IDENTITY", identity).replace("SECRETS", repr(list(names)))
    project.write_program(text)


def read_permissions(project: Project) -> set[Permission]:
    """What was read, by sessions of roles."""
    return {each for who, each in project.sandbox.aws.granted if ":assumed-role/" in who}


def policies(project: Project) -> list[str]:
    """The policies of the role that the store made."""
    iam = project.sandbox.aws.client("iam")
    roles = [each["RoleName"] for each in iam.list_roles()["Roles"]]
    of_role = {role: iam.list_role_policies(RoleName=role)["PolicyNames"] for role in roles}
    asked = [(role, name) for role, names in of_role.items() for name in names]
    return [json.dumps(iam.get_role_policy(RoleName=r, PolicyName=n)["PolicyDocument"]) for r, n in asked]


def done(outcome: Outcome) -> Outcome:
    assert outcome.result.exit_code == 0, outcome.output
    return outcome


def test_life(project: Project) -> None:
    values = {name: project.put(f"/app/{name}", "user") for name in ("one", "two")}
    declare(project, IRSA, "one")
    preview = done(project.preview())
    assert "values are read during up" in preview.output
    assert project.reads(decrypt=False) == []
    done(project.up())
    assert project.secret("one") == values["one"]
    assert {each.resource.rpartition("parameter")[2] for each in read_permissions(project)} == {"/app/one"}

    declare(project, IRSA, "two")
    preview = done(project.preview())
    assert "/app/two" in preview.output
    done(project.up())
    assert (project.secret("one"), project.secret("two")) == (None, values["two"])
    assert project.preview().changes == {}
    done(project.destroy())
    assert project.sandbox.aws.client("iam").list_roles()["Roles"] == []
    assert project.cluster().get_secret(NAMESPACE, "two") is None


@pytest.mark.slow
@pytest.mark.parametrize("end", ["raise ValueError('no network')", "raise SystemExit(3)"])
def test_a_program_that_fails_takes_no_right_away(project: Project, end: str) -> None:
    for name in ("one", "two"):
        project.put(f"/app/{name}", "user")
    declare(project, ASSUMED, "one", "two")
    done(project.up())
    before = policies(project)
    assert [name in before[0] for name in ("/app/one", "/app/two")] == [True, True]
    declare(project, ASSUMED, "one")
    program = project.path / "__main__.py"
    whole = program.read_text()
    program.write_text(whole.replace("pulumi.export", f"{end}\npulumi.export", 1))
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        assert outcome.changes == {}
        assert policies(project) == before
    program.write_text(whole)
    done(project.up())
    assert "/app/two" not in policies(project)[0]


def test_an_asynchronous_program_may_await_what_its_role_reads(project: Project) -> None:
    values = project.put("/app/one", "user")
    declare(project, ASSUMED, "one")
    program = project.path / "__main__.py"
    export = 'pulumi.export("policy", store.policy_json)'
    waits = """
async def main():
    secret = ExternalSecret("awaited", store=store, data={"user": RemoteRef("/app/one", property="user")})
    pulumi.export("name", await secret.secret_name.future())

pulumi.run(main)
"""
    program.write_text(program.read_text().replace(export, waits))
    done(project.up())
    assert project.secret("awaited") == values
    assert project.outputs()["name"] == "awaited"


@pytest.mark.parametrize("identity", KINDS.values(), ids=KINDS)
def test_a_role_that_is_assumed_last(project: Project, identity: str) -> None:
    values = project.put("/app/one", "user")
    declare(project, identity, "one")
    done(project.up())
    assert project.secret("one") == values
    assert project.preview().changes == {}


@pytest.mark.slow
def test_policy_and_access_say_who_may_what_and_why(project: Project) -> None:
    project.put("/app/one", "user")
    declare(project, IRSA, "one")
    done(project.up())
    outputs = project.outputs()
    arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/app/one"
    (statement,) = json.loads(outputs["policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [arn]}
    (row,) = outputs["access"]
    assert row["identity"].startswith("arn:aws:iam::123456789012:role/team-a-")
    del row["identity"]
    assert row == {
        "action": "ssm:GetParameters",
        "arn": arn,
        "condition": "",
        "because": "ExternalSecret 'one', key user",
    }


@pytest.mark.slow
def test_a_customer_key_that_the_program_makes(project: Project) -> None:
    declare(project, f"{IRSA}, kms_keys=[KmsKey(key.arn, ['/app/*'])]", "one")
    text = (project.path / "__main__.py").read_text()
    project.put("/app/unused", "user")
    project.write_program(text.replace("store = SecretStore(", f"{MADE}store = SecretStore("))
    done(project.preview())
    done(project.up())
    assert project.secret("one") == {"user": "ann"}
    decrypts = [each for each in read_permissions(project) if each.action == "kms:Decrypt"]
    contexts = {each.context["kms:encryptioncontext:parameter_arn"][0] for each in decrypts}
    assert contexts == {"arn:aws:ssm:eu-central-1:123456789012:parameter/app/one"}
    assert project.preview().changes == {}


@pytest.mark.slow
def test_versions_labels_and_arns(project: Project) -> None:
    old, new = (project.put("/app/one", "user")["user"] for _ in range(2))
    aws = project.sandbox.aws
    aws.client("ssm").label_parameter_version(Name="/app/one", ParameterVersion=1, Labels=["prod"])
    declare(project, IRSA, "one")
    text = (project.path / "__main__.py").read_text()
    arn = f"arn:aws:ssm:eu-central-1:{aws.account}:parameter/app/one"
    refs = {"number": "'/app/one', version=1", "label": "'/app/one', version='prod'", "arn": repr(arn)}
    data = ", ".join(f"'{name}': RemoteRef({ref}, property='user')" for name, ref in refs.items())
    project.write_program(f"{text}\nExternalSecret('kinds', store=store, data={{{data}}})\n")
    done(project.up())
    assert project.secret("kinds") == {"number": old, "label": old, "arn": new}
    assert {each.resource for each in read_permissions(project)} == {arn}
    assert project.preview().changes == {}


@pytest.mark.slow
def test_a_policy_that_one_document_does_not_hold(project: Project) -> None:
    names = [f"{number:03}".ljust(50, "x") for number in range(110)]
    for name in names:
        project.put(f"/app/{name}", "user")
    declare(project, IRSA, *names)
    done(project.up())
    assert len({each.resource for each in read_permissions(project)}) == len(names)
    iam = project.sandbox.aws.client("iam")
    (role,) = [each["RoleName"] for each in iam.list_roles()["Roles"]]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert project.preview().changes == {}


POD_PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.external_secret import ExternalSecret
from components.parameter_store import *

admin = aws.Provider("admin", region="eu-central-1", access_key="AKIAADMIN00000000000", secret_key="x")
store = SecretStore(
    "team-a",
    namespace="team-a",
    region="eu-central-1",
    auth=PodIdentityAuth("eks-1", "runner", namespace="ci"),
    opts=pulumi.ResourceOptions(providers=[admin]),
)
ExternalSecret("one", store=store, data={"user": "/app/one"})
"""


def run_in_pod(project: Project, namespace: str, account: str, audience: str = "pods.eks.amazonaws.com") -> None:
    """Make the environment that of a pod with EKS Pod Identity."""
    aws, kubernetes = project.sandbox.aws, project.sandbox.kubernetes
    kubernetes.create_namespace(namespace)
    config = {"subnetIds": ["subnet-1"]}
    aws.client("eks").create_cluster(
        name="eks-1", roleArn=f"arn:aws:iam::{aws.account}:role/eks", resourcesVpcConfig=config
    )
    http = urllib3.PoolManager(headers={"Authorization": f"Bearer {kubernetes.token}"})
    accounts = f"{kubernetes.url}/api/v1/namespaces/{namespace}/serviceaccounts"
    http.request("POST", accounts, json={"metadata": {"name": account}})
    spec = {"spec": {"audiences": [audience]}}
    token = http.request("POST", f"{accounts}/{account}/token", json=spec).json()["status"]["token"]
    http.clear()
    file = project.path.parent / "pod-token"
    file.write_text(token)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        project.environment.pop(name)
    project.environment |= {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{aws.url}/sandbox/pod-identity/eks-1/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file),
    }


@pytest.mark.slow
def test_pod_identity(project: Project) -> None:
    (value,) = project.put("/app/one", "user").values()
    run_in_pod(project, "ci", "runner")
    project.write_program(POD_PROGRAM)
    done(project.preview())
    done(project.up())
    assert value in (project.secret("one") or {})["user"]
    assert {each.resource.rpartition("parameter")[2] for each in read_permissions(project)} == {"/app/one"}
    again = project.preview()
    assert again.changes == {}, again.output
    done(project.destroy())


@pytest.mark.slow
def test_another_pod_is_told_that_it_is_not_the_one(project: Project) -> None:
    project.put("/app/one", "user")
    run_in_pod(project, "ci", "runner")
    project.write_program(POD_PROGRAM)
    done(project.up())
    project.environment |= {"AWS_ACCESS_KEY_ID": "AKIAOTHER00000000000", "AWS_SECRET_ACCESS_KEY": "x"}
    preview = project.preview()
    assert preview.result.exit_code != 0
    assert "Pulumi does not run as arn:aws:iam::123456789012:role/team-a-" in preview.output
    assert "it is arn:aws:iam::123456789012:user/sandbox" in preview.output
