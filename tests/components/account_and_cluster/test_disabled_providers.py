"""A default provider that the stack rules out is not replaced by what the environment says."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.parameter_store import Cluster, InvalidArgumentsError, ServiceAccountAuth
from tests.components.account_and_cluster.support import REGION, Opts, refusal, told

DISABLED = "pulumi:disable-default-providers"


@pytest.mark.parametrize("said", ['["*"]', '["aws", "kubernetes"]', "*", '"kubernetes"'])
def test_a_disabled_default_provider_is_not_replaced_by_the_environment(said: str) -> None:
    pulumi.runtime.set_all_config({DISABLED: said})

    def account() -> aws.Provider:
        return aws.Provider("a", region="eu-west-1")

    assert f"the setting {DISABLED} rules out" in refusal(lambda: Opts(provider=account()), **REGION)
    if "aws" in said or "*" in said:
        text = refusal(**REGION)
        assert text.startswith(f"SecretStore 's': the setting {DISABLED} rules out Pulumi's default aws provider")
        assert text.endswith("give a provider in `opts`, or give the store both `auth` and `region`")
    both = lambda: Opts(providers=[account(), k8s.Provider("k", context="own")])  # noqa: E731
    assert told(both, **REGION)[1] == {"context": "own"}
    # A store needs no cluster of its own where its secrets have theirs.
    told(lambda: Opts(provider=account()), lambda: Opts(provider=k8s.Provider("l", context="own")), **REGION)
    told(lambda: Opts(provider=account()), cluster=lambda: Cluster(context="own"), **REGION)


def test_a_store_that_says_all_itself_needs_no_default_aws_provider() -> None:
    pulumi.runtime.set_all_config({DISABLED: '["aws"]'})
    told(auth=ServiceAccountAuth("reader"), **REGION)
    pulumi.runtime.set_all_config({DISABLED: '["aws"]', "aws:region": "eu-west-1"})
    assert "rules out Pulumi's default aws provider" in refusal(auth=ServiceAccountAuth("reader"))


def test_a_store_that_reads_in_the_cluster_needs_one_that_is_not_disabled() -> None:
    pulumi.runtime.set_all_config({DISABLED: '["kubernetes"]'})
    elsewhere = lambda: Opts(provider=k8s.Provider("k", context="own"))  # noqa: E731
    with pytest.raises(InvalidArgumentsError, match="rules out Pulumi's default kubernetes provider"):
        told(lambda: None, elsewhere, auth=ServiceAccountAuth("reader"), **REGION)
