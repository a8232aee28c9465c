"""What the providers of a program were given, so that a component can honour it.

A provider's attributes do not tell: in a preview one that was not given looks like one that is not known yet, and
nested ones cannot be read at all. So what each provider is given is kept here when it is made, which needs this library
to be imported before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.config import is_config_secret

from ..errors import SpecError
from .invalid import InvalidArgumentsError

AWS, KUBERNETES = "aws", "kubernetes"
_OF_PACKAGE = {AWS: "aws:ssm/parameter:Parameter", KUBERNETES: "kubernetes:core/v1:Secret"}
_PLAIN = {AWS: ("region", "profile"), KUBERNETES: ("kubeconfig", "context", "cluster")}
"""Inputs that are attributes too, and that nobody fills in but the program and the SDK."""
_DISABLED = "disable-default-providers"
_given: WeakKeyDictionary[pulumi.ProviderResource, Mapping[str, Any]] = WeakKeyDictionary()


def _watch(init: Callable[..., None]) -> Callable[..., None]:
    @wraps(init)
    def watched(
        self: pulumi.ProviderResource, pkg: str, name: str, props: Any = None, *more: Any, **named: Any
    ) -> None:
        if not isinstance(self, pulumi.resource.DependencyProviderResource):  # it stands for one of another process
            _given[self] = dict(vars(props) if hasattr(props, "__dict__") else props or {})
        init(self, pkg, name, props, *more, **named)

    watched.keeps_what_is_given = True  # type: ignore[attr-defined]
    return watched


if not hasattr(pulumi.ProviderResource.__init__, "keeps_what_is_given"):
    pulumi.ProviderResource.__init__ = _watch(pulumi.ProviderResource.__init__)  # type: ignore[method-assign]


def setting(package: str, name: str) -> pulumi.Input[str] | None:
    """A setting of a package in the stack, for its default provider; secret where the stack says so, None if empty."""
    config = pulumi.Config(package)
    value = config.get(name) or None
    return pulumi.Output.secret(value) if value and is_config_secret(f"{package}:{name}") else value


def unchanged(provider: pulumi.ProviderResource, where: str) -> pulumi.Output[bool]:
    """Hold what a provider became to what it was given: a transformation may have changed it in between.

    Args:
        provider: the provider.
        where: what errors begin with.

    Returns:
        What nothing may be read or written before. It fails where the two surely differ; in a preview an attribute
        that is not known says nothing.
    """

    async def hold() -> bool:
        given = given_to(provider)
        for name in _PLAIN[provider.package]:
            made = getattr(provider, name, None)
            if not isinstance(made, pulumi.Output) or not await made.is_known():
                continue
            value, wanted = await made.future(), await pulumi.Output.from_input(given.get(name)).future()
            if value is not None and value != wanted:
                raise InvalidArgumentsError(
                    f"{where}: a transformation changed {name} of the {provider.package} provider "
                    f"{provider.pulumi_resource_name!r}, which cannot be followed here; give it to the provider itself"
                )
        return True

    return pulumi.Output.from_input(hold())


def refuse_default(package: str, instead: str) -> None:
    """Refuse to stand in for a default provider that the stack has disabled: then all is to come from explicit ones.

    Args:
        package: the provider's package.
        instead: what else to give.

    Raises:
        SpecError: it is disabled.
    """
    text = pulumi.Config("pulumi").get(_DISABLED) or ""
    try:
        disabled = json.loads(text) if text else []
    except ValueError:
        disabled = text.split(",")  # Pulumi itself takes a list only; nobody who writes this wants the default
    names = {str(each).strip() for each in (disabled if isinstance(disabled, list) else [disabled])}
    if names & {"*", package}:
        raise SpecError(
            f"the setting pulumi:{_DISABLED} rules out Pulumi's default {package} provider, and no other is given; "
            f"give a provider in `opts`, or {instead}"
        )


def is_provider(value: object, package: str) -> bool:
    """Whether something is a provider of a package."""
    return isinstance(value, pulumi.ProviderResource) and value.package == package


def provider_for(component: pulumi.Resource, package: str) -> pulumi.ProviderResource | None:
    """The provider that a component was given in its options, or inherits; None for Pulumi's default provider."""
    return component.get_provider(_OF_PACKAGE[package])


def provider_in(opts: pulumi.ResourceOptions | None, package: str) -> pulumi.ProviderResource | None:
    """The provider that options name themselves, without what is inherited."""
    listed: list[Any] = [opts.provider] if opts else []
    more = (opts.providers if opts else None) or []
    listed += list(more.values()) if isinstance(more, Mapping) else list(more)
    return next((each for each in listed if is_provider(each, package)), None)


def given_to(provider: pulumi.ProviderResource) -> Mapping[str, Any]:
    """What a provider was given, by the names of Python's arguments, without what was left out.

    Raises:
        SpecError: it is not known.
    """
    if provider not in _given:
        name = provider.pulumi_resource_name if hasattr(provider, "_name") else ""
        raise SpecError(
            f"what the {provider.package} provider {name!r} was given is not known, as it was made before this library "
            "was imported, or in another process; import the library first, or say it to the store (region, role, "
            "cluster=Cluster(...))"
        )
    return {key: value for key, value in _given[provider].items() if value is not None}
