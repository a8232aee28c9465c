"""Direct calls of KMS are held to the key, whichever name of it they give, as a secrets provider of Pulumi calls it."""

from typing import Any

import pytest

from sandbox.aws import AwsApi
from tests.sandbox.aws.support import as_role, code_of, error_of, grant
from tests.support.roles import allow, create_role

ALIAS = "alias/pulumi"


@pytest.fixture
def key(aws: AwsApi) -> str:
    kms = aws.client("kms")
    arn = str(kms.create_key()["KeyMetadata"]["Arn"])
    kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
    return arn


def caller(aws: AwsApi, *statements: dict[str, Any]) -> Any:
    arn = create_role(aws, "runner")
    allow(aws, "runner", *statements)
    return as_role(aws, arn, "kms")


@pytest.mark.parametrize("form", ["alias", "alias ARN", "ID", "ARN"])
def test_any_name_of_a_key_is_that_key(aws: AwsApi, key: str, form: str) -> None:
    named = {
        "alias": ALIAS,
        "alias ARN": f"{key.partition(':key/')[0]}:{ALIAS}",
        "ID": key.rpartition("/")[2],
        "ARN": key,
    }[form]
    kms = caller(aws, grant("kms:Encrypt", key))
    assert kms.encrypt(KeyId=named, Plaintext=b"v")["KeyId"] == key
    code, text = error_of(lambda: kms.generate_data_key(KeyId=named, KeySpec="AES_256"))
    assert (code, f"kms:GenerateDataKey on resource: {key}" in text) == ("AccessDeniedException", True)


def test_without_key_id_the_text_tells_the_key(aws: AwsApi, key: str) -> None:
    owner = aws.client("kms")
    other = owner.create_key()["KeyMetadata"]["Arn"]
    mine, others = (owner.encrypt(KeyId=each, Plaintext=b"v")["CiphertextBlob"] for each in (key, other))
    kms = caller(aws, grant(["kms:Decrypt", "kms:ReEncryptFrom"], key))
    assert kms.decrypt(CiphertextBlob=mine)["KeyId"] == key
    code, text = error_of(lambda: kms.decrypt(CiphertextBlob=others))
    assert (code, f"kms:Decrypt on resource: {other}" in text) == ("AccessDeniedException", True)
    code, text = error_of(lambda: kms.re_encrypt(CiphertextBlob=mine, DestinationKeyId=other))
    assert (code, f"kms:ReEncryptTo on resource: {other}" in text) == ("AccessDeniedException", True)


def test_the_encryption_context_is_a_condition(aws: AwsApi, key: str) -> None:
    bound = {"kms:EncryptionContext:stack": "dev"}
    kms = caller(aws, grant("kms:Encrypt", key, StringEquals=bound))
    kms.encrypt(KeyId=ALIAS, Plaintext=b"v", EncryptionContext={"stack": "dev"})
    assert code_of(lambda: kms.encrypt(KeyId=ALIAS, Plaintext=b"v")) == "AccessDeniedException"


@pytest.mark.parametrize("named", ["alias/none", "00000000-0000-0000-0000-000000000000"])
def test_what_is_not_there_is_not_found(aws: AwsApi, named: str) -> None:
    assert code_of(lambda: aws.client("kms").encrypt(KeyId=named, Plaintext=b"v")) == "NotFoundException"


def test_a_text_that_kms_did_not_make_is_refused(aws: AwsApi) -> None:
    assert code_of(lambda: aws.client("kms").decrypt(CiphertextBlob=b"\xff")) == "InvalidCiphertextException"


def test_an_alias_takes_a_right_on_itself_and_on_the_key(aws: AwsApi, key: str) -> None:
    alias = f"{key.partition(':key/')[0]}:alias/new"
    kms = caller(aws, grant("kms:CreateAlias", alias))
    text = error_of(lambda: kms.create_alias(AliasName="alias/new", TargetKeyId=key))[1]
    assert f"kms:CreateAlias on resource: {key}" in text
    allow(aws, "runner", grant("kms:CreateAlias", alias, key))
    kms.create_alias(AliasName="alias/new", TargetKeyId=key)
