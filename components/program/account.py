"""Which AWS account and region a store reads in, in Pulumi's order.

What the store says; the provider in its options, inherited from parents; the stack's settings; the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from configparser import ConfigParser, Error
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pulumi

from ..arguments.invalid import plainly
from ..arguments.provider_options import AWS, given_to, own_provider, provider_for, refuse_default, setting
from ..core.spec.config_fields import camel
from ..core.spec.runner_fields import accounts_of, endpoints_of, roles_of
from ..core.spec.runner_specs import CREDENTIALS, RunnerSpec, check_keys
from ..core.spec.store_identity import region_choice
from ..core.spec.store_specs import compact
from ..errors import SpecError
from .provider_settings import FOLLOWED, INDIFFERENT, REFUSED, keys_of_stack, refuse_misspelt

_LISTS = ("allowedAccountIds", "forbiddenAccountIds")
_ROLES = ("assumeRole", "assumeRoles")


@dataclass(frozen=True)
class AccountChoice:
    """Where a store reads, and as whom it begins.

    Attributes:
        region: the region.
        said: the store itself says who it is and in which region, so that no provider decides.
        provider: the provider that the store was given or inherits; None for Pulumi's default provider.
        taken: what of the provider matters; empty for all that decides where is read, and as whom.
        environment: what of the program's environment chose the region; empty where something else did.
        bag: what the dynamic resources are told besides: `aws`, the base credentials, unless the store has `auth`, and
            endpoints; only where a provider or the stack says something of them.
    """

    region: pulumi.Input[str]
    said: bool
    provider: pulumi.ProviderResource | None
    taken: Sequence[str]
    environment: Mapping[str, str]
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
        SpecError: no region is said anywhere, a setting is misspelt, or a provider or the stack asks for what cannot be
            honoured.
    """
    provider = provider_for(component, AWS)
    if provider is None:
        if not (own_credentials and region is not None):
            refuse_default(AWS, "give the store both `auth` and `region`")
        refuse_misspelt(AWS, keys_of_stack(), pulumi.get_project(), "give the store an AWS provider in `opts`")
        said, who = _settings(), "the setting aws:"
    else:
        said = {camel(name): value for name, value in given_to(provider).items()}
        who = f"the AWS provider {provider.pulumi_resource_name!r}: "
    _refuse(said, who, own_credentials=own_credentials)
    found, chosen = (region, {}) if region is not None else _region(said, who)
    if found is None:
        raise SpecError(
            "region: none is given; write one such as 'eu-central-1' to the store, or set aws:region, or the region of "
            "the AWS provider, or AWS_REGION"
        )
    told = {name: value for name, value in said.items() if name == "endpoints" or not own_credentials}
    itself = own_credentials and region is not None
    taken = () if not own_credentials else ("endpoints",) if itself else ("endpoints", "region")
    return AccountChoice(
        found, itself, provider, taken, chosen, compact({"aws": _runner(told, who, component) or None})
    )


def check_reader(
    component: pulumi.Resource, opts: pulumi.ResourceOptions | None, stores: Sequence[AccountChoice]
) -> None:
    """Refuse an AWS provider of an ExternalSecret that none of its stores reads with: the store reads, and it alone.

    Args:
        component: the ExternalSecret.
        opts: its options.
        stores: the accounts of all of its stores. One that says all itself goes before what is inherited.

    Raises:
        SpecError: there is one; the text says where it belongs.
    """
    own = own_provider(component, opts, AWS)
    provider = own or provider_for(component, AWS)
    if provider is None or any(store.provider is provider or (own is None and store.said) for store in stores):
        return
    place = "opts name" if own else "the parent hands down"
    raise SpecError(
        f"{place} the AWS provider {provider.pulumi_resource_name!r}, and its store reads without it; the store reads "
        "the parameters, so give the provider to the store"
        + (", or leave it out" if own else ", or declare the ExternalSecret under another parent")
    )


def _runner(said: Mapping[str, Any], who: str, component: pulumi.Resource) -> dict[str, Any]:
    """What is stored; keys are secret."""

    def read(value: Any, function: Callable[[Any], Any]) -> Any:
        if isinstance(value, str):
            return function(value)
        # In an apply nobody else would make one line of an error.
        where = f"{type(component).__name__} {component.pulumi_resource_name!r}"
        return pulumi.Output.from_input(value).apply(plainly(function, where))

    def roles(found: Mapping[str, Any]) -> list[dict[str, Any]]:
        return _one_of({f"{who}{name}": roles_of(each, f"{who}{name}") for name, each in found.items()})

    given = {name: said[name] for name in _ROLES if name in said}
    known = all(isinstance(each, str) for each in given.values())
    endpoints = read(said["endpoints"], partial(endpoints_of, where=f"{who}endpoints")) if "endpoints" in said else {}
    bag = compact(
        {
            "endpoints": None if endpoints == {} else endpoints,
            **{name: read(said[name], partial(_not_empty, f"{who}{name}")) for name in ("profile",) if name in said},
            **{
                name: pulumi.Output.secret(read(said[name], partial(_not_empty, f"{who}{name}")))
                for name in CREDENTIALS
                if name in said
            },
            **{name: read(said[name], partial(accounts_of, where=f"{who}{name}")) for name in _LISTS if name in said},
            "roles": (roles(given) if known else read(given, roles)) if given else None,
        }
    )
    check_keys(said)
    RunnerSpec.from_bag({name: value for name, value in bag.items() if not isinstance(value, pulumi.Output)})
    return bag


def _settings() -> Mapping[str, Any]:
    """What the stack says, by the names of the AWS provider's properties."""
    return compact({name: setting(AWS, name) for name in (*FOLLOWED[AWS], *REFUSED[AWS])})


def _refuse(said: Mapping[str, Any], who: str, *, own_credentials: bool) -> None:
    """Refuse what is said and cannot be honoured."""
    about_credentials = ("assumeRoleWithWebIdentity", "sharedConfigFiles", "sharedCredentialsFiles")
    for name, value in said.items():
        if (
            name in FOLLOWED[AWS]
            or name in INDIFFERENT[AWS]
            or (isinstance(value, str) and value in ("false", "[]", "{}"))
        ):
            continue
        if own_credentials and name in about_credentials:
            continue
        instead = REFUSED[AWS].get(name, "leave it out")
        raise SpecError(f"{who}{name} cannot be honoured for reading parameters; {instead}")


def _not_empty(where: str, value: str | None) -> str:
    """A text that decides something: empty it would leave that to the environment."""
    if value is None or not value.strip():
        raise SpecError(f"{where} is empty; give it a value, or leave it out")
    return value


def _region(said: Mapping[str, Any], who: str) -> tuple[pulumi.Input[str] | None, Mapping[str, str]]:
    """The region of a provider or the settings, else that of the environment, with what of it decides."""
    region, variables = said.get("region"), (os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION"))
    if region is None or (region == "" and "" in variables):  # the SDK fills in an empty variable, too
        profile = said.get("profile")
        return _region_of_environment(profile), region_choice(os.environ, profile)
    return (_not_empty(f"{who}region", region) if isinstance(region, str) else region), {}


def _region_of_environment(profile: object) -> str | None:
    """The region of the environment: its variables, else its profile's."""
    from_variables = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if from_variables or not isinstance(profile, str | None):
        return from_variables
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    file = ConfigParser(interpolation=None)
    try:
        path = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
        if path.is_file():  # as the SDK does; a pipe would be waited for without end
            file.read(path, encoding="utf-8")
    except (Error, OSError, UnicodeDecodeError, RuntimeError):
        return None  # who reads it next says what is wrong with it
    return file.get("default" if name == "default" else f"profile {name}", "region", fallback=None)


def _one_of(roles: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The roles of the one property that names some: the provider has an old and a new name for it."""
    saying = {name: each for name, each in roles.items() if each}
    first = next(iter(saying.values()), [])
    if any(each != first for each in saying.values()):
        raise SpecError(f"{' and '.join(saying)} name different roles; leave one of the two out")
    return first
