"""What a transformation makes of a provider is followed; what the engine makes of it is refused."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from components.external_secret import ExternalSecret
from components.parameter_store import Cluster, InvalidArgumentsError, SecretStore, ServiceAccountAuth
from tests.components.account_and_cluster.support import CONTENTS, REGION, ROLE, Opts, account, refusal, told
from tests.components.support import Engine, declare


def test_a_provider_that_a_transformation_gives_a_secret_is_its_own() -> None:
    def give(provider: pulumi.ProviderResource) -> pulumi.ResourceTransformation:
        def change(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
            if args.type_ != "parameterstore:index:ExternalSecret":
                return None
            args.opts.providers = [provider]
            return pulumi.ResourceTransformationResult(args.props, args.opts)

        return change

    guarded = lambda: Opts(transformations=[give(k8s.Provider("b", context="b"))])  # noqa: E731
    assert told(lambda: None, guarded, **REGION)[1] == {"context": "b"}
    with pytest.raises(InvalidArgumentsError, match="opts name a Kubernetes provider, and the store names its `clus"):
        told(lambda: None, guarded, cluster=Cluster(context="a"), **REGION)
    account = lambda: Opts(transformations=[give(aws.Provider("b", region="eu-west-2"))])  # noqa: E731
    with pytest.raises(InvalidArgumentsError, match="opts name the AWS provider 'b', and its store reads without it"):
        told(lambda: None, account, auth=ServiceAccountAuth("reader"), **REGION)


def transformed(**change: Any) -> Opts:
    """Options of a provider with a transformation, as an organisation's guard rails have them."""
    return Opts(transformations=[lambda args: pulumi.ResourceTransformationResult({**args.props, **change}, args.opts)])


def test_a_transformation_of_a_provider_is_followed() -> None:
    """The SDK hands its outcome to the library, so that nothing has to be refused; it was, as far as it was seen."""

    def own(**change: Any) -> Callable[[], Opts]:
        return lambda: Opts(provider=k8s.Provider("k", context="own", opts=transformed(**change)))

    assert told(own(context="b"), **REGION)[1] == {"context": "b"}
    assert told(own(context=None), **REGION)[1] == {}
    assert told(cluster=lambda: k8s.Provider("k", opts=transformed(cluster="b")), **REGION)[1] == {"cluster": "b"}
    assert "kubeconfig: it is empty" in refusal(own(kubeconfig=""), **REGION)
    assert "given renderYamlToDirectory" in refusal(own(renderYamlToDirectory="out"), **REGION)


@pytest.mark.parametrize("name", ["assume_roles", "assumeRoles"])
@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps, pulumi.Output.from_input])
def test_nested_inputs_that_a_transformation_gives_a_provider(name: str, wrap: Callable[[Any], Any]) -> None:
    change = {name: wrap([{"roleArn": ROLE}]), "allowed_account_ids": wrap(["222222222222"]), "region": "eu-west-2"}
    provider = lambda: Opts(provider=aws.Provider("a", region="eu-west-1", opts=transformed(**change)))  # noqa: E731
    bag = {"roles": [{"roleArn": ROLE}], "allowedAccountIds": ["222222222222"]}
    assert told(provider)[0] == {"region": "eu-west-2", "aws": bag}


def test_what_a_transformation_takes_away_or_gives_of_the_account() -> None:
    roles = [aws.ProviderAssumeRoleArgs(role_arn=ROLE)]

    def changed(**change: Any) -> Any:
        a = lambda: Opts(provider=aws.Provider("a", assume_roles=roles, opts=transformed(**change), **REGION))  # noqa: E731
        return pulumi.runtime.rpc.unwrap_rpc_secret(told(a)[0]).get("aws")

    assert changed(assume_roles=None) is None
    assert changed(assume_roles=None, profile="prod") == {"profile": "prod"}
    assert changed(assume_roles=None, endpoints=[{"ssm": "http://h:1"}]) == {"endpoints": {"ssm": "http://h:1"}}
    assert changed(assume_roles=None, default_tags={"tags": {"a": "b"}}) is None
    assert changed(assume_roles=None, access_key="AKIA", secret_key="k") == {"accessKey": "AKIA", "secretKey": "k"}


def test_a_transformation_of_the_stack_and_of_a_parent() -> None:
    def guard(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != "pulumi:providers:kubernetes":
            return None
        return pulumi.ResourceTransformationResult({**args.props, "context": "guarded"}, args.opts)

    def parent() -> Opts:
        team = pulumi.ComponentResource("test:index:Team", "t", {}, Opts(transformations=[guard]))
        return Opts(provider=k8s.Provider("k", context="own", opts=Opts(parent=team)))

    assert told(parent, **REGION)[1] == {"context": "guarded"}


class Transforming(Engine):
    """Answers for providers as an engine does that has changed them by `transforms`, and keeps their outcome."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.changes = changes

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        made, state = super().new_resource(args)
        if args.typ.startswith("pulumi:providers:"):
            state = {key: value for key, value in {**state, **self.changes}.items() if value is not None}
        return made, state


def after_transforms(
    provider: Callable[[], pulumi.ProviderResource], *, preview: bool = True, given: Any = None, **changes: Any
) -> str:
    """What a program ends with whose provider the engine changes; empty where it is well."""

    def program() -> None:
        opts = Opts(provider=provider())
        store = SecretStore("s", namespace="team-a", opts=opts, **(given or REGION))
        ExternalSecret("db", store=store, data={"user": "/app/db"})

    try:
        declare(program, preview=preview, engine=Transforming(**changes))
    except InvalidArgumentsError as error:
        return str(error)
    return ""


def cluster_k() -> k8s.Provider:
    return k8s.Provider("k", kubeconfig="both.yaml", context="a", delete_unreachable=False)


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {"assumeRoles": None},
        {"assumeRoles": '[{"roleArn": "arn:aws:iam::333333333333:role/prod"}]'},
        {"assumeRoles": [{"roleArn": "arn:aws:iam::333333333333:role/prod"}]},
        {"assumeRoles": f'[{{"roleArn": "{ROLE}", "externalId": "x"}}]'},
        {"accessKey": "TOPSECRET"},
        {"secretKey": pulumi.runtime.rpc.UNKNOWN},
        {"token": "TOPSECRET"},
        {"allowedAccountIds": None},
        {"allowedAccountIds": '["333333333333"]'},
        {"allowedAccountIds": []},
        {"forbiddenAccountIds": '["222222222222"]'},
        {"endpoints": '[{"ssm": "http://h:1"}]'},
        {"region": "eu-west-2"},
        {"region": None},
        {"profile": "prod"},
        {"sharedCredentialsFiles": '["x"]'},
    ],
)
def test_a_transform_of_an_aws_provider_is_refused(changes: dict[str, Any], *, preview: bool) -> None:
    said = after_transforms(account, preview=preview, **changes)
    assert f"a transform or ignore_changes changed {next(iter(changes))} of the aws provider 'a', which cannot" in said
    assert "TOPSECRET" not in said


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {"context": "b"},
        {"context": None},
        {"kubeconfig": None},
        {"kubeconfig": CONTENTS},
        {"cluster": "b"},
        {"deleteUnreachable": "true"},
        {"renderYamlToDirectory": "out"},
    ],
)
def test_a_transform_of_a_kubernetes_provider_is_refused(changes: dict[str, Any], *, preview: bool) -> None:
    said = after_transforms(cluster_k, preview=preview, **changes)
    assert f"a transform or ignore_changes changed {next(iter(changes))} of the kubernetes provider 'k'" in said
    assert "TOPSECRET" not in said


@pytest.mark.parametrize(
    "changes",
    [
        {"defaultTags": '{"tags": {"a": "b"}}', "version": "7.0.0", "skipMetadataApiCheck": "true"},
        {"assumeRoles": f'[ {{ "roleArn" : "{ROLE}" }} ]'},
        {"assumeRoles": [{"roleArn": ROLE}], "allowedAccountIds": [222222222222]},
        {"insecure": "false", "endpoints": [], "token": ""},
    ],
)
def test_a_transform_that_decides_nothing_is_no_matter(changes: dict[str, Any]) -> None:
    assert after_transforms(account, **changes) == ""


def test_a_store_with_credentials_of_its_own_minds_the_endpoints_of_a_provider_alone() -> None:
    own = {"auth": ServiceAccountAuth("reader"), **REGION}
    assert after_transforms(account, given=own, assumeRoles=None, region="eu-west-2") == ""
    assert "changed endpoints" in after_transforms(account, given=own, endpoints='[{"ssm": "http://h:1"}]')
    assert "changed region" in after_transforms(account, given={"auth": own["auth"]}, region="eu-west-2")


def test_mocks_that_say_nothing_of_a_provider_change_nothing() -> None:
    nothing: dict[str, Any] = dict.fromkeys(("region", "assumeRoles", "allowedAccountIds", "secretKey", "accessKey"))
    assert after_transforms(account, **nothing, skipRegionValidation=None, skipCredentialsValidation=None) == ""
