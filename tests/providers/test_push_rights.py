"""The rights in the cluster that docs/pushing.md names are enough, and each is needed and named where it is missing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.access import Rule, User
from sandbox.kubernetes.kubeconfig import kubeconfig_text
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import PushStack, changes, entry, parameter, put_secret
from tests.providers.support import NAMESPACE

RUNNER = "ci-runner"
LABELLED = [{"key": "push", "operator": "DoesNotExist"}]
TEXTS = {"templateFrom": [{"configMap": {"name": "texts", "items": [{"key": "url"}]}}]}


@pytest.fixture
def kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesApi]:
    """An API whose kubeconfig is that of somebody without any right."""
    with KubernetesApi(namespaces=[NAMESPACE], users={"runners-token": User(RUNNER)}) as api:
        config = tmp_path / "kubeconfig"
        config.write_text(kubeconfig_text(api.url, {"token": "runners-token"}))
        monkeypatch.setenv("KUBECONFIG", str(config))
        put_secret(api, {"user": "bob"})
        yield api


@pytest.mark.parametrize(
    ("more", "rights"),
    [
        ({}, [("get", "secrets")]),
        ({"selector": LABELLED}, [("get", "secrets"), ("list", "secrets")]),
        ({"template": TEXTS}, [("get", "secrets"), ("get", "configmaps")]),
    ],
    ids=["name", "labels", "texts"],
)
def test_the_documented_rights_are_enough_and_needed(
    aws: AwsApi, kubernetes: KubernetesApi, more: dict[str, Any], rights: list[tuple[str, str]]
) -> None:
    put_config_map(kubernetes)
    stack = PushStack(entry("user", "/user"), **more)
    stack.secret = "" if "selector" in more else stack.secret
    rules = [Rule(RUNNER, (verb,), (resource,), NAMESPACE) for verb, resource in rights]
    for missing, (verb, resource) in enumerate(rights):
        kubernetes.rules[:] = [*rules[:missing], *rules[missing + 1 :]]
        for run in (stack.preview, stack.up):
            assert f"user '{RUNNER}' may not {verb} {resource}" in run().failures[0]
    kubernetes.rules[:] = rules
    assert changes(stack.up()) == ["create /user"]
    assert (parameter(aws, "/user") or ("",))[0] == "bob"
    assert stack.preview().change == "same"
    stack.destroy()


def put_config_map(kubernetes: KubernetesApi) -> None:
    """Create the ConfigMap as the administrator."""
    headers = {"Authorization": f"Bearer {kubernetes.token}"}
    body = {"metadata": {"name": "texts"}, "data": {"url": "{{ .user }}"}}
    with urllib3.PoolManager(headers=headers) as http:
        answer = http.request("POST", f"{kubernetes.url}/api/v1/namespaces/{NAMESPACE}/configmaps", json=body)
    assert answer.status == 201, answer.data
