"""The sandbox's Secrets Manager where moto alone would answer otherwise than AWS."""

from typing import Any

import pytest
from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.api import AwsApi
from sandbox.aws.iam.needs import required
from sandbox.aws.iam.state import State
from sandbox.aws.request import AwsRequest
from tests.sandbox.aws.support import as_role, code_of, error_of, grant
from tests.support.roles import allow, create_role

FIRST, SECOND, THIRD = (f"0000000{at}-0000-4000-8000-00000000000{at}" for at in "123")
HERE = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"


@pytest.fixture
def secrets(aws: AwsApi) -> Any:
    return aws.client("secretsmanager")


def write(secrets: Any, name: str, *versions: str) -> None:
    secrets.create_secret(Name=name, SecretString="1", ClientRequestToken=versions[0])
    for version in versions[1:]:
        secrets.put_secret_value(SecretId=name, SecretString=version, ClientRequestToken=version)


def stages(secrets: Any, name: str) -> dict[str, list[str]]:
    told = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    return {version: sorted(some) for version, some in told.items()}


def test_a_batch_tells_of_each_secret_apart(secrets: Any) -> None:
    write(secrets, "a", FIRST)
    secrets.create_secret(Name="empty")
    write(secrets, "gone", FIRST)
    secrets.delete_secret(SecretId="gone", RecoveryWindowInDays=7)
    answer = secrets.batch_get_secret_value(SecretIdList=["a", "absent", "empty", "gone"])
    assert [each["VersionId"] for each in answer["SecretValues"]] == [FIRST]
    assert {each["SecretId"]: each["ErrorCode"] for each in answer["Errors"]} == {
        "absent": "ResourceNotFoundException",
        "empty": "ResourceNotFoundException",
        "gone": "InvalidRequestException",
    }


def test_a_batch_and_a_list_have_their_limits(secrets: Any) -> None:
    for at in range(25):
        write(secrets, f"many/{at:02}", FIRST)
    names = [f"many/{at:02}" for at in range(21)]
    assert code_of(lambda: secrets.batch_get_secret_value(SecretIdList=names)) == "ValidationException"
    page = secrets.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["many/"]}])
    assert (len(page["SecretValues"]), bool(page["NextToken"])) == (20, True)
    assert code_of(lambda: secrets.list_secrets(MaxResults=101)) == "ValidationException"
    assert code_of(lambda: secrets.list_secrets(NextToken="nonsense")) == "InvalidNextTokenException"
    first = secrets.list_secrets(MaxResults=20)
    second = secrets.list_secrets(MaxResults=20, NextToken=first["NextToken"])
    assert (len(second["SecretList"]), "NextToken" in second) == (5, False)


def test_a_version_without_stage_is_listed_only_where_that_is_asked_for(secrets: Any) -> None:
    write(secrets, "a", FIRST, SECOND, THIRD)
    assert stages(secrets, "a") == {SECOND: ["AWSPREVIOUS"], THIRD: ["AWSCURRENT"]}
    (listed,) = secrets.list_secrets()["SecretList"]
    assert listed["SecretVersionsToStages"].keys() == {SECOND, THIRD}

    def versions(**more: Any) -> set[str]:
        answer = secrets.list_secret_version_ids(SecretId="a", **more)
        assert answer["ARN"].startswith(f"{HERE}:a-")
        return {each["VersionId"] for each in answer["Versions"]}

    assert versions() == {SECOND, THIRD}
    assert versions(IncludeDeprecated=True) == {FIRST, SECOND, THIRD}
    assert secrets.get_secret_value(SecretId="a", VersionId=FIRST)["SecretString"] == "1"


def test_the_next_value_takes_the_stage_from_where_it_was_moved_to(secrets: Any) -> None:
    write(secrets, "a", FIRST, SECOND)
    secrets.update_secret_version_stage(SecretId="a", VersionStage="blue", MoveToVersionId=FIRST)
    secrets.update_secret_version_stage(
        SecretId="a", VersionStage="AWSCURRENT", MoveToVersionId=FIRST, RemoveFromVersionId=SECOND
    )
    assert stages(secrets, "a") == {FIRST: ["AWSCURRENT", "blue"], SECOND: ["AWSPREVIOUS"]}
    secrets.put_secret_value(SecretId="a", SecretString="3", ClientRequestToken=THIRD)
    assert stages(secrets, "a") == {FIRST: ["AWSPREVIOUS", "blue"], THIRD: ["AWSCURRENT"]}
    assert secrets.get_secret_value(SecretId="a")["SecretString"] == "3"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Name": "a b", "SecretString": "x"}, "ValidationException"),
        ({"Name": "a", "SecretString": "x" * 65_537}, "ValidationException"),
        ({"Name": "a", "SecretString": "x", "KmsKeyId": "alias/absent"}, "EncryptionFailure"),
        ({"Name": "gone", "SecretString": "x"}, "InvalidRequestException"),
    ],
)
def test_what_aws_would_refuse_to_create(secrets: Any, asked: dict[str, Any], code: str) -> None:
    write(secrets, "gone", FIRST)
    secrets.delete_secret(SecretId="gone", RecoveryWindowInDays=7)
    assert code_of(lambda: secrets.create_secret(**asked)) == code


def test_what_is_marked_for_deletion_is_refused_in_awss_words(secrets: Any) -> None:
    write(secrets, "a", FIRST)
    secrets.delete_secret(SecretId="a", RecoveryWindowInDays=7)
    refused = (
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
    assert error_of(lambda: secrets.get_secret_value(SecretId="a")) == refused
    assert error_of(lambda: secrets.put_secret_value(SecretId="a", SecretString="2")) == refused
    assert secrets.describe_secret(SecretId="a")["DeletedDate"]


def test_a_disabled_key_decrypts_nothing(aws: AwsApi, secrets: Any) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name="a", SecretString="1", KmsKeyId=key)
    assert secrets.get_secret_value(SecretId="a")
    aws.client("kms").disable_key(KeyId=key)
    assert code_of(lambda: secrets.get_secret_value(SecretId="a")) == "DecryptionFailure"


def test_a_secret_is_checked_by_its_whole_arn_and_one_that_is_not_there_by_any_end(aws: AwsApi, secrets: Any) -> None:
    for name in ("a", "a-other1"):
        write(secrets, name, FIRST)
    role = create_role(aws, "reader", allowed="sts:*")
    reader = as_role(aws, role, "secretsmanager")
    allow(aws, "reader", grant("secretsmanager:GetSecretValue", f"{HERE}:a"), grant("sts:*", "*"))
    assert code_of(lambda: reader.get_secret_value(SecretId="a")) == "AccessDeniedException"
    many = [f"{HERE}:{name}-??????" for name in ("a", "absent")]
    allow(aws, "reader", *(grant("secretsmanager:GetSecretValue", each) for each in many), grant("sts:*", "*"))
    assert reader.get_secret_value(SecretId="a")
    assert code_of(lambda: reader.get_secret_value(SecretId="a-other1")) == "AccessDeniedException"
    assert code_of(lambda: reader.get_secret_value(SecretId="absent")) == "ResourceNotFoundException"


def test_of_more_than_a_hundred_versions_the_oldest_without_a_stage_goes_when_it_is_a_day_old(
    aws: AwsApi, secrets: Any
) -> None:
    secrets.create_secret(Name="a", SecretString="0")
    for at in range(99):
        secrets.put_secret_value(SecretId="a", SecretString=f"{at}")
    kept: Any = secretsmanager_backends[aws.account][aws.region].secrets["a"]
    first = next(iter(kept.versions))
    assert code_of(lambda: secrets.put_secret_value(SecretId="a", SecretString="x")) == "LimitExceededException"
    assert code_of(lambda: secrets.update_secret(SecretId="a", SecretString="x")) == "LimitExceededException"
    secrets.update_secret(SecretId="a", Description="no version")
    kept.versions[first]["createdate"] -= 86_401
    secrets.put_secret_value(SecretId="a", SecretString="x")
    assert (len(kept.versions), first in kept.versions) == (100, False)


@pytest.mark.parametrize(
    ("operation", "asked", "needed"),
    [
        ("UpdateSecret", {"Description": "x"}, {"old": {"GenerateDataKey", "Encrypt", "Decrypt"}}),
        (
            "UpdateSecret",
            {"KmsKeyId": "new"},
            {"new": {"GenerateDataKey", "Encrypt", "Decrypt"}, "old": {"Decrypt"}},
        ),
        ("UpdateSecret", {"KmsKeyId": "alias/aws/secretsmanager"}, {"old": {"Decrypt"}}),
        ("PutSecretValue", {"SecretString": "x"}, {"old": {"GenerateDataKey", "Decrypt"}}),
        ("ReplicateSecretToRegions", {"AddReplicaRegions": [{"Region": "eu-west-1"}]}, {"old": {"Decrypt"}}),
        ("DescribeSecret", {}, {}),
    ],
)
def test_a_customer_key_is_asked_as_each_operation_of_aws_does(
    aws: AwsApi, secrets: Any, operation: str, asked: dict[str, Any], needed: dict[str, set[str]]
) -> None:
    keys = {name: aws.client("kms").create_key()["KeyMetadata"]["Arn"] for name in ("old", "new")}
    secrets.create_secret(Name="a", SecretString="0", KmsKeyId=keys["old"])
    given = {name: keys.get(value, value) if isinstance(value, str) else value for name, value in asked.items()}
    request = AwsRequest("secretsmanager", operation, {"SecretId": "a", **given}, aws.region)
    found = {(each.action, each.resource) for each in required(request, aws.account, State()) if "kms:" in each.action}
    assert found == {(f"kms:{action}", keys[name]) for name, actions in needed.items() for action in actions}
