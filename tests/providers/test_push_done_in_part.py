"""A push that fails in part: the state records what was written, so that the rest is done next time, or all goes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.core.ssm.writing import ParameterWriting
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, changes, entry, parameter, put_secret

PUT, DELETE = "ssm:PutParameter", "ssm:DeleteParameter"
NAMES = ("/n0", "/n1", "/n2")


@pytest.fixture(autouse=True)
def source(kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ParameterWriting, "writes_per_second", 10_000.0)
    put_secret(kubernetes, {"user": "bob"})


def entries(*names: str) -> list[dict[str, object]]:
    return [entry("user", name) for name in names]


def there(aws: AwsApi) -> dict[str, str]:
    """The parameters that there are, with their values."""
    return {name: found[0] for name in NAMES if (found := parameter(aws, name))}


def fail(aws: AwsApi, stack: PushStack, name: str, action: str = PUT) -> str:
    """Run an update in which AWS denies something of one parameter."""
    aws.faults.deny(action, name)
    (failed,) = stack.up().failures
    assert f"'{name}'" in failed
    aws.faults.clear()
    return failed


@pytest.mark.parametrize(("deletion", "left"), [("Delete", {}), ("None", {"/n0": "bob", "/n2": "bob"})])
def test_what_a_first_push_wrote_goes_with_it(aws: AwsApi, deletion: str, left: dict[str, str]) -> None:
    stack = PushStack(*entries(*NAMES), deletionPolicy=deletion)
    fail(aws, stack, "/n1")
    assert there(aws) == {"/n0": "bob", "/n2": "bob"}
    stack.destroy()
    assert there(aws) == left
    assert not any(OWNER in (parameter(aws, name) or ("", {}))[1] for name in NAMES)


def test_of_a_first_push_that_wrote_nothing_there_is_no_record(aws: AwsApi) -> None:
    stack = PushStack(*entries("/n0"))
    fail(aws, stack, "/n0")
    assert stack.outs == {}


def test_the_next_update_does_the_rest_and_settles(aws: AwsApi) -> None:
    stack = PushStack(*entries(*NAMES), refresh={"interval": "1h"})
    fail(aws, stack, "/n1")
    assert stack.outs["status"] == "Errored"
    assert changes(stack.preview()) == ["create /n1 (it is missing in AWS)", "2 unchanged"]
    stack.refresh()
    stack.up()
    assert there(aws) == dict.fromkeys(NAMES, "bob")
    assert stack.outs["status"] == "Synced"
    assert "unfinished" not in stack.outs
    assert stack.preview().change == "same"


def test_what_somebody_creates_before_the_rest_is_done_is_not_ours(aws: AwsApi) -> None:
    stack = PushStack(*entries(*NAMES), deletionPolicy="Delete")
    fail(aws, stack, "/n1")
    aws.put_parameter("/n1", "theirs", "String")
    assert "'/n1' exists already" in stack.up().failures[0]
    stack.destroy()
    assert there(aws) == {"/n1": "theirs"}


@pytest.mark.parametrize("deletion", ["Delete", "None"])
def test_what_a_failed_update_added_goes_when_it_is_not_declared_any_more(
    aws: AwsApi, capfd: pytest.CaptureFixture[str], deletion: str
) -> None:
    stack = PushStack(*entries("/n0"), deletionPolicy=deletion)
    stack.up()
    stack.data = entries(*NAMES)
    fail(aws, stack, "/n1")
    stack.data = entries("/n0")
    assert stack.up().change == "update"
    assert "/n2" in capfd.readouterr().err
    assert (parameter(aws, "/n2") or ("", {}))[1].get(OWNER) is None
    assert ("/n2" in there(aws)) == (deletion == "None")
    assert stack.preview().change == "same"


def test_the_rest_of_an_edited_secret_is_pushed_although_its_time_has_not_come(
    aws: AwsApi, kubernetes: KubernetesApi
) -> None:
    stack = PushStack(*entries(*NAMES))
    stack.up()
    put_secret(kubernetes, {"user": "rotated"})
    fail(aws, stack, "/n1")
    stack.more = {"refresh": {"interval": "1h"}}
    stack.up()
    assert there(aws) == dict.fromkeys(NAMES, "rotated")


def test_what_is_in_the_former_region_of_a_store_is_not_forgotten(aws: AwsApi) -> None:
    stack = PushStack(*entries(*NAMES), deletionPolicy="Delete")
    stack.up()
    stack.stores = {"team-a": {"region": "eu-west-1"}}
    aws.faults.deny(DELETE, "/n1")
    stack.up()
    aws.faults.clear()
    stack.destroy()
    assert there(aws) == {}
    there_now = aws.client("ssm", region_name="eu-west-1").get_parameters(Names=[*NAMES])
    assert there_now["Parameters"] == []


steps = st.lists(
    st.tuples(
        st.sets(st.sampled_from(NAMES), min_size=1),
        st.sampled_from(["bob", "ann"]),
        st.none() | st.tuples(st.sampled_from([PUT, DELETE, "ssm:AddTagsToResource"]), st.sampled_from(NAMES)),
        st.sampled_from(["eu-central-1", "eu-west-1"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_fails_the_next_update_ends_it_and_nothing_is_left_behind(
    aws: AwsApi,
    kubernetes: KubernetesApi,
    sequence: list[tuple[set[str], str, tuple[str, str] | None, str, bool]],
) -> None:
    aws.reset()
    stack = PushStack(deletionPolicy="Delete")
    for names, value, denied, region, refreshes in sequence:
        put_secret(kubernetes, {"user": value})
        stack.data = entries(*sorted(names))
        stack.stores = {"team-a": {"region": region}}
        if denied:
            aws.faults.deny(*denied)
        failed = stack.up().change == "failed"
        aws.faults.clear()
        if refreshes and stack.outs:
            stack.refresh()
        if not failed:
            assert ours(aws) == {(region, name): value for name in names}
            assert stack.preview().change == "same"
    if stack.outs:
        stack.destroy()
    assert ours(aws) == {}, "all that was ever written is gone"


def ours(aws: AwsApi) -> dict[tuple[str, str], str]:
    """All parameters of both regions, with their values."""
    return {
        (region, each["Name"]): each["Value"]
        for region in ("eu-central-1", "eu-west-1")
        for each in aws.client("ssm", region_name=region).get_parameters(Names=[*NAMES])["Parameters"]
    }
