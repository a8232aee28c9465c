"""A parameter that cannot be read says why, by name, and fails no other one."""

import json

import pytest

from components.clients.aws.ssm.reader import ParameterReader
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, error, parameters, reader_at, scripted_aws

TEN = [f"/app/{number}" for number in range(10)]


def test_a_missing_parameter_is_named_with_region_and_identity(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value")

    batch = reader.read(["/app/db", "/app/gone"], decrypt=True)

    assert list(batch.found) == ["/app/db"]
    assert batch.problems["/app/gone"].kind == "missing"
    text = batch.problems["/app/gone"].message
    assert text.startswith("parameter '/app/gone' does not exist in eu-central-1")
    assert "the access keys of Secret team-a/aws" in text


def test_a_missing_version_of_a_parameter_that_was_read_too_costs_no_call(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value")

    problems = reader.read(["/app/db", "/app/db:7", "/app/db:blue"], decrypt=False).problems

    assert {problem.kind for problem in problems.values()} == {"version"}
    assert "has no version '7'" in problems["/app/db:7"].message
    assert "has no label 'blue'" in problems["/app/db:blue"].message
    assert len(aws.calls) == 3  # no two references to one parameter share a call


def test_missing_versions_are_told_from_missing_parameters_by_one_more_call(
    aws: AwsApi, reader: ParameterReader
) -> None:
    aws.put_parameter("/app/db", "value")
    aws.put_parameter("/app/ca", "value")

    problems = reader.read(
        ["/app/db:7", "/app/ca:blue", "/app/gone:1", "/app/none:2", "/app/none"], decrypt=True
    ).problems

    assert {name: problem.kind for name, problem in problems.items()} == {
        "/app/ca:blue": "version",
        "/app/db:7": "version",
        "/app/gone:1": "missing",
        "/app/none": "missing",
        "/app/none:2": "missing",
    }
    assert "parameter '/app/gone' does not exist in eu-central-1" in problems["/app/gone:1"].message
    assert [(set(call.names), call.decrypt) for call in aws.calls][2:] == [({"/app/db", "/app/ca", "/app/gone"}, False)]


def test_a_parameter_of_which_nothing_tells_whether_it_exists_is_not_called_missing(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        if asked.body["Names"] == ["/app/db"]:
            return error("AccessDeniedException", "denied")
        return parameters(invalid=tuple(asked.body["Names"]))

    with scripted_aws(script) as aws:
        problem = reader_at(aws.url, clock).read(["/app/db:7"], decrypt=False).problems["/app/db:7"]

    assert problem.kind == "denied"


def test_one_denied_parameter_in_a_batch_costs_one_more_call(aws: AwsApi, reader: ParameterReader) -> None:
    for name in TEN:
        aws.put_parameter(name, "value")
    aws.faults.deny("ssm:GetParameters", "/app/3")

    batch = reader.read(TEN, decrypt=True)

    assert list(batch.found) == [name for name in TEN if name != "/app/3"]
    assert list(batch.problems) == ["/app/3"]
    assert [call.error for call in aws.calls] == ["AccessDeniedException", None]
    problem = batch.problems["/app/3"]
    assert problem.kind == "denied"
    assert "arn:aws:iam::123456789012:user/sandbox" in problem.message
    assert "because no identity-based policy allows it" in problem.message
    assert json.loads(problem.message.partition("this statement allows it: ")[2]) == {
        "Effect": "Allow",
        "Action": "ssm:GetParameters",
        "Resource": f"arn:aws:ssm:eu-central-1:{aws.account}:parameter/app/3",
    }


def test_all_denied_parameters_are_told(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/other", "value")
    aws.faults.deny("ssm:GetParameters", "/app/*")

    batch = reader.read([*TEN, "/other"], decrypt=False)

    assert list(batch.found) == ["/other"]
    assert {name: problem.kind for name, problem in batch.problems.items()} == dict.fromkeys(TEN, "denied")


def test_an_explicit_deny_offers_no_statement(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        if "/app/3" not in asked.body["Names"]:
            return parameters(*asked.body["Names"])
        return error(
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/reader/s is not authorized to perform: ssm:GetParameters on "
            "resource: arn:aws:ssm:eu-central-1:123456789012:parameter/app/3 with an explicit deny in a service "
            "control policy",
        )

    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock).read(TEN, decrypt=False)

    assert len(batch.found) == 9
    text = batch.problems["/app/3"].message
    assert "with an explicit deny in a service control policy: that deny must be changed" in text
    assert "Allow" not in text


KEY = "arn:aws:kms:eu-central-1:123456789012:key/1b2c"
READER = "arn:aws:sts::123456789012:assumed-role/reader/s"
NO_IAM = f"on resource: {KEY} because no identity-based policy allows the kms:Decrypt action (Service: Kms)"
NO_KEY = "on the resource associated with this ciphertext because the resource does not exist in this Region, no ..."
KMS_DENIALS = [f"User: {READER} is not authorized to perform: kms:Decrypt {where}" for where in (NO_IAM, NO_KEY)]


@pytest.mark.parametrize("text", KMS_DENIALS)
def test_a_denied_key_is_attributed_to_its_parameters(clock: FakeClock, text: str) -> None:
    locked = {"/app/2", "/app/7"}

    def script(asked: Asked) -> Answer:
        if asked.body["WithDecryption"] and locked & set(asked.body["Names"]):
            return error("AccessDeniedException", text)
        return parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        reader = reader_at(aws.url, clock)
        batch = reader.read(TEN, decrypt=True)
        assert reader.read(TEN, decrypt=False).problems == {}

    assert set(batch.problems) == locked
    assert len(batch.found) == 8
    problem = batch.problems["/app/2"]
    assert problem.kind == "key"
    assert f"{READER} may not call kms:Decrypt on its KMS key" in problem.message
    context = '"kms:EncryptionContext:PARAMETER_ARN": "arn:aws:ssm:eu-central-1:123456789012:parameter/app/2"'
    assert context in problem.message
    assert (KEY in problem.message) == (KEY in text)


def test_a_denial_that_says_nothing_is_bisected(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        denied = "/app/7" in asked.body["Names"]
        return error("AccessDeniedException", "denied") if denied else parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock).read(TEN, decrypt=True)

    assert len(batch.found) == 9
    assert batch.problems["/app/7"].kind == "denied"
    assert "ssm:GetParameters" in batch.problems["/app/7"].message
    assert "kms:Decrypt" in batch.problems["/app/7"].message


def test_a_disabled_key_is_attributed_to_its_parameter(aws: AwsApi, reader: ParameterReader) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for name in TEN:
        aws.put_parameter(name, "value", KeyId=key if name == "/app/5" else "alias/aws/ssm")
    aws.client("kms").disable_key(KeyId=key)

    batch = reader.read(TEN, decrypt=True)

    assert len(batch.found) == 9
    assert batch.problems["/app/5"].kind == "key"
    assert "KMS key is disabled" in batch.problems["/app/5"].message


def test_a_name_that_cannot_exist_is_not_sent(aws: AwsApi, reader: ParameterReader) -> None:
    aws.put_parameter("/app/db", "value")

    batch = reader.read(["/app/db", "app/db"], decrypt=False)

    assert list(batch.found) == ["/app/db"]
    assert batch.problems["app/db"].kind == "invalid"
    assert "write '/app/db'" in batch.problems["app/db"].message
    assert [call.names for call in aws.calls] == [("/app/db",)]


def test_a_name_that_only_aws_refuses_is_found(clock: FakeClock) -> None:
    def script(asked: Asked) -> Answer:
        bad = "/app/4" in asked.body["Names"]
        return error("ValidationException", "not a name") if bad else parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        batch = reader_at(aws.url, clock).read(TEN, decrypt=False)

    assert {name: problem.kind for name, problem in batch.problems.items()} == {"/app/4": "invalid"}
    assert len(batch.found) == 9


def test_a_name_that_the_answer_leaves_out_is_not_lost(clock: FakeClock) -> None:
    with scripted_aws(lambda _: parameters("/app/0")) as aws:
        batch = reader_at(aws.url, clock).read(["/app/0", "/app/1"], decrypt=False)

    assert list(batch.found) == ["/app/0"]
    assert batch.problems["/app/1"].kind == "invalid"
    assert "says nothing about it" in batch.problems["/app/1"].message


NAMED = "arn:aws:iam::123456789012:role/reader"
DECRYPT = f"User: {READER} is not authorized to perform: kms:Decrypt on resource: {KEY} because no"


@pytest.mark.parametrize(
    ("reason", "clause"),
    [
        ("identity-based policy", "the likely cause is its policy; this statement allows it: {"),
        ("permissions boundary", "its permissions boundary must have this statement as well: {"),
        ("resource-based policy", "the key's policy is the cause: it needs {"),
    ],
)
def test_the_policy_that_is_the_cause_is_named(clock: FakeClock, reason: str, clause: str) -> None:
    denial = error("AccessDeniedException", f"{DECRYPT} {reason} allows the kms:Decrypt action")
    with scripted_aws(lambda _: denial) as aws:
        text = reader_at(aws.url, clock).read(["/app/db"], decrypt=True).problems["/app/db"].message

    assert clause in text
    statement, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    assert statement.get("Principal") == ({"AWS": NAMED} if reason == "resource-based policy" else None)
    assert statement["Resource"] == ("*" if "Principal" in statement else KEY)
