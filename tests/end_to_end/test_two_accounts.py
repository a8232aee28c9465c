"""Which AWS account and region a whole program reads in, as programs and stacks choose it."""

import base64
import json
from typing import Any

import pytest

from tests.end_to_end.support import NAMESPACE, Project
from tests.support.two_accounts import OTHER, role, user_keys

pytestmark = pytest.mark.slow

IMPORTS = """
import pulumi
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import Cluster, SecretStore
import pulumi_aws as aws

REF = {"password": RemoteRef("/app/db", property="password")}
"""


@pytest.fixture
def theirs(project: Project) -> dict[str, str]:
    """The value of the other account; ours differs."""
    project.put("/app/db", "password")
    value = f"canary-theirs-{OTHER}"
    project._canaries.append(value)
    project.sandbox.aws.put_parameter("/app/db", json.dumps({"password": value}), account=OTHER)
    return {"password": value}


@pytest.fixture
def keys(project: Project) -> dict[str, str]:
    made = user_keys()
    files = f"[profile staging]\nregion = eu-central-1\naws_access_key_id = {made['aws_access_key_id']}\n"
    (project.path / "aws").write_text(f"{files}aws_secret_access_key = {made['aws_secret_access_key']}\n")
    project.environment["AWS_CONFIG_FILE"] = str(project.path / "aws")
    return made


def reads(project: Project, expected: dict[str, str]) -> None:
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.secret("db") == expected
    assert project.preview().changes == {}


def declared(project: Project, **config: Any) -> None:
    project.declare("db", "/app/db", "password")
    project.config = {f"aws:{name}": value for name, value in config.items()}


@pytest.mark.usefixtures("keys")
def test_the_stacks_profile(project: Project, theirs: dict[str, str]) -> None:
    declared(project, profile="staging")
    reads(project, theirs)


def test_the_stacks_roles(project: Project, theirs: dict[str, str], keys: dict[str, str]) -> None:
    aws = project.sandbox.aws
    arn = role(aws, "deployer", trusts=aws.account, keys=keys)
    declared(project, assumeRole={"roleArn": arn, "sessionName": "stack"}, allowedAccountIds=[OTHER])
    reads(project, theirs)
    assert project.sandbox.aws.calls[-1].principal.endswith("assumed-role/deployer/stack")


def test_a_change_of_the_stacks_roles_reads_again(
    project: Project, theirs: dict[str, str], keys: dict[str, str]
) -> None:
    declared(project)
    project.up()
    arn = role(project.sandbox.aws, "deployer", trusts=project.sandbox.aws.account, keys=keys)
    declared(project, assumeRoles=[{"roleArn": arn}])
    preview = project.preview()
    assert preview.changes == {"team-a": "update", "db": "update"} or preview.changes["db"] == "update", preview.output
    assert f"AWS account {OTHER}, and read in {project.sandbox.aws.account} before" in preview.output
    reads(project, theirs)


def test_another_account_in_the_environment(project: Project, theirs: dict[str, str], keys: dict[str, str]) -> None:
    declared(project)
    project.up()
    project.environment |= {name.upper(): value for name, value in keys.items()}
    preview = project.preview()
    assert f"AWS account {OTHER}, and read in {project.sandbox.aws.account} before" in preview.output
    reads(project, theirs)


def test_the_stacks_region(project: Project, theirs: dict[str, str]) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        del project.environment[name]
    declared(project, region="eu-central-1")
    project.stores = [{"name": "team-a", "namespace": NAMESPACE}]
    assert project.up().result.exit_code == 0
    assert project.secret("db") not in (None, theirs)
    project.config = {}
    preview = project.preview()
    assert "SecretStore 'team-a': region: none is given" in preview.output
    assert "Traceback" not in preview.output
    (project.path / "aws").write_text("[default]\nregion = eu-central-1\n")
    project.environment["AWS_CONFIG_FILE"] = str(project.path / "aws")
    assert project.preview().changes == {}


PROVIDERS = {
    "a profile": 'aws.Provider("p", profile="staging")',
    "static keys": 'aws.Provider("p", access_key=pulumi.Output.secret(KEYS[0]), secret_key=KEYS[1])',
    "roles": 'aws.Provider("p", assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=ROLE, external_id="ext")])',
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_provider_in_the_options(
    project: Project, theirs: dict[str, str], keys: dict[str, str], provider: str
) -> None:
    aws = project.sandbox.aws
    arn = role(aws, "deployer", trusts=aws.account, keys=keys, StringEquals={"sts:ExternalId": "ext"})
    project.write_program(
        f"""{IMPORTS}
import os
KEYS, ROLE = (os.environ["KEY"], os.environ["SECRET_KEY"]), {arn!r}
class Team(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("test:index:Team", name, {{}}, opts)
p = {PROVIDERS[provider]}
team = Team("team", pulumi.ResourceOptions(providers=[p]))
store = SecretStore("team-a", namespace="team-a", opts=pulumi.ResourceOptions(parent=team))
ExternalSecret("db", store=store, data=REF)
"""
    )
    project.environment |= {"KEY": keys["aws_access_key_id"], "SECRET_KEY": keys["aws_secret_access_key"]}
    reads(project, theirs)
    assert keys["aws_secret_access_key"] not in json.dumps(project.state())
    assert project.refresh().result.exit_code == 0


def refused(project: Project, program: str | None = None) -> str:
    if program:
        project.write_program(IMPORTS + program)
    preview = project.preview()
    assert preview.result.exit_code != 0
    assert "Traceback" not in preview.output
    assert not [call for call in project.sandbox.aws.calls if call.service == "ssm"], "nothing was read"
    return preview.output


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no such profile": ({"profile": "nonexistent"}, "there is no AWS profile 'nonexistent' in ~/.aws/config"),
    "no such role": (
        {"assumeRoles": [{"roleArn": f"arn:aws:iam::{OTHER}:role/nobody"}]},
        f"may not assume role arn:aws:iam::{OTHER}:role/nobody",
    ),
    "another account": ({"allowedAccountIds": [OTHER]}, f"and allowedAccountIds has {OTHER}: nothing was read"),
    "a forbidden account": ({"forbiddenAccountIds": ["123456789012"]}, "which forbiddenAccountIds forbids"),
    "no ARN": ({"assumeRole": {"roleArn": "deployer"}}, "aws:assumeRoles[0].roleArn: 'deployer' is not a role's ARN"),
    "web identity": (
        {"assumeRoleWithWebIdentity": {"roleArn": "arn:aws:iam::123456789012:role/x"}},
        "the setting aws:assumeRoleWithWebIdentity cannot be honoured for reading parameters; set AWS_ROLE_ARN",
    ),
    "a proxy": ({"httpProxy": "http://user:password@proxy"}, "the setting aws:httpProxy cannot be honoured"),
    "a bad endpoint": ({"endpoints": [{"ssm": "user:password@host"}]}, "aws:endpoints[0].ssm is not a URL"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_honoured_is_one_line_of_the_preview(project: Project, mistake: str) -> None:
    settings, text = MISTAKES[mistake]
    project.put("/app/db", "password")
    declared(project, **settings)
    output = refused(project)
    assert text in output
    assert "user:password" not in output


def test_a_provider_made_before_the_library_is_imported_is_named(project: Project) -> None:
    project.put("/app/db", "password")
    project.write_program(
        'import pulumi, pulumi_aws as aws\np = aws.Provider("p", region="eu-west-1")\n'
        f"{IMPORTS}"
        'SecretStore("t", namespace="team-a", opts=pulumi.ResourceOptions(provider=p))\n'
    )
    output = refused(project)
    assert "SecretStore 't': what the aws provider 'p' was given is not known, as it was made before" in output


def test_auth_of_the_store_goes_before_the_stacks_credentials(project: Project, keys: dict[str, str]) -> None:
    """A profile that is not there is no matter for a store that has keys of its own."""
    project.put("/app/db", "password")
    data = {name: base64.b64encode(value.encode()).decode() for name, value in keys.items()}
    project.cluster("admin").apply_secret(NAMESPACE, "aws-keys", {"data": data}, force=False)
    refs = {
        "accessKeyIDSecretRef": {"name": "aws-keys", "key": "aws_access_key_id"},
        "secretAccessKeySecretRef": {"name": "aws-keys", "key": "aws_secret_access_key"},
    }
    declared(project, profile="nonexistent", allowedAccountIds=["999999999999"])
    project.stores = [{"name": "team-a", "namespace": NAMESPACE, "auth": {"secretRef": refs}}]
    project.sandbox.aws.put_parameter("/app/db", json.dumps({"password": "canary-of-the-other"}), account=OTHER)
    assert project.up().result.exit_code == 0
    assert project.secret("db") == {"password": "canary-of-the-other"}


def test_a_region_that_the_program_sets_in_its_own_environment(project: Project) -> None:
    """All else of the program would be in the region that the command's environment says."""
    values = project.put("/app/db", "password")
    program = IMPORTS + 'ExternalSecret("db", store=SecretStore("team-a", namespace="team-a"), data=REF)\n'
    project.environment["AWS_REGION"] = "eu-central-1"
    project.write_program(program)
    reads(project, values)
    project.write_program(f"import os\nos.environ['AWS_REGION'] = 'us-east-1'\n{program}")
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        assert "region: the program's own environment chooses it by AWS_REGION" in outcome.output
        assert "Traceback" not in outcome.output
    assert project.secret("db") == values
