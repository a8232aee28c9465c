"""Tags, members of JSON objects, and parameters that are found: what moved shows in preview, undecrypted, by name."""

from typing import Any

import boto3
import pytest

from sandbox.aws.api import AwsApi
from tests.providers.support import Stack, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")


def tag(aws: AwsApi, name: str, **tags: str) -> None:
    aws.client("ssm").add_tags_to_resource(
        ResourceType="Parameter", ResourceId=name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )


def test_tags_are_a_json_object_or_one_of_them(aws: AwsApi) -> None:
    aws.put_parameter("/db", "pw")
    tag(aws, "/db", env="prod", dev="alice")
    stack = Stack(
        {
            "all": {"key": "/db", "metadataPolicy": "Fetch"},
            "one": {"key": "/db", "metadataPolicy": "Fetch", "property": "dev"},
        }
    )
    outcome = stack.up()
    assert outcome.inputs["keys"] == {"all": "tags of /db", "one": "tags of /db, property dev"}
    assert values() == {"all": '{"dev":"alice","env":"prod"}', "one": "alice"}
    assert not any(call.operation == "GetParameters" for call in aws.calls)
    assert stack.preview().change == "same"


def test_a_changed_tag_shows_by_parameter_and_neither_state_nor_secret_tells_it(aws: AwsApi) -> None:
    aws.put_parameter("/db", "pw")
    tag(aws, "/db", dev="alice")
    stack = Stack({"dev": {"key": "/db", "metadataPolicy": "Fetch", "property": "dev"}})
    stack.up()
    tag(aws, "/db", dev="robert")
    outcome = stack.preview()
    assert outcome.drift == ["tags of /db changed"]
    stack.up()
    assert values() == {"dev": "robert"}
    assert stack.preview().change == "same"
    assert "robert" not in repr((stack.sync, stack.sync_inputs, stack.snapshot))


@pytest.mark.parametrize(("others", "told"), [(2, "/o00, /o01"), (12, ", ".join(f"/o0{n}" for n in range(10)))])
def test_a_preview_that_fails_names_what_else_of_the_store_cannot_be_read(aws: AwsApi, others: int, told: str) -> None:
    aws.put_parameter("/b", "pw")
    stack = Stack({"a": {"key": "/a"}, "b": {"key": "/b"}})
    stack.others = ["/b", "/made", *(f"/o{number:02}" for number in range(others))]
    (line,) = stack.preview(pending=["/made"]).failures
    more = f" and {others - 10} more" if others > 10 else ""
    assert line.startswith("key a: parameter '/a' does not exist")
    assert line.endswith(f"; besides, other Secrets' {told}{more} cannot be read")
    (line,) = stack.up().failures
    assert "besides" not in line  # in up each fails for itself


def test_it_does_not_name_what_looks_like_a_secret_key(aws: AwsApi) -> None:  # noqa: ARG001 - it is there
    stack = Stack({"a": {"key": "a"}})
    stack.store = {"region": "eu-central-1", "service": "SecretsManager"}
    stack.others = ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"]
    (line,) = stack.preview().failures
    assert line.endswith("; besides, other Secrets' (not shown) cannot be read")


def test_extract_makes_a_key_of_each_member_and_data_goes_before_it(aws: AwsApi) -> None:
    aws.put_parameter("/m1", '{"a": "m1", "b": "m1", "c": "m1"}')
    aws.put_parameter("/m2", '{"b": "m2", "c": "m2"}')
    aws.put_parameter("/k", "data")
    stack = Stack({"c": {"key": "/k"}}, dataFrom=[{"extract": {"key": "/m1"}}, {"extract": {"key": "/m2"}}])
    outcome = stack.up()
    assert values() == {"a": "m1", "b": "m2", "c": "data"}
    assert outcome.inputs["sources"] == {
        "dataFrom[0].extract": "/m1, version 1",
        "dataFrom[1].extract": "/m2, version 1",
    }
    assert [len(call.names) for call in aws.calls] == [3]
    assert stack.preview().change == "same"
    aws.put_parameter("/m2", '{"b": "new"}')
    assert stack.preview().inputs["sources"]["dataFrom[1].extract"] == "/m2, version 2"
    stack.up()
    assert values() == {"a": "m1", "b": "new", "c": "data"}
    assert stack.preview().change == "same"


def found(path: str = "/team/a", **more: Any) -> dict[str, Any]:
    return {"find": {"path": path, "name": {"regexp": ".*"}, **more}}


def test_what_is_found_shows_by_name_and_version(aws: AwsApi) -> None:
    for name in ("/team/a/db", "/team/a/api", "/team/b/db"):
        aws.put_parameter(name, f"value of {name}")
    stack = Stack({}, dataFrom=[found()])
    first = stack.preview()
    assert first.inputs["sources"] == {"dataFrom[0].find": {"/team/a/api": "version 1", "/team/a/db": "version 1"}}
    assert not any(call.decrypt for call in aws.calls)
    stack.up()
    assert values() == {"_team_a_api": "value of /team/a/api", "_team_a_db": "value of /team/a/db"}
    assert stack.preview().change == "same"
    aws.put_parameter("/team/a/new", "third")
    aws.client("ssm").delete_parameter(Name="/team/a/api")
    aws.clear_calls()
    outcome = stack.preview()
    assert outcome.change == "update"
    assert outcome.inputs["sources"] == {"dataFrom[0].find": {"/team/a/db": "version 1", "/team/a/new": "version 1"}}
    assert not any(call.decrypt for call in aws.calls)
    stack.up()
    assert values() == {"_team_a_db": "value of /team/a/db", "_team_a_new": "third"}
    assert stack.preview().change == "same"


def test_an_unchanged_find_is_listed_once_and_never_decrypted(aws: AwsApi) -> None:
    aws.put_parameter("/team/a/db", "1")
    stack = Stack({}, dataFrom=[found(), found(name={"regexp": "db$"})])
    stack.up()
    assert [(call.operation, call.decrypt) for call in aws.calls] == [("GetParametersByPath", True)]
    aws.clear_calls()
    assert stack.up().change == "same"
    assert [(call.operation, call.decrypt) for call in aws.calls] == [("GetParametersByPath", False)]


def test_nothing_found_leaves_the_secret_as_it_is(aws: AwsApi) -> None:
    stack = Stack({}, dataFrom=[found()])
    assert stack.up().change == "create"
    assert values() is None
    assert stack.sync["status"] == "SecretSynced"
    assert stack.preview().change == "same"
    aws.put_parameter("/team/a/db", "1")
    stack.up()
    assert values() == {"_team_a_db": "1"}
    aws.client("ssm").delete_parameter(Name="/team/a/db")
    assert stack.up().change == "update"
    assert values() == {"_team_a_db": "1"}
    assert "retained" in stack.sync["message"]
    assert stack.preview().change == "same"


def test_by_tags_and_name_both_must_match(aws: AwsApi) -> None:
    for name in ("/a/db", "/a/api", "/b/db"):
        aws.put_parameter(name, name)
    tag(aws, "/a/db", env="prod")
    tag(aws, "/a/api", env="prod")
    stack = Stack({}, dataFrom=[{"find": {"name": {"regexp": "db$"}, "tags": {"env": "prod"}}}])
    stack.up()
    assert values() == {"_a_db": "/a/db"}
    assert stack.preview().change == "same"


def test_entries_of_another_store_are_read_with_that_store(aws: AwsApi) -> None:
    aws.put_parameter("/here", "h")
    west = boto3.Session(region_name="eu-west-1").client("ssm", endpoint_url=aws.url)
    west.put_parameter(Name="/there", Value="t", Type="SecureString")
    stack = Stack(
        {"h": {"key": "/here"}, "t": {"key": "/there", "store": "west"}}, stores={"west": {"region": "eu-west-1"}}
    )
    outcome = stack.up()
    assert outcome.failures == []
    assert outcome.inputs["keys"] == {"h": "/here, version 1", "t": "west: /there, version 1"}
    assert values() == {"h": "h", "t": "t"}
    assert stack.preview().change == "same"


def test_each_place_that_cannot_be_read_is_named_in_one_line(aws: AwsApi) -> None:
    aws.put_parameter("/db", "1")
    stack = Stack({"a": {"key": "/gone"}, "b": {"key": "/db"}}, dataFrom=[{"extract": {"key": "/gone/too"}}])
    (line,) = stack.preview().failures
    assert "key a: " in line
    assert "dataFrom[0].extract: " in line
    assert "key b" not in line


@pytest.mark.parametrize(("key", "told"), [("/app", True), ("/app:1", True), ("app", False)])
def test_an_extract_of_a_path_is_told_what_to_write(aws: AwsApi, key: str, told: bool) -> None:  # noqa: FBT001
    aws.put_parameter("/app/a", "1")
    name, _, version = key.partition(":")
    stack = Stack({}, dataFrom=[{"extract": {"key": name, **({"version": version} if version else {})}}])
    (text,) = stack.preview().failures
    assert "does not exist" in text
    advice = (
        "; extract takes one parameter: for all below it, write find with path '/app' and name '.*' (ESO: name.regexp)"
    )
    assert text.endswith(advice) == told


def test_what_an_extract_of_a_path_is_told_to_write_works(aws: AwsApi) -> None:
    aws.put_parameter("/app/a", "1")
    stack = Stack({}, dataFrom=[{"find": {"path": "/app", "name": {"regexp": ".*"}}}])
    assert stack.up().change == "create"
    assert values() == {"_app_a": "1"}


@pytest.mark.parametrize("key", ['find {"name": {"regexp": ".*"}}', "find me", "find {", "tags of /db"])
@pytest.mark.parametrize("policy", ["None", "Fetch"])
def test_a_key_that_reads_as_another_source_is_refused_and_nothing_is_listed(
    aws: AwsApi, key: str, policy: str
) -> None:
    aws.put_parameter("/db", "pw")
    stack = Stack({"a": {"key": key, "metadataPolicy": policy}})
    name = key.partition(":")[0]
    (line,) = stack.preview().failures
    assert line.startswith(f"key a: {name!r} cannot be a parameter's name: ")
    (line,) = stack.up().failures
    assert line.startswith(f"key a: {name!r} cannot be a parameter's name: ")
    assert values() is None
    assert not [call for call in aws.calls if call.operation.startswith(("GetParam", "Describe", "ListTags"))]
