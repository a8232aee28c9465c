"""What is particular to one AWS type: documents, replacement, secrets, what a refresh finds."""

import json
from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.engine.values import UNKNOWN, Secret, Unknown, unwrap
from tests.sandbox.providers.support import Plugin, Resource, failure_of, is_unchanged

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
PARAMETER = "aws:ssm/parameter:Parameter"
TRUST: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}]}


@pytest.fixture
def plugin(aws_plugin: Plugin, aws: AwsApi) -> Plugin:
    assert aws.calls == []
    return aws_plugin


def test_document_may_come_as_an_object(plugin: Plugin) -> None:
    inputs = plugin.checked(ROLE, "reader", {"assumeRolePolicy": TRUST})
    assert json.loads(inputs["assumeRolePolicy"]) == TRUST


def test_document_with_an_unknown_part_is_unknown(plugin: Plugin) -> None:
    inputs = plugin.checked(POLICY, "p", {"policy": {"Statement": [{"Resource": UNKNOWN}]}})
    assert isinstance(inputs["policy"], Unknown)


def test_document_with_a_secret_part_is_secret(plugin: Plugin) -> None:
    inputs = plugin.checked(POLICY, "p", {"policy": {"Statement": [{"Resource": Secret("arn")}]}})
    assert isinstance(inputs["policy"], Secret)
    assert json.loads(inputs["policy"].value) == {"Statement": [{"Resource": "arn"}]}


def test_document_in_other_words_is_no_change(plugin: Plugin) -> None:
    made = plugin.make(ROLE, "reader", {"assumeRolePolicy": json.dumps(TRUST)})
    news = {**made.inputs, "assumeRolePolicy": json.dumps(TRUST, indent=4)}
    assert is_unchanged(plugin.diff(made, news))


@pytest.mark.parametrize(
    ("token", "inputs", "change", "delete_first"),
    [
        (ROLE, {"assumeRolePolicy": "{}"}, {"path": "/team/"}, False),
        (ROLE, {"assumeRolePolicy": "{}", "name": "reader"}, {"path": "/team/"}, True),
        (ROLE, {"assumeRolePolicy": "{}", "name": "reader"}, {"name": "other"}, False),
        (POLICY, {"policy": "{}", "name": "p"}, {"description": "new"}, True),
        (ROLE_POLICY, {"role": "a", "policy": "{}", "name": "p"}, {"role": "b"}, True),
        (OIDC, {"url": "https://a.example", "clientIdLists": ["x"]}, {"url": "https://b.example"}, False),
        (PARAMETER, {"name": "/a", "type": "String", "insecureValue": "v"}, {"name": "/b"}, False),
    ],
)
def test_replacement(
    plugin: Plugin, token: str, inputs: dict[str, Any], change: dict[str, Any], *, delete_first: bool
) -> None:
    old = Resource(token, "it", "id", plugin.checked(token, "it", inputs))
    answer = plugin.diff(old, plugin.checked(token, "it", {**inputs, **change}, old.inputs))
    assert list(answer.replaces) == list(change)
    assert answer.deleteBeforeReplace is delete_first


def test_refresh_sees_a_change_made_elsewhere(plugin: Plugin, aws: AwsApi) -> None:
    role = plugin.make(ROLE, "reader", {"assumeRolePolicy": TRUST, "tags": {"team": "a"}})
    iam = aws.client("iam")
    iam.tag_role(RoleName=role.id, Tags=[{"Key": "team", "Value": "b"}])
    iam.update_role(RoleName=role.id, MaxSessionDuration=7200)
    read = plugin.read(role)
    assert read is not None
    assert (read.inputs["tags"], read.inputs["maxSessionDuration"]) == ({"team": "b"}, 7200)
    answer = plugin.diff(read, role.inputs)
    assert set(answer.detailedDiff) == {"tags.team", "maxSessionDuration"}


def test_gone_in_whole_and_in_part(plugin: Plugin, aws: AwsApi) -> None:
    role = plugin.make(ROLE, "reader", {"assumeRolePolicy": TRUST, "tags": {"team": "a"}})
    aws.client("iam").untag_role(RoleName=role.id, TagKeys=["team"])
    read = plugin.read(role)
    assert read is not None
    assert "tags" not in read.inputs
    aws.client("iam").delete_role(RoleName=role.id)
    assert plugin.read(role) is None


def test_role_with_foreign_policies_is_kept_unless_forced(plugin: Plugin, aws: AwsApi) -> None:
    kept = plugin.make(ROLE, "kept", {"assumeRolePolicy": TRUST})
    forced = plugin.make(ROLE, "forced", {"assumeRolePolicy": TRUST, "forceDetachPolicies": True})
    policy = plugin.make(POLICY, "p", {"policy": READ})
    for role in (kept, forced):
        aws.client("iam").attach_role_policy(RoleName=role.id, PolicyArn=policy.id)
    plugin.delete(forced)
    assert f"deleting IAM role {kept.id}: DeleteConflict" in failure_of(plugin.delete, kept)


def test_sixth_version_of_a_policy_drops_the_oldest(plugin: Plugin, aws: AwsApi) -> None:
    policy = plugin.make(POLICY, "p", {"policy": READ})
    for number in range(6):
        statement = {"Effect": "Allow", "Action": f"ssm:Get{number}", "Resource": "*"}
        news = plugin.checked(
            POLICY, "p", {"policy": {"Version": "2012-10-17", "Statement": [statement]}}, policy.inputs
        )
        policy = plugin.update(policy, news)
    versions = aws.client("iam").list_policy_versions(PolicyArn=policy.id)["Versions"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v7"]
    assert len(versions) == 5


def test_oidc_url_without_scheme_is_the_same(plugin: Plugin) -> None:
    made = plugin.make(OIDC, "eks", {"url": "https://oidc.example.com/id/X", "clientIdLists": ["sts.amazonaws.com"]})
    assert made.outputs["url"] == "oidc.example.com/id/X", "AWS answers without scheme, as IAM conditions need it"
    assert is_unchanged(plugin.diff(made, {**made.inputs, "url": "oidc.example.com/id/X"}))


def test_what_moto_lacks_is_said(plugin: Plugin) -> None:
    made = plugin.make(OIDC, "eks", {"url": "https://oidc.example.com/id/X", "clientIdLists": ["sts.amazonaws.com"]})
    text = failure_of(plugin.update, made, {**made.inputs, "clientIdLists": ["other"]})
    assert text.endswith("NotImplemented: the sandbox's AWS (moto) has no iam:AddClientIDToOpenIDConnectProvider")


def test_parameter_value_is_always_secret(plugin: Plugin) -> None:
    given = {"name": "/a", "type": "String", "value": "open"}
    made = plugin.make(PARAMETER, "a", given)
    assert isinstance(made.outputs["value"], Secret)
    assert "insecureValue" not in made.outputs, "what was given as value is not shown openly elsewhere"
    read = plugin.read(made)
    assert read is not None
    assert isinstance(read.inputs["value"], Secret)


def test_insecure_value_is_open(plugin: Plugin) -> None:
    made = plugin.make(PARAMETER, "a", {"name": "/a", "type": "String", "insecureValue": "open"})
    assert made.outputs["insecureValue"] == "open"
    assert "value" not in made.outputs


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        ({}, ""),
        ({"value": Secret("a"), "insecureValue": "b"}, ""),
        ({"insecureValue": "b", "type": "SecureString"}, "type"),
    ],
)
def test_parameter_needs_one_fitting_value(plugin: Plugin, inputs: dict[str, Any], where: str) -> None:
    _, failures = plugin.check(PARAMETER, "a", {"type": "String", **inputs})
    assert [failure[0] for failure in failures] == [where]


def test_existing_parameter_is_overwritten_only_when_asked(plugin: Plugin, aws: AwsApi) -> None:
    aws.put_parameter("/a", "theirs")
    given = {"name": "/a", "type": "SecureString", "value": Secret("ours"), "tags": {"team": "a"}}
    assert "creating SSM parameter /a: ParameterAlreadyExists" in failure_of(plugin.make, PARAMETER, "a", given)
    made = plugin.make(PARAMETER, "a", {**given, "overwrite": True})
    assert (made.outputs["version"], made.outputs["tags"], unwrap(made.outputs["value"])) == (2, {"team": "a"}, "ours")


def test_rotation_elsewhere_shows_without_the_value(plugin: Plugin, aws: AwsApi) -> None:
    made = plugin.make(PARAMETER, "a", {"name": "/a", "type": "SecureString", "value": Secret("one")})
    aws.put_parameter("/a", "rotated")
    read = plugin.read(made)
    assert read is not None
    assert (read.outputs["version"], unwrap(read.inputs["value"])) == (2, "rotated")
    assert isinstance(read.inputs["value"], Secret)
    assert list(plugin.diff(read, made.inputs).detailedDiff) == ["value"]


def test_failure_does_not_quote_a_secret(plugin: Plugin) -> None:
    for value in ("canary-value {{ssm:x}}", "canary-value" * 500):
        given = {"name": "/a", "type": "SecureString", "value": Secret(value)}
        text = failure_of(plugin.make, PARAMETER, "a", given)
        assert text.startswith("creating SSM parameter /a: ValidationException: ")
        assert "canary" not in text


def test_text_of_aws_that_quotes_a_secret_is_withheld(plugin: Plugin) -> None:
    # The pattern is part of AWS's text; here it is a secret.
    given = {"name": "/a", "type": "String", "value": "x", "allowedPattern": Secret("^canary$")}
    text = failure_of(plugin.make, PARAMETER, "a", given)
    assert text == "creating SSM parameter /a: ParameterPatternMismatchException: (AWS's text quotes a secret)"
    text = failure_of(plugin.make, PARAMETER, "a", {**given, "name": Secret("/canary")})
    assert "canary" not in text


def test_disabled_key_that_is_scheduled_for_deletion_is_gone(plugin: Plugin, aws: AwsApi) -> None:
    key = plugin.make("aws:kms/key:Key", "k", {"deletionWindowInDays": 7})
    plugin.delete(key)
    state = aws.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]["KeyState"]
    assert state == "PendingDeletion"
    assert plugin.read(key) is None


def test_alias_is_moved_to_another_key(plugin: Plugin) -> None:
    first, second = (plugin.make("aws:kms/key:Key", name, {}) for name in ("one", "two"))
    alias = plugin.make("aws:kms/alias:Alias", "team", {"targetKeyId": first.id})
    assert alias.id.startswith("alias/team-")
    news = {**alias.inputs, "targetKeyId": second.id}
    assert isinstance(plugin.update(alias, news, preview=True).outputs["targetKeyArn"], Unknown)
    assert plugin.update(alias, news).outputs["targetKeyArn"] == second.outputs["arn"]
    _, failures = plugin.check("aws:kms/alias:Alias", "team", {"name": "team", "targetKeyId": first.id})
    assert failures == [("name", "must begin with 'alias/'")]
