"""Where a component reads and writes: of what the store, a provider, the stack and the environment say, the first."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from components.core.spec.store_identity import refuse_other_environment
from components.errors import SpecError
from components.external_secret import ExternalSecret, RemoteRef
from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import (
    AccessKeyAuth,
    Cluster,
    ClusterSecretStore,
    InvalidArgumentsError,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
)
from components.program.account import _region_of_environment
from components.providers.operation.results import take_operation
from tests.components.support import Engine, declare

Opts = pulumi.ResourceOptions
CONTENTS = "apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: TOPSECRET}}]\n"
ROLE = "arn:aws:iam::222222222222:role/prod"
REGION: dict[str, Any] = {"region": "eu-central-1"}


class Team(pulumi.ComponentResource):
    def __init__(self, name: str, *providers: pulumi.ProviderResource) -> None:
        super().__init__("test:index:Team", name, {}, Opts(providers=list(providers)))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "PULUMI_K8S_DELETE_UNREACHABLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", "/home/ci/kubeconfig")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    pulumi.runtime.set_all_config({})
    yield
    pulumi.runtime.set_all_config({})


def kubernetes(kubeconfig: Any) -> k8s.Provider:
    return k8s.Provider("k", kubeconfig=kubeconfig)


def told(
    opts: Callable[[], Opts | None] = lambda: None, secret_opts: Callable[[], Opts | None] = lambda: None, **given: Any
) -> Any:
    """Declare a store and a Secret; returns what the snapshot and the sync are told, as their providers take it."""

    def program() -> None:
        arguments = {name: value() if callable(value) else value for name, value in given.items()}
        store = SecretStore("s", namespace="team-a", opts=opts(), **arguments)
        ExternalSecret("db", store=store, data={"user": "/app/db"}, opts=secret_opts())

    engine = declare(program)
    return taken(engine, "Snapshot", "s")["store"], taken(engine, "SecretSync", "db").get("cluster") or {}


def taken(engine: Engine, kind: str, name: str) -> dict[str, Any]:
    """What a resource is told, as its provider takes it: without what its own environment says, too."""
    inputs = dict(engine.registered[kind, name])
    take_operation(inputs)
    return inputs


def refusal(opts: Callable[[], Opts | None] = lambda: None, **given: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as caught:
        told(opts, **given)
    assert "\n" not in str(caught.value)
    assert "TOPSECRET" not in str(caught.value)
    return str(caught.value)


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


@pytest.mark.parametrize("said", ["yes", "", "1", "True", "on", " true"])
def test_a_setting_of_a_cluster_that_is_gone_that_is_neither_true_nor_false(said: str) -> None:
    pulumi.runtime.set_all_config({"kubernetes:deleteUnreachable": said})
    text = "the setting kubernetes:deleteUnreachable is neither true nor false; write one of them"
    assert text in refusal(**REGION)
    assert text in refusal(cluster=Cluster(context="own"), **REGION)
    assert text in refusal(lambda: Opts(provider=k8s.Provider("k", context="own")), **REGION)


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


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"aws:allowedAccountIds": "[12345678901]"}, "aws:allowedAccountIds: '12345678901' is not an account's ID"),
        ({"aws:assumeRoles": "not JSON"}, "a list or map in the stack's settings is not JSON"),
        ({"aws:assumeRole": '{"roleArn": "x"}'}, "aws:assumeRoles[0].roleArn: 'x' is not a role's ARN"),
        ({"aws:accessKey": "AKIA"}, "accessKey and secretKey are only of use together"),
        ({"aws:httpsProxy": "http://TOPSECRET@proxy"}, "aws:httpsProxy cannot be honoured for reading parameters"),
        ({"aws:sharedCredentialsFiles": '["x"]'}, "set AWS_SHARED_CREDENTIALS_FILE in the environment"),
        ({"aws:useFipsEndpoint": "true"}, "set AWS_USE_FIPS_ENDPOINT in the environment"),
        (
            {"aws:assumeRoles": f'["{ROLE}"]'},
            "the setting aws:assumeRoles[0]: expected a mapping with roleArn, got a str",
        ),
        ({"aws:assumeRoles": f'"{ROLE}"'}, "aws:assumeRoles: expected a list, each entry a mapping with roleArn"),
        ({"aws:assumeRoles": "[null]"}, "aws:assumeRoles[0]: expected a mapping with roleArn, got nothing"),
        ({"aws:assumeRole": f'["{ROLE}"]'}, "aws:assumeRole[0]: expected a mapping with roleArn, got a string"),
        (
            {"aws:assumeRole": '{"roleArn": "AKIATOPSECRET1"}'},
            "aws:assumeRoles[0].roleArn: (not shown) is not a role's",
        ),
        (
            {"aws:assumeRole": f'{{"roleArn": "{ROLE}"}}', "aws:assumeRoles": f'[{{"roleArn": "{ROLE}2"}}]'},
            "aws:assumeRole and the setting aws:assumeRoles name different roles; leave one of the two out",
        ),
        ({"aws:endpoints": '["http://TOPSECRET"]'}, "aws:endpoints[0]: expected a mapping of services to URLs, got a"),
        (
            {"aws:endpoints": '[{"ssm": "http://bob:TOPSECRET@h"}]'},
            "aws:endpoints[0].ssm holds a user name, a password",
        ),
        (
            {"aws:endpoints": '{"sts": "http://h?key=TOPSECRET"}'},
            "aws:endpoints.sts holds a user name, a password or a",
        ),
        ({"aws:allowedAccountIds": "{}"}, "aws:allowedAccountIds: expected a list of account IDs, got a mapping"),
        (
            {"aws:assumeRole": f'{{"roleArn": "{ROLE}", "role_arn": "{ROLE}2"}}'},
            "aws:assumeRole: roleArn is given in two spellings; leave one of the two out",
        ),
        (
            {"aws:assumeRole": f'{{"roleArn": "{ROLE}", "externalID": "x"}}'},
            "aws:assumeRoles[0]: there is no field 'externalID'; write externalId",
        ),
        (
            {"aws:assumeRole": f'{{"roleArn": "{ROLE}", "policyArn": "x"}}'},
            "aws:assumeRoles[0]: there is no field 'policyArn'; write policyArns",
        ),
        (
            {"aws:assumeRole": f'{{"roleArn": "{ROLE}", "sessionname": "x"}}'},
            "aws:assumeRoles[0]: there is no field 'sessionname'; write sessionName",
        ),
    ],
)
def test_settings_that_cannot_be_honoured(settings: dict[str, str], text: str) -> None:
    pulumi.runtime.set_all_config(settings)
    assert text in refusal(**REGION)


@pytest.mark.parametrize(
    ("service", "meant"),
    [
        ("SSM", "ssm"),
        ("ssms", "ssm"),
        ("parameterStore", "ssm"),
        ("systems-manager", "ssm"),
        ("STS", "sts"),
        ("stss", "sts"),
        ("securityTokenService", "sts"),
        ("secretManager", "secretsmanager"),
        ("secrets_manager", "secretsmanager"),
    ],
)
def test_a_misspelt_service_of_an_endpoint(service: str, meant: str) -> None:
    """AWS itself would be asked, with the credentials that are meant for the endpoint."""
    endpoints = [{"s3": "http://h"}, {service: "http://TOPSECRET"}]
    pulumi.runtime.set_all_config({"aws:endpoints": json.dumps(endpoints)})
    text = refusal(**REGION)
    assert f"aws:endpoints[1]: {service!r} is no service that has an endpoint; write {meant}" in text
    assert "TOPSECRET" not in text


def test_endpoints_of_other_services_are_no_matter() -> None:
    others = ["s3", "sns", "sqs", "ses", "sso", "swf", "ssmsap", "ssmincidents", "ssmcontacts", "ssoadmin", "dynamodb"]
    pulumi.runtime.set_all_config({"aws:endpoints": json.dumps([dict.fromkeys(others, "http://h")])})
    assert told(**REGION)[0].get("aws") in (None, {})


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"assume_roles": [ROLE]}, "assumeRoles[0]: expected a mapping with roleArn, got a string"),
        ({"assume_roles": [None]}, "assumeRoles[0]: expected a mapping with roleArn, got nothing"),
        ({"endpoints": ["http://TOPSECRET"]}, "endpoints[0]: expected a mapping of services to URLs, got a string"),
        ({"endpoints": [{"ssm": "http://bob:TOPSECRET@h"}]}, "endpoints[0].ssm holds a user name, a password or a"),
        ({"allowed_account_ids": "222222222222"}, "allowedAccountIds: expected a list of account IDs, got a string"),
    ],
)
def test_lists_of_an_aws_provider_that_cannot_be_read(option: dict[str, Any], text: str, *, secret: bool) -> None:
    given = {name: pulumi.Output.secret(each) for name, each in option.items()} if secret else option
    said = refusal(lambda: Opts(provider=aws.Provider("p", **given)), **REGION)
    assert f"SecretStore 's': the AWS provider 'p': {text}" in said


@pytest.mark.parametrize("other", ["[]", "null", None])
def test_the_one_property_that_names_roles(other: str | None) -> None:
    role = [{"roleArn": ROLE}]
    for one, two in (("aws:assumeRole", "aws:assumeRoles"), ("aws:assumeRoles", "aws:assumeRole")):
        pulumi.runtime.set_all_config({one: f'[{{"roleArn": "{ROLE}"}}]', **({two: other} if other else {})})
        assert told(**REGION)[0]["aws"] == {"roles": role}
    pulumi.runtime.set_all_config(dict.fromkeys(("aws:assumeRole", "aws:assumeRoles"), f'[{{"roleArn": "{ROLE}"}}]'))
    assert told(**REGION)[0]["aws"] == {"roles": role}


@pytest.mark.parametrize("store", [lambda: None, lambda: Opts(provider=aws.Provider("a", region="eu-west-1"))])
def test_a_secret_with_another_aws_provider_than_its_store(store: Callable[[], Opts | None]) -> None:
    other = lambda: Opts(providers=[aws.Provider("b", region="eu-west-2")])  # noqa: E731
    below = lambda: Opts(parent=Team("team", aws.Provider("b", region="eu-west-2")))  # noqa: E731
    for secret_opts, place in ((other, "opts name"), (below, "the parent hands down")):
        with pytest.raises(InvalidArgumentsError) as caught:
            told(store, secret_opts, **REGION)
        assert str(caught.value).startswith(f"ExternalSecret 'db': {place} the AWS provider 'b', and its store reads w")
        assert "give the provider to the store" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_secret_with_the_aws_provider_of_its_store() -> None:
    def program() -> None:
        provider = aws.Provider("a", region="eu-west-1")
        team = Team("team", provider)
        store = SecretStore("s", namespace="team-a", opts=Opts(parent=team))
        for name, opts in (("x", Opts(parent=team)), ("y", Opts(provider=provider)), ("z", None)):
            ExternalSecret(name, store=store, data={"user": "/app/db"}, opts=opts)
        other = SecretStore("t", namespace="team-a", region="eu-west-2")
        entry = RemoteRef("/app/db", store=other)
        ExternalSecret("both", store=store, data={"user": "/app/db", "also": entry}, opts=Opts(parent=team))

    assert declare(program).registered["SecretSync", "z"]["store"]["region"] == "eu-west-1"


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


def of_two_stores(
    one: Callable[[], dict[str, Any]], two: Callable[[], dict[str, Any]], opts: Callable[[], Opts | None] = lambda: None
) -> Any:
    """Where a Secret is written that reads one of its keys from a second store."""

    def program() -> None:
        a, b = (SecretStore(name, namespace="team-a", **REGION, **each()) for name, each in (("a", one), ("b", two)))
        data = {"user": RemoteRef("/app/db", store=b), "also": RemoteRef("friendslist", store=a)}
        ExternalSecret("db", data=data, opts=opts())

    return taken(declare(program), "SecretSync", "db")["cluster"]


def test_stores_of_two_clusters_make_no_secret() -> None:
    """The first key in the alphabet chose one of the two."""
    a, b = ((lambda name=name: {"cluster": Cluster(context=name)}) for name in "ab")
    p = lambda: {"opts": Opts(provider=k8s.Provider("p", context="p"))}  # noqa: E731
    nothing: Callable[[], dict[str, Any]] = dict
    own = lambda: Opts(provider=k8s.Provider("own", context="own"))  # noqa: E731
    for one, two in ((a, b), (a, p), (p, a), (p, nothing), (nothing, p), (nothing, a), (a, nothing)):
        with pytest.raises(
            InvalidArgumentsError, match="ExternalSecret 'db': its stores are of different clusters; name"
        ):
            of_two_stores(one, two)
    with pytest.raises(InvalidArgumentsError, match="opts name a Kubernetes provider"):
        of_two_stores(a, a, own)
    assert of_two_stores(a, a) == {"context": "a"}
    assert of_two_stores(nothing, nothing) == {}
    assert of_two_stores(p, nothing, own) == {"context": "own"}
    with pytest.raises(InvalidArgumentsError, match="its stores are of different clusters"):
        of_two_stores(p, a, own)
    pulumi.runtime.set_all_config({"kubernetes:context": "stack"})
    assert of_two_stores(nothing, nothing) == {"context": "stack"}


def test_a_store_that_says_its_account_itself_goes_before_an_inherited_aws_provider() -> None:
    own = {"auth": ServiceAccountAuth("reader"), **REGION}
    below = lambda: Opts(parent=Team("team", aws.Provider("b", region="eu-west-2")))  # noqa: E731
    assert told(lambda: None, below, **own)[0]["region"] == "eu-central-1"
    with pytest.raises(InvalidArgumentsError, match="opts name the AWS provider 'b'"):
        told(lambda: None, lambda: Opts(provider=aws.Provider("b", region="eu-west-2")), **own)
    pulumi.runtime.set_all_config({"aws:region": "eu-west-1"})
    with pytest.raises(InvalidArgumentsError, match="the parent hands down the AWS provider 'b'"):
        told(lambda: None, below, auth=ServiceAccountAuth("reader"))


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


def test_a_token_without_keys_has_no_effect() -> None:
    pulumi.runtime.set_all_config({"aws:token": "TOPSECRET"})
    text = "aws: token is only of use with accessKey and secretKey; give all three, or none"
    assert text in refusal(**REGION)
    assert text in refusal(lambda: Opts(provider=aws.Provider("p", token="TOPSECRET", **REGION)))


def test_what_is_switched_off_is_no_matter() -> None:
    pulumi.runtime.set_all_config(
        {"aws:useFipsEndpoint": "false", "aws:insecure": "false", "aws:skipMetadataApiCheck": "x"}
    )
    assert told(**REGION)[0] == REGION


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"http_proxy": "http://TOPSECRET@proxy"}, "the AWS provider 'p': httpProxy cannot be honoured"),
        ({"insecure": True}, "the AWS provider 'p': insecure cannot be honoured"),
        ({"custom_ca_bundle": "x"}, "set AWS_CA_BUNDLE in the environment"),
    ],
)
def test_options_of_an_aws_provider_that_cannot_be_honoured(option: dict[str, Any], text: str) -> None:
    assert text in refusal(lambda: Opts(provider=aws.Provider("p", **option)), **REGION)


def test_options_of_a_kubernetes_provider_that_cannot_be_honoured() -> None:
    text = refusal(lambda: Opts(provider=k8s.Provider("r", render_yaml_to_directory="out")), **REGION)
    assert "the Kubernetes provider 'r' is given render_yaml_to_directory, which cannot be honoured for Secrets" in text


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


def account() -> aws.Provider:
    roles, ids = [aws.ProviderAssumeRoleArgs(role_arn=ROLE)], ["222222222222"]
    return aws.Provider(
        "a", region="eu-west-1", assume_roles=roles, allowed_account_ids=ids, secret_key="k", access_key="AK"
    )


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


MAPPED = pulumi.ResourceOptions(env_var_mappings={"PROD_AWS_PROFILE": "AWS_PROFILE", "PROD_KUBECONFIG": "KUBECONFIG"})


@pytest.mark.parametrize(
    "make",
    [
        lambda opts: aws.Provider("a", region="eu-west-1", opts=opts),
        lambda opts: k8s.Provider("k", opts=opts),
        lambda opts: k8s.Provider("k", context="a", opts=opts),
    ],
)
def test_a_provider_that_reads_other_variables_is_refused(make: Callable[[Any], pulumi.ProviderResource]) -> None:
    def program() -> None:
        SecretStore("s", namespace="a", region="eu-west-1", opts=pulumi.ResourceOptions(providers=[make(MAPPED)]))

    with pytest.raises(InvalidArgumentsError, match="has env_var_mappings, which cannot be followed here"):
        declare(program)


def test_a_store_with_credentials_of_its_own_minds_the_endpoints_of_a_provider_alone() -> None:
    own = {"auth": ServiceAccountAuth("reader"), **REGION}
    assert after_transforms(account, given=own, assumeRoles=None, region="eu-west-2") == ""
    assert "changed endpoints" in after_transforms(account, given=own, endpoints='[{"ssm": "http://h:1"}]')
    assert "changed region" in after_transforms(account, given={"auth": own["auth"]}, region="eu-west-2")


def test_mocks_that_say_nothing_of_a_provider_change_nothing() -> None:
    nothing: dict[str, Any] = dict.fromkeys(("region", "assumeRoles", "allowedAccountIds", "secretKey", "accessKey"))
    assert after_transforms(account, **nothing, skipRegionValidation=None, skipCredentialsValidation=None) == ""


@pytest.mark.parametrize(
    ("name", "package", "provider"),
    [
        ("prod", "kubernetes", lambda: k8s.Provider("k", context="b")),
        ("aws", "kubernetes", lambda: k8s.Provider("k", context="b")),
        ("k8s", "kubernetes", lambda: k8s.Provider("k", context="b")),
        ("main", "aws", lambda: aws.Provider("a", region="eu-west-1")),
        ("kubernetes", "aws", lambda: aws.Provider("a", region="eu-west-1")),
    ],
)
def test_a_provider_under_a_name_where_pulumi_does_not_look(name: str, package: str, provider: Any) -> None:
    opts = lambda: Opts(providers={name: provider()})  # noqa: E731
    text = f"opts.providers has a provider of {package!r} under the name {name!r}, where it has no effect"
    assert f"SecretStore 's': {text}; write {package!r}, or a list of providers" in refusal(opts, **REGION)
    with pytest.raises(InvalidArgumentsError, match=f"ExternalSecret 'db': {text}"):
        told(lambda: None, opts, **REGION)


def test_providers_of_parents_under_names_of_their_own() -> None:
    def below(name: str) -> Callable[[], Opts]:
        def opts() -> Opts:
            team = pulumi.ComponentResource("test:index:Team", "t", {}, Opts(providers={name: account()}))
            return Opts(parent=team)

        return opts

    assert told(below("primary"), **REGION) == (REGION, {})  # as for each resource of the parent
    said = refusal(below("kubernetes"), **REGION)
    assert "the parent's `providers` has the aws provider 'a' under the name 'kubernetes'; write 'aws', or a" in said


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


def test_a_stack_that_renders_files_writes_no_secret_to_the_cluster() -> None:
    pulumi.runtime.set_all_config({"kubernetes:renderYamlToDirectory": "out"})
    assert "kubernetes:renderYamlToDirectory cannot be honoured for Secrets" in refusal(**REGION)
    assert told(lambda: Opts(provider=k8s.Provider("k", context="own")), **REGION)[1] == {"context": "own"}
    assert told(cluster=lambda: Cluster(context="own"), **REGION)[1] == {"context": "own"}


@pytest.mark.parametrize(
    ("cluster", "kind"),
    [
        ("TOPSECRET", ", got a string; a context's name goes into Cluster(context=...)"),
        (CONTENTS, ", got a string; a context's name goes into Cluster(context=...)"),
        ({"context": "TOPSECRET"}, ", got a mapping"),
        (7, ", got a number"),
        (Cluster, ", got the class Cluster"),
    ],
)
def test_what_is_no_cluster_is_not_shown(cluster: Any, kind: str) -> None:
    def program() -> None:
        ClusterSecretStore("s", cluster=cluster, **REGION)

    with pytest.raises(InvalidArgumentsError) as caught:
        declare(program)
    assert f"cluster: expected a Cluster or a pulumi_kubernetes.Provider{kind}" in str(caught.value)
    assert "TOPSECRET" not in str(caught.value)


def test_a_cluster_is_printed_without_its_kubeconfig() -> None:
    assert "TOPSECRET" not in repr(Cluster(CONTENTS))


@pytest.mark.parametrize("secret", [CONTENTS, "{}", "TOPSECRET"])
@pytest.mark.parametrize("wrap", [lambda text: text, pulumi.Output.from_input])
def test_contents_are_secret(secret: str, wrap: Callable[[str], Any]) -> None:
    from components.program.cluster import _bag  # noqa: PLC0415

    async def program() -> None:
        assert await _bag({"kubeconfig": wrap(secret)})["kubeconfig"].is_secret()

    declare(lambda: pulumi.Output.from_input(program()))


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


@pytest.mark.parametrize("name", ["prod.yaml", "clusters/prod.kubeconfig", "a/b.c.json", "prod.conf"])
def test_the_name_of_a_file_that_is_not_there_is_not_secret(name: str) -> None:
    assert told(cluster=Cluster(name), **REGION)[1] == {"kubeconfig": name}


@pytest.mark.parametrize("text", ["eyJhbGciOi.eyJpc3Mi.c2ln", "token.abc", "a: b.yaml", "-BEGIN.yaml {}", "p w.yaml"])
def test_what_may_be_a_token_is_secret(text: str) -> None:
    from components.program.cluster import _bag  # noqa: PLC0415

    async def program() -> None:
        assert await _bag({"kubeconfig": text})["kubeconfig"].is_secret()

    declare(lambda: pulumi.Output.from_input(program()))


def test_a_path_is_not_secret() -> None:
    assert told(cluster=Cluster("/home/ci/other", "a"), **REGION)[1] == {"kubeconfig": "/home/ci/other", "context": "a"}


def test_what_the_program_sets_in_its_own_environment_is_what_its_providers_were_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pulumi's SDK reads the program's environment; the process that writes Secrets has the engine's."""

    def program() -> None:
        monkeypatch.setenv("KUBECONFIG", "/prod/kubeconfig")
        monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
        opts, auth = Opts(provider=k8s.Provider("k")), ServiceAccountAuth("reader")
        store = SecretStore("s", namespace="team-a", auth=auth, opts=opts, **REGION)
        ExternalSecret("db", store=store, data={"user": "/app/db"})

    engine = declare(program)
    monkeypatch.setenv("KUBECONFIG", "/home/ci/kubeconfig")
    monkeypatch.delenv("PULUMI_K8S_DELETE_UNREACHABLE")
    given = {"kubeconfig": "/prod/kubeconfig", "deleteUnreachable": "true"}
    sync = taken(engine, "SecretSync", "db")
    assert sync["cluster"] == sync["store"]["cluster"] == taken(engine, "Snapshot", "s")["store"]["cluster"] == given


@pytest.mark.parametrize(
    ("variables", "profile", "refused"),
    [
        ({}, None, None),
        ({"AWS_REGION": "us-east-1"}, None, "AWS_REGION"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, None, "AWS_REGION"),
        ({"AWS_PROFILE": "q"}, None, "AWS_PROFILE"),
        ({"AWS_PROFILE": "q"}, "p", None),
        ({"AWS_CONFIG_FILE": "{}/other"}, None, "AWS_CONFIG_FILE"),
    ],
)
def test_a_region_that_the_program_sets_in_its_own_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], profile: str | None, refused: str | None
) -> None:
    """Pulumi's own AWS provider, and the process that reads, have the environment of the `pulumi` command."""
    for name in ("aws", "other"):
        (tmp_path / name).write_text(
            "".join(f"[{each}]\nregion = eu-west-1\n" for each in ("default", "profile p", "profile q"))
        )
    pulumi.runtime.set_all_config({"aws:profile": profile} if profile else {})

    def program() -> None:
        with monkeypatch.context() as own:
            for name, value in variables.items():
                own.setenv(name, value.format(tmp_path))
            ExternalSecret("db", store=SecretStore("s", namespace="team-a"), data={"user": "/app/db"})

    choice = declare(program).registered["Snapshot", "s"]["operation"].get("regionChoice") or {}
    if refused is None:
        refuse_other_environment(choice, os.environ)
    else:
        with pytest.raises(SpecError, match=f"chooses it by {refused}, and that of the `pulumi` command"):
            refuse_other_environment(choice, os.environ)


def test_a_region_that_something_else_says_is_none_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    engine = declare(lambda: ExternalSecret("db", store=SecretStore("s", namespace="n", **REGION), data={"a": "/a"}))
    assert not engine.registered["Snapshot", "s"]["operation"].get("regionChoice")
