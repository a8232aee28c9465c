"""A Secret that has to be deleted and created again is not lost because the cluster would not take the new one."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.aws import AwsApi
from sandbox.kubernetes import KubernetesApi
from sandbox.kubernetes.access import Rule, User
from sandbox.kubernetes.kinds import Kind
from sandbox.kubernetes.status import StatusError
from tests.providers.support import NAMESPACE, Stack, cluster, values

TYPED = {"template": {"type": "example.com/new"}}
STAYS = "Secret team-a/db has to be deleted and created again, and could not be created, so it stays as it is: "
VALUE = {"password": "canary-value"}


@pytest.fixture
def stack(aws: AwsApi, kubernetes: KubernetesApi) -> Stack:  # noqa: ARG001
    aws.put_parameter("/app/db", "canary-value")
    return Stack({"password": {"key": "/app/db"}})


def refuse(kubernetes: KubernetesApi, message: str, *, of_type: str = "example.com/new", times: int = 99) -> None:
    """Have admission refuse Secrets of a type, the next few times."""
    left = [times]

    def mutate(kind: Kind, value: dict[str, Any]) -> None:
        if kind.name == "Secret" and value.get("type") == of_type and left[0]:
            left[0] -= 1
            raise StatusError(403, "Forbidden", message)

    kubernetes.webhooks.append(mutate)


def test_without_the_right_to_create_it_stays_and_preview_says_so(
    aws: AwsApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.put_parameter("/app/db", "canary-value")
    stack = Stack({"password": {"key": "/app/db"}})
    with KubernetesApi(namespaces=[NAMESPACE], users={"token": User("ci")}) as api:
        own = tmp_path / "own"
        own.write_text(api.kubeconfig_text("token"))
        monkeypatch.setenv("KUBECONFIG", str(own))
        reads = Rule("ci", ("get",), ("namespaces",))
        api.rules[:] = [Rule("ci", ("get", "create", "patch", "delete"), ("secrets",), NAMESPACE), reads]
        assert stack.up().failures == []
        api.rules[:] = [Rule("ci", ("get", "patch", "delete"), ("secrets",), NAMESPACE), reads]
        stack.more["target"] = TYPED

        for outcome in (stack.preview(), stack.up()):
            assert outcome.failures[0].startswith(STAYS)
            assert "user 'ci' may not create secrets in the namespace 'team-a'" in outcome.failures[0]

        assert values() == VALUE


def rights(*verbs: str) -> list[Rule]:
    return [Rule("ci", verbs, ("secrets",), NAMESPACE), Rule("ci", ("get",), ("namespaces",))]


@pytest.mark.parametrize("gone", [False, True], ids=["type", "deletion policy"])
def test_without_the_right_to_delete_it_preview_says_so(
    aws: AwsApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gone: bool,  # noqa: FBT001
) -> None:
    aws.put_parameter("/app/db", "canary-value")
    stack = Stack({"password": {"key": "/app/db"}}, target={"deletionPolicy": "Delete"} if gone else {})
    with KubernetesApi(namespaces=[NAMESPACE], users={"token": User("ci")}) as api:
        own = tmp_path / "own"
        own.write_text(api.kubeconfig_text("token"))
        monkeypatch.setenv("KUBECONFIG", str(own))
        api.rules[:] = rights("get", "create", "patch", "delete")
        assert stack.up().failures == []
        api.rules[:] = rights("get", "create", "patch")
        if gone:
            aws.client("ssm").delete_parameter(Name="/app/db")
        else:
            stack.more["target"] = TYPED

        for outcome in (stack.preview(), stack.up()):
            (line,) = outcome.failures
            assert "user 'ci' may not delete secrets in the namespace 'team-a'" in line
            assert outcome.change == "failed"

        assert values() == VALUE
        api.rules[:] = rights("get", "create", "patch", "delete")
        assert stack.preview().failures == []
        assert values() == VALUE


def test_what_admission_refuses_it_stays_for(stack: Stack, kubernetes: KubernetesApi, capfd: Any) -> None:
    stack.up()
    refuse(kubernetes, 'admission webhook "policy.example.com" denied the request: canary-words')
    stack.more["target"] = TYPED

    (line,) = stack.up().failures

    assert line.startswith(STAYS)
    assert 'admission webhook "policy.example.com" denied the request' in line
    assert "canary" not in line + "".join(capfd.readouterr())
    assert values() == VALUE
    kubernetes.webhooks.clear()
    assert (stack.up().change, values()) == ("replace", VALUE)


def test_a_preview_without_values_warns_of_what_admission_says(
    stack: Stack, kubernetes: KubernetesApi, capfd: Any
) -> None:
    stack.up()
    refuse(kubernetes, 'admission webhook "policy.example.com" denied the request: no labels', of_type="Opaque")
    stack.more["target"] = TYPED

    assert stack.preview().change == "replace"

    said = "".join(capfd.readouterr())
    assert said.startswith("warning: ")
    assert said.count("That was a dry run without values") == 1
    assert (stack.up().change, values()) == ("replace", VALUE)


def test_a_quota_in_which_the_live_one_counts_is_in_the_way_of_nothing(stack: Stack, kubernetes: KubernetesApi) -> None:
    stack.up()
    refuse(kubernetes, 'secrets "db" is forbidden: exceeded quota: q, requested: count/secrets=1', times=1)
    stack.more["target"] = TYPED

    assert (stack.up().change, values()) == ("replace", VALUE)


def test_one_that_others_made_immutable_stays(stack: Stack, kubernetes: KubernetesApi) -> None:
    cluster("helm").apply_secret(NAMESPACE, "db", {"immutable": True, "data": {"old": "eA=="}}, force=True)
    refuse(kubernetes, 'admission webhook "policy.example.com" denied the request', of_type="Opaque")
    stack.more["target"] = {"adopt": True, "immutable": True, "replaceImmutable": True}

    assert stack.up().failures[0].startswith(STAYS)

    assert values() == {"old": "x"}
