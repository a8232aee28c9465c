"""Callers of the sandbox's AWS are held to their policies, with what Parameter Store asks of KMS on their behalf."""

from typing import Any

import pytest

from sandbox.aws import AwsApi
from tests.sandbox.aws.support import as_role, code_of, error_of, grant
from tests.support.roles import allow, create_role, document

BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
PARAMETER = "kms:EncryptionContext:PARAMETER_ARN"


def reader(aws: AwsApi, *statements: dict[str, Any], **more: Any) -> Any:
    """SSM as a role with just these statements."""
    arn = create_role(aws, "reader")
    allow(aws, "reader", *statements)
    return as_role(aws, arn, **more)


def test_batches_need_each_name_and_are_denied_whole(aws: AwsApi) -> None:
    for name in ("/app/a", "/app/b"):
        aws.put_parameter(name, "v")
    ssm = reader(aws, grant("ssm:GetParameters", f"{BASE}/app/a"))
    assert len(ssm.get_parameters(Names=["/app/a:1"])["Parameters"]) == 1
    code, text = error_of(lambda: ssm.get_parameters(Names=["/app/a", "/app/b"]))
    assert code == "AccessDeniedException"
    reason = "because no identity-based policy allows the ssm:GetParameters action"
    assert text.endswith(f"ssm:GetParameters on resource: {BASE}/app/b {reason}")
    assert code_of(lambda: ssm.get_parameter(Name="/app/a")) == "AccessDeniedException", "another verb"


@pytest.mark.parametrize(
    ("resource", "recursive", "allowed"),
    [("/app", True, True), ("/app", False, False), ("/app/*", True, False), ("/app/", True, False)],
)
def test_by_path_is_checked_against_the_path_and_its_depth(
    aws: AwsApi, resource: str, *, recursive: bool, allowed: bool
) -> None:
    ssm = reader(aws, grant("ssm:GetParametersByPath", BASE + resource, StringEquals={"ssm:Recursive": "true"}))

    def ask() -> Any:
        return ssm.get_parameters_by_path(Path="/app", Recursive=recursive)

    if allowed:
        ask()
    else:
        assert error_of(ask)[1].split(" on resource: ")[1].startswith(f"{BASE}/app because")


def test_tags_of_a_parameter_are_conditions(aws: AwsApi) -> None:
    ssm = reader(aws, grant("ssm:GetParameters", f"{BASE}/*", StringEquals={"aws:ResourceTag/team": "a"}))
    for name, team in (("/a", "a"), ("/b", "b")):
        tags = [{"Key": "team", "Value": team}]
        aws.client("ssm").put_parameter(Name=name, Value="v", Type="String", Tags=tags)
    ssm.get_parameters(Names=["/a"])
    assert code_of(lambda: ssm.get_parameters(Names=["/b"])) == "AccessDeniedException"


def test_a_customer_key_is_asked_too_and_only_to_decrypt(aws: AwsApi) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.put_parameter("/app/a", "v", KeyId=key)
    aws.put_parameter("/app/b", "v", KeyId=key)
    through = {"kms:ViaService": "ssm.eu-central-1.amazonaws.com"}
    ssm = reader(
        aws,
        grant("ssm:GetParameters", f"{BASE}/app/*"),
        grant("kms:Decrypt", key, StringEquals={PARAMETER: f"{BASE}/app/a", **through}),
    )
    ssm.get_parameters(Names=["/app/a"], WithDecryption=True)
    ssm.get_parameters(Names=["/app/b"])
    code, text = error_of(lambda: ssm.get_parameters(Names=["/app/b"], WithDecryption=True))
    assert (code, f"kms:Decrypt on resource: {key}" in text) == ("AccessDeniedException", True)


def test_the_default_key_lets_everybody_who_may_read_decrypt(aws: AwsApi) -> None:
    aws.put_parameter("/app/a", "v")
    reader(aws, grant("ssm:GetParameters", f"{BASE}/app/a")).get_parameters(Names=["/app/a"], WithDecryption=True)


def test_a_key_policy_that_does_not_name_the_account_shuts_out(aws: AwsApi) -> None:
    other = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = aws.client("kms").create_key(Policy=document(other))["KeyMetadata"]["Arn"]
    aws.put_parameter("/app/a", "v", KeyId=key)
    ssm = reader(aws, grant("ssm:GetParameters", f"{BASE}/app/a"), grant("kms:*", "*"))
    text = error_of(lambda: ssm.get_parameters(Names=["/app/a"], WithDecryption=True))[1]
    assert text.endswith("because no resource-based policy allows the kms:Decrypt action")


@pytest.mark.parametrize(("tier", "action"), [("Standard", "kms:Encrypt"), ("Advanced", "kms:GenerateDataKey")])
def test_writing_encrypts_as_the_tier_does(aws: AwsApi, tier: str, action: str) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    ssm = reader(aws, grant("ssm:PutParameter", f"{BASE}/a"), grant(action, key))
    wanted = {"Name": "/a", "Value": "v", "Type": "SecureString", "KeyId": key}
    ssm.put_parameter(**wanted, Tier=tier)
    other = {"Standard": "Advanced", "Advanced": "Standard"}[tier]
    assert code_of(lambda: ssm.put_parameter(**wanted, Tier=other, Overwrite=True)) == "AccessDeniedException"


def test_a_session_policy_narrows(aws: AwsApi) -> None:
    arn = create_role(aws, "reader")
    ssm = as_role(aws, arn, Policy=document(grant("ssm:GetParameters", f"{BASE}/a")))
    ssm.get_parameters(Names=["/a"])
    text = error_of(lambda: ssm.get_parameters(Names=["/b"]))[1]
    assert text.endswith("because no session policy allows the ssm:GetParameters action")


def test_a_permissions_boundary_narrows(aws: AwsApi) -> None:
    iam = aws.client("iam")
    bound = iam.create_policy(PolicyName="b", PolicyDocument=document(grant("ssm:GetParameters", f"{BASE}/a")))
    arn = create_role(aws, "reader")
    iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=bound["Policy"]["Arn"])
    ssm = as_role(aws, arn)
    ssm.get_parameters(Names=["/a"])
    text = error_of(lambda: ssm.get_parameters(Names=["/b"]))[1]
    assert text.endswith("because no permissions boundary allows the ssm:GetParameters action")


def test_users_and_their_groups_are_held_to_policies(aws: AwsApi) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="alice")
    iam.create_group(GroupName="team")
    iam.add_user_to_group(UserName="alice", GroupName="team")
    iam.put_group_policy(
        GroupName="team", PolicyName="p", PolicyDocument=document(grant("ssm:GetParameters", f"{BASE}/a"))
    )
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    ssm = aws.client("ssm", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    ssm.get_parameters(Names=["/a"])
    assert error_of(lambda: ssm.get_parameters(Names=["/b"]))[1].startswith(
        "User: arn:aws:iam::123456789012:user/alice "
    )


@pytest.mark.parametrize(
    ("service", "call", "action", "resource"),
    [
        ("iam", lambda iam: iam.get_role(RoleName="reader"), "iam:GetRole", "arn:aws:iam::123456789012:role/reader"),
        (
            "secretsmanager",
            lambda sm: sm.list_secrets(),
            "secretsmanager:ListSecrets",
            "*",
        ),
    ],
)
def test_other_services_are_checked_by_aws_own_reference(
    aws: AwsApi, service: str, call: Any, action: str, resource: str
) -> None:
    arn = create_role(aws, "reader", allowed="ssm:*")
    code, text = error_of(lambda: call(as_role(aws, arn, service)))
    assert code.startswith("AccessDenied")
    assert f"not authorized to perform: {action} on resource: {resource}" in text
    allow(aws, "reader", grant(action, resource), grant("sts:*", "*"))
    call(as_role(aws, arn, service))


def test_switched_off_everybody_may(aws: AwsApi) -> None:
    ssm = reader(aws, grant("ssm:GetParameters", f"{BASE}/a"))
    aws.authorises = False
    ssm.get_parameters(Names=["/b"])


def test_what_was_granted_is_told(aws: AwsApi) -> None:
    ssm = reader(aws, grant("ssm:GetParameters", f"{BASE}/a"))
    ssm.get_parameters(Names=["/a"])
    who, permission = aws.granted[-1]
    assert (who.rpartition(":")[2], permission.action, permission.resource) == (
        "assumed-role/reader/run",
        "ssm:GetParameters",
        f"{BASE}/a",
    )
