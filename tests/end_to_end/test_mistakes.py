"""Mistakes that only AWS or the cluster can find: the program ends in one line, and the policy is not touched."""

import json

import pytest

from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

PROGRAM = """
import pulumi
from components.external_secret import *
from components.parameter_store import *

known = pulumi.Output.from_input
KEYS = "arn:aws:kms:eu-central-1:123456789012:key/*"
"""
STORE = 'store = SecretStore("team-a", namespace="team-a", region="eu-central-1")\n'
PLACE = 'namespace="team-a", region="eu-central-1"'
X = 'ExternalSecret("x", store=store, '
DB = 'data={"a": "/dev/team-a/db"}'

FOUND_IN_CHECK: dict[str, tuple[str, str]] = {
    "a namespace that is not there": (
        f'store = SecretStore("t", namespace="team-z", region="eu-central-1")\n{X}{DB})',
        "there is no namespace 'team-z'. Create it first.",
    ),
    "a misspelt region": (
        f'store = SecretStore("t", namespace="team-a", region="eu-centrl-1")\n{X}{DB})',
        "parameters in eu-centrl-1 cannot be read",
    ),
    "another region": (
        f'store = SecretStore("t", namespace="team-a", region="us-east-1")\n{X}{DB})',
        "key a: parameter '/dev/team-a/db' does not exist in us-east-1",
    ),
    "a parameter that is not there": (
        STORE + X + 'data={"a": "/dev/team-a/dbb"})',
        "key a: parameter '/dev/team-a/dbb' does not exist in eu-central-1",
    ),
    "two with one target": (
        f'{STORE}{X}target="same", {DB})\nExternalSecret("y", store=store, target="same", {DB})',
        "give one of them another target name",
    ),
    "a context that is not there": (
        f'store = SecretStore("t", {PLACE}, cluster=Cluster(context="prod"))\n{X}{DB})',
        "There is no context 'prod' in the kubeconfig",
    ),
    "a ServiceAccount that is not there": (
        f'store = SecretStore("t", {PLACE}, auth=ServiceAccountAuth("nope"))\n{X}{DB})',
        "Cannot look at ServiceAccount team-a/nope",
    ),
    "a version that is not there": (
        STORE + X + 'data={"a": RemoteRef("/dev/team-a/db", version=99)})',
        "key a: parameter '/dev/team-a/db' has no version '99'",
    ),
    "a Secret that somebody else made": (f'{STORE}ExternalSecret("legacy", store=store, {DB})', "Secret team-a/legacy"),
    "one name twice": (f"{STORE}{X}{DB})\n{X}{DB}, target='z')", "Duplicate resource URN"),
}
FOUND_IN_UP: dict[str, tuple[str, str]] = {
    "members of what is no JSON": (
        STORE + X + 'data_from=[Extract("/dev/team-a/ca")])',
        "data_from[0].extract: parameter /dev/team-a/ca: the value is not valid JSON, so it has no members to extract",
    ),
}
PREVIEW_DECRYPTS = (
    'store = SecretStore("t", namespace="team-a", region="eu-central-1", preview_decrypts=True)\n'
    'ExternalSecret("x", store=store, data={"a": RemoteRef("/dev/team-a/db", property="pasword")})'
)
KNOWN_LATER: dict[str, tuple[str, str]] = {
    "a number as namespace": ("namespace=known(5)", "SecretStore 's', namespace: expected a string, got a number"),
    "an escape in a namespace": ('namespace=known("a\\x1b[31m")', "namespace holds the character U+001B"),
    "a role with a wildcard": (
        'namespace="team-a", auth=IRSA, role=known("arn:aws:iam::123456789012:role/*")',
        "store 's': role: 'arn:aws:iam::123456789012:role/*' is not a role's ARN",
    ),
    "a key with a wildcard": (
        'namespace="team-a", role=AssumedRole(), kms_keys=[KmsKey(known(KEYS))]',
        "store 's': kms_keys: 'arn:aws:kms:eu-central-1:123456789012:key/*' is not a key's ARN",
    ),
    "an issuer with a variable": (
        'namespace="team-a", auth=ServiceAccountAuth(oidc_provider=known("https://oidc.example.com/${aws:username}"))',
        "store 's': oidc_provider:",
    ),
    "an issuer with a password": (
        'namespace="team-a", auth=ServiceAccountAuth(oidc_provider=known("https://me:canary@oidc.example.com/x"))',
        "store 's': oidc_provider: '(not shown)' is neither",
    ),
}


def written(project: Project, text: str) -> None:
    project.put("/dev/team-a/db", "user")
    project.sandbox.aws.put_parameter("/dev/team-a/ca", "a certificate")
    project.write_program(PROGRAM + text)


def check_line(output: str, line: str) -> None:
    """One line of the output says what is wrong, and there is no traceback."""
    assert "Traceback" not in output
    assert 'File "' not in output
    assert any(line in each for each in output.splitlines()), output


@pytest.mark.parametrize(("text", "line"), FOUND_IN_CHECK.values(), ids=FOUND_IN_CHECK)
def test_what_preview_finds_is_one_line(project: Project, text: str, line: str) -> None:
    project.cluster("somebody").apply_secret("team-a", "legacy", {"data": {}}, force=False)
    written(project, text)
    outcome = project.preview()
    assert outcome.result.exit_code != 0
    check_line(outcome.output, line)


@pytest.mark.parametrize(("text", "line"), FOUND_IN_UP.values(), ids=FOUND_IN_UP)
def test_what_up_finds_is_one_line(project: Project, text: str, line: str) -> None:
    written(project, text)
    outcome = project.up()
    assert outcome.result.exit_code != 0
    check_line(outcome.output, line)


def test_a_missing_property_is_found_by_a_preview_that_decrypts(project: Project) -> None:
    written(project, PREVIEW_DECRYPTS)
    outcome = project.preview()
    assert outcome.result.exit_code != 0
    check_line(outcome.output, "key a: parameter /dev/team-a/db: it has no JSON property 'pasword'")


@pytest.mark.parametrize(("given", "line"), KNOWN_LATER.values(), ids=KNOWN_LATER)
def test_an_output_is_checked_when_it_is_known(project: Project, given: str, line: str) -> None:
    irsa = 'IRSA = ServiceAccountAuth(oidc_provider="https://oidc.example.com/x")\n'
    written(project, f'{irsa}store = SecretStore("s", region="eu-central-1", {given})\n{X}{DB})')
    outcome = project.preview()
    assert outcome.result.exit_code != 0
    check_line(outcome.output, line)
    assert "canary" not in outcome.output


@pytest.mark.parametrize("path", ["/*", "/t?am", "/${aws:username}"])
def test_a_path_with_wildcards_is_refused_before_a_policy_is_attached(project: Project, path: str) -> None:
    project.put("/team-b/secret", "user")
    project.stores = [{"name": "team-a", "namespace": "team-a", "region": "eu-central-1", "role": {"create": True}}]
    find = {"path": path, "name": {"regexp": "."}}
    project.secrets = [{"name": "x", "secretStoreRef": "team-a", "dataFrom": [{"find": find}]}]
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        check_line(outcome.output, "find.path")
    assert project.sandbox.aws.client("iam").list_roles()["Roles"] == []


def test_a_key_with_a_wildcard_that_is_known_later_is_refused_before_a_policy_is_attached(project: Project) -> None:
    text = 'store = SecretStore("s", namespace="team-a", region="eu-central-1", role=AssumedRole())\n'
    written(project, text + X + 'data={"a": known("/dev/*")})')
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        check_line(outcome.output, "ExternalSecret 'x', key a: '/dev/*' cannot be a parameter's name")
    iam = project.sandbox.aws.client("iam")
    documents = [iam.list_role_policies(RoleName=each["RoleName"])["PolicyNames"] for each in iam.list_roles()["Roles"]]
    assert json.dumps(documents) in ("[]", "[[]]")


def test_settings_that_name_nothing_are_told(project: Project) -> None:
    """Such as `confg:` for `config:`: what the stack had named before would go without a word."""
    project.put("/prod/db", "password")
    project.stores = []
    outcome = project.preview()
    assert outcome.result.exit_code == 0
    assert "warning: the stack's settings name no store and no ExternalSecret" in outcome.output
