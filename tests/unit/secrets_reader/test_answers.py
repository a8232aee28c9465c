"""What Secrets Manager may answer, and what it cannot: nothing of it is taken for a missing secret."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from botocore.exceptions import ClientError

from components.clients.aws.calls import Calls, Connection
from components.clients.aws.failures import UnreadableAnswerError
from components.clients.aws.rate_limit import RateLimiter, RateLimiters
from components.clients.aws.readers import open_access
from components.clients.aws.reads import Caller
from components.clients.aws.retry import Retry
from components.clients.aws.secrets_manager import secret_pages, secret_problems, secrets_writer
from components.clients.aws.secrets_manager.secret_facts import SecretFacts
from components.clients.aws.secrets_manager.secrets_reader import SecretsReader
from components.clients.aws.secrets_manager.secrets_writer import SecretsWriter
from components.core.secret_value import Secret
from components.core.secrets_manager import SECRETS_MANAGER
from components.core.secrets_manager.secret_sources import FindSecrets
from components.core.service import ProblemKind
from components.core.service_writing import Details, Put
from components.core.spec.push_specs import PushMetadata
from components.core.spec.store_identity import AccessKeys, StoreIdentity
from components.errors import ReadError, WriteError
from tests.unit.ssm_reader.support import Asked, scripted_aws

Reply = tuple[int, dict[str, Any]]
HERE = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"
CALLER = Caller("eu-central-1", "aws", "http://127.0.0.1", "me", "123456789012")
ONE, TWO = (f"0000000{at}-0000-4000-8000-00000000000{at}" for at in "12")
GOOD: dict[str, Any] = {
    "Name": "prod/db",
    "ARN": f"{HERE}:prod/db-a1B2c3",
    "VersionIdsToStages": {ONE: ["AWSCURRENT"]},
    "CreatedDate": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize(
    "change",
    [
        {"Name": None},
        {"Name": "prod/other"},
        {"ARN": None},
        {"ARN": 1},
        {"ARN": "short"},
        {"VersionIdsToStages": ["AWSCURRENT"]},
        {"VersionIdsToStages": {ONE: "AWSCURRENT"}},
        {"VersionIdsToStages": {"one": ["AWSCURRENT"]}},
        {"VersionIdsToStages": {ONE: [1]}},
        {"CreatedDate": "yesterday"},
        {"DeletedDate": 1.5},
        {"Tags": [{"Key": "a"}]},
        {"Tags": [{"Value": "a"}]},
    ],
)
def test_what_aws_cannot_have_written_is_no_answer(change: dict[str, Any]) -> None:
    assert SecretFacts.of("prod/db", GOOD).version_at("AWSCURRENT") == ONE
    with pytest.raises(UnreadableAnswerError):
        SecretFacts.of("prod/db", GOOD | change)


@pytest.mark.parametrize(
    ("asked", "arn"),
    [
        (f"{HERE}:xyz-secret", f"{HERE}:xyz-secret-a1B2c3"),
        (f"{HERE}:xyz-secret", f"{HERE}:xyz-secret"),
        (f"{HERE}:prod/db-a1B2c3", f"{HERE}:prod/db-a1B2c3"),
    ],
)
def test_an_arn_is_that_of_the_secret_that_answers(asked: str, arn: str) -> None:
    assert SecretFacts.of(asked, GOOD | {"ARN": arn}).arn == arn
    with pytest.raises(UnreadableAnswerError):
        SecretFacts.of(asked, GOOD | {"ARN": f"{HERE}:xyz-a1B2c3"})


@pytest.mark.parametrize(
    ("stages", "rotating"),
    [
        ({ONE: ["AWSCURRENT"]}, None),
        ({ONE: ["AWSCURRENT", "AWSPENDING"]}, None),
        ({ONE: ["AWSCURRENT"], TWO: ["AWSPENDING"]}, TWO),
        ({TWO: ["AWSPENDING"]}, TWO),
        ({}, None),
    ],
)
def test_a_rotation_is_in_flight_while_the_two_stages_are_apart(stages: dict[str, Any], rotating: str | None) -> None:
    assert SecretFacts.of("prod/db", GOOD | {"VersionIdsToStages": stages}).rotating_to == rotating


class Answers:
    """A client that answers each call with the next of its answers, and the last one for ever."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def answer(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if "Error" in answer:
            refused: Any = answer
            raise ClientError(refused, "GetSecretValue")
        return answer

    list_secrets = describe_secret = get_secret_value = batch_get_secret_value = list_secret_version_ids = answer
    create_secret = put_secret_value = update_secret = restore_secret = delete_secret = tag_resource = answer
    replicate_secret_to_regions = remove_regions_from_replication = untag_resource = answer
    get_resource_policy = put_resource_policy = answer
    exceptions = botocore.exceptions


def calls(client: Any) -> Calls[Any]:
    connection = Connection(client, RateLimiter(10_000), Retry(0.0), CALLER)
    return Calls(connection, 0.0, secret_problems.WORDS, {"ResourceNotFoundException"})


def page(*names: str, token: str | None = None) -> dict[str, Any]:
    return {"SecretList": [{"Name": name} for name in names], **({"NextToken": token} if token else {})}


def test_pages_are_put_together_and_what_is_marked_for_deletion_is_left_out() -> None:
    marked = {"SecretList": [{"Name": "gone", "DeletedDate": datetime.now(UTC)}]}
    client = Answers(page("a", token="1"), page(token="2"), {**page("b"), **marked, "NextToken": "3"}, page("c"))
    assert list(secret_pages.found_names(calls(client), FindSecrets(name="."))) == ["a", "c"]
    assert [each.get("NextToken") for each in client.asked] == [None, "1", "2", "3"]


@pytest.mark.parametrize(
    "answer",
    [page("a", token="again"), {}, {"SecretList": None}, {"SecretList": [{}]}, {"SecretList": [{"Name": "ü"}]}],
)
def test_a_list_without_end_or_sense_is_an_error(answer: dict[str, Any]) -> None:
    with pytest.raises(ReadError, match="its answer is not one of AWS's"):
        secret_pages.found_names(calls(Answers(answer)), FindSecrets(name="."))


def test_what_aws_would_turn_around_or_refuse_is_not_sent_as_a_filter() -> None:
    client = Answers(page())
    tags = (("env", "prod"), ("!not", "x"), ("größe", "1"), ("empty", ""), *((f"k{at}", "v") for at in range(9)))
    secret_pages.found_names(calls(client), FindSecrets("team/", None, tags))
    (asked,) = client.asked
    sent = [(each["Key"], each["Values"]) for each in asked["Filters"]]
    assert sent[:4] == [("name", ["team/"]), ("tag-key", ["env"]), ("tag-value", ["prod"]), ("tag-value", ["x"])]
    assert len(sent) == 10


@pytest.mark.parametrize("token", ["again", None])
def test_a_list_of_versions_without_end_or_sense_is_never_taken_for_a_short_one(token: str | None) -> None:
    """What is not among them counts as missing, and deletionPolicy Delete would delete the Secret."""
    versions = {"Versions": [{"VersionId": ONE}], "NextToken": token} if token else {"Versions": None}
    reader = SecretsReader(Answers(GOOD, versions), RateLimiter(10_000), Retry(0.0), caller=CALLER)
    with pytest.raises(ReadError, match="its answer is not one of AWS's"):
        reader.ask([f"prod/db:uuid/{TWO.replace('2', '9')}"], decrypt=False)


@pytest.mark.parametrize(
    "value",
    [
        *({}, {"SecretString": 1}, {"SecretBinary": "x"}, {"SecretString": "x", "ARN": "short"}),
        {"SecretString": "x", "ARN": f"{HERE}:prod/other-a1B2c3"},
        {"SecretString": "x", "ARN": f"{HERE}:prod/db-more-a1B2c3"},
        {"SecretString": "x", "VersionId": TWO},
    ],
)
def test_a_value_that_is_none_fails_the_read(value: dict[str, Any]) -> None:
    client = Answers(GOOD, {"ARN": GOOD["ARN"], "VersionId": ONE, **value})
    reader = SecretsReader(client, RateLimiter(10_000), Retry(0.0), caller=CALLER)
    with pytest.raises(ReadError, match="its answer is not one of AWS's"):
        reader.ask(["prod/db"], decrypt=True)


@pytest.mark.parametrize("field", ["CreatedDate", "DeletedDate"])
@pytest.mark.parametrize("date", ["yesterday", "99999999999999999999", [1]])
def test_a_date_that_cannot_be_read_names_the_secret_and_what_to_do(field: str, date: object) -> None:
    answer = {**GOOD, "CreatedDate": 1767225600, field: date}
    with scripted_aws(lambda _: (200, answer)) as aws:
        client: Any = botocore.session.get_session().create_client(
            *("secretsmanager", "eu-central-1"), endpoint_url=aws.url, aws_access_key_id="a", aws_secret_access_key="b"
        )
        with pytest.raises(ReadError) as caught:
            SecretsReader(client, RateLimiter(10_000), Retry(0.0), caller=CALLER).ask(["prod/db"], decrypt=False)
    text = str(caught.value)
    assert text.startswith("secret 'prod/db' in eu-central-1 cannot be read from http://127.0.0.1 as me: ")
    assert "its answer is not one of AWS's" in text
    assert "run again later" in text


def test_a_server_that_is_down_is_told_of_all_secrets_and_of_none_in_particular() -> None:
    down = {"Error": {"Code": "InternalFailure"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    with pytest.raises(ReadError, match=r"^secrets in eu-central-1 cannot be read"):
        SecretsReader(Answers(down), RateLimiter(10_000), Retry(0.0), caller=CALLER).ask(["prod/db"], decrypt=False)


@pytest.mark.parametrize(
    ("batch", "calls_made"),
    [
        ({"SecretValues": [{"Name": "prod/db", "ARN": GOOD["ARN"], "VersionId": ONE, "SecretString": "x"}]}, 2),
        ({"SecretValues": [{"Name": "prod/db", "ARN": GOOD["ARN"], "VersionId": TWO, "SecretString": "y"}]}, 3),
        ({"SecretValues": [{"Name": "other", "ARN": f"{HERE}:o-a1B2c3", "VersionId": ONE, "SecretString": "y"}]}, 3),
        ({"SecretValues": ["nonsense"], "Errors": [{"SecretId": "prod/db"}]}, 3),
        ({"SecretValues": [{"Name": "prod/db", "ARN": GOOD["ARN"], "VersionId": ONE}]}, 3),
        ({}, 3),
    ],
)
def test_a_batch_gives_just_the_version_that_was_seen(batch: dict[str, Any], calls_made: int) -> None:
    client = Answers(GOOD, batch, {"ARN": GOOD["ARN"], "VersionId": ONE, "SecretString": "x"})
    reader = SecretsReader(client, RateLimiter(10_000), Retry(0.0), caller=CALLER, in_batches=True)
    value = reader.ask(["prod/db"], decrypt=True).found["prod/db"].value
    assert value is not None
    assert (value.reveal(), len(client.asked)) == ("x", calls_made)


def test_a_reference_that_can_never_be_read_is_a_problem_and_asks_nothing() -> None:
    client = Answers({})
    reader = SecretsReader(client, RateLimiter(10_000), Retry(0.0), caller=CALLER)
    answer = reader.ask(["a b", f"{HERE.replace('eu-central-1', 'us-east-1')}:a", "find {}"], decrypt=True)
    assert {each.kind for each in answer.problems.values()} == {ProblemKind.INVALID}
    assert (len(answer.problems), client.asked) == (3, [])


REFUSED = {"Error": {"Code": "InvalidRequestException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
GONE = {"Error": {"Code": "ResourceNotFoundException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}


@pytest.mark.parametrize(
    ("after", "kind", "words"),
    [
        (GOOD | {"VersionIdsToStages": {TWO: ["AWSCURRENT"]}}, ProblemKind.VERSION, "moved to another version"),
        (GOOD | {"VersionIdsToStages": {}}, ProblemKind.VERSION, "moved to another version"),
        (GOOD, ProblemKind.MISSING, "has no value yet"),
        (GOOD | {"DeletedDate": datetime(2026, 2, 3, tzinfo=UTC)}, ProblemKind.MISSING, "until 2026-02-03"),
        (GONE, ProblemKind.MISSING, "does not exist"),
    ],
)
@pytest.mark.parametrize("source", ["prod/db", f"prod/db:uuid/{ONE}:AWSCURRENT", 'find {"name": {"regexp": "."}}'])
def test_why_a_value_is_refused_that_was_there_a_moment_ago(
    after: dict[str, Any], kind: ProblemKind, words: str, source: str
) -> None:
    first = [page("prod/db")] if source.startswith("find") else []
    client = Answers(*first, *([] if "uuid" in source else [GOOD]), REFUSED, after)
    reader = SecretsReader(client, RateLimiter(10_000), Retry(0.0), caller=CALLER)
    (problem,) = reader.ask([source], decrypt=True).problems.values()
    expected = ProblemKind.VERSION if source.startswith("find") else kind
    assert (problem.kind, words in problem.message) == (expected, True), problem


def at_once(asked_at_once: int) -> Callable[[Asked], Reply]:
    """A server that answers only when so many have asked: one after the other they would wait in vain."""
    together = threading.Barrier(asked_at_once, timeout=20)

    def answer(asked: Asked) -> Reply:
        together.wait()
        name = asked.body["SecretId"]
        told = {**GOOD, "Name": name, "ARN": f"{HERE}:{name}-a1B2c3", "CreatedDate": 1767225600}
        return 200, {**told, "VersionId": ONE, "SecretString": "x", "ResourcePolicy": "{}"}

    return answer


def test_secrets_are_described_and_read_and_policies_asked_several_at_once() -> None:
    names = ["a", "b", "c", "d"]
    with scripted_aws(at_once(len(names))) as aws:
        client: Any = botocore.session.get_session().create_client(
            *("secretsmanager", "eu-central-1"), endpoint_url=aws.url, aws_access_key_id="a", aws_secret_access_key="b"
        )
        limiter = RateLimiter(10_000)
        answer = SecretsReader(client, limiter, Retry(0.0), caller=CALLER).ask(names, decrypt=True)
        assert (len(answer.found), answer.problems) == (len(names), {})
        writer = SecretsWriter(client, Retry(0.0), caller=CALLER, writes=limiter, deletions=limiter, others=limiter)
        asked = dict.fromkeys(names, PushMetadata[str](resource_policy="{}"))
        found = writer.describe(asked, {name: each.details for name, each in answer.found.items() if each.details})
        assert {each.policies for each in found.values()} == {("{}",)}
    counted = Counter(each.operation for each in aws.requests)
    assert counted == dict.fromkeys(("DescribeSecret", "GetSecretValue", "GetResourcePolicy"), len(names))


def test_reads_and_looks_of_pushes_share_the_services_own_rate_limit() -> None:
    slept: list[float] = []
    limiters = RateLimiters(clock=lambda: 0.0, sleep=slept.append)
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    with scripted_aws(at_once(1)) as aws:
        access = open_access(
            *(SECRETS_MANAGER, StoreIdentity("eu-central-1"), base),
            limiters=limiters,
            requests_per_second=4,
            environ={"AWS_SECRETSMANAGER_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url},
        )
        access.reader.ask(["a", "b", "c", "d"], decrypt=False)
        assert slept == []
        access.open_writer().describe(dict.fromkeys(["e", "f"], PushMetadata[str]()), {})
    assert sorted(slept) == [0.25, 0.5]
    assert SECRETS_MANAGER.requests_per_second == 500


@pytest.mark.parametrize(
    "change",
    [
        {"KmsKeyId": 1},
        {"Description": ["x"]},
        {"ReplicationStatus": ["eu-west-1"]},
        {"ReplicationStatus": [{"Region": 1}]},
        {"OwningService": {}},
        {"PrimaryRegion": 1},
        {"LastChangedDate": "now"},
    ],
)
def test_what_aws_cannot_have_written_of_a_pushed_secret_is_no_answer(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswerError):
        SecretFacts.of("prod/db", GOOD | change)


@pytest.mark.parametrize("answer", ["nonsense", {"VersionId": 1}, {"ReplicationStatus": [1]}, {"ResourcePolicy": 1}])
def test_a_write_whose_answer_makes_no_sense_is_an_error_of_one_line(answer: Any) -> None:
    writer = writing(answer)
    put = Put("prod/db", Secret("canary"), Details(replicas=("eu-west-1",)), ONE)
    calls: list[Callable[[], object]] = [
        lambda: writer.put(replace(put, tags={})),
        lambda: writer.put(replace(put, changes=("replicationLocations",))),
        lambda: writer.describe({"prod/db": PushMetadata[str](resource_policy="{}")}, {"prod/db": Details()}),
    ]
    failed = []
    for call in calls:
        try:
            call()
        except ReadError as error:
            failed.append(str(error))
    assert failed
    assert all("its answer is not one of AWS's" in text and "canary" not in text for text in failed)


WRITES: dict[str, Callable[[SecretsWriter], object]] = {
    "CreateSecret": lambda writer: writer.put(Put("prod/db", Secret("v"), Details(), ONE, tags={})),
    "PutSecretValue": lambda writer: writer.put(Put("prod/db", Secret("v"), Details(), ONE)),
    "UpdateSecret": lambda writer: writer.put(Put("prod/db", None, Details(), ONE, ("description",))),
    "PutResourcePolicy": lambda writer: writer.put(
        Put("prod/db", None, Details(policies=("{}",)), ONE, ("resourcePolicy",))
    ),
    "DescribeSecret": lambda writer: writer.put(Put("prod/db", None, Details(), ONE, ("replicationLocations",))),
    "TagResource": lambda writer: writer.tag("prod/db", {"a": "b"}),
    "UntagResource": lambda writer: writer.untag("prod/db", ["a"]),
    "RestoreSecret": lambda writer: writer.restore("prod/db"),
    "DeleteSecret": lambda writer: writer.delete("prod/db", {}, PushMetadata[str]()),
    "GetResourcePolicy": lambda writer: writer.describe(
        {"prod/db": PushMetadata[str](resource_policy="{}")}, {"prod/db": Details()}
    ),
    "ReplicateSecretToRegions": lambda writer: writer.put(
        Put("prod/db", None, Details(replicas=("eu-west-1",)), ONE, ("replicationLocations",))
    ),
    "RemoveRegionsFromReplication": lambda writer: writer.delete(
        "prod/db", {}, PushMetadata[str](replication_locations=["eu-west-1"])
    ),
}
TOGETHER = {
    "CreateSecret": ["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
    "TagResource": ["secretsmanager:PutSecretValue", "secretsmanager:TagResource"],
}
COPIED = {**GOOD, "ReplicationStatus": [{"Region": "eu-west-1", "Status": "InSync"}]}


def first_answers(operation: str) -> list[dict[str, Any]]:
    """What AWS says before the call that is refused."""
    return {"ReplicateSecretToRegions": [GOOD], "RemoveRegionsFromReplication": [COPIED]}.get(operation, [])


def copying(status: str) -> dict[str, Any]:
    return {**GOOD, "ReplicationStatus": [{"Region": "eu-west-1", "Status": status}]}


@pytest.mark.parametrize("operation", ["CreateSecret", "ReplicateSecretToRegions"])
def test_a_copy_that_fails_a_moment_after_the_answer_is_said(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS answers before it copies, so that `up` ended with 0."""
    monkeypatch.setattr(secrets_writer, "_COPYING", (0.0, 0.0))
    details, changes = Details(replicas=("eu-west-1",)), ("replicationLocations",)
    put, first = Put("prod/db", None, details, ONE, changes), [GOOD]
    if operation == "CreateSecret":
        put, first = Put("prod/db", Secret("v"), details, ONE, tags={}), []
    for last, fails in (("Failed", True), ("InSync", False), ("InProgress", False)):
        writer = writing(*first, copying("InProgress"), copying("InProgress"), copying(last))
        with pytest.raises(WriteError, match="was not copied to eu-west-1") if fails else nullcontext():
            writer.put(put)


def writing(*answers: dict[str, Any]) -> SecretsWriter:
    limiter = RateLimiter(10_000)
    return SecretsWriter(
        Answers(*answers), Retry(0.0), caller=CALLER, writes=limiter, deletions=limiter, others=limiter
    )


@pytest.mark.parametrize("operation", WRITES)
def test_each_call_of_a_push_tells_what_is_not_allowed_and_the_statement_that_allows_it(operation: str) -> None:
    said = (
        f"User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: secretsmanager:{operation} on "
        f"resource: {HERE}:prod/db-a1B2c3 because no identity-based policy allows the secretsmanager:{operation} action"
    )
    denied = {
        "Error": {"Code": "AccessDeniedException", "Message": said},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    with pytest.raises(WriteError) as caught:
        WRITES[operation](writing(*first_answers(operation), denied))
    text = str(caught.value)
    assert f"may not call secretsmanager:{operation} on {HERE}:prod/db-??????" in text
    statement = json.loads(text[text.index("{") : text.index("}") + 1])
    assert statement == {
        "Effect": "Allow",
        "Action": TOGETHER.get(operation, f"secretsmanager:{operation}"),
        "Resource": f"{HERE}:prod/db-??????",
    }
    assert ("there is no such secret" in text) is (operation == "DescribeSecret"), "it is there, or is created"


@pytest.mark.parametrize("operation", WRITES)
def test_each_call_of_a_push_tells_what_is_not_there_any_more(operation: str) -> None:
    """What is to be deleted, or was only looked at, and is gone, is no error."""
    writer = writing(*first_answers(operation), GONE)
    if operation in ("DeleteSecret", "RemoveRegionsFromReplication", "GetResourcePolicy"):
        assert not WRITES[operation](writer)
        return
    with pytest.raises(WriteError, match=r"^secret 'prod/db' in eu-central-1 was deleted while this was running; run"):
        WRITES[operation](writer)
