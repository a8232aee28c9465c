"""Something empty is no choice, and leaves nothing to the environment either."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.parameter_store import Cluster
from tests.components.account_and_cluster.support import REGION, Opts, kubernetes, refusal, told


@pytest.mark.parametrize("empty", ["", " ", "\n"])
@pytest.mark.parametrize("wrap", [lambda text: text, pulumi.Output.from_input, pulumi.Output.secret])
def test_an_empty_kubeconfig_is_not_the_environments(empty: str, wrap: Callable[[str], Any]) -> None:
    assert "kubeconfig" in refusal(cluster=lambda: Cluster(wrap(empty)), **REGION)

    def provider() -> k8s.Provider:
        return kubernetes(wrap(empty))

    assert "kubeconfig: it is empty" in refusal(lambda: Opts(provider=provider()), **REGION)
    assert "kubeconfig: it is empty" in refusal(cluster=provider, **REGION)


@pytest.mark.parametrize("name", ["kubeconfig", "context", "cluster"])
@pytest.mark.parametrize("wrap", [lambda text: text, pulumi.Output.from_input])
def test_nothing_empty_says_which_cluster(name: str, wrap: Callable[[str], Any]) -> None:
    assert f"{name} is empty" in refusal(cluster=lambda: Cluster(**{name: wrap("")}), **REGION)


def test_a_kubeconfig_that_turns_out_to_be_none() -> None:
    def opts() -> Opts:
        return Opts(provider=kubernetes(pulumi.Output.from_input(None)))

    assert "kubeconfig: it is empty" in refusal(opts, **REGION)


SETTINGS = ("region", "profile", "accessKey", "allowedAccountIds", "forbiddenAccountIds", "endpoints", "assumeRoles")


@pytest.mark.parametrize("empty", ["", " ", "\t"])
@pytest.mark.parametrize(
    "name",
    [*(f"aws:{each}" for each in SETTINGS), *(f"kubernetes:{each}" for each in ("kubeconfig", "context", "cluster"))],
)
def test_an_empty_setting_leaves_nothing_to_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, empty: str
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    pulumi.runtime.set_all_config({name: empty})
    assert f"the setting {name} is empty; write a value, or remove it" in refusal()


@pytest.mark.parametrize("name", ["allowedAccountIds", "forbiddenAccountIds"])
@pytest.mark.parametrize("empty", ["[]", "null", " [ ] "])
def test_a_list_of_accounts_without_accounts_guards_against_nothing(name: str, empty: str) -> None:
    pulumi.runtime.set_all_config({f"aws:{name}": empty})
    text = f"the setting aws:{name}: it is empty, so that no account is checked; name the accounts, or leave it out"
    assert text in refusal(**REGION)
    given: dict[str, Any] = {name.replace("Account", "_account_").replace("Ids", "ids"): []}
    assert f"{name}: it is empty" in refusal(lambda: Opts(provider=aws.Provider("p", **given, **REGION)))
    made: dict[str, Any] = {key: pulumi.Output.from_input(value) for key, value in given.items()}
    assert f"{name}: it is empty" in refusal(lambda: Opts(provider=aws.Provider("p", **made, **REGION)))


@pytest.mark.parametrize("wrap", [lambda text: text, pulumi.Output.from_input, pulumi.Output.secret])
@pytest.mark.parametrize("name", ["profile", "access_key", "secret_key", "token"])
def test_nothing_empty_says_which_account(name: str, wrap: Callable[[str], Any]) -> None:
    keys = {} if name == "profile" else {"access_key": "AKIA", "secret_key": "TOPSECRET"}
    given: dict[str, Any] = {**keys, name: wrap("")}
    said = refusal(lambda: Opts(provider=aws.Provider("p", **given, **REGION)))
    assert "the AWS provider 'p': " in said
    assert " is empty; give it a value, or leave it out" in said


def test_an_empty_region_of_a_provider_is_not_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert "the AWS provider 'p': region is empty" in refusal(lambda: Opts(provider=aws.Provider("p", region="")))


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_an_empty_variable_is_no_region_of_a_provider(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, "")
    (tmp_path / "aws").write_text("[default]\nregion = us-east-1\n")
    assert told(lambda: Opts(provider=aws.Provider("p")))[0] == {"region": "us-east-1"}


@pytest.mark.parametrize("wrap", [lambda text: text, pulumi.Output.from_input])
@pytest.mark.parametrize("name", ["context", "cluster"])
def test_an_empty_context_of_a_provider_is_not_the_current_one(name: str, wrap: Callable[[str], Any]) -> None:
    given: dict[str, Any] = {name: wrap("")}

    def provider() -> k8s.Provider:
        return k8s.Provider("k", **given)

    assert f"{name}: it is empty, which does not say which cluster" in refusal(cluster=provider, **REGION)
    assert f"{name}: it is empty" in refusal(lambda: Opts(provider=provider()), **REGION)
