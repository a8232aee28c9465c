"""What readers get: ciphertext without decryption, alphabetical batches, selectors, and AWS's errors."""

import base64
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.aws import AwsApi
from tests.sandbox.aws.support import code_of, error_of

PLAINTEXT = "correct horse battery staple"


def test_undecrypted_secure_string_is_opaque(aws: AwsApi) -> None:
    aws.put_parameter("/db", PLAINTEXT)
    ssm = aws.client("ssm")
    aws.put_parameter("/db", PLAINTEXT)
    first, second = (ssm.get_parameter(Name=f"db:{version}")["Parameter"]["Value"] for version in (1, 2))
    assert first.startswith("AQICAH")
    assert PLAINTEXT.encode() not in base64.b64decode(first)
    assert first != second, "each version has its own ciphertext"
    assert first == ssm.get_parameters(Names=["/db:1"])["Parameters"][0]["Value"], "and keeps it"


def test_decrypted_secure_string_is_the_value(aws: AwsApi) -> None:
    aws.put_parameter("/app/db", PLAINTEXT)
    ssm = aws.client("ssm")
    asked = {"WithDecryption": True}
    assert ssm.get_parameter(Name="/app/db", **asked)["Parameter"]["Value"] == PLAINTEXT
    assert ssm.get_parameters(Names=["/app/db"], **asked)["Parameters"][0]["Value"] == PLAINTEXT
    assert ssm.get_parameters_by_path(Path="/app", **asked)["Parameters"][0]["Value"] == PLAINTEXT
    assert ssm.get_parameter_history(Name="/app/db", **asked)["Parameters"][0]["Value"] == PLAINTEXT


@pytest.mark.parametrize("operation", ["by_path", "history"])
def test_lists_are_opaque_too(aws: AwsApi, operation: str) -> None:
    aws.put_parameter("/app/db", PLAINTEXT)
    ssm = aws.client("ssm")
    answer = (
        ssm.get_parameters_by_path(Path="/app") if operation == "by_path" else ssm.get_parameter_history(Name="/app/db")
    )
    assert PLAINTEXT not in str(answer)


def test_describe_has_no_value(aws: AwsApi) -> None:
    aws.put_parameter("/app/db", PLAINTEXT)
    assert PLAINTEXT not in str(aws.client("ssm").describe_parameters())


def test_plain_types_are_readable_without_decryption(aws: AwsApi) -> None:
    aws.put_parameter("list", "a,b", "StringList")
    parameter = aws.client("ssm").get_parameter(Name="list")["Parameter"]
    assert (parameter["Type"], parameter["Value"], parameter["Version"]) == ("StringList", "a,b", 1)
    assert parameter["ARN"] == "arn:aws:ssm:eu-central-1:123456789012:parameter/list"


def test_batch_is_alphabetical_and_lists_what_is_missing(aws: AwsApi) -> None:
    for name in ("/c", "/a", "/b"):
        aws.put_parameter(name, "v")
    answer = aws.client("ssm").get_parameters(Names=["/c", "/missing", "/b", "/a:7", "/a"])
    assert [parameter["Name"] for parameter in answer["Parameters"]] == ["/a", "/b", "/c"]
    assert answer["InvalidParameters"] == ["/missing", "/a:7"]


def test_selectors_come_back(aws: AwsApi) -> None:
    ssm = aws.client("ssm")
    for value in ("one", "two"):
        aws.put_parameter("/db", value)
    ssm.label_parameter_version(Name="/db", ParameterVersion=1, Labels=["prod"])
    answer = ssm.get_parameters(Names=["/db", "/db:2", "/db:prod"], WithDecryption=True)
    got = [(p.get("Selector"), p["Version"], p["Value"]) for p in answer["Parameters"]]
    assert got == [(None, 2, "two"), (":2", 2, "two"), (":prod", 1, "one")]


def test_arn_reads_the_parameter(aws: AwsApi) -> None:
    aws.put_parameter("/app/db", "v")
    ssm = aws.client("ssm")
    arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/app/db"
    assert ssm.get_parameter(Name=f"{arn}:1")["Parameter"]["ARN"] == arn
    assert code_of(lambda: ssm.get_parameter(Name=arn.replace("123456789012", "210987654321"))) == "ParameterNotFound"


@pytest.mark.parametrize("selector", ["9", "nolabel"])
def test_unknown_selector(aws: AwsApi, selector: str) -> None:
    aws.put_parameter("/db", "v")
    ssm = aws.client("ssm")
    code, message = error_of(lambda: ssm.get_parameter(Name=f"/db:{selector}"))
    assert code == "ParameterVersionNotFound"
    assert selector in message
    assert ssm.get_parameters(Names=[f"/db:{selector}"])["InvalidParameters"] == [f"/db:{selector}"]


def test_unknown_parameter(aws: AwsApi) -> None:
    ssm = aws.client("ssm")
    assert code_of(lambda: ssm.get_parameter(Name="/none")) == "ParameterNotFound"
    assert code_of(lambda: ssm.get_parameter_history(Name="/none")) == "ParameterNotFound"


@pytest.mark.parametrize("name", ["/a b", "/a//b", "/a*", "{x}", "/a:b:c", "/a:1b", "//a"])
def test_malformed_names(aws: AwsApi, name: str) -> None:
    ssm = aws.client("ssm")
    assert code_of(lambda: ssm.get_parameter(Name=name)) == "ValidationException"
    assert code_of(lambda: ssm.get_parameters(Names=[name])) == "ValidationException"


def test_more_than_ten_names(aws: AwsApi) -> None:
    names = [f"/p{i}" for i in range(11)]
    assert code_of(lambda: aws.client("ssm").get_parameters(Names=names)) == "ValidationException"


def test_path_needs_a_leading_slash(aws: AwsApi) -> None:
    ssm = aws.client("ssm")
    assert code_of(lambda: ssm.get_parameters_by_path(Path="app")) == "ValidationException"
    assert code_of(lambda: ssm.get_parameters_by_path(Path="/app", MaxResults=11)) == "ValidationException"


def test_path_pages_through_everything_below(aws: AwsApi) -> None:
    names = {f"/app/{kind}{i}" for kind in ("", "deep/") for i in range(12)}
    for name in names:
        aws.put_parameter(name, "v")
    aws.put_parameter("/apple/x", "v")
    pages = aws.client("ssm").get_paginator("get_parameters_by_path")
    recursive = {p["Name"] for page in pages.paginate(Path="/app", Recursive=True) for p in page["Parameters"]}
    direct = {p["Name"] for page in pages.paginate(Path="/app/") for p in page["Parameters"]}
    assert recursive == names
    assert direct == {name for name in names if "deep" not in name}


def test_customer_key_must_work(aws: AwsApi) -> None:
    kms, ssm = aws.client("kms"), aws.client("ssm")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/team", TargetKeyId=key["KeyId"])
    for number, key_id in enumerate((key["KeyId"], key["Arn"], "alias/team")):
        aws.put_parameter(f"/cmk{number}", PLAINTEXT, KeyId=key_id)
    kms.disable_key(KeyId=key["KeyId"])
    for number in range(3):
        name = f"/cmk{number}"
        assert code_of(partial(ssm.get_parameter, Name=name, WithDecryption=True)) == "InvalidKeyId"
        assert ssm.get_parameter(Name=name)["Parameter"]["Version"] == 1, "versions need no key"


@given(value=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=300))
def test_any_text_survives(running_aws: AwsApi, value: str) -> None:
    running_aws.put_parameter("/any", value)
    ssm = running_aws.client("ssm")
    assert ssm.get_parameter(Name="/any", WithDecryption=True)["Parameter"]["Value"] == value
