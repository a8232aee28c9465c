"""A setting or an option of a provider that cannot be honoured is refused by its name."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.parameter_store import Cluster, InvalidArgumentsError, SecretStore
from tests.components.account_and_cluster.support import REGION, ROLE, Opts, refusal, told
from tests.components.support import declare


@pytest.mark.parametrize("said", ["yes", "", "1", "True", "on", " true"])
def test_a_setting_of_a_cluster_that_is_gone_that_is_neither_true_nor_false(said: str) -> None:
    pulumi.runtime.set_all_config({"kubernetes:deleteUnreachable": said})
    text = "the setting kubernetes:deleteUnreachable is neither true nor false; write one of them"
    assert text in refusal(**REGION)
    assert text in refusal(cluster=Cluster(context="own"), **REGION)
    assert text in refusal(lambda: Opts(provider=k8s.Provider("k", context="own")), **REGION)


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


def test_a_stack_that_renders_files_writes_no_secret_to_the_cluster() -> None:
    pulumi.runtime.set_all_config({"kubernetes:renderYamlToDirectory": "out"})
    assert "kubernetes:renderYamlToDirectory cannot be honoured for Secrets" in refusal(**REGION)
    assert told(lambda: Opts(provider=k8s.Provider("k", context="own")), **REGION)[1] == {"context": "own"}
    assert told(cluster=lambda: Cluster(context="own"), **REGION)[1] == {"context": "own"}
