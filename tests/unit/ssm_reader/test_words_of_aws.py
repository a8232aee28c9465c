"""What an endpoint answers in place of AWS is never taken on trust: no word of it that could be a value is shown."""

import base64

import pytest
from botocore.exceptions import ClientError

from components.clients.aws import open_session
from components.clients.aws.failures import Kind, classify
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError, ParameterStoreError
from tests.unit.ssm_reader.support import KEYS, REGION, Answer, Asked, FakeClock, error, reader_at, scripted_aws

CANARY = "S3cretPart-9f8a7b6c5d"
USER = "User: arn:aws:sts::123456789012:assumed-role/reader/s is not authorized to perform"
ENCODED = base64.b64encode(CANARY.encode()).decode()

MESSAGES = {
    "a value at a name": (
        "ValidationException",
        f"1 validation error detected: Value '[{CANARY}]' at 'names' failed to satisfy constraint",
    ),
    "an invalid key": ("InvalidKeyId", f"The ciphertext refers to a key that does not exist: {CANARY}"),
    "a parameter that is not found": ("ParameterNotFound", CANARY),
    "an encoded authorization message": (
        "AccessDeniedException",
        f"You are not authorized to perform this operation. Encoded authorization failure message: {ENCODED}{CANARY}",
    ),
    "an identity that is no ARN": ("AccessDeniedException", f"User: {CANARY} is not authorized to perform: ssm:X"),
    "an identity that is nearly an ARN": (
        "AccessDeniedException",
        f"User: arn:{CANARY} is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:x",
    ),
    "an action": ("AccessDeniedException", f"{USER}: ssm:{CANARY}"),
    "a service": ("AccessDeniedException", f"{USER}: {CANARY}:GetParameters"),
    "a resource": (
        "AccessDeniedException",
        f"{USER}: ssm:GetParameters on resource: arn:aws:ssm:{REGION}:123456789012:parameter/{CANARY}",
    ),
    "a key": (
        "AccessDeniedException",
        f"{USER}: kms:Decrypt on resource: arn:aws:kms:{REGION}:123456789012:key/{CANARY}",
    ),
    "a key's alias": (
        "AccessDeniedException",
        f"{USER}: kms:Decrypt on resource: arn:aws:kms:{REGION}:123456789012:alias/{CANARY}",
    ),
    "a reason": (
        "AccessDeniedException",
        f"{USER}: ssm:GetParameters because no {CANARY} policy allows the ssm:GetParameters action",
    ),
    "a deny": ("AccessDeniedException", f"{USER}: ssm:GetParameters with an explicit deny in a {CANARY}"),
    "a code": (CANARY, "x"),
    "a code of letters and digits": ("S3cretPart9f8a7b", "S3cretPart9f8a7b"),
    "a server error": ("InternalServerError", CANARY),
}


@pytest.mark.parametrize("decrypt", [False, True])
@pytest.mark.parametrize("source", ["/app/db", "tags of /app/db", 'find {"path": "/app"}'])
@pytest.mark.parametrize("message", MESSAGES)
def test_no_word_of_a_refusal_is_shown(clock: FakeClock, message: str, source: str, *, decrypt: bool) -> None:
    with scripted_aws(lambda _: error(*MESSAGES[message])) as aws:
        try:
            batch = reader_at(aws.url, clock).read([source], decrypt=decrypt)
            told = [problem.message for problem in batch.problems.values()]
        except ParameterStoreError as failed:
            told = [str(failed)]
    assert told
    for word in (CANARY, ENCODED, "S3cretPart9f8a7b"):
        assert word not in "".join(told)


def test_who_is_denied_what_is_still_said(clock: FakeClock) -> None:
    resource = f"arn:aws:ssm:{REGION}:123456789012:parameter/app/db"
    message = f"{USER}: ssm:GetParameters on resource: {resource} because no service control policy allows the action"
    with scripted_aws(lambda _: error("AccessDeniedException", message)) as aws:
        batch = reader_at(aws.url, clock).read(["/app/db"], decrypt=False)
    told = batch.problems["/app/db"].message
    assert f"assumed-role/reader/s may not call ssm:GetParameters on {resource} because no service control" in told


def test_a_password_in_an_endpoint_s_url_is_not_shown(clock: FakeClock) -> None:
    with scripted_aws(lambda _: error("InternalServerError", "x")) as aws:
        url = aws.url.replace("http://", f"http://me:{CANARY}@")
        with pytest.raises(ParameterStoreError) as caught:
            reader_at(url, clock).read(["/app/db"], decrypt=False)
    assert CANARY not in str(caught.value)
    assert "AWS_SSM_ENDPOINT holds a user name, a password or a query" in str(caught.value)


@pytest.mark.parametrize(
    "code", ["AccessDenied", "ValidationError", "MalformedPolicyDocument", "RegionDisabledException"]
)
@pytest.mark.parametrize("external_id", [None, CANARY])
def test_sts_s_words_are_not_shown(clock: FakeClock, code: str, external_id: str | None) -> None:
    def refuse(_: Asked) -> Answer:
        return (
            403,
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{CANARY} {ENCODED}</Message></Error></ErrorResponse>",
        )

    identity = StoreIdentity(REGION, role="arn:aws:iam::123456789012:role/r", external_id=external_id)
    with scripted_aws(refuse) as aws, pytest.raises(IdentityError) as caught:
        open_session(identity, KEYS, environ={"AWS_STS_ENDPOINT": aws.url}, retry=clock.retry())
    assert CANARY not in str(caught.value)
    assert ENCODED not in str(caught.value)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InvalidKeyId.NotFound", "IDPCommunicationError", "KMSInvalidStateException"]
)
def test_codes_of_aws_are_named(code: str) -> None:
    assert classify(ClientError({"Error": {"Code": code}}, "GetParameters")).code == code


def test_a_word_that_is_no_code_is_not_named() -> None:
    failure = classify(ClientError({"Error": {"Code": "hunter2"}}, "GetParameters"))
    assert (failure.code, failure.kind) == ("UnknownError", Kind.REQUEST)


def test_an_identity_that_sts_makes_up_is_not_shown(clock: FakeClock) -> None:
    def assume(asked: Asked) -> Answer:
        if asked.operation != "AssumeRole":
            return error("AccessDeniedException", "x")
        return 200, (
            f"<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>{CANARY}</Arn></AssumedRoleUser><Credentials>"
            "<AccessKeyId>AKIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )

    role = "arn:aws:iam::123456789012:role/r"
    with scripted_aws(assume) as aws:
        environ = {"AWS_STS_ENDPOINT": aws.url, "AWS_SSM_ENDPOINT": aws.url}
        with pytest.raises(IdentityError, match="its answer is not one of AWS's") as caught:
            open_session(StoreIdentity(REGION, role=role), KEYS, environ=environ, retry=clock.retry())
    assert CANARY not in str(caught.value)
