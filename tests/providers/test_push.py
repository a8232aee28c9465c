"""A PushSecret's life: what preview says, what is written, what is asked of AWS, and what is never touched."""

import hashlib
from typing import Any

import pytest

from components.core.spec.owner import MOVED_FROM
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import (
    OWNER,
    PushStack,
    changes,
    described,
    entry,
    label,
    operations,
    parameter,
    put_secret,
)
from tests.providers.support import Stack


@pytest.fixture(autouse=True)
def source(kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "bob", "pass": "s3cr3t"})


def test_a_parameter_is_created_and_then_left_alone(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "my-first-parameter"), entry("pass", "/pass", secretType="SecureString"))
    assert changes(stack.preview()) == ["create /pass", "create my-first-parameter"]
    aws.clear_calls()
    assert changes(stack.up()) == ["create /pass", "create my-first-parameter"]
    assert operations(aws) == ["GetParameters", "PutParameter", "PutParameter"]
    value, tags = parameter(aws, "my-first-parameter") or ("", {})
    assert (value, tags.pop(OWNER)[33:]) == ("bob", f"{tags_digest(stack)} shop/dev/push")
    assert tags == {"managed-by": "external-secrets"}
    assert described(aws, "my-first-parameter")["Description"] == "secret 'managed-by:external-secrets'"
    assert (described(aws, "/pass")["Type"], described(aws, "/pass")["KeyId"]) == ("SecureString", "alias/aws/ssm")
    assert (stack.outs["status"], stack.outs["versions"]) == (
        "Synced",
        {"team-a": {"/pass": 1, "my-first-parameter": 1}},
    )
    for run in (stack.preview, stack.up, stack.preview):
        aws.clear_calls()
        outcome = run()
        assert (outcome.change, changes(outcome)) == ("same", [])
        assert operations(aws) == ["GetParameters"]


def tags_digest(stack: PushStack) -> str:
    return hashlib.sha256(stack.urn.encode()).hexdigest()[:32]


@pytest.mark.parametrize("decrypt", [False, True])
def test_a_preview_says_that_what_the_same_update_writes_first_may_change(aws: AwsApi, *, decrypt: bool) -> None:
    aws.put_parameter("/app/db", "one")
    secret, push = Stack({"password": {"key": "/app/db"}}), PushStack(entry("password", "/copy"))
    push.secret = "db"
    secret.up()
    push.up()
    secret.preview()
    assert push.preview(fresh=False).change == "same"
    aws.put_parameter("/app/db", "two")
    secret.preview()
    previewed = push.preview(fresh=False, decrypt=decrypt)
    assert changes(previewed) == ["/copy: value may change (this update writes the Secret first)"]
    secret.up()
    assert changes(push.up(fresh=False)) == ["/copy: update (value)"]
    assert (parameter(aws, "/copy") or ("",))[0] == "two"
    secret.preview()
    assert push.preview(fresh=False).change == "same"


def test_an_edited_secret_may_change_values_and_up_writes_those_alone_that_do(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    stack = PushStack(entry("user", "/user"), entry("pass", "/pass"))
    stack.up()
    put_secret(kubernetes, {"user": "bob", "pass": "rotated"})
    aws.clear_calls()
    doubt = "value may change (Secret edited since the last push)"
    assert changes(stack.preview()) == [f"/pass: {doubt}", f"/user: {doubt}"]
    assert operations(aws) == ["GetParameters"]
    assert changes(stack.preview(decrypt=True)) == ["/pass: update (value)", "1 unchanged"]
    aws.clear_calls()
    assert changes(stack.up()) == ["/pass: update (value)", "1 unchanged"]
    assert operations(aws) == [
        "GetParameters",
        "GetParameters decrypted",
        "ListTagsForResource",
        "GetParameters",
        "ListTagsForResource",
        "PutParameter",
    ]
    assert parameter(aws, "/pass") is not None
    assert (parameter(aws, "/pass") or ("",))[0] == "rotated"
    assert stack.outs["versions"] == {"team-a": {"/pass": 2, "/user": 1}}
    assert stack.preview().change == "same"


def test_an_edit_that_changes_no_value_writes_nothing(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.up()
    put_secret(kubernetes, {"user": "bob", "pass": "s3cr3t", "other": "x"})
    aws.clear_calls()
    outcome = stack.up()
    assert (outcome.change, changes(outcome)) == ("update", [])
    assert operations(aws) == ["GetParameters", "GetParameters decrypted"]
    assert stack.preview().change == "same"


def test_what_it_is_like_is_changed_also_where_the_value_is_equal(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user", tags={"team": "a", "old": "x"}))
    stack.up()
    aws.client("ssm").add_tags_to_resource(
        ResourceType="Parameter", ResourceId="/user", Tags=[{"Key": "foreign", "Value": "y"}]
    )
    stack.data = [entry("user", "/user", tags={"team": "b"})]
    assert changes(stack.preview()) == ["/user: update (tags: old, team)"]
    assert changes(stack.up()) == ["/user: update (tags: old, team)"]
    _, tags = parameter(aws, "/user") or ("", {})
    assert {key: tags[key] for key in tags if key != OWNER} == {
        "team": "b",
        "foreign": "y",
        "managed-by": "external-secrets",
    }
    policy = {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2030-12-02T21:34:33.000Z"}}
    steps: list[tuple[dict[str, Any], str]] = [
        ({"tier": {"type": "Advanced", "policies": [policy]}}, "tier: Standard => Advanced, policies"),
        ({"tier": {"type": "Advanced"}}, "policies"),
        ({"tier": {"type": "Intelligent-Tiering"}, "description": "d"}, "description"),
    ]
    for number, (metadata, words) in enumerate(steps, 2):
        stack.data = [entry("user", "/user", tags={"team": "b"}, **metadata)]
        assert changes(stack.preview()) == [f"/user: update ({words})"]
        aws.clear_calls()
        assert changes(stack.up()) == [f"/user: update ({words})"]
        assert "GetParameters decrypted" not in operations(aws)
        assert described(aws, "/user")["Version"] == number
        assert stack.preview().change == "same"
    assert "Policies" not in described(aws, "/user")
    assert (described(aws, "/user")["Tier"], described(aws, "/user")["Description"]) == ("Advanced", "d")


def test_another_kms_key_is_applied(aws: AwsApi) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    stack = PushStack(entry("user", "/user", secretType="SecureString"))
    stack.up()
    stack.data = [entry("user", "/user", secretType="SecureString", kmsKeyID=key)]
    assert changes(stack.preview()) == ["/user: update (kmsKeyID)"]
    assert changes(stack.up()) == ["/user: update (kmsKeyID)"]
    assert described(aws, "/user")["KeyId"] == key
    assert stack.preview().change == "same"


def test_a_key_that_was_disabled_is_replaced_by_another(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    kms = aws.client("kms")
    old, new = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    stack = PushStack(entry("user", "/user", secretType="SecureString", kmsKeyID=old))
    stack.up()
    kms.disable_key(KeyId=old)
    put_secret(kubernetes, {"user": "rotated"})
    assert "its KMS key is disabled" in stack.up().failures[0]
    stack.data = [entry("user", "/user", secretType="SecureString", kmsKeyID=new)]
    said = ["/user: update (kmsKeyID); value may change (Secret edited since the last push)"]
    assert changes(stack.preview()) == said
    assert changes(stack.up()) == said
    assert (parameter(aws, "/user") or ("",))[0] == "rotated"
    assert stack.preview().change == "same"


def test_the_value_sensitive_is_like_any_other(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "sensitive"})
    stack = PushStack(entry("user", "/user"))
    stack.up()
    put_secret(kubernetes, {"user": "v2"})
    assert changes(stack.up()) == ["/user: update (value)"]
    assert (parameter(aws, "/user") or ("",))[0] == "v2"


def test_the_form_of_a_whole_secret_is_changed(aws: AwsApi) -> None:
    stack = PushStack(entry(None, "/all"))
    stack.up()
    assert (parameter(aws, "/all") or ("",))[0] == '{"pass":"czNjcjN0","user":"Ym9i"}'
    stack.data = [entry(None, "/all", encodeAsDecoded=True)]
    assert changes(stack.preview()) == ["/all: value may change (its entry changed)"]
    assert changes(stack.up()) == ["/all: update (value)"]
    assert (parameter(aws, "/all") or ("",))[0] == '{"pass":"s3cr3t","user":"bob"}'
    assert stack.preview().change == "same"


def test_intelligent_tiering_is_sent_and_takes_what_standard_does_not(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "x" * 5000, "pass": "x"})
    tier = {"type": "Intelligent-Tiering"}
    stack = PushStack(entry("user", "/large", tier=tier), entry("pass", "/small", tier=tier))
    stack.up()
    assert [described(aws, name)["Tier"] for name in ("/large", "/small")] == ["Advanced", "Standard"]
    put_secret(kubernetes, {"user": "x", "pass": "x"})
    stack.data = [entry("user", "/large"), entry("pass", "/small")]
    refused = stack.preview().failures[0]
    assert "parameter '/large' in eu-central-1: AWS does not move a parameter from tier Advanced" in refused
    assert "/small" not in refused


def test_what_aws_does_not_change_is_found_in_preview_and_replaced_under_delete(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.up()
    stack.data = [entry("user", "/user", secretType="SecureString")]
    refused = "AWS does not change the type of a parameter (String => SecureString); set deletionPolicy Delete"
    assert refused in stack.preview().failures[0]
    assert refused in stack.up().failures[0]
    stack.more["deletionPolicy"] = "Delete"
    said = ["replace /user (secretType: String => SecureString)"]
    assert changes(stack.preview()) == said
    aws.client("ssm").add_tags_to_resource(
        ResourceType="Parameter", ResourceId="/user", Tags=[{"Key": "foreign", "Value": "y"}]
    )
    changes(stack.up())
    assert described(aws, "/user")["Type"] == "SecureString"
    _, tags = parameter(aws, "/user") or ("", {})
    assert tags["foreign"] == "y"
    assert OWNER in tags
    assert stack.preview().change == "same"
    stack.data = [entry("user", "/user", secretType="SecureString", tier={"type": "Advanced"})]
    stack.up()
    stack.more.clear()
    stack.data = [entry("user", "/user", secretType="SecureString")]
    assert "does not move a parameter from tier Advanced to Standard" in stack.preview().failures[0]


def test_a_parameter_of_somebody_else_is_refused_and_can_be_adopted(aws: AwsApi) -> None:
    aws.put_parameter("/user", "theirs", "String", Tags=[{"Key": "mine", "Value": "1"}], overwrite=False)
    stack = PushStack(entry("user", "/user"))
    refused = "'/user' exists already in eu-central-1 and was not written by this PushSecret (it bears no mark"
    assert refused in stack.preview().failures[0]
    assert refused in stack.up().failures[0]
    assert (parameter(aws, "/user") or ("",))[0] == "theirs"
    stack.more["adopt"] = True
    so_far = "it bears no mark of this library, last written by arn:aws:iam::123456789012:user/sandbox"
    assert changes(stack.preview()) == [f"adopt /user (description): {so_far}"]
    assert changes(stack.up()) == [f"adopt /user (value, description): {so_far}"]
    value, tags = parameter(aws, "/user") or ("", {})
    assert (value, tags["mine"]) == ("bob", "1")
    assert stack.preview().change == "same"


def test_what_external_secrets_operator_pushed_is_not_ours_either(aws: AwsApi) -> None:
    managed = [{"Key": "managed-by", "Value": "external-secrets"}]
    aws.put_parameter("/user", "bob", "String", Tags=managed, overwrite=False)
    assert "External Secrets Operator has pushed it" in PushStack(entry("user", "/user")).preview().failures[0]


def test_a_mark_that_somebody_took_away_is_found_before_the_write(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = PushStack(entry("user", "/user"), deletionPolicy="Delete")
    stack.up()
    aws.client("ssm").remove_tags_from_resource(ResourceType="Parameter", ResourceId="/user", TagKeys=[OWNER])
    put_secret(kubernetes, {"user": "alice"})
    assert "bears the mark of this PushSecret no more" in stack.up().failures[0]
    assert (parameter(aws, "/user") or ("",))[0] == "bob"
    stack.destroy()
    assert parameter(aws, "/user") is not None


def test_a_parameter_edited_outside_shows_by_whom_and_is_put_back(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.up()
    aws.client("ssm").put_parameter(Name="/user", Value="edited", Overwrite=True)
    (said,) = changes(stack.preview())
    by = f"written outside by arn:aws:iam::{aws.account}:user/sandbox at 2"
    assert said.startswith(f"/user: value may change ({by}")
    for outcome in (stack.preview(decrypt=True), stack.up()):  # an edit after the preview is not overwritten unseen
        (said,) = changes(outcome)
        assert said.startswith(f"/user: update (value, {by}")
    assert (parameter(aws, "/user") or ("",))[0] == "bob"
    assert stack.preview().change == "same"


def test_a_parameter_deleted_outside_is_created_again(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.up()
    stack.up()
    aws.client("ssm").delete_parameter(Name="/user")
    assert changes(stack.preview()) == ["create /user (it is missing in AWS)"]
    stack.up()
    assert (parameter(aws, "/user") or ("",))[0] == "bob"
    assert stack.preview().change == "same"


def test_another_parameter_of_the_same_version_is_not_taken_for_ours(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = PushStack(entry("user", "/user"), entry("pass", "/pass"))
    stack.up()
    put_secret(kubernetes, {"user": "bob", "pass": "rotated"})
    stack.up()  # what stayed as it was is recorded with its time
    aws.client("ssm").delete_parameter(Name="/user")
    aws.put_parameter("/user", "theirs", "String")
    stack.inputs["__written"]["team-a"]["/user"][1] -= 60_000  # else it is the same second, which may be rounding
    assert "'/user' in eu-central-1 bears the mark of this PushSecret no more" in stack.preview().failures[0]
    assert (parameter(aws, "/user") or ("",))[0] == "theirs"


def test_nor_before_the_time_of_ours_is_recorded(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"), entry("pass", "/pass"))
    stack.up()
    aws.client("ssm").delete_parameter(Name="/user")
    aws.put_parameter("/user", "theirs", "String")
    stack.inputs["__pushedAt"] = "2020-01-01T00:00:00+00:00"  # long before, so that it cannot be what was pushed
    assert "'/user' in eu-central-1 bears the mark of this PushSecret no more" in stack.up().failures[0]
    assert (parameter(aws, "/user") or ("",))[0] == "theirs"


def test_a_push_that_took_long_is_recognised_by_its_marks_once(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.up()
    stack.inputs["__pushedAt"] = "2020-01-01T00:00:00+00:00"
    for calls in (["GetParameters", "ListTagsForResource"], ["GetParameters"]):
        aws.clear_calls()
        assert stack.up().change == "same"
        assert operations(aws) == calls


def test_if_not_exists_writes_nothing_over_anything(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    aws.put_parameter("/theirs", "manual", "String")
    stack = PushStack(
        entry("user", "/theirs"), entry("pass", "/ours"), updatePolicy="IfNotExists", deletionPolicy="Delete"
    )
    assert changes(stack.up()) == ["create /ours", "1 unchanged"]
    put_secret(kubernetes, {"user": "alice", "pass": "rotated"})
    assert changes(stack.up()) == []
    assert [(parameter(aws, name) or ("",))[0] for name in ("/theirs", "/ours")] == ["manual", "s3cr3t"]
    assert stack.outs["message"] == "PushSecret synced successfully. Existing secrets in providers unchanged."
    stack.more["updatePolicy"] = "Replace"
    stack.data = stack.data[1:]
    assert changes(stack.preview()) == ["/ours: value may change (template or updatePolicy changed)"]
    assert changes(stack.up()) == ["/ours: update (value)"]
    stack.more["updatePolicy"] = "IfNotExists"
    stack.destroy()
    assert [parameter(aws, name) is None for name in ("/theirs", "/ours")] == [False, True]


def test_before_its_interval_has_passed_an_edited_secret_is_not_pushed_again(
    aws: AwsApi, kubernetes: KubernetesApi, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = PushStack(entry("user", "/user"), refresh={"interval": "0"})
    stack.up()
    put_secret(kubernetes, {"user": "alice", "pass": "x"})
    for run in (stack.preview, stack.up, stack.up):
        assert run().change == "same"
        assert "PushSecret shop/dev/push is not pushed again, as its time has not come" in capfd.readouterr().err
    assert changes(stack.preview(force=True)) == ["/user: value may change (Secret edited since the last push)"]
    stack.data = [*stack.data, entry("pass", "/pass")]
    assert changes(stack.up()) == ["create /pass", "/user: update (value)"]
    stack.more["refresh"] = {"interval": "1ms"}
    stack.up()
    put_secret(kubernetes, {"user": "carol", "pass": "x"})
    assert changes(stack.up()) == ["/user: update (value)", "1 unchanged"]
    assert (parameter(aws, "/user") or ("",))[0] == "carol"


@pytest.mark.parametrize("policy", ["Delete", "None"])
def test_what_is_not_declared_any_more_is_deleted_or_loses_our_mark(aws: AwsApi, policy: str) -> None:
    stack = PushStack(entry("user", "/user"), entry("pass", "/old"), deletionPolicy=policy)
    stack.up()
    stack.data = [entry("user", "/user"), entry("pass", "/new")]
    gone = "delete /old" if policy == "Delete" else "/old: stays, and is not kept any more"
    assert changes(stack.preview()) == ["create /new", gone, "1 unchanged"]
    changes(stack.up())
    left = parameter(aws, "/old")
    assert left is None if policy == "Delete" else left == ("s3cr3t", {"managed-by": "external-secrets"})
    assert stack.preview().change == "same"
    stack.destroy()
    for name in ("/user", "/new"):
        found = parameter(aws, name)
        assert found is None if policy == "Delete" else found is not None and OWNER not in found[1]


def test_a_prefix_or_store_that_changed_is_cleaned_up_under_delete(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "user"), deletionPolicy="Delete", prefixes={"team-a": "/old/"})
    stack.up()
    stack.more["prefixes"] = {"team-a": "/new/"}
    assert changes(stack.up()) == ["create /new/user", "delete /old/user"]
    assert (parameter(aws, "/old/user"), (parameter(aws, "/new/user") or ("",))[0]) == (None, "bob")
    stack.stores = {"team-a": {"region": "us-east-1"}}
    assert changes(stack.up()) == ["create /new/user", "delete /new/user"]
    assert parameter(aws, "/new/user") is None
    stack.stores = {"renamed": {"region": "us-east-1"}}
    stack.more["prefixes"] = {"renamed": "/new/"}
    outcome = stack.up()
    assert (outcome.change, changes(outcome)) == ("update", [])
    stack.stores = {"another": {"region": "eu-central-1"}}
    stack.more["prefixes"] = {"another": "/new/"}
    for operation in (stack.preview, stack.up):
        assert changes(operation()) == ["create /new/user in another", "delete /new/user in renamed"]
    assert (parameter(aws, "/new/user") or ("",))[0] == "bob"


def test_properties_are_merged_in_one_write_and_taken_out_again(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    text = '{ "keep" : 1.50,\n  "db": {"x": 1} }'
    aws.put_parameter("/json", text, "String")
    both = entry("pass", "/json", "db.pass"), entry("user", "/json", "user")
    stack = PushStack(*both, adopt=True, deletionPolicy="Delete")
    assert "adopt /json" in changes(stack.preview())[0]
    aws.clear_calls()
    changes(stack.up())
    assert operations(aws).count("PutParameter") == 1
    value = '{ "keep" : 1.50,\n  "db": {"x": 1,"pass":"s3cr3t"} ,"user":"bob"}'
    assert (parameter(aws, "/json") or ("",))[0] == value
    assert stack.preview().change == "same"
    put_secret(kubernetes, {"user": "bob", "pass": "rotated"})
    assert changes(stack.up()) == ["/json: update (value)"]
    stack.destroy()
    left, tags = parameter(aws, "/json") or ("", {})
    assert (left, tags) == (text, {})


def test_a_parameter_of_our_properties_alone_goes_with_them(aws: AwsApi) -> None:
    stack = PushStack(entry("pass", "/json", "db.pass"), entry("user", "/json", "user"), deletionPolicy="Delete")
    stack.up()
    assert (parameter(aws, "/json") or ("",))[0] == '{"db":{"pass":"s3cr3t"},"user":"bob"}'
    stack.data = [entry("user", "/json", "user")]
    assert changes(stack.preview()) == ["/json: value may change (its entry changed)"]
    changes(stack.up())
    assert (parameter(aws, "/json") or ("",))[0] == '{"db":{},"user":"bob"}'
    stack.destroy()


def test_what_is_no_json_takes_no_property(aws: AwsApi) -> None:
    aws.put_parameter("/text", "hello-canary", "String")
    stack = PushStack(entry("user", "/text", "user"), adopt=True)
    failed = stack.up().failures[0]
    assert failed.startswith("/text: its value is not a JSON object")
    assert "hello-canary" not in failed


@pytest.mark.parametrize("text", ['{"db":"hello-canary"}', '{"db":{},"db":{}}', '{"db":{"user":1,"user":2}}'])
def test_a_property_that_would_take_something_away_is_refused(aws: AwsApi, text: str) -> None:
    aws.put_parameter("/json", text, "String")
    failed = PushStack(entry("user", "/json", "db.user"), adopt=True).up().failures[0]
    assert failed.startswith("/json: the parameter's value: property 'db.user': ")
    assert "hello-canary" not in failed
    assert parameter(aws, "/json") == (text, {})


def test_an_element_at_the_end_of_an_array_is_added_once(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = PushStack(entry("user", "/json", "hosts.-1"))
    stack.up()
    put_secret(kubernetes, {"user": "bob", "pass": "another key changed"})
    assert changes(stack.up()) == []
    assert (parameter(aws, "/json") or ("",))[0] == '{"hosts":["bob"]}'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([entry("absent", "/a")], "/a: secret key absent does not exist in Secret team-a/src"),
        ([entry("empty", "/a")], "/a: key 'empty' is empty"),
        ([entry("blob", "/a")], "/a: key 'blob' holds bytes that are not UTF-8"),
        ([entry("large", "/a")], "/a: key 'large' has 5,000 bytes, and tier Standard takes 4,096"),
        ([entry("user", "has space")], "cannot be a parameter's name"),
        ([entry("user", "/a"), entry("empty", "/a")], "duplicate remote key '/a'"),
    ],
)
def test_what_cannot_be_pushed_is_found_in_preview_before_any_write(
    aws: AwsApi, kubernetes: KubernetesApi, data: list[dict[str, Any]], problem: str
) -> None:
    put_secret(kubernetes, {"user": "bob", "empty": "", "blob": b"\xff", "large": "x" * 5000})
    for run in (PushStack(*data).preview, PushStack(*data).up):
        assert problem in run().failures[0]
    assert "PutParameter" not in operations(aws)


def test_a_missing_secret_is_an_error_but_under_delete_takes_its_parameters_along(
    aws: AwsApi, kubernetes: KubernetesApi, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.secret = "absent"
    assert "Secret team-a/absent does not exist" in stack.preview().failures[0]
    assert (
        stack.preview(pendingSecrets=True).inputs["note"] == "values are read during up, which makes the Secret first"
    )
    stack.secret = "src"
    stack.more["deletionPolicy"] = "Delete"
    stack.up()
    stack.secret = "absent"
    assert changes(stack.preview()) == ["delete /user"]
    changes(stack.up())
    assert (parameter(aws, "/user"), stack.outs["status"]) == (None, "SourceDeleted")
    assert (stack.preview().change, stack.up().change) == ("same", "same"), "as it was said, until the Secret is there"
    assert "Secret team-a/absent is still gone" in capsys.readouterr().err
    stack.data = [entry("user", "/other")]
    assert "Secret team-a/absent does not exist" in stack.preview().failures[0], "what is declared anew has no source"
    stack.data = [entry("user", "/user")]
    put_secret(kubernetes, {"user": "again"}, "absent")
    assert changes(stack.up()) == ["create /user"]


def test_two_push_secrets_never_write_one_parameter(aws: AwsApi) -> None:
    stack, other = PushStack(entry("user", "/same")), PushStack(entry("pass", "same"), name="other")
    other.stores = {"another-name": {"region": "eu-central-1"}}
    other.data = [entry("pass", "/same", "property")]
    assert changes(stack.preview()) == ["create /same"]
    assert (
        "is written by PushSecret shop/dev/push, too"
        in other._run(apply=False, operation={"preview": True, "decrypt": False}, fresh=False).failures[0]
    )
    stack.up()
    assert "is written by PushSecret shop/dev/push, too" in other.up(fresh=False).failures[0]
    assert "it is that of PushSecret shop/dev/push" in other.up().failures[0]
    assert (parameter(aws, "/same") or ("",))[0] == "bob"


def test_below_another_parent_and_in_another_state_it_keeps_its_parameters(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"), deletionPolicy="Delete")
    stack.up()
    old = PushStack(entry("user", "/user"))
    old.outs = dict(stack.outs)
    stack.parents, stack.inputs, stack.outs = "my:index:Team$", {}, {}
    assert changes(stack.up()) == ["/user: update (mark)"]
    old.destroy()
    assert (parameter(aws, "/user") or ("",))[0] == "bob"
    stack.state_id = "f" * 32
    assert changes(stack.up()) == ["/user: update (mark)"]
    stack.destroy()
    assert parameter(aws, "/user") is None


def test_a_copied_state_leaves_the_parameters_to_the_stack_that_wrote_them(
    aws: AwsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = PushStack(entry("user", "p"), deletionPolicy="Delete")
    assert stack.up().change == "create"
    before = parameter(aws, "p")
    stack.stack = "copy"
    for outcome in (stack.preview(), stack.up()):
        (line,) = outcome.failures
        assert "written by stack shop/dev" in line
        assert f"{MOVED_FROM}=shop/dev" in line
    assert parameter(aws, "p") == before
    monkeypatch.setenv(MOVED_FROM, "shop/dev")
    assert stack.up().change == "update"
    monkeypatch.delenv(MOVED_FROM)
    assert stack.preview().change == "same"
    stack.destroy()
    assert parameter(aws, "p") is None


def test_without_an_id_of_the_state_nothing_is_written(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"))
    stack.state_id = None
    assert changes(stack.preview()) == ["create /user"]
    assert "has no id yet" in stack.up().failures[0]
    assert operations(aws) == ["GetParameters"]


def test_refresh_tells_what_is_gone(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/user"), entry("pass", "/pass"))
    stack.up()
    aws.client("ssm").delete_parameter(Name="/user")
    assert stack.refresh()["versions"] == {"team-a": {"/pass": 1}}
    assert changes(stack.preview()) == ["create /user", "1 unchanged"]
    aws.client("ssm").delete_parameter(Name="/pass")
    assert stack.refresh() == {}


def test_unchanged_parameters_are_looked_at_ten_a_call(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {f"k{number}": "v" for number in range(11)})
    stack = PushStack(*[entry(f"k{number}", f"/many/{number}") for number in range(11)])
    stack.up()
    aws.clear_calls()
    assert stack.preview().change == "same"
    assert operations(aws) == ["GetParameters"] * 2


def test_secrets_by_labels_push_keys_of_their_own_and_none_deletes_anothers(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    put_secret(kubernetes, {"x": "of-a"}, "a")
    put_secret(kubernetes, {"y": "of-b"}, "b")
    to = {"store": "team-a", "rewrite": [{"regexp": {"source": "^", "target": "/all/"}}]}
    stack = PushStack(deletionPolicy="Delete", selector=[{"key": "push", "operator": "In", "values": ["yes"]}])
    stack.more["dataTo"] = [{**to, "metadata": {"secretType": "String"}}]
    stack.secret = ""
    stack.up()
    assert (stack.outs["status"], stack.outs["versions"]) == ("Synced", {})
    label(kubernetes, "a", "yes")
    label(kubernetes, "b", "yes")
    assert changes(stack.preview()) == ["create /all/x", "create /all/y"]
    stack.up()
    for _ in range(2):
        assert stack.up().change == "same"
    assert [(parameter(aws, f"/all/{key}") or ("",))[0] for key in "xy"] == ["of-a", "of-b"]
    label(kubernetes, "b", None)
    assert changes(stack.up()) == ["delete /all/y", "1 unchanged"]
    assert (parameter(aws, "/all/y"), (parameter(aws, "/all/x") or ("",))[0]) == (None, "of-a")
    put_secret(kubernetes, {"x": "clash"}, "b")
    label(kubernetes, "b", "yes")
    assert "key 'x' of Secret a and key 'x' of Secret b both write the same" in stack.preview().failures[0]


def test_keys_that_come_and_go_are_created_and_deleted(aws: AwsApi, kubernetes: KubernetesApi) -> None:
    stack = PushStack(deletionPolicy="Delete")
    stack.more["dataTo"] = [{"store": "team-a", "match": {"regexp": "."}, "metadata": {"secretType": "String"}}]
    stack.up()
    put_secret(kubernetes, {"user": "bob", "new": "x"})
    doubt = "value may change (Secret edited since the last push)"
    assert changes(stack.preview()) == ["create new", f"user: {doubt}", "delete pass"]
    assert changes(stack.up()) == ["create new", "delete pass", "1 unchanged"]
    assert [parameter(aws, name) is None for name in ("new", "pass", "user")] == [False, True, False]


def test_a_template_makes_further_keys_beside_the_secrets_own(aws: AwsApi) -> None:
    stack = PushStack(entry("url", "/url"), entry("user", "/user"))
    stack.more["template"] = {"data": {"url": "{{ .user }}:{{ .pass }}"}}
    assert changes(stack.preview()) == ["create /url", "create /user"]
    stack.up()
    assert [(parameter(aws, name) or ("",))[0] for name in ("/url", "/user")] == ["bob:s3cr3t", "bob"]
    assert stack.preview().change == "same"
    stack.more["template"] = {"data": {"url": "{{ .absent | nosuch }}"}}
    assert "nosuch" in stack.preview().failures[0]
    stack.more["template"] = {"data": {"url": "{{ .absent }}"}}
    assert stack.preview().failures[0].startswith('template template.data["url"], line 1, column 4: there is no key')
    stack.more["template"] = {"data": {"url": "{{ .user }}!"}}
    assert "/url: value may change (template or updatePolicy changed)" in changes(stack.preview())
    assert changes(stack.up()) == ["/url: update (value)", "1 unchanged"]
    assert (parameter(aws, "/url") or ("",))[0] == "bob!"


@pytest.mark.usefixtures("aws")
def test_labels_of_a_namespace_that_the_program_makes_are_looked_at_in_up() -> None:
    admits = [{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}}]
    told: dict[str, Any] = {"conditions": [admits], "pendingNamespace": True}
    stack = PushStack(entry("user", "/user"))
    assert changes(stack.preview(**told)) == ["create /user"]
    assert any("may not be used from namespace" in line for line in stack.up(**told).failures)
