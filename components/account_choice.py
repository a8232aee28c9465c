"""Which AWS account and region a store reads in, in Pulumi's order.

What the store says; the provider in its options, inherited from parents; the stack's settings; the environment.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from .core.errors import SpecError
from .core.runner_specs import CREDENTIALS, RunnerSpec
from .core.store_specs import compact
from .given_providers import AWS, given_to, provider_for, setting
from .invalid_arguments import InvalidArgumentsError

_SERVICES = ("ssm", "sts")
_LISTS = ("allowedAccountIds", "forbiddenAccountIds")
# Nothing of these decides what is read, and as whom.
_IGNORED = (
    "defaultTags",
    "ignoreTags",
    "maxRetries",
    "retryMode",
    "s3UsEast1RegionalEndpoint",
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
    "tagPolicyCompliance",
    "tokenBucketRateLimiterCapacity",
    "userAgents",
    "version",
    "pluginDownloadURL",
)
_REFUSED = {
    "assumeRoleWithWebIdentity": "set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the environment, or give the "
    "store `auth`",
    "customCaBundle": "set AWS_CA_BUNDLE in the environment",
    "ec2MetadataServiceEndpoint": "set AWS_EC2_METADATA_SERVICE_ENDPOINT in the environment",
    "ec2MetadataServiceEndpointMode": "set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE in the environment",
    "httpProxy": "set HTTP_PROXY in the environment",
    "httpsProxy": "set HTTPS_PROXY in the environment",
    "insecure": "set AWS_CA_BUNDLE in the environment",
    "noProxy": "set NO_PROXY in the environment",
    "sharedConfigFiles": "set AWS_CONFIG_FILE in the environment",
    "sharedCredentialsFiles": "set AWS_SHARED_CREDENTIALS_FILE in the environment",
    "stsRegion": "set AWS_STS_ENDPOINT in the environment",
    "useDualstackEndpoint": "set AWS_USE_DUALSTACK_ENDPOINT in the environment",
    "useFipsEndpoint": "set AWS_USE_FIPS_ENDPOINT in the environment",
}
_USED = ("region", "profile", *CREDENTIALS, *_LISTS, "endpoints", "assumeRole", "assumeRoles")


@dataclass(frozen=True)
class AccountChoice:
    """Where a store reads, and as whom it begins.

    Attributes:
        region: the region.
        bag: what the dynamic resources are told besides: `aws`, the base credentials, unless the store has `auth`, and
            endpoints; only where a provider or the stack says something of them.
    """

    region: pulumi.Input[str]
    bag: dict[str, Any] = field(repr=False)


def account_of_store(
    component: pulumi.Resource, region: pulumi.Input[str] | None, *, own_credentials: bool
) -> AccountChoice:
    """The account and region of a store.

    Args:
        component: the store.
        region: the region that the store says, if it does.
        own_credentials: the store says who it is (`auth`), so that a provider's credentials are not its own.

    Raises:
        SpecError: no region is said anywhere, or a provider or the stack asks for what cannot be honoured.
    """
    provider = provider_for(component, AWS)
    if provider is None:
        said, who = _settings(), "the setting aws:"
    else:
        said = {_camel(name): value for name, value in given_to(provider).items()}
        who = f"the AWS provider {provider.pulumi_resource_name!r}: "
    _refuse(said, who, own_credentials=own_credentials)
    found = region if region is not None else said.get("region") or _region(said.get("profile"))
    if found is None:
        raise SpecError(
            "region: none is given; write one such as 'eu-central-1' to the store, or set aws:region, or the region of "
            "the AWS provider, or AWS_REGION"
        )
    told = {name: value for name, value in said.items() if name == "endpoints" or not own_credentials}
    return AccountChoice(found, compact({"aws": _runner(told) or None}))


def _runner(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored; keys are secret."""
    roles = said.get("assumeRoles", said.get("assumeRole"))
    endpoints = _applied(said["endpoints"], _endpoints) if "endpoints" in said else {}
    bag = compact(
        {
            "endpoints": None if endpoints == {} else endpoints,
            "profile": said.get("profile"),
            **{name: pulumi.Output.secret(said[name]) for name in CREDENTIALS if name in said},
            **{name: _applied(said[name], _decoded) for name in _LISTS if name in said},
            "roles": None if roles is None else _applied(roles, _roles),
        }
    )
    if ("accessKey" in said) != ("secretKey" in said):
        raise SpecError("aws: accessKey and secretKey are only of use together; give both, or none")
    RunnerSpec.from_bag({name: value for name, value in bag.items() if not isinstance(value, pulumi.Output)})
    return bag


def _settings() -> dict[str, Any]:
    """What the stack says, by the names of the AWS provider's properties."""
    return compact({name: setting(AWS, name) for name in (*_USED, *_REFUSED)})


def _refuse(said: Mapping[str, Any], who: str, *, own_credentials: bool) -> None:
    """Refuse what is said and cannot be honoured."""
    about_credentials = ("assumeRoleWithWebIdentity", "sharedConfigFiles", "sharedCredentialsFiles")
    for name, value in said.items():
        if name in _USED or name in _IGNORED or (isinstance(value, str) and value in ("false", "[]", "{}")):
            continue
        if own_credentials and name in about_credentials:
            continue
        instead = _REFUSED.get(name, "leave it out")
        raise SpecError(f"{who}{name} cannot be honoured for reading parameters; {instead}")


def _region(profile: object) -> str | None:
    """The region of the environment: its variables, else its profile's."""
    from_variables = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if from_variables or not isinstance(profile, str | None):
        return from_variables
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    file = ConfigParser(interpolation=None)
    try:
        file.read(Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser(), encoding="utf-8")
    except (Error, OSError, UnicodeDecodeError, RuntimeError):
        return None  # who reads it next says what is wrong with it
    return file.get("default" if name == "default" else f"profile {name}", "region", fallback=None)


def _applied(value: Any, function: Callable[[Any], Any]) -> Any:
    return value.apply(function) if isinstance(value, pulumi.Output) else function(value)


def _decoded(value: Any) -> Any:
    """A nested property; both the SDK and the engine hand those over as JSON texts."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_int=str)
    except ValueError:
        # In an apply nobody else would make one line of it.
        text = "aws: a list or map in the stack's settings is not JSON; write it as YAML"
        raise InvalidArgumentsError(text) from None


def _roles(value: Any) -> list[dict[str, Any]]:
    found = _decoded(value)
    return [
        {_camel(name): part for name, part in role.items() if part is not None}
        for role in (found if isinstance(found, list) else [found])
        if isinstance(role, Mapping)
    ]


def _endpoints(value: Any) -> dict[str, str]:
    """The URLs of the services that are asked here; Terraform's form is a list of such maps."""
    found = _decoded(value)
    return {
        service: str(each[service])
        for each in (found if isinstance(found, list) else [found])
        if isinstance(each, Mapping)
        for service in _SERVICES
        if each.get(service)
    }


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
