"""examples/13-ci-roles in an account that trusts GitHub already, for several clusters."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import urllib3
import yaml

from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import EXAMPLES, UP, Example, Run
from sandbox.kubernetes.server import KubernetesApi

pytestmark = pytest.mark.slow


def add_context(kubeconfig: Path, name: str, cluster: KubernetesApi) -> None:
    """Let a kubeconfig reach another cluster, too."""
    config, theirs = yaml.safe_load(kubeconfig.read_text()), yaml.safe_load(cluster.kubeconfig_text())
    for kind in ("clusters", "users"):
        config[kind].append({**theirs[kind][0], "name": name})
    config["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
    kubeconfig.write_text(yaml.safe_dump(config))


def test_a_provider_that_is_there_is_used_and_each_cluster_lets_the_roles_in(tmp_path: Path) -> None:
    example, folder = tmp_path / "example", tmp_path / "run"
    shutil.copytree(EXAMPLES / "13-ci-roles", example)
    folder.mkdir()
    stack = yaml.safe_load((example / "Pulumi.dev.yaml").read_text())
    with Sandbox() as sandbox, KubernetesApi() as other:
        iam, eks = sandbox.aws.client("iam"), sandbox.aws.client("eks")
        there = iam.create_open_id_connect_provider(
            Url=f"https://{stack['config']['ci-roles:issuer']}", ClientIDList=["sts.amazonaws.com"]
        )["OpenIDConnectProviderArn"]
        add_context(sandbox.kubeconfig, "second", other)
        other.create_namespace("team-a")
        stack["config"] |= {"ci-roles:provider": there, "ci-roles:clusters": {"main": "sandbox", "second": "second"}}
        (example / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stack))
        Run(replace(Example.read(example), clusters=("main", "second")), sandbox, sandbox_engine(), folder).operate(*UP)
        providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        assert [each["Arn"] for each in providers] == [there]
        for name in ("pulumi-preview", "pulumi-up"):
            role = iam.get_role(RoleName=name)["Role"]
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            assert statement["Principal"] == {"Federated": there}
            for cluster, reached in {"main": sandbox.kubernetes, "second": other}.items():
                entry = eks.describe_access_entry(clusterName=cluster, principalArn=role["Arn"])["accessEntry"]
                assert entry["kubernetesGroups"] == [name]
                with urllib3.PoolManager(headers={"Authorization": f"Bearer {reached.token}"}) as http:
                    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/{name}"
                    assert http.request("GET", f"{reached.url}{path}").status == 200
