"""A misspelt setting of Pulumi's own providers would leave account and cluster to the environment, in silence."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from components.parameter_store import Cluster, ClusterSecretStore, InvalidArgumentsError, SecretStore
from components.program.provider_settings import SETTINGS, refuse_misspelt
from tests.components.support import declare

CORRECTED = {
    "kubernetes:contxt": "kubernetes:context",
    "kubernetes:Context": "kubernetes:context",
    "kubernetes:kubeConfig": "kubernetes:kubeconfig",
    "kubernetes:kube-config": "kubernetes:kubeconfig",
    "kubernetes:kubecofnig": "kubernetes:kubeconfig",
    "kubernetes:kubeContext": "kubernetes:context",
    "kubernetes:currentContext": "kubernetes:context",
    "kubernetes:contextName": "kubernetes:context",
    "kubernetes:clutser": "kubernetes:cluster",
    "kubernetes:kubeconfigPath": "kubernetes:kubeconfig",
    "kubernetes:renderYAMLToDirectory": "kubernetes:renderYamlToDirectory",
    "k8s:context": "kubernetes:context",
    "k8s:contxt": "kubernetes:context",
    "Kubernetes:context": "kubernetes:context",
    "kuberentes:kubeconfig": "kubernetes:kubeconfig",
    "kube:cluster": "kubernetes:cluster",
    "pulumi-kubernetes:context": "kubernetes:context",
    "aws:porfile": "aws:profile",
    "aws:Profile": "aws:profile",
    "aws:awsProfile": "aws:profile",
    "aws:regoin": "aws:region",
    "aws:AWS_REGION": "aws:region",
    "aws:defaultRegion": "aws:region",
    "aws:assumerole": "aws:assumeRoles",
    "aws:assumeRoleArn": "aws:assumeRoles",
    "aws:assume_roles": "aws:assumeRoles",
    "aws:allowedAccountIDs": "aws:allowedAccountIds",
    "aws:allowedAccounts": "aws:allowedAccountIds",
    "aws:forbiddenAccounts": "aws:forbiddenAccountIds",
    "aws:endpoint": "aws:endpoints",
    "aws:accessKeyId": "aws:accessKey",
    "aws:secretAccessKey": "aws:secretKey",
    "aws:sessionToken": "aws:token",
    "aws:role": "aws:assumeRoles",
    "aws:roleArn": "aws:assumeRoles",
    "aws:role_to_assume": "aws:assumeRoles",
    "aws:externalId": "aws:assumeRoles",
    "aws:configFile": "aws:sharedConfigFiles",
    "aws:credentialsFile": "aws:sharedCredentialsFiles",
    "kubernetes:configPath": "kubernetes:kubeconfig",
    "kubernetes:config_paths": "kubernetes:kubeconfig",
    "kubernetes:host": "kubernetes:kubeconfig",
    "kubernetes:token": "kubernetes:kubeconfig",
    "kubernetes:clientKey": "kubernetes:kubeconfig",
    "kubernetes:config_context": "kubernetes:context",
    "kubernetes:configContextCluster": "kubernetes:cluster",
    "AWS:region": "aws:region",
    "asw:profile": "aws:profile",
    "amazon:assumeRole": "aws:assumeRoles",
}
OTHERS = [
    "aws:version",
    "aws:assumeRole",
    "aws:environmentName",
    "aws:accountId",
    "aws-native:region",
    "awsx:region",
    "kubernetes:version",
    "kubernetes:pluginDownloadURL",
    "kubernetes-cert-manager:context",
    "k8s:replicas",
    "k8s:namespace",
    "gcp:region",
    "app:context",
    "app:regoin",
    "cluster:profile",
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    pulumi.runtime.set_all_config({})
    yield
    pulumi.runtime.set_all_config({})


@pytest.mark.parametrize("key", CORRECTED)
def test_a_store_refuses_what_is_nearly_a_setting_that_decides(key: str) -> None:
    pulumi.runtime.set_all_config({key: "TOPSECRET"})
    with pytest.raises(InvalidArgumentsError) as caught:
        declare(lambda: SecretStore("s", namespace="team-a"))
    text = str(caught.value)
    assert text.startswith(f"SecretStore 's': the setting {key} has no effect")
    assert f"write {CORRECTED[key]}, or " in text
    assert "TOPSECRET" not in text
    assert "\n" not in text


def test_a_cluster_store_refuses_it_too() -> None:
    pulumi.runtime.set_all_config({"aws:porfile": "prod"})
    with pytest.raises(InvalidArgumentsError, match=r"^ClusterSecretStore 's': .*write aws:profile"):
        declare(lambda: ClusterSecretStore("s"))


@pytest.mark.parametrize("key", OTHERS)
def test_other_settings_pass(key: str) -> None:
    pulumi.runtime.set_all_config({key: '[{"roleArn": "arn:aws:iam::222222222222:role/prod"}]'})
    declare(lambda: SecretStore("s", namespace="team-a"))


def test_what_a_store_says_itself_needs_no_setting() -> None:
    pulumi.runtime.set_all_config({"k8s:context": "prod"})  # a program's own, from which it makes a Cluster
    cluster = Cluster(kubeconfig="prod.yaml", context="prod")
    declare(lambda: SecretStore("s", namespace="team-a", cluster=cluster))


def test_a_project_has_its_own_settings_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_project", lambda: "k8s")
    pulumi.runtime.set_all_config({"k8s:context": "prod"})
    declare(lambda: SecretStore("s", namespace="team-a"))


def test_the_lists_are_those_of_the_packages() -> None:
    folder = _folder("pulumi_aws") / "config"
    assert SETTINGS["aws"] == {
        call.args[0].value
        for call in ast.walk(ast.parse((folder / "vars.py").read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith("__config__.get")
        and isinstance(call.args[0], ast.Constant)
    }
    # pulumi_kubernetes has no module of its own for them; they are the arguments of its Provider.
    arguments = next(
        each
        for each in ast.parse((_folder("pulumi_kubernetes") / "provider.py").read_text()).body
        if isinstance(each, ast.ClassDef) and each.name == "ProviderArgs"
    )
    assert SETTINGS["kubernetes"] == {
        _camel(function.name)
        for function in arguments.body
        if isinstance(function, ast.FunctionDef) and function.name != "__init__"
    }


@pytest.mark.parametrize("key", [f"{package}:{name}" for package, names in SETTINGS.items() for name in sorted(names)])
def test_settings_of_the_providers_are_not_taken_for_misspelt(key: str) -> None:
    package = key.partition(":")[0]
    refuse_misspelt(package, [key], "shop", "give a provider")


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))
