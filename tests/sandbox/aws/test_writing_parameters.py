"""What AWS refuses to store: names, sizes, tiers, nested references, unknown keys."""

import pytest

from sandbox.aws import AwsApi, AwsError
from tests.sandbox.aws.support import code_of, error_of


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a/b", "ValidationException"),
        ("/a//b", "ValidationException"),
        ("/a/", "ValidationException"),
        ("/a b", "ValidationException"),
        ("/a:1", "ValidationException"),
        ("aws", "ValidationException"),
        ("/SSM-x", "ValidationException"),
        ("/ssm/x", "ValidationException"),
        ("/aws/x", "AccessDeniedException"),
        ("/" + "/".join("abcdefghijklmnop"), "HierarchyLevelLimitExceededException"),
        ("/" + "x" * 1000, "ValidationException"),
    ],
)
def test_refused_names(aws: AwsApi, name: str, code: str) -> None:
    ssm = aws.client("ssm")
    assert code_of(lambda: ssm.put_parameter(Name=name, Value="v", Type="String")) == code
    with pytest.raises(AwsError) as caught:
        aws.put_parameter(name, "v")
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["a", "/a", "/a.b/c-d/e_f", "/" + "/".join("abcdefghijklmno"), "prodaws", "/team/aws"])
def test_accepted_names(aws: AwsApi, name: str) -> None:
    assert aws.client("ssm").put_parameter(Name=name, Value="v", Type="String")["Version"] == 1


def test_name_with_and_without_slash_is_one_parameter(aws: AwsApi) -> None:
    aws.put_parameter("/db", "one")
    assert aws.put_parameter("db", "two") == 2


@pytest.mark.parametrize(
    ("tier", "size", "stored"),
    [
        ("Standard", 4096, "Standard"),
        ("Standard", 4097, None),
        ("Advanced", 8192, "Advanced"),
        ("Advanced", 8193, None),
        ("Intelligent-Tiering", 4096, "Standard"),
        ("Intelligent-Tiering", 4097, "Advanced"),
        ("Intelligent-Tiering", 8193, None),
    ],
)
def test_size_limits_by_tier(aws: AwsApi, tier: str, size: int, stored: str | None) -> None:
    ssm = aws.client("ssm")
    request = {"Name": "/big", "Value": "x" * size, "Type": "SecureString", "Tier": tier}
    if stored is None:
        code, message = error_of(lambda: ssm.put_parameter(**request))
        assert code == "ValidationException"
        assert "maximum parameter value" in message
        assert "xxx" not in message
    else:
        assert ssm.put_parameter(**request)["Tier"] == stored


def test_size_counts_bytes(aws: AwsApi) -> None:
    with pytest.raises(AwsError, match="4096"):
        aws.put_parameter("/big", "é" * 2049)


def test_advanced_stays_advanced(aws: AwsApi) -> None:
    aws.put_parameter("/big", "v", Tier="Advanced")
    with pytest.raises(AwsError, match="downgrade"):
        aws.put_parameter("/big", "v", Tier="Standard")
    answer = aws.client("ssm").put_parameter(Name="/big", Value="w", Overwrite=True)
    assert answer["Tier"] == "Advanced"


def test_nested_references_and_patterns_are_refused_without_quoting(aws: AwsApi) -> None:
    for code, value, pattern in (
        ("ValidationException", "x {{ssm:other}}", None),
        ("ParameterPatternMismatchException", "secret", "^[0-9]+$"),
    ):
        with pytest.raises(AwsError) as caught:
            aws.put_parameter("/db", value, AllowedPattern=pattern)
        assert caught.value.code == code
        assert value not in caught.value.message


def test_existing_parameter_needs_overwrite(aws: AwsApi) -> None:
    aws.put_parameter("/db", "v")
    with pytest.raises(AwsError) as caught:
        aws.put_parameter("/db", "w", overwrite=False)
    assert caught.value.code == "ParameterAlreadyExists"


def test_refused_write_leaves_nothing(aws: AwsApi) -> None:
    with pytest.raises(AwsError):
        aws.put_parameter("/db", "x" * 5000)
    assert code_of(lambda: aws.client("ssm").get_parameter(Name="/db")) == "ParameterNotFound"


@pytest.mark.parametrize("key_id", ["alias/none", "00000000-0000-0000-0000-000000000000"])
def test_unknown_key(aws: AwsApi, key_id: str) -> None:
    with pytest.raises(AwsError) as caught:
        aws.put_parameter("/db", "v", KeyId=key_id)
    assert caught.value.code == "InvalidKeyId"
