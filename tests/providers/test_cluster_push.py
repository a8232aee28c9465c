"""A ClusterPushSecret pushes the Secret of each namespace that it chooses, and no two of them to one parameter."""

import base64
from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, entry
from tests.providers.support import cluster
from tests.providers.wide_support import TEAMS, WidePush, namespace


@pytest.fixture
def teams(kubernetes: KubernetesApi) -> KubernetesApi:
    """Two namespaces with the label, each with a Secret."""
    for name in ("team-a", "team-b"):
        namespace(kubernetes, name, kind="team")
        source(name, f"of {name}")
    return kubernetes


def source(where: str, value: str) -> None:
    body = {"data": {"user": base64.b64encode(value.encode()).decode()}}
    cluster("kubectl").apply_secret(where, "src", body, force=True)


def stores_of(*names: str) -> list[dict[str, Any]]:
    """A store for each namespace, with a prefix of its own."""
    return [
        {"namespace": name, "stores": {"own": {"region": "eu-central-1"}}, "prefixes": {"own": f"/{name}/"}}
        for name in names
    ]


def pushed(aws: AwsApi) -> dict[str, str]:
    ssm = aws.client("ssm")
    names = [each["Name"] for each in ssm.describe_parameters()["Parameters"]]
    return {name: ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] for name in sorted(names)}


def own(*names: str, **more: Any) -> WidePush:
    return WidePush(TEAMS, entry("user", "user"), stores=None, storesOf=stores_of(*names), **more)


@pytest.mark.usefixtures("teams")
def test_each_namespace_is_pushed_by_its_own_store(aws: AwsApi) -> None:
    stack = own("team-a", "team-b")
    told = stack.preview().inputs["namespaces"]
    assert {name: bag["changes"] for name, bag in told.items()} == {
        "team-a": ["create /team-a/user"],
        "team-b": ["create /team-b/user"],
    }
    assert stack.up().change == "create"
    assert pushed(aws) == {"/team-a/user": "of team-a", "/team-b/user": "of team-b"}
    assert stack.preview().change == "same"
    source("team-b", "another")
    assert stack.up().change == "update"
    assert pushed(aws) == {"/team-a/user": "of team-a", "/team-b/user": "another"}
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_two_namespaces_never_write_one_parameter_in_turns(aws: AwsApi) -> None:
    stack = WidePush(TEAMS, entry("user", "/shared"))
    (line,) = stack.preview().failures
    assert line.startswith(
        "namespace team-b: parameter '/shared' in eu-central-1 is written by PushSecret shop/dev/push@"
    )
    assert stack.up().change == "failed"
    assert pushed(aws) == {"/shared": "of team-a"}


@pytest.mark.parametrize(("policy", "left"), [("Delete", []), (None, ["/team-a/user"])])
def test_a_namespace_that_is_not_chosen_any_more_takes_its_parameters_along_as_the_policy_says(
    teams: KubernetesApi, aws: AwsApi, policy: str | None, left: list[str]
) -> None:
    stack = own("team-a", "team-b", deletionPolicy=policy)
    stack.up()
    namespace(teams, "team-a", kind=None)
    assert stack.up().change == "update"
    assert sorted(pushed(aws)) == [*left, "/team-b/user"]
    if left:
        tags = aws.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=left[0])["TagList"]
        assert OWNER not in {each["Key"] for each in tags}
    assert stack.preview().change == "same"
    stack.destroy()
    assert sorted(pushed(aws)) == (["/team-a/user", "/team-b/user"] if left else [])


def test_a_parameter_goes_from_one_namespace_to_another_only_if_asked(teams: KubernetesApi, aws: AwsApi) -> None:
    """The mark of one namespace is no mark of another: what one gives up the other does not lose."""
    stack = WidePush({"namespaces": ["team-a"]}, entry("user", "/shared"), deletionPolicy="Delete")
    stack.up()
    stack.choice = {"namespaces": ["team-b"]}
    (line,) = stack.preview().failures
    assert line.startswith("namespace team-b: parameter '/shared'")
    stack.more["adopt"] = True
    assert stack.up().change == "update"
    assert pushed(aws) == {"/shared": "of team-b"}
    assert stack.preview().change == "same"
    assert teams.url


def test_a_namespace_without_the_secret_is_named_and_stops_no_other(teams: KubernetesApi, aws: AwsApi) -> None:
    namespace(teams, "team-c", kind="team")
    stack = own("team-a", "team-b", "team-c")
    (line,) = stack.preview().failures
    assert line.startswith("namespace team-c: Secret team-c/src does not exist")
    (line,) = stack.up().failures
    assert line.startswith("namespace team-c: Secret team-c/src does not exist")
    assert sorted(pushed(aws)) == ["/team-a/user", "/team-b/user"]
    source("team-c", "of team-c")
    stack = own("team-a", "team-b", "team-c")  # no engine told the state what was done: the marks tell
    assert stack.up().change == "create"
    assert sorted(pushed(aws)) == ["/team-a/user", "/team-b/user", "/team-c/user"]
    assert stack.preview().change == "same"


@pytest.mark.usefixtures("teams")
def test_a_push_secret_of_the_program_is_a_rival_too(aws: AwsApi) -> None:
    single = PushStack(entry("user", "/team-a/user"))
    single.up()
    told = own("team-a", "team-b").up(fresh=False)
    assert told.change == "failed"
    assert "is written by PushSecret shop/dev/push, too" in told.failures[0]
    assert sorted(pushed(aws)) == ["/team-a/user", "/team-b/user"]


@pytest.mark.usefixtures("teams")
def test_a_copied_state_whose_program_chooses_no_namespace_deletes_no_parameter(aws: AwsApi) -> None:
    stack = own("team-a", "team-b", deletionPolicy="Delete")
    stack.up()
    stack.stack, stack.choice = "prod", {"namespaces": ["nowhere"]}
    told = stack.up()
    assert told.change == "failed"
    assert "what this pushes was written by stack shop/dev" in told.failures[0]
    assert sorted(pushed(aws)) == ["/team-a/user", "/team-b/user"]
