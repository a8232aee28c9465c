"""Pushing to Secrets Manager: what is created, updated, merged, kept, restored and deleted, and by which calls."""

import base64
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from moto.secretsmanager.models import secretsmanager_backends

from components.clients.aws.secrets_manager.secret_facts import SecretFacts
from components.core.secrets_manager import SECRETS_MANAGER
from components.core.spec.push_specs import PushMetadata
from components.errors import WriteError
from components.providers import push
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, changes, entry, put_secret
from tests.providers.support import NAMESPACE, Outcome, Stack, cluster
from tests.providers.test_push_failures import after

STORE = {"sm": {"region": "eu-central-1", "service": "SecretsManager"}}
CUT = ["DescribeSecret"]


@pytest.fixture(autouse=True)
def source(kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "bob", "pass": "canary-1", "blob": b"\x00\xff"})


def pushing(*data: dict[str, Any], **more: Any) -> PushStack:
    stack = PushStack(*data, **more)
    stack.stores = {"sm": {**STORE["sm"], **more.pop("store", {})}}
    stack.more.pop("store", None)
    return stack


def to(key: str | None, remote: str = "app/x", prop: str | None = None, **metadata: Any) -> dict[str, Any]:
    given = entry(key, remote, prop, **metadata)
    del given["metadata"]["secretType"]
    return given


def secret(aws: AwsApi, name: str = "app/x") -> dict[str, Any]:
    client = aws.client("secretsmanager")
    told: dict[str, Any] = client.describe_secret(SecretId=name)
    value = client.get_secret_value(SecretId=name)
    tags = {each["Key"]: each["Value"] for each in told.get("Tags") or ()}
    return {
        "value": value.get("SecretString", value.get("SecretBinary")),
        "tags": {name: tags[name] for name in tags if name != OWNER},
        "owned": OWNER in tags,
        "description": told.get("Description"),
        "key": told.get("KmsKeyId"),
        "id": value["VersionId"],
        "versions": len(told["VersionIdsToStages"]),
        "replicas": [each["Region"] for each in told.get("ReplicationStatus") or ()],
    }


def calls(aws: AwsApi) -> list[str]:
    found = [each.operation for each in aws.calls if each.service == "secretsmanager"]
    aws.clear_calls()
    return found


def counted(aws: AwsApi, run: Callable[[], Outcome]) -> dict[str, int]:
    """What an operation calls of Secrets Manager."""
    aws.clear_calls()
    assert run().change != "failed"
    return dict(Counter(calls(aws)))


def test_it_is_created_as_a_string_and_left_alone_by_one_look(aws: AwsApi) -> None:
    stack = pushing(to("user"))
    assert changes(stack.preview()) == ["create app/x"]
    calls(aws)
    assert stack.up().change == "create"
    assert calls(aws) == ["DescribeSecret", "CreateSecret"]
    made = secret(aws)
    assert (made["value"], made["tags"], made["owned"]) == ("bob", {"managed-by": "external-secrets"}, True)
    assert stack.outs["versions"] == {"sm": {"app/x": made["id"]}}
    calls(aws)
    assert stack.preview().change == "same"
    assert stack.up().change == "same"
    assert calls(aws) == CUT * 2


def test_many_take_a_description_each_and_what_changed_a_read_and_a_write(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    """Also of keys that go into one secret, which is looked at, read and written once."""
    put_secret(kubernetes, {f"k{at}": "canary-1" for at in range(25)})
    alone = [to(f"k{at}", f"many/{at:02}") for at in range(20)]
    stack = pushing(*alone, *(to(f"k{at}", "one", f"p{at}") for at in range(20, 25)))
    assert counted(aws, stack.preview) == {"DescribeSecret": 21}
    assert counted(aws, stack.up) == {"DescribeSecret": 21, "CreateSecret": 21}
    for run in (stack.preview, stack.up):
        assert counted(aws, run) == {"DescribeSecret": 21}
    put_secret(kubernetes, {f"k{at}": "canary-2" if at in (3, 21, 22) else "canary-1" for at in range(25)})
    assert counted(aws, stack.preview) == {"DescribeSecret": 21}
    # What is written is looked at once more, so that nobody was faster.
    assert counted(aws, stack.up) == {"DescribeSecret": 23, "GetSecretValue": 21, "PutSecretValue": 2}
    assert counted(aws, stack.up) == {"DescribeSecret": 21}


def test_a_changed_value_is_one_new_version_and_an_equal_one_none(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = pushing(to("pass"))
    stack.up()
    put_secret(kubernetes, {"pass": "canary-1", "more": "x"})
    assert changes(stack.preview()) == ["app/x: value may change (Secret edited since the last push)"]
    before = secret(aws)["id"]
    calls(aws)
    stack.up()
    assert "PutSecretValue" not in calls(aws)
    put_secret(kubernetes, {"pass": "canary-2"})
    stack.up()
    after = secret(aws)
    assert (after["value"], after["versions"], after["id"] == before) == ("canary-2", 2, False)
    assert stack.outs["versions"]["sm"]["app/x"] == after["id"]
    assert "canary" not in json.dumps([stack.outs, stack.inputs])


@pytest.mark.parametrize("previewed", [False, True])
def test_a_preview_foretells_no_id(aws: AwsApi, previewed: bool) -> None:  # noqa: FBT001
    found = pushing(to("user")).preview(decrypt=previewed)
    assert found.inputs["versions"] == {}
    assert "PutSecretValue" not in calls(aws)


def test_a_property_is_merged_the_rest_kept_and_taken_out_again(aws: AwsApi) -> None:
    aws.client("secretsmanager").create_secret(Name="app/x", SecretString='{ "other": 1.50, "db": {"host": "h"} }')
    stack = pushing(to("user", prop="db.user"), to("pass", prop="db.pass"), adopt=True, deletionPolicy="Delete")
    stack.up()
    assert secret(aws)["value"] == '{ "other": 1.50, "db": {"host": "h","user":"bob","pass":"canary-1"} }'
    assert secret(aws)["versions"] == 2
    stack.data = [to("user", prop="db.user")]
    stack.up()
    assert json.loads(secret(aws)["value"]) == {"other": 1.5, "db": {"host": "h", "user": "bob"}}
    stack.destroy()
    assert json.loads(secret(aws)["value"]) == {"other": 1.5, "db": {"host": "h"}}
    assert not secret(aws)["owned"]


def test_a_property_keeps_what_binary_json_others_wrote(aws: AwsApi) -> None:
    aws.client("secretsmanager").create_secret(Name="app/x", SecretBinary=b'{"other":1}')
    stack = pushing(to("user", prop="u", secretPushFormat="binary"), adopt=True, deletionPolicy="Delete")
    stack.up()
    assert secret(aws)["value"] == b'{"other":1,"u":"bob"}'
    stack.destroy()
    assert secret(aws)["value"] == b'{"other":1}'


def test_a_whole_secret_is_json_of_plain_values(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "bob", "pass": "<&>"})
    pushing(to(None)).up()
    assert secret(aws)["value"] == '{"pass":"<&>","user":"bob"}'


def test_bytes_are_kept_in_the_format_binary_and_refused_as_a_string(aws: AwsApi) -> None:
    failed = pushing(to("blob")).preview().failures[0]
    assert "holds bytes that are not UTF-8, which a string cannot hold; set secretPushFormat binary" in failed
    pushing(to("blob", secretPushFormat="binary")).up()
    assert secret(aws)["value"] == b"\x00\xff"


def test_a_format_that_changes_is_written_once(aws: AwsApi) -> None:
    stack = pushing(to("user", secretPushFormat="binary"))
    stack.up()
    stack.data = [to("user")]
    assert changes(stack.preview()) == ["app/x: update (secretPushFormat: binary => string)"]
    stack.up()
    assert (secret(aws)["value"], secret(aws)["versions"]) == ("bob", 2)
    assert stack.up().change == "same"


def test_tags_description_and_key_are_changed_later_without_a_new_version(aws: AwsApi) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    stack = pushing(to("user", tags={"a": "1", "b": "1"}))
    stack.up()
    aws.client("secretsmanager").tag_resource(SecretId="app/x", Tags=[{"Key": "theirs", "Value": "x"}])
    before = secret(aws)["id"]
    stack.data = [to("user", tags={"a": "2"}, description="mine", kmsKeyID=key)]
    assert changes(stack.preview()) == ["app/x: update (kmsKeyID, description, tags: a, b)"]
    calls(aws)
    stack.up()
    assert not {"GetSecretValue", "PutSecretValue"} & set(calls(aws))
    made = secret(aws)
    assert (made["id"], made["description"], made["key"]) == (before, "mine", key)
    assert made["tags"] == {"managed-by": "external-secrets", "a": "2", "theirs": "x"}
    assert stack.preview().change == "same"
    stack.data = [to("user", tags={"a": "2"}, description="mine")]
    assert changes(stack.preview()) == ["app/x: update (kmsKeyID: stays, as none is declared)"]
    stack.up()
    assert secret(aws)["key"] == key
    assert stack.preview().change == "same"


def test_what_others_change_without_a_new_version_is_seen_and_put_right(aws: AwsApi) -> None:
    """Tags, description and key, at no further call: what tells the version tells them, too."""
    client, (key, other) = (
        aws.client("secretsmanager"),
        [aws.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2)],
    )
    stack = pushing(to("user", tags={"a": "1", "b": "1"}, description="mine", kmsKeyID=key))
    stack.up()
    before = secret(aws)["id"]
    client.tag_resource(SecretId="app/x", Tags=[{"Key": "a", "Value": "canary"}, {"Key": "theirs", "Value": "x"}])
    client.untag_resource(SecretId="app/x", TagKeys=["b", "managed-by"])
    client.update_secret(SecretId="app/x", Description="canary", KmsKeyId=other)
    calls(aws)
    seen = stack.preview()
    assert changes(seen) == ["app/x: update (kmsKeyID, description, tags: a, b, managed-by)"]
    assert calls(aws) == CUT
    assert "canary" not in json.dumps(seen.inputs), "what others write stands for secret values"
    stack.up()
    assert not {"GetSecretValue", "PutSecretValue"} & set(calls(aws))
    made = secret(aws)
    assert (made["id"], made["description"], made["key"]) == (before, "mine", key)
    assert made["tags"] == {"managed-by": "external-secrets", "a": "1", "b": "1", "theirs": "x"}
    assert "canary" not in json.dumps([stack.outs, stack.inputs])
    assert stack.preview().change == "same"


def test_what_is_not_declared_others_may_change(aws: AwsApi) -> None:
    client = aws.client("secretsmanager")
    stack = pushing(to("user"))
    stack.up()
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    client.update_secret(SecretId="app/x", KmsKeyId=key)
    client.replicate_secret_to_regions(SecretId="app/x", AddReplicaRegions=[{"Region": "eu-west-1"}])
    client.put_resource_policy(SecretId="app/x", ResourcePolicy='{"Version": "2012-10-17"}')
    client.tag_resource(SecretId="app/x", Tags=[{"Key": "theirs", "Value": "x"}])
    calls(aws)
    assert (stack.preview().change, stack.up().change) == ("same", "same")
    assert calls(aws) == CUT * 2


def test_replicas_and_a_policy_that_others_change_are_put_right_where_they_are_declared(aws: AwsApi) -> None:
    client = aws.client("secretsmanager")
    stack = pushing(
        to("user", replicationLocations=["eu-west-1"], resourcePolicy={"policy": '{"Version": "2012-10-17"}'})
    )
    stack.up()
    calls(aws)
    assert stack.up().change == "same"
    assert calls(aws) == ["DescribeSecret", "GetResourcePolicy"]
    client.remove_regions_from_replication(SecretId="app/x", RemoveReplicaRegions=["eu-west-1"])
    client.delete_resource_policy(SecretId="app/x")
    assert changes(stack.preview()) == ["app/x: update (replicationLocations, resourcePolicy)"]
    stack.up()
    assert secret(aws)["replicas"] == ["eu-west-1"]
    assert json.loads(client.get_resource_policy(SecretId="app/x")["ResourcePolicy"]) == {"Version": "2012-10-17"}
    assert stack.preview().change == "same"


DECLARED = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": ["a:B", "a:C"], "Resource": ["*"]},
}
TOLD = {
    "Statement": [
        {
            "Resource": "*",
            "Action": ["a:C", "a:B"],
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Effect": "Allow",
        }
    ],
    "Version": "2012-10-17",
}


@pytest.mark.parametrize(
    ("declared", "told", "drifts"),
    [
        (DECLARED, json.dumps(TOLD), False),
        (DECLARED, json.dumps(TOLD).replace('"*"', '"arn"'), True),
        (DECLARED, json.dumps(TOLD).replace("123456789012", "210987654321"), True),
        (DECLARED, "no JSON", True),
        (DECLARED, "[" * 100_000, True),
    ],
)
def test_a_policy_that_aws_tells_in_other_words_is_no_drift_for_ever(
    declared: dict[str, Any],
    told: str,
    drifts: bool,  # noqa: FBT001
) -> None:
    writing, metadata = SECRETS_MANAGER.writing, PushMetadata[str](resource_policy=json.dumps(declared))
    recorded = writing.details_of(metadata)
    found = writing.as_recorded(replace(recorded, policies=(told,)), recorded)
    assert bool(writing.changes(found, metadata)) is drifts


@pytest.mark.usefixtures("aws")
def test_a_description_may_be_emptied() -> None:
    stack = pushing(to("user", description="mine"))
    stack.up()
    stack.data = [to("user", description="")]
    assert changes(stack.up()) == ["app/x: update (description)"]
    assert stack.preview().change == "same"


@pytest.mark.parametrize("value", ["canary plain", b"\xff\xfe", '"text"', "1"])
def test_a_property_goes_into_no_value_that_is_no_json_object(aws: AwsApi, value: str | bytes) -> None:
    content: dict[str, Any] = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": value}
    aws.client("secretsmanager").create_secret(Name="app/x", **content)
    (failed,) = pushing(to("user", prop="u"), adopt=True).up().failures
    assert failed == "app/x: its value is not a JSON object, so no property can be written into it"


def test_a_policy_that_is_declared_later_is_looked_at_when_up_has_granted_that(aws: AwsApi) -> None:
    stack = pushing(to("user"))
    stack.up()
    aws.faults.deny("secretsmanager:GetResourcePolicy")
    stack.data = [to("user", resourcePolicy={"policy": '{"Version": "2012-10-17"}'})]
    assert changes(stack.preview()) == ["app/x: update (resourcePolicy)"]
    aws.faults.clear()
    stack.up()
    assert stack.preview().change == "same"


@pytest.mark.parametrize(
    ("declared", "told", "drifts"),
    [
        ("alias/mine", "arn:aws:kms:eu-central-1:123456789012:key/0d1e", False),
        ("alias/mine", "arn:aws:kms:eu-central-1:123456789012:alias/mine", False),
        ("alias/mine", "arn:aws:kms:eu-central-1:123456789012:alias/other", True),
        ("0d1e", "arn:aws:kms:eu-central-1:123456789012:key/0d1e", False),
        ("0d1e", "arn:aws:kms:eu-central-1:123456789012:key/0d1f", True),
        ("arn:aws:kms:eu-central-1:123456789012:key/0d1e", None, True),
    ],
)
def test_an_alias_that_aws_tells_as_a_key_is_no_drift_for_ever(declared: str, told: str | None, drifts: bool) -> None:  # noqa: FBT001
    writing, metadata = SECRETS_MANAGER.writing, PushMetadata[str](kms_key_id=declared)
    recorded = writing.details_of(metadata)
    found = writing.as_recorded(replace(recorded, key=told), recorded)
    assert bool(writing.changes(found, metadata)) is drifts


def test_a_mark_that_somebody_took_away_is_said_in_preview_and_taken_back_by_adopt_alone(aws: AwsApi) -> None:
    stack = pushing(to("user"))
    stack.up()
    aws.client("secretsmanager").untag_resource(SecretId="app/x", TagKeys=[OWNER])
    assert "bears the mark of this PushSecret no more" in stack.preview().failures[0]
    assert "somebody took the tag away, or made the secret again" in stack.up().failures[0]
    stack.more["adopt"] = True
    calls(aws)
    assert changes(stack.preview()) == ["adopt app/x: it bears the mark of this PushSecret no more"]
    stack.up()
    assert "PutSecretValue" not in calls(aws)
    assert secret(aws)["owned"]
    assert stack.preview().change == "same"


def test_what_was_written_once_and_lost_our_mark_is_left_and_that_is_said(
    aws: AwsApi, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = pushing(to("user"), updatePolicy="IfNotExists", deletionPolicy="Delete")
    stack.up()
    aws.client("secretsmanager").untag_resource(SecretId="app/x", TagKeys=[OWNER])
    assert stack.preview().change == stack.up().change == "same"
    said = "secret app/x in eu-central-1 stays, though it is not pushed any more: it does not bear the mark"
    assert said in "".join(capfd.readouterr())
    stack.destroy()
    assert secret(aws)["value"] == "bob"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"OwningService": "rds"}, "is kept by another service of AWS (rds), so it is not written to"),
        ({"PrimaryRegion": "eu-west-1"}, "is a copy of the one in eu-west-1, so it is not written to"),
    ],
)
def test_what_another_service_or_region_keeps_is_refused_in_preview(
    aws: AwsApi, monkeypatch: pytest.MonkeyPatch, told: dict[str, str], words: str
) -> None:
    of = SecretFacts.of
    monkeypatch.setattr(SecretFacts, "of", lambda asked, answer: of(asked, {**answer, **told}))
    aws.client("secretsmanager").create_secret(Name="app/x", SecretString="theirs")
    assert words in pushing(to("user"), adopt=True).preview().failures[0]
    assert pushing(to("user"), updatePolicy="IfNotExists").up().change == "create", "what is there is left"


def test_replicas_and_policy_are_managed_where_they_are_declared_alone(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    client = aws.client("secretsmanager")
    stack = pushing(
        to("user", replicationLocations=["eu-west-1"], resourcePolicy={"policy": '{"Version": "2012-10-17"}'})
    )
    stack.up()
    assert secret(aws)["replicas"] == ["eu-west-1"]
    assert json.loads(client.get_resource_policy(SecretId="app/x")["ResourcePolicy"]) == {"Version": "2012-10-17"}
    stack.data = [to("user", replicationLocations=["eu-west-2"], resourcePolicy={"policy": '{"Version":"2012-10-17"}'})]
    assert changes(stack.preview()) == ["app/x: update (replicationLocations)"]
    stack.up()
    assert secret(aws)["replicas"] == ["eu-west-2"]
    stack.data = [to("user")]
    put_secret(kubernetes, {"user": "carol"})
    stack.up()
    assert (secret(aws)["value"], secret(aws)["replicas"]) == ("carol", ["eu-west-2"])
    assert client.get_resource_policy(SecretId="app/x")["ResourcePolicy"]
    assert not {"DeleteResourcePolicy", "RemoveRegionsFromReplication"} & set(calls(aws)[-4:])


def test_what_somebody_else_made_is_refused_adopted_or_left(aws: AwsApi) -> None:
    aws.client("secretsmanager").create_secret(Name="app/x", SecretString="theirs")
    failed = pushing(to("user")).preview().failures[0]
    assert "secret 'app/x' exists already in eu-central-1 and was not written by this PushSecret" in failed
    kept = pushing(to("user"), updatePolicy="IfNotExists")
    kept.up()
    assert secret(aws)["value"] == "theirs"
    stack = pushing(to("user"), adopt=True)
    assert changes(stack.preview())[0].startswith("adopt app/x")
    stack.up()
    assert (secret(aws)["value"], secret(aws)["owned"]) == ("bob", True)


def test_adopting_an_equal_value_writes_no_version(aws: AwsApi) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.client("secretsmanager").create_secret(Name="app/x", SecretString="bob", KmsKeyId=key)
    pushing(to("user"), adopt=True).up()
    assert (secret(aws)["versions"], secret(aws)["key"]) == (1, key)


@pytest.mark.parametrize("deletion", [{}, {"recoveryWindowInDays": 7.0}, {"forceDeleteWithoutRecovery": True}])
def test_it_is_deleted_as_the_store_says(aws: AwsApi, deletion: dict[str, Any]) -> None:
    stack = pushing(
        to("user", replicationLocations=["eu-west-1"]), deletionPolicy="Delete", store={"deletion": deletion}
    )
    stack.up()
    stack.destroy()
    client = aws.client("secretsmanager")
    if "forceDeleteWithoutRecovery" in deletion:
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.describe_secret(SecretId="app/x")
    else:
        told = client.describe_secret(SecretId="app/x")
        days = (told["DeletedDate"] - told["CreatedDate"]).days
        assert days in ((6, 7) if deletion else (29, 30))


def test_without_delete_it_stays_and_loses_our_mark(aws: AwsApi) -> None:
    stack = pushing(to("user"))
    stack.up()
    stack.destroy()
    assert (secret(aws)["value"], secret(aws)["owned"]) == ("bob", False)


def test_what_is_marked_for_deletion_is_said_and_restored_only_where_that_is_asked(aws: AwsApi) -> None:
    stack = pushing(to("user"), deletionPolicy="Delete")
    stack.up()
    before = secret(aws)["id"]
    aws.client("secretsmanager").delete_secret(SecretId="app/x")
    failed = stack.preview().failures[0]
    assert "secret 'app/x' in eu-central-1 is marked for deletion and goes on " in failed
    assert "Set `restore`" in failed
    stack.more["restore"] = True
    assert changes(stack.preview()) == ["restore app/x"]
    stack.up()
    assert (secret(aws)["value"], secret(aws)["id"]) == ("bob", before)
    assert stack.preview().change == "same"


def test_what_was_destroyed_and_is_declared_again_is_restored_with_its_new_value(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    first = pushing(to("user"), deletionPolicy="Delete")
    first.up()
    first.destroy()
    put_secret(kubernetes, {"user": "carol"})
    again = pushing(to("user"), restore=True)
    assert changes(again.preview())[0].startswith("restore app/x")
    again.up()
    assert secret(aws)["value"] == "carol"


@pytest.mark.usefixtures("aws")
def test_a_property_of_what_is_marked_for_deletion_waits_until_that_can_be_read() -> None:
    first = pushing(to("user", prop="u"), deletionPolicy="Delete")
    first.up()
    first.destroy()
    failed = pushing(to("user", prop="u"), restore=True).preview().failures[0]
    assert "which cannot be read before it is restored; restore it first" in failed


def test_somebody_elses_that_is_marked_for_deletion_is_not_restored_without_adopt(aws: AwsApi) -> None:
    client = aws.client("secretsmanager")
    client.create_secret(Name="app/x", SecretString="theirs")
    client.delete_secret(SecretId="app/x")
    assert "was not written by this PushSecret" in pushing(to("user"), restore=True).preview().failures[0]
    failed = pushing(to("user"), restore=True, updatePolicy="IfNotExists").preview().failures[0]
    assert "was not written by this PushSecret" in failed
    pushing(to("user"), restore=True, adopt=True).up()
    assert secret(aws)["value"] == "bob"


def test_a_secret_without_a_value_gets_one_where_it_is_ours_or_adopted(aws: AwsApi) -> None:
    aws.client("secretsmanager").create_secret(Name="app/x")
    assert "was not written by this PushSecret" in pushing(to("user")).preview().failures[0]
    stack = pushing(to("user"), adopt=True)
    assert changes(stack.preview()) == ["adopt app/x (description): it bears no mark of this library"]
    stack.up()
    assert secret(aws)["value"] == "bob"
    assert stack.preview().change == "same"


def test_what_others_write_or_create_while_this_runs_is_not_touched(
    aws: AwsApi, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = aws.client("secretsmanager")
    stack = pushing(to("user"))
    stack.up()
    put_secret(kubernetes, {"user": "carol"})
    theirs = {"SecretId": "app/x", "SecretString": "theirs"}
    monkeypatch.setattr(push, "deliver", after(lambda: client.put_secret_value(**theirs)))
    assert "secret 'app/x' was changed by somebody else while this was running" in stack.up().failures[0]
    made = {"Name": "app/y", "SecretString": "theirs"}
    monkeypatch.setattr(push, "deliver", after(lambda: client.create_secret(**made)))
    failed = pushing(to("user", "app/y"), name="second").up().failures[0]
    assert "secret 'app/y' in eu-central-1 was created by somebody else" in failed
    assert (secret(aws)["value"], secret(aws, "app/y")["value"]) == ("theirs", "theirs")


def test_what_is_deleted_while_this_runs_is_said(
    aws: AwsApi, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = pushing(to("user"))
    stack.up()
    put_secret(kubernetes, {"user": "carol"})
    client = aws.client("secretsmanager")
    monkeypatch.setattr(push, "deliver", after(lambda: client.delete_secret(SecretId="app/x")))
    assert "run this again" in stack.up().failures[0]


@pytest.mark.parametrize("operation", ["DescribeSecret", "CreateSecret", "TagResource"])
def test_what_is_denied_is_named_and_the_other_is_created(aws: AwsApi, operation: str) -> None:
    stack = pushing(to("user", "app/a"), to("user", "app/b"))
    aws.faults.deny(f"secretsmanager:{operation}", "app/b")
    failed = stack.up().failures[0]
    assert f"may not call secretsmanager:{operation}" in failed
    assert "secret:app/b-??????" in failed or operation == "TagResource"
    assert "canary" not in failed
    together = '"Action": ["secretsmanager:CreateSecret", "secretsmanager:TagResource"]'
    assert (together in failed) is (operation != "DescribeSecret")
    aws.faults.clear()
    stack.up()
    assert (secret(aws, "app/a")["value"], secret(aws, "app/b")["value"]) == ("bob", "bob")


def test_throttling_is_waited_out(aws: AwsApi) -> None:
    aws.faults.throttle("secretsmanager:CreateSecret", calls=2, code="ThrottlingException")
    assert pushing(to("user")).up().change == "create"
    assert secret(aws)["value"] == "bob"


def test_a_pending_version_is_nothing_of_ours(aws: AwsApi) -> None:
    client = aws.client("secretsmanager")
    stack = pushing(to("user"))
    stack.up()
    client.put_secret_value(SecretId="app/x", SecretString="next", VersionStages=["AWSPENDING"])
    assert stack.preview().change == "same"


def test_a_stage_that_was_moved_back_by_hand_is_put_right_by_a_new_version(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    client, stack = aws.client("secretsmanager"), pushing(to("user"))
    stack.up()
    first = secret(aws)["id"]
    put_secret(kubernetes, {"user": "carol"})
    stack.up()
    second = secret(aws)["id"]
    client.update_secret_version_stage(
        SecretId="app/x", VersionStage="AWSCURRENT", MoveToVersionId=first, RemoveFromVersionId=second
    )
    stack.up()
    assert secret(aws)["value"] == "carol"
    assert secret(aws)["id"] not in (first, second)


def test_one_name_in_both_services_is_two_things(aws: AwsApi) -> None:
    stack = PushStack({"secretKey": "user", "remoteKey": "app/x"})
    stack.stores = {**STORE, "ps": {"region": "eu-central-1"}}
    stack.data = [{"secretKey": "user", "remoteKey": "/app/x"}]
    assert sorted(changes(stack.preview())) == ["create /app/x in ps", "create /app/x in sm"]
    stack.up()
    assert secret(aws, "/app/x")["value"] == "bob"
    assert aws.client("ssm").get_parameter(Name="/app/x", WithDecryption=True)["Parameter"]["Value"] == "bob"
    assert stack.up().change == "same"


def test_a_value_that_others_wrote_is_put_right(aws: AwsApi) -> None:
    stack = pushing(to("user"))
    stack.up()
    aws.client("secretsmanager").put_secret_value(SecretId="app/x", SecretString="theirs")
    assert changes(stack.preview())[0].startswith("app/x: value may change (written outside")
    stack.up()
    assert secret(aws)["value"] == "bob"


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("name", ["a b", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x", "a!b", "x:y", ""])
def test_names_that_no_secret_has_are_refused(name: str) -> None:
    assert "name" in pushing(to("user", remote=name)).preview().failures[0]


@pytest.mark.usefixtures("aws")
def test_an_empty_and_a_large_value_are_refused_in_preview(kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"empty": "", "large": "x" * 65_537})
    assert "is empty, and Secrets Manager keeps no empty values" in pushing(to("empty")).preview().failures[0]
    assert "has 65,537 bytes, and Secrets Manager takes 65,536" in pushing(to("large")).preview().failures[0]


def test_refresh_forgets_what_is_gone(aws: AwsApi) -> None:
    stack = pushing(to("user"), to("pass", "app/y"))
    stack.up()
    aws.client("secretsmanager").delete_secret(SecretId="app/x")
    assert stack.refresh()["versions"]["sm"].keys() == {"app/y"}


@pytest.mark.usefixtures("aws")
def test_a_copy_in_the_stores_own_region_is_refused_in_preview() -> None:
    stack = pushing(to("user", replicationLocations=["eu-west-1", "eu-central-1"]))
    assert stack.preview().failures == [
        "app/x: metadata.replicationLocations: 'eu-central-1' is the region of store sm itself; leave it out"
    ]


def test_a_copy_that_fails_is_said_until_it_stands(aws: AwsApi) -> None:
    """Where a secret of that name is in the other region already, AWS says so in the answer, and no error."""
    elsewhere: Any = secretsmanager_backends[aws.account]["eu-west-1"]
    elsewhere._add_secret("app/x", secret_string="theirs")
    stack = pushing(to("user", replicationLocations=["eu-west-1"]), deletionPolicy="Delete")
    failed = "secret 'app/x' in eu-central-1 was not copied to eu-west-1: a secret of this name may be there already"
    assert failed in stack.up().failures[0]
    assert stack.preview().change == "create"
    assert failed in stack.up().failures[0]
    elsewhere.secrets.pop("app/x")
    stack.up()
    assert stack.preview().change == "same"
    stack.destroy()


def test_what_has_copies_that_are_not_declared_is_deleted_only_without_them(aws: AwsApi) -> None:
    stack = pushing(to("user"), deletionPolicy="Delete")
    stack.up()
    client, regions = aws.client("secretsmanager"), [{"Region": "eu-west-1"}]
    client.replicate_secret_to_regions(SecretId="app/x", AddReplicaRegions=regions)
    with pytest.raises(WriteError, match="it may have copies in other regions, with which AWS deletes none"):
        stack.destroy()
    assert secret(aws)["replicas"] == ["eu-west-1"], "others' copies are not taken away"


def test_one_version_an_update_and_none_where_nothing_changes_and_the_limit_is_said(aws: AwsApi) -> None:
    """AWS keeps 100 versions, and drops none that is younger than a day."""
    stack = pushing(to("user", prop="u"), to("pass", prop="p"))
    stack.up()
    client, kept = aws.client("secretsmanager"), secretsmanager_backends[aws.account][aws.region].secrets
    for at in range(99):
        client.put_secret_value(SecretId="app/x", SecretString=json.dumps({"u": f"{at}", "p": "x"}))
    assert len(kept["app/x"].versions) == 100
    failed = stack.up().failures[0]
    assert "keeps 100 versions and drops none that is younger than a day" in failed
    oldest = min(kept["app/x"].versions.values(), key=lambda each: each["createdate"])
    oldest["createdate"] -= 86_401
    stack.up()
    assert json.loads(secret(aws)["value"]) == {"u": "bob", "p": "canary-1"}
    newest = set(kept["app/x"].versions)
    for _ in range(3):
        assert stack.up().change == "same"
    assert set(kept["app/x"].versions) == newest


def test_a_quota_that_is_full_is_no_matter_of_versions(aws: AwsApi) -> None:
    aws.faults.throttle("secretsmanager:CreateSecret", calls=1, code="LimitExceededException")
    assert "a quota of the account is used up, such as the number of secrets" in pushing(to("user")).up().failures[0]


@pytest.mark.parametrize("size", [65_536])
def test_the_largest_value_goes_both_ways(aws: AwsApi, kubernetes: KubernetesApi, size: int) -> None:
    put_secret(kubernetes, {"large": "x" * size, "bytes": bytes(range(256)) * (size // 256)})
    pushing(to("large"), to("bytes", "app/y", secretPushFormat="binary")).up()
    assert (secret(aws)["value"], secret(aws, "app/y")["value"]) == ("x" * size, bytes(range(256)) * (size // 256))
    read = Stack({"large": {"key": "app/x"}, "bytes": {"key": "app/y"}})
    read.store = STORE["sm"]
    assert read.up().change == "create"
    data = (cluster().get_secret(NAMESPACE, "db") or {})["data"]
    assert base64.b64decode(data["bytes"]) == bytes(range(256)) * (size // 256)
    assert base64.b64decode(data["large"]) == b"x" * size


def test_too_many_versions_are_said_and_not_waited_for(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = pushing(to("user"))
    stack.up()
    put_secret(kubernetes, {"user": "canary-new"})
    aws.faults.throttle("secretsmanager:PutSecretValue", calls=1, code="LimitExceededException")
    failed = stack.up().failures[0]
    assert "keeps 100 versions and drops none that is younger than a day" in failed
    assert "canary" not in failed
