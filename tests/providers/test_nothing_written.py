"""An `up` that ends well and writes no Secret says so: what waits for the Secret would wait for ever."""

import pytest

from sandbox.aws import AwsApi
from tests.providers.support import Stack, values

NOT_WRITTEN = "Secret team-a/db is not written: "
RETAINED = f"{NOT_WRITTEN}nothing was found; secret retained due to deletionPolicy Retain\n"


@pytest.mark.usefixtures("kubernetes")
@pytest.mark.parametrize("value", ["{}", '{"": "canary"}'])
def test_an_extract_of_an_object_without_keys(aws: AwsApi, capfd: pytest.CaptureFixture[str], value: str) -> None:
    aws.put_parameter("/app/db", value)
    stack = Stack({}, dataFrom=[{"extract": {"key": "/app/db"}}])

    assert (stack.up().change, values()) == ("create", None)

    assert capfd.readouterr().err == RETAINED
    assert stack.up().change == "same"
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("kubernetes")
def test_a_find_that_finds_nothing_any_more_keeps_the_secret(aws: AwsApi, capfd: pytest.CaptureFixture[str]) -> None:
    aws.put_parameter("/app/db", "canary")
    stack = Stack({}, dataFrom=[{"find": {"name": {"regexp": "^/app/"}}}])
    stack.up()
    assert capfd.readouterr().err == ""

    stack.more["dataFrom"] = [{"find": {"name": {"regexp": "^/other/"}}}]
    assert stack.up().change == "update"

    assert capfd.readouterr().err == RETAINED
    assert values() == {"_app_db": "canary"}


@pytest.mark.usefixtures("kubernetes")
def test_a_secret_to_merge_into_that_is_not_there(aws: AwsApi, capfd: pytest.CaptureFixture[str]) -> None:
    aws.put_parameter("/app/db", "canary")
    assert Stack({"a": {"key": "/app/db"}}, target={"creationPolicy": "Merge"}).up().change == "create"
    assert capfd.readouterr().err == f"{NOT_WRITTEN}secret will not be created due to creationPolicy Merge\n"


@pytest.mark.usefixtures("kubernetes")
def test_where_no_secret_is_wanted_nothing_is_said(aws: AwsApi, capfd: pytest.CaptureFixture[str]) -> None:
    aws.put_parameter("/app/db", "canary")
    assert Stack({"a": {"key": "/app/db"}}, target={"creationPolicy": "None"}).up().change == "create"
    assert capfd.readouterr().err == ""
