"""Where a component reads and writes: of what the store, a provider, the stack and the environment say, the first."""

import os
from pathlib import Path
from threading import Thread

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import AccessKeyAuth, Cluster, SecretKeyRef, ServiceAccountAuth
from components.program.account import _region_of_environment
from tests.components.account_and_cluster.support import REGION, ROLE, Opts, Team, refusal, taken, told
from tests.components.support import declare


def test_nothing_said_leaves_all_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert told() == ({"region": "eu-west-1"}, {})


def test_regions_in_their_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "aws").write_text("[default]\nregion = us-east-1\n[profile p]\nregion = us-east-2\n")
    assert told()[0] == {"region": "us-east-1"}
    monkeypatch.setenv("AWS_PROFILE", "p")
    assert told()[0] == {"region": "us-east-2"}
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert told()[0] == {"region": "eu-west-1"}
    pulumi.runtime.set_all_config({"aws:region": "eu-west-2"})
    assert told()[0] == {"region": "eu-west-2"}
    assert told(lambda: Opts(provider=aws.Provider("p", region="eu-west-3")))[0] == {"region": "eu-west-3"}
    assert told(lambda: Opts(provider=aws.Provider("q", region="eu-west-3")), **REGION)[0] == REGION


def test_a_region_of_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "aws").write_bytes(b"\xff[broken")
    assert refusal().startswith("SecretStore 's': region: none is given; write one such as 'eu-central-1'")


def test_a_config_file_that_is_a_pipe_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "pipe"))
    found: list[str] = []
    thread = Thread(target=lambda: found.append(str(_region_of_environment("p"))), daemon=True)
    thread.start()
    thread.join(20)
    assert found == ["None"]


@pytest.mark.parametrize("region", ["", "eu-central", "EU-CENTRAL-1"])
def test_a_region_of_the_settings_that_is_none(region: str) -> None:
    pulumi.runtime.set_all_config({"aws:region": region})
    assert "region" in refusal()


def test_an_explicit_provider_stands_alone() -> None:
    pulumi.runtime.set_all_config({"aws:profile": "stack", "kubernetes:context": "stack"})
    both = lambda: Opts(providers=[aws.Provider("a", region="eu-west-1"), k8s.Provider("k", context="own")])  # noqa: E731
    assert told(both) == ({"region": "eu-west-1"}, {"context": "own"})
    assert told(**REGION) == ({**REGION, "aws": {"profile": "stack"}}, {"context": "stack"})


def test_a_provider_of_another_package_is_no_choice() -> None:
    assert told(lambda: Opts(providers=[k8s.Provider("k", context="own")]), **REGION) == (REGION, {"context": "own"})


def test_what_the_sdk_takes_from_the_environment_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    assert told(lambda: Opts(provider=k8s.Provider("k", context="own")), **REGION)[1] == {"context": "own"}


def test_a_provider_says_that_the_cluster_may_be_gone() -> None:
    assert told(lambda: Opts(provider=k8s.Provider("k", delete_unreachable=True)), **REGION)[1] == {
        "deleteUnreachable": "true"
    }


@pytest.mark.parametrize(
    ("said", "variable", "recorded"),
    [
        (False, None, {"deleteUnreachable": "false"}),
        (False, "true", {"deleteUnreachable": "false"}),
        (False, "1", {"deleteUnreachable": "false"}),
        (True, "false", {"deleteUnreachable": "true"}),
        (True, "T", {}),
        (False, "0", {}),
        (None, "false", {}),
        (None, "yes", {}),
    ],
)
def test_what_a_provider_itself_says_of_a_cluster_that_is_gone(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, recorded: dict[str, str], *, said: bool | None
) -> None:
    if variable:
        monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", variable)
    provider = lambda: Opts(provider=k8s.Provider("k", context="own", delete_unreachable=said))  # noqa: E731
    assert told(provider, **REGION)[1] == {"context": "own", **recorded}


def test_the_providers_of_a_secret_go_before_those_of_its_store() -> None:
    a, b = (
        (lambda: Opts(provider=k8s.Provider("a", context="a"))),
        (lambda: Opts(provider=k8s.Provider("b", context="b"))),
    )
    assert told(a, b, **REGION)[1] == {"context": "b"}
    assert told(a, **REGION)[1] == {"context": "a"}


def test_the_stores_cluster_goes_before_an_inherited_provider() -> None:
    below = lambda: Opts(parent=Team("team", k8s.Provider("a", context="a")))  # noqa: E731
    assert told(lambda: None, below, cluster=Cluster(context="b"), **REGION)[1] == {"context": "b"}


def test_reading_keys_in_the_cluster_goes_to_the_same_cluster() -> None:
    key = SecretKeyRef("aws", "k")
    store, _ = told(auth=AccessKeyAuth(key, key), cluster=lambda: k8s.Provider("k", context="b"), **REGION)
    assert store["cluster"] == {"context": "b"}


def test_nested_inputs_of_a_provider_by_their_pythonic_names() -> None:
    arn = "arn:aws:iam::123456789012:role/x"

    def provider() -> aws.Provider:
        return aws.Provider(
            "p",
            region="eu-west-1",
            assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=arn, transitive_tag_keys=["t"], tags={"a_b": "c"})],
            allowed_account_ids=["012345678901"],
            endpoints=[aws.ProviderEndpointArgs(ssm="http://localhost:1", s3="http://localhost:2")],
        )

    store, _ = told(lambda: Opts(provider=provider()))
    assert store["aws"] == {
        "endpoints": {"ssm": "http://localhost:1"},
        "allowedAccountIds": ["012345678901"],
        "roles": [{"roleArn": arn, "transitiveTagKeys": ["t"], "tags": {"a_b": "c"}}],
    }


def test_auth_keeps_endpoints_alone() -> None:
    pulumi.runtime.set_all_config({"aws:profile": "p", "aws:endpoints": '[{"ssm": "http://localhost:1"}]'})
    assert told(auth=ServiceAccountAuth("reader"), **REGION)[0]["aws"] == {"endpoints": {"ssm": "http://localhost:1"}}


def test_account_ids_of_settings_keep_their_zeros() -> None:
    pulumi.runtime.set_all_config({"aws:allowedAccountIds": '["012345678901", 123456789012]'})
    assert told(**REGION)[0]["aws"] == {"allowedAccountIds": ["012345678901", "123456789012"]}


@pytest.mark.parametrize("other", ["[]", "null", None])
def test_the_one_property_that_names_roles(other: str | None) -> None:
    role = [{"roleArn": ROLE}]
    for one, two in (("aws:assumeRole", "aws:assumeRoles"), ("aws:assumeRoles", "aws:assumeRole")):
        pulumi.runtime.set_all_config({one: f'[{{"roleArn": "{ROLE}"}}]', **({two: other} if other else {})})
        assert told(**REGION)[0]["aws"] == {"roles": role}
    pulumi.runtime.set_all_config(dict.fromkeys(("aws:assumeRole", "aws:assumeRoles"), f'[{{"roleArn": "{ROLE}"}}]'))
    assert told(**REGION)[0]["aws"] == {"roles": role}


def test_manifests_take_options_too() -> None:
    store = {"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": {"name": "s", "namespace": "n"}}
    secret = {**store, "kind": "ExternalSecret", "metadata": {"name": "db", "namespace": "n"}}
    aws_part = {"service": "ParameterStore", "region": "eu-central-1"}
    entry = {"secretKey": "user", "remoteRef": {"key": "/app/db"}}
    spec = {"secretStoreRef": {"name": "s"}, "data": [entry]}
    read = read_manifests([{**store, "spec": {"provider": {"aws": aws_part}}}, {**secret, "spec": spec}])

    def program() -> None:
        declare_manifests(read, opts=Opts(providers=[k8s.Provider("k", context="own"), aws.Provider("a", profile="p")]))

    engine = declare(program)
    assert taken(engine, "SecretSync", "n/db")["cluster"] == {"context": "own"}
    assert engine.registered["Snapshot", "n/s"]["store"] == {**REGION, "aws": {"profile": "p"}}
