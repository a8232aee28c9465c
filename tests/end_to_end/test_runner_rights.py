"""The ClusterRole that docs/how-it-works.md gives the runner is enough for all that the program does, and no more."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import urllib3
import yaml

from sandbox.environment import ROOT
from sandbox.kubernetes.kubeconfig import kubeconfig_text
from tests.end_to_end.engines import Outcome
from tests.end_to_end.support import NAMESPACE, STORE, Project
from tests.support.roles import allow, create_role

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
(ROLE,) = (
    role for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if (role := yaml.safe_load(block))["rules"]
)
READ = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}
RUNNER = "system:serviceaccount:ci:runner"


def rights() -> Iterator[tuple[int, str, str]]:
    """Each right of the role: the number of its rule, verb and resource."""
    for number, rule in enumerate(ROLE["rules"]):
        yield from ((number, verb, resource) for verb in rule["verbs"] for resource in rule["resources"])


def without(number: int, verb: str, resource: str) -> dict[str, Any]:
    """The role without one right."""
    role = copy.deepcopy(ROLE)
    rule = role["rules"].pop(number)
    others = [each for each in rule["resources"] if each != resource]
    role["rules"] += [
        {**rule, "resources": others},
        {**rule, "resources": [resource], "verbs": [each for each in rule["verbs"] if each != verb]},
    ]
    role["rules"] = [each for each in role["rules"] if each["resources"] and each["verbs"]]
    return dict(role)


def post(project: Project, path: str, body: Mapping[str, Any], namespace: str = NAMESPACE) -> Any:
    """Create an object as the cluster's administrator."""
    kubernetes = project.sandbox.kubernetes
    with urllib3.PoolManager(headers={"Authorization": f"Bearer {kubernetes.token}"}) as http:
        answer = http.request("POST", f"{kubernetes.url}/api/v1/namespaces/{namespace}/{path}", json=body)
    assert answer.status == 201, answer.data
    return answer.json()


def account(project: Project, namespace: str, name: str, **annotations: str) -> None:
    """Create a ServiceAccount."""
    post(project, "serviceaccounts", {"metadata": {"name": name, "annotations": annotations}}, namespace)


@pytest.fixture
def runner(project: Project) -> Project:
    """A stack that needs every right, run by a ServiceAccount that has none yet."""
    aws, kubernetes = project.sandbox.aws, project.sandbox.kubernetes
    issuer = kubernetes.issuer.removeprefix("https://")
    aws.client("iam").create_open_id_connect_provider(
        Url=kubernetes.issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    principal = {"Federated": f"arn:aws:iam::{aws.account}:oidc-provider/{issuer}"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": principal}
    role = create_role(aws, "reader", trust=trust)
    allow(aws, "reader", READ)
    account(project, NAMESPACE, "reader", **{"eks.amazonaws.com/role-arn": role})
    kubernetes.create_namespace("ci")
    account(project, "ci", "runner")
    token = str(post(project, "serviceaccounts/runner/token", {"spec": {}}, "ci")["status"]["token"])

    project.stores = [{**STORE, "auth": {"jwt": {"serviceAccountRef": {"name": "reader"}}}}]
    selector = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}}
    project.cluster_stores = [{"name": "all", "region": STORE["region"], "conditions": [selector]}]
    for name in ("one", "two", "three", "four", "five"):  # more than are looked at one by one
        project.put(f"/app/{name}", "user", "password")
        project.declare(name, f"/app/{name}", "user", "password")
    project.secrets[-1] |= {"secretStoreRef": "all", "namespace": NAMESPACE}
    post(project, "configmaps", {"metadata": {"name": "templates"}, "data": {"login": "{{ .user }}"}})
    texts = {"name": "templates", "items": [{"key": "login"}]}
    project.secrets[0] |= {"target": {"template": {"templateFrom": [{"configMap": texts}]}}}
    config = project.path.parent / "runner.kubeconfig"
    config.write_text(kubeconfig_text(kubernetes.url, {"token": token}))
    project.environment["KUBECONFIG"] = str(config)
    return project


def life(project: Project) -> Iterator[Outcome]:
    """Everything that is done to a Secret, until something fails."""
    yield project.up()
    project.put("/app/one", "user", "password")
    yield project.up()
    yield project.preview()
    yield project.destroy()


def test_the_documented_rights_are_enough(runner: Project) -> None:
    runner.sandbox.kubernetes.grant(RUNNER, ROLE, NAMESPACE)
    for outcome in life(runner):
        assert outcome.result.exit_code == 0, outcome.output
        runner.sandbox.kubernetes.clear_calls()
    assert runner.secret("one") is None


@pytest.mark.parametrize(("number", "verb", "resource"), list(rights()))
def test_each_documented_right_is_needed(runner: Project, number: int, verb: str, resource: str) -> None:
    runner.sandbox.kubernetes.grant(RUNNER, without(number, verb, resource), NAMESPACE)
    failed = next(outcome for outcome in life(runner) if outcome.result.exit_code)
    said = f"user '{RUNNER}' may not {verb} {resource}"
    assert said in failed.output, failed.output
    assert "Traceback" not in failed.output
