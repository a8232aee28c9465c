"""Secrets Manager through the dynamic providers: what a preview says, what an up reads, and every call at the wire."""

import json
from collections import Counter
from typing import Any

import pytest
from moto.secretsmanager.models import secretsmanager_backends

from components.core.secrets_manager import SECRETS_MANAGER
from components.core.service import find_source
from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Outcome, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

CANARY = "canary-5e0b"
WHERE = "eu-central-1 (asked as the AWS SDK's default credentials (env))"
FIRST, SECOND, THIRD = (f"0000000{at}-0000-4000-8000-00000000000{at}" for at in "123")


@pytest.fixture
def secrets(aws: AwsApi) -> Any:
    client = aws.client("secretsmanager")
    put(client, "prod/db", FIRST, json.dumps({"password": f"{CANARY} 1", "user": "app"}))
    aws.clear_calls()
    return client


def put(client: Any, name: str, version: str, value: str | bytes, *stages: str, **more: Any) -> None:
    """Write a version, and the secret where there is none."""
    content = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": value}
    try:
        client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        client.create_secret(Name=name, ClientRequestToken=version, **content, **more)
    else:
        client.put_secret_value(
            SecretId=name, ClientRequestToken=version, **content, VersionStages=list(stages or ["AWSCURRENT"])
        )


def stack(data: dict[str, dict[str, Any]], **more: Any) -> Stack:
    made = Stack(data, **more)
    made.store = {"region": "eu-central-1", "service": "SecretsManager"}
    return made


def counted(aws: AwsApi, run: Any) -> tuple[Outcome, dict[str, int]]:
    """An operation, and what it called of Secrets Manager."""
    aws.clear_calls()
    outcome = run()
    return outcome, dict(Counter(each.operation for each in aws.calls if each.service == "secretsmanager"))


def binary() -> bytes:
    """The one value of the Secret, as it is."""
    import base64  # noqa: PLC0415 - here alone

    secret = cluster().get_secret(NAMESPACE, "db") or {}
    (value,) = secret["data"].values()
    return base64.b64decode(value)


def test_a_secret_is_written_from_it_and_kept(aws: AwsApi, secrets: Any) -> None:
    own = stack(
        {
            "password": {"key": "prod/db", "property": "password"},
            "user": {"key": "prod/db", "property": "user"},
            "again": {"key": "prod/db"},
        }
    )
    seen, called = counted(aws, own.preview)
    assert called == {"DescribeSecret": 1}
    assert seen.change == "create"
    assert seen.inputs["keys"]["password"] == "prod/db, version 0000…0001 (AWSCURRENT), property password"
    done, called = counted(aws, own.up)
    assert (done.change, called) == ("create", {"DescribeSecret": 1, "GetSecretValue": 1})
    assert (values() or {})["password"] == f"{CANARY} 1"
    assert (own.snapshot["versions"], own.sync["versions"]) == ({"prod/db": FIRST}, {"prod/db": FIRST})
    assert CANARY not in json.dumps([own.snapshot, own.sync])
    for run in (own.preview, own.up):
        outcome, called = counted(aws, run)
        assert (outcome.change, called) == ("same", {"DescribeSecret": 1})
    del secrets


def test_many_names_take_a_description_each_and_a_rotation_one_read(aws: AwsApi, secrets: Any) -> None:
    names = [f"many/{at:02}" for at in range(25)]
    for name in names:
        put(secrets, name, FIRST, CANARY)
    own = stack({"a": {"key": "prod/db"}})
    own.others = names
    assert counted(aws, own.preview)[1] == {"DescribeSecret": 26}
    assert counted(aws, own.up)[1] == {"DescribeSecret": 26, "GetSecretValue": 26}
    put(secrets, "prod/db", SECOND, f"{CANARY} 2")
    seen, called = counted(aws, own.preview)
    assert (seen.change, called) == ("update", {"DescribeSecret": 26})
    assert seen.inputs["keys"] == {"a": "prod/db, version 0000…0002 (AWSCURRENT)"}
    done, called = counted(aws, own.up)
    assert (done.change, called) == ("update", {"DescribeSecret": 26, "GetSecretValue": 1})
    (read,) = [each for each in aws.calls if each.operation == "GetSecretValue"]
    assert (read.names, read.decrypt) == (("prod/db",), True)
    assert values() == {"a": f"{CANARY} 2"}


def test_what_is_called_is_what_the_estimate_counts(aws: AwsApi, secrets: Any) -> None:
    for name in ("team/a", "team/b"):
        put(secrets, name, FIRST, "1")
    versions = ("", ":AWSPREVIOUS", f":uuid/{FIRST}")
    put(secrets, "prod/db", SECOND, "2")
    sources = [
        *(f"prod/db{version}" for version in versions),
        "tags of prod/db",
        find := find_source("team/", ".", {}),
        find_source("team/", "a$", {}),
    ]
    found = {find: ["team/a", "team/b"], sources[-1]: ["team/a"]}
    own = stack({"a": {"key": "prod/db"}})
    own.others = sources
    counting = SECRETS_MANAGER.counting
    assert counted(aws, own.preview)[1] == dict(counting.looks(sources, found))
    assert counted(aws, own.up)[1] == dict(counting.first(sources, found))


def test_a_stage_that_moves_back_is_another_version(secrets: Any) -> None:
    own = stack({"all": {"key": "prod/db"}, "old": {"key": "prod/db", "version": "AWSPREVIOUS"}})
    put(secrets, "prod/db", SECOND, f"{CANARY} 2")
    assert own.up().change == "create"
    secrets.update_secret_version_stage(
        SecretId="prod/db", VersionStage="AWSCURRENT", MoveToVersionId=FIRST, RemoveFromVersionId=SECOND
    )
    seen = own.preview()
    assert (seen.change, seen.inputs["keys"]) == (
        "update",
        {"all": "prod/db, version 0000…0001 (AWSCURRENT)", "old": "prod/db, version 0000…0002 (AWSPREVIOUS)"},
    )
    assert own.up().change == "update"
    assert (values() or {})["old"] == f"{CANARY} 2"
    assert own.preview().change == "same"


def test_a_version_is_pinned_by_its_id_also_where_it_bears_no_stage(aws: AwsApi, secrets: Any) -> None:
    own = stack({"pin": {"key": "prod/db", "version": f"uuid/{FIRST}", "property": "user"}})
    assert own.preview().inputs["keys"] == {"pin": "prod/db, version 0000…0001, property user"}
    assert own.up().change == "create"
    for version in (SECOND, THIRD):
        put(secrets, "prod/db", version, "other")
    assert secrets.describe_secret(SecretId="prod/db")["VersionIdsToStages"].keys() == {SECOND, THIRD}
    outcome, called = counted(aws, own.preview)
    assert (outcome.change, called) == ("same", {"DescribeSecret": 1, "ListSecretVersionIds": 1})
    gone = stack({"pin": {"key": "prod/db", "version": f"uuid/{'9' * 36}"}}, name="gone")
    assert gone.preview().failures == [
        f"key pin: secret 'prod/db' has no version '{'9' * 36}' in {WHERE}: name a version that exists, or a stage"
    ]


@pytest.mark.parametrize("value", [b"\x00\xff\xfe binary \x80", b'{"a": "\xff"}', "text \u2603".encode()])
def test_bytes_arrive_as_they_are(secrets: Any, value: bytes) -> None:
    put(secrets, "blob", FIRST, value)
    own = stack({"blob": {"key": "blob"}})
    assert own.up().change == "create"
    assert binary() == value


def test_members_of_bytes_are_taken_as_of_a_string(secrets: Any) -> None:
    put(secrets, "blob", FIRST, b'{"a": "\xff\xe2\x98\x83", "b": "\\udc80"}')
    assert stack({"blob": {"key": "blob", "property": "a"}}).up().change == "create"
    assert values() == {"blob": "\ufffd\u2603"}, "what is no UTF-8 within JSON is U+FFFD, as Go's own JSON has it"
    other = stack({}, dataFrom=[{"extract": {"key": "blob"}}], name="db2")
    assert other.up().change == "create"
    assert values("db2") == {"a": "\ufffd\u2603", "b": "\ufffd"}


def test_finds_are_exact_in_tags_and_list_no_value(aws: AwsApi, secrets: Any) -> None:
    tags = [{"Key": "env", "Value": "prod"}]
    put(secrets, "team/a", FIRST, f"{CANARY} a", Tags=tags)
    put(secrets, "team/b", FIRST, f"{CANARY} b", Tags=[{"Key": "env", "Value": "production"}])
    put(secrets, "teamwork", FIRST, f"{CANARY} c", Tags=[{"Key": "env", "Value": "x"}, {"Key": "x", "Value": "prod"}])
    by_tags = stack({}, dataFrom=[{"find": {"tags": {"env": "prod"}}}])
    seen, called = counted(aws, by_tags.preview)
    assert seen.inputs["sources"] == {"dataFrom[0].find": {"team/a": "version 0000…0001 (AWSCURRENT)"}}
    assert called == {"ListSecrets": 1, "DescribeSecret": 1}
    done, called = counted(aws, by_tags.up)
    assert (done.change, called) == ("create", {"ListSecrets": 1, "DescribeSecret": 1, "GetSecretValue": 1})
    by_name = stack({}, dataFrom=[{"find": {"path": "team", "name": {"regexp": "[ac]$|work"}}}], name="names")
    assert list(by_name.preview().inputs["sources"]["dataFrom[0].find"]) == ["team/a", "teamwork"]
    assert counted(aws, by_name.up)[1] == {"ListSecrets": 1, "DescribeSecret": 2, "GetSecretValue": 2}
    put(secrets, "team/a", SECOND, f"{CANARY} a2")
    done, called = counted(aws, by_tags.up)
    assert (done.change, called) == ("update", {"ListSecrets": 1, "DescribeSecret": 1, "GetSecretValue": 1})
    assert values() == {"team_a": f"{CANARY} a2"}


def test_a_find_of_what_has_no_value_fails_and_what_is_marked_for_deletion_is_not_found(secrets: Any) -> None:
    put(secrets, "x/a", FIRST, "1")
    put(secrets, "x/b", FIRST, "2")
    secrets.delete_secret(SecretId="x/b", RecoveryWindowInDays=7)
    own = stack({}, dataFrom=[{"find": {"name": {"regexp": "^x/"}}}])
    assert list(own.preview().inputs["sources"]["dataFrom[0].find"]) == ["x/a"]
    secrets.create_secret(Name="x/c")
    (text,) = own.preview().failures
    assert text.startswith("dataFrom[0].find: secret 'x/c' has no value yet in eu-central-1")


def test_tags_are_read_without_a_value(aws: AwsApi, secrets: Any) -> None:
    put(secrets, "tagged", FIRST, CANARY, Tags=[{"Key": "owner", "Value": f"{CANARY} team"}])
    own = stack({"tags": {"key": "tagged", "metadataPolicy": "Fetch"}})
    assert counted(aws, own.up)[1] == {"DescribeSecret": 1}
    assert values() == {"tags": json.dumps({"owner": f"{CANARY} team"}, separators=(",", ":"))}
    missing = stack({"tags": {"key": "absent", "metadataPolicy": "Fetch"}}, target={"deletionPolicy": "Delete"})
    (text,) = missing.preview().failures
    assert text.startswith("key tags: tags: secret 'absent' does not exist in eu-central-1")


def test_a_secret_marked_for_deletion_counts_as_missing_and_says_until_when(secrets: Any) -> None:
    own = stack({"a": {"key": "prod/db"}}, target={"deletionPolicy": "Delete"})
    assert own.up().change == "create"
    until = secrets.delete_secret(SecretId="prod/db", RecoveryWindowInDays=7)["DeletionDate"].strftime("%Y-%m-%d")
    seen = own.preview()
    assert seen.inputs["keys"] == {"a": "prod/db, gone: left out by deletionPolicy Delete"}
    assert own.up().change == "update"
    assert values() is None
    retained = stack({"a": {"key": "prod/db"}}, name="kept").preview()
    (text,) = retained.failures
    assert text == (
        f"key a: secret 'prod/db' is marked for deletion in {WHERE}, and counts as one that does not exist: it can be "
        f"restored until {until}, by 'aws secretsmanager restore-secret'"
    )
    secrets.restore_secret(SecretId="prod/db")
    assert own.up().change == "update"
    assert values()


def test_what_was_deleted_and_created_again_with_the_same_version_is_read_again(aws: AwsApi, secrets: Any) -> None:
    """ESO gives what it creates one constant version id, so that the id does not tell."""
    own = stack({"a": {"key": "prod/db"}})
    assert own.up().change == "create"
    secrets.delete_secret(SecretId="prod/db", ForceDeleteWithoutRecovery=True)
    put(secrets, "prod/db", FIRST, "another")
    kept: Any = secretsmanager_backends[aws.account][aws.region].secrets["prod/db"]
    kept.created_date += 60
    seen = own.preview()
    assert (seen.change, seen.drift) == ("update", ["prod/db deleted and created again in AWS"])
    assert own.up().change == "update"
    assert values() == {"a": "another"}


def test_the_version_of_a_rotation_is_not_offered_and_is_said(secrets: Any, capfd: pytest.CaptureFixture[str]) -> None:
    own = stack({"a": {"key": "prod/db"}})
    put(secrets, "prod/db", SECOND, f"{CANARY} 2", "AWSPENDING")
    assert own.preview().inputs["keys"] == {"a": "prod/db, version 0000…0001 (AWSCURRENT)"}
    assert "secret 'prod/db' is being rotated: a version of stage AWSPENDING waits to become" in "".join(
        capfd.readouterr()
    )
    pending = stack({"a": {"key": "prod/db", "version": "AWSPENDING"}}, name="pending")
    assert pending.up().change == "create"


def test_at_each_moment_of_a_rotation_the_current_value_is_read_and_once(aws: AwsApi, secrets: Any) -> None:
    """User guide, "How rotation works": the function makes AWSPENDING, sets it, tests it, and finishes."""
    own = stack({"a": {"key": "prod/db", "property": "user"}})
    own.up()
    kept: Any = secretsmanager_backends[aws.account][aws.region].secrets["prod/db"]

    def made() -> None:
        kept.versions[SECOND] = {"version_id": SECOND, "version_stages": ["AWSPENDING"], "createdate": 0}

    def written() -> None:
        del kept.versions[SECOND]
        put(secrets, "prod/db", SECOND, json.dumps({"user": f"{CANARY} second"}), "AWSPENDING")

    def finished() -> None:
        secrets.update_secret_version_stage(
            SecretId="prod/db", VersionStage="AWSCURRENT", MoveToVersionId=SECOND, RemoveFromVersionId=FIRST
        )

    def cleaned() -> None:
        secrets.update_secret_version_stage(SecretId="prod/db", VersionStage="AWSPENDING", RemoveFromVersionId=SECOND)

    def taken_back() -> None:
        secrets.update_secret_version_stage(
            SecretId="prod/db", VersionStage="AWSCURRENT", MoveToVersionId=FIRST, RemoveFromVersionId=SECOND
        )

    moments = [(made, "same"), (written, "same"), (finished, "update"), (cleaned, "same"), (taken_back, "update")]
    for moment, expected in moments:
        moment()
        outcome, called = counted(aws, own.preview)
        assert (moment, outcome.change, called) == (moment, expected, {"DescribeSecret": 1})
        done, called = counted(aws, own.up)
        assert (done.change, called.get("GetSecretValue", 0)) == (expected, int(expected == "update"))
        assert values() == {"a": f"{CANARY} second" if moment in (finished, cleaned) else "app"}


def test_a_first_version_without_value_is_no_version(secrets: Any) -> None:
    secrets.create_secret(Name="new")
    (text,) = stack({"a": {"key": "new"}}).preview().failures
    assert text.startswith("key a: secret 'new' has no value yet in eu-central-1")
    left_out = stack(
        {"a": {"key": "new"}, "b": {"key": "prod/db", "property": "user"}}, target={"deletionPolicy": "Merge"}
    )
    assert left_out.up().change == "create"
    assert values() == {"b": "app"}


def test_a_pending_version_without_value_is_no_version(aws: AwsApi, secrets: Any) -> None:
    """As a rotation whose function has not written it yet leaves it; DescribeSecret tells of it all the same."""
    kept: Any = secretsmanager_backends[aws.account][aws.region].secrets["prod/db"]
    kept.versions[SECOND] = {"version_id": SECOND, "version_stages": ["AWSPENDING"], "createdate": 0}
    own = stack({"a": {"key": "prod/db", "property": "user"}})
    assert own.up().change == "create"
    pending = stack({"a": {"key": "prod/db", "version": "AWSPENDING"}}, name="pending")
    (text,) = pending.up().failures
    assert text.endswith(f"version '{SECOND}' has no value yet; wait until its rotation has ended")
    del secrets


def test_up_reads_what_is_there_when_it_runs_and_says_so(secrets: Any) -> None:
    own = stack({"a": {"key": "prod/db"}})
    assert own.preview().inputs["keys"] == {"a": "prod/db, version 0000…0001 (AWSCURRENT)"}
    put(secrets, "prod/db", SECOND, f"{CANARY} 2")
    assert own.up().inputs["keys"] == {"a": "prod/db, version 0000…0002 (AWSCURRENT)"}
    assert values() == {"a": f"{CANARY} 2"}
    put(secrets, "prod/db", THIRD, f"{CANARY} 3")
    assert own.preview().change == "update"
    secrets.delete_secret(SecretId="prod/db", ForceDeleteWithoutRecovery=True)
    (text,) = own.up().failures
    assert text.startswith("key a: secret 'prod/db' does not exist in eu-central-1")
    assert values() == {"a": f"{CANARY} 2"}, "nothing is lost"


@pytest.mark.parametrize("action", ["DescribeSecret", "GetSecretValue"])
def test_a_find_of_what_may_not_be_read_fails_and_leaves_nothing_out(aws: AwsApi, secrets: Any, action: str) -> None:
    put(secrets, "team/a", FIRST, "1")
    put(secrets, "team/b", FIRST, "2")
    aws.faults.deny(f"secretsmanager:{action}", "team/b")
    find = {"find": {"path": "team/", "name": {"regexp": "."}}}
    own = stack({}, dataFrom=[find], target={"deletionPolicy": "Delete"})
    (text,) = own.up().failures
    assert text.startswith("dataFrom[0].find: secret 'team/b': ")
    assert f"may not call secretsmanager:{action}" in text
    assert values() is None


def test_one_secret_may_be_made_of_both(aws: AwsApi, secrets: Any) -> None:
    del secrets
    aws.put_parameter("/app/db", f"{CANARY} parameter")
    own = stack(
        {"secret": {"key": "prod/db", "property": "user"}, "parameter": {"key": "/app/db", "store": "other"}},
        stores={"other": {"region": "eu-central-1"}},
    )
    assert own.up().change == "create"
    assert values() == {"secret": "app", "parameter": f"{CANARY} parameter"}
    assert own.preview().inputs["keys"] == {
        "secret": "prod/db, version 0000…0001 (AWSCURRENT), property user",
        "parameter": "other: /app/db, version 1",
    }


def test_an_arn_is_read_with_and_without_its_end(secrets: Any) -> None:
    arn = secrets.describe_secret(SecretId="prod/db")["ARN"]
    own = stack({"whole": {"key": arn, "property": "user"}, "part": {"key": arn[:-7], "property": "user"}})
    assert own.up().change == "create"
    assert values() == {"whole": "app", "part": "app"}
    elsewhere = stack({"a": {"key": arn.replace("eu-central-1", "us-east-1")}}, name="elsewhere")
    (text,) = elsewhere.preview().failures
    assert text.endswith(
        "is in us-east-1, and the store reads in eu-central-1: use a store of that region, or the secret's replica in "
        "this one"
    )


def test_its_problems_are_in_its_words(secrets: Any) -> None:
    del secrets
    gone = stack({"a": {"key": "gone"}}).preview()
    assert gone.failures == [
        f"key a: secret 'gone' does not exist in {WHERE}: create it, or correct its name, region or account"
    ]
    own = stack({"a": {"key": "prod/db", "property": "absent"}})
    (text,) = own.up().failures
    assert text == "key a: secret prod/db: it has no JSON property 'absent'"
    (again,) = own.preview().failures
    assert again == f"{text} (version 0000…0001 (AWSCURRENT), as the last `pulumi up` read it)"


@pytest.mark.parametrize(
    ("denied", "words", "known"),
    [
        ("secretsmanager:DescribeSecret", "may not call secretsmanager:DescribeSecret on arn:aws:secretsman", False),
        ("secretsmanager:GetSecretValue", "may not call secretsmanager:GetSecretValue on arn:aws:secretsman", True),
    ],
)
def test_a_denial_says_that_there_may_be_no_such_secret_and_denies_no_other(
    aws: AwsApi,
    secrets: Any,
    denied: str,
    words: str,
    known: bool,  # noqa: FBT001
) -> None:
    put(secrets, "other", FIRST, "1")
    aws.faults.deny(denied, "prod/db")
    own = stack({"a": {"key": "prod/db"}}, target={"deletionPolicy": "Delete"})
    own.others = ["other"]
    (text,) = own.up().failures
    assert words in text
    assert "prod/db-??????" in text
    may_be_missing = text.endswith("or there is no such secret there, which AWS tells only those who may describe it")
    assert may_be_missing is not known, "what was described a moment ago is there"
    assert own.snapshot["versions"].get("other") == FIRST


def test_a_stage_that_moves_while_it_is_read_is_said_and_nothing_is_written(
    aws: AwsApi, secrets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.clients.aws.secrets_manager.secrets_reader import SecretsReader  # noqa: PLC0415 - here alone

    own = stack({"a": {"key": "prod/db"}})
    ask = SecretsReader.ask

    def late(reader: SecretsReader, sources: Any, *, decrypt: bool) -> Any:
        if not decrypt:
            return ask(reader, sources, decrypt=False)
        put(secrets, "prod/db", SECOND, f"{CANARY} 2")
        return ask(reader, sources, decrypt=True)

    own.preview()
    assert own.up().change == "create"
    put(secrets, "prod/db", THIRD, f"{CANARY} 3")
    with monkeypatch.context() as racing:
        racing.setattr(SecretsReader, "ask", late)
        (text,) = own.up().failures
    assert text.endswith("stage AWSCURRENT moved to another version while this was running; run this again")
    assert own.up().change == "update"
    assert values() == {"a": f"{CANARY} 2"}
    del aws


def test_throttling_is_lived_through(aws: AwsApi, secrets: Any) -> None:
    del secrets
    aws.faults.throttle("secretsmanager:*", calls=3)
    assert stack({"a": {"key": "prod/db"}}).up().change == "create"


def test_the_endpoint_of_the_service_is_its_own(aws: AwsApi, secrets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    del secrets
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_SSM_ENDPOINT", "http://127.0.0.1:9")
    assert stack({"a": {"key": "prod/db"}}).up().change == "create"
    monkeypatch.setenv("AWS_SECRETSMANAGER_ENDPOINT", "not a url")
    (text,) = stack({"a": {"key": "prod/db"}}).preview().failures
    assert "AWS_SECRETSMANAGER_ENDPOINT" in text
    del aws


def test_batches_are_read_where_that_is_asked_for_and_what_is_left_out_is_read_alone(aws: AwsApi, secrets: Any) -> None:
    names = [f"many/{at:02}" for at in range(24)]
    for name in names:
        put(secrets, name, FIRST, CANARY)
    arn = secrets.describe_secret(SecretId="prod/db")["ARN"]
    own = stack({"a": {"key": arn, "property": "user"}, "old": {"key": "many/00", "version": f"uuid/{FIRST}"}})
    own.others = names
    own.store["batchReads"] = True
    assert counted(aws, own.preview)[1] == {"DescribeSecret": 25}
    done, called = counted(aws, own.up)
    assert (done.change, called["BatchGetSecretValue"], called["GetSecretValue"]) == ("create", 2, 1)
    assert values() == {"a": "app", "old": CANARY}
    aws.faults.deny("secretsmanager:GetSecretValue", "many/01")
    failing = stack({"a": {"key": "many/01"}, "b": {"key": "many/02"}}, name="failing")
    failing.store = own.store
    (text,) = failing.up().failures
    assert "key a: secret 'many/01'" in text
    assert "may not call secretsmanager:GetSecretValue" in text
    assert "key b" not in text
    aws.faults.deny("secretsmanager:BatchGetSecretValue")
    (text,) = stack_like(own, "denied").up().failures
    assert "may not call secretsmanager:BatchGetSecretValue on *" in text
    assert text.endswith("or leave batch_reads out of the store")


def stack_like(own: Stack, name: str) -> Stack:
    made = stack({"a": {"key": "prod/db"}}, name=name)
    made.store = own.store
    return made
