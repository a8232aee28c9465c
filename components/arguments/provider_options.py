"""What the providers of a program were given, so that a component can honour it.

A provider's attributes do not tell: in a preview one that was not given looks like one that is not known yet, and
nested ones cannot be read at all. So what each provider is given is kept here when it is registered, which needs this
library to be imported before. The SDK has applied its `transformations` by then. The engine applies `transforms` later,
so what it answers is kept too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from google.protobuf.struct_pb2 import Struct
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.config import is_config_secret
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor, is_dry_run

from ..errors import SpecError
from .invalid import refuse_deleted_with

AWS, KUBERNETES = "aws", "kubernetes"
_OF_PACKAGE = {AWS: "aws:ssm/parameter:Parameter", KUBERNETES: "kubernetes:core/v1:Secret"}
_DISABLED = "disable-default-providers"
_given: WeakKeyDictionary[pulumi.Resource, Mapping[str, Any]] = WeakKeyDictionary()
_mapped: WeakKeyDictionary[pulumi.Resource, bool] = WeakKeyDictionary()
_deleted_with: WeakKeyDictionary[pulumi.Resource, pulumi.Resource] = WeakKeyDictionary()
_retained: WeakKeyDictionary[pulumi.Resource, bool] = WeakKeyDictionary()
_answered: WeakKeyDictionary[pulumi.Resource, tuple[Struct, Struct]] = WeakKeyDictionary()


def _watch_registering(register: Callable[..., None]) -> Callable[..., None]:
    @wraps(register)
    def watched(
        res: pulumi.Resource, ty: str, name: str, custom: Any, remote: Any, new: Any, props: Any, *more: Any
    ) -> None:
        if isinstance(res, pulumi.ProviderResource):
            _given[res] = dict(props)
            _mapped[res] = bool(more and getattr(more[0], "env_var_mappings", None))
        named = ("deleted_with", "parent", "retain_on_delete")
        own, parent, retained = (getattr(more[0] if more else None, option, None) for option in named)
        _retained[res] = bool(_retained.get(parent) if retained is None and parent else retained)
        if (other := own or (parent and _deleted_with.get(parent))) is not None:
            _deleted_with[res] = other  # as the engine has children inherit it
            refuse_deleted_with(ty, name, other, of_parent=own is None)
        register(res, ty, name, custom, remote, new, props, *more)

    watched.keeps_what_is_given = True  # type: ignore[attr-defined]
    return watched


def _watch_answers(resolve: Callable[..., None]) -> Callable[..., None]:
    @wraps(resolve)
    def watched(res: pulumi.Resource, sent: Struct, answer: Struct, *more: Any, **named: Any) -> None:
        if isinstance(res, pulumi.ProviderResource):
            _answered[res] = (sent, answer)
        resolve(res, sent, answer, *more, **named)

    return watched


_register = pulumi.resource.register_resource  # type: ignore[attr-defined]
if not hasattr(_register, "keeps_what_is_given"):
    pulumi.resource.register_resource = _watch_registering(_register)  # type: ignore[attr-defined]
    rpc.resolve_outputs = _watch_answers(rpc.resolve_outputs)


def deletion_options(component: pulumi.Resource) -> dict[str, bool]:
    """Which options, its own or of its parents, keep what a component made: the engine tells no provider of them."""
    kept = {"retainOnDelete": _retained.get(component), "protect": getattr(component, "_protect", False)}
    return {option: True for option, asked in kept.items() if asked}


def setting(package: str, name: str) -> pulumi.Input[str] | None:
    """A setting of a package in the stack, for its default provider; secret where the stack says so.

    Raises:
        SpecError: it is empty: what it was to decide or to guard against would be left to the environment.
    """
    value = pulumi.Config(package).get(name)
    if value is not None and not value.strip():
        raise SpecError(f"the setting {package}:{name} is empty; write a value, or remove it")
    return pulumi.Output.secret(value) if value and is_config_secret(f"{package}:{name}") else value


async def changed_by_engine(provider: pulumi.ProviderResource) -> frozenset[str]:
    """The properties of a provider that the engine has otherwise than the program sent them.

    `transforms` changes them, and `ignore_changes` has it keep what it had.

    Raises:
        SpecError: the provider failed, so that the engine has none.
    """
    await provider.urn.future()
    if not (is_dry_run() or await provider.id.is_known()):
        raise SpecError(f"the {provider.package} provider {provider.pulumi_resource_name!r} failed, or was left out")
    sent, answer = (_plain(rpc.deserialize_properties(each, keep_unknowns=True)) or {} for each in _answered[provider])
    if not answer and isinstance(get_monitor(), MockMonitor):
        return frozenset()  # the mocks of somebody's unit test, which say nothing of providers
    return frozenset(name for name in sent.keys() | answer.keys() if sent.get(name) != answer.get(name))


def _plain(value: Any) -> Any:
    """A value to compare, without what is empty; plugins write the JSON of nested ones in their own way."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value or None
    if isinstance(value, float) and value.is_integer():  # as the wire has every number
        value = int(value)
    if isinstance(value, Mapping):
        return {key: plain for key, each in value.items() if (plain := _plain(each)) is not None} or None
    if isinstance(value, list):
        return [_plain(each) for each in value] or None
    return rpc.UNKNOWN if isinstance(value, Unknown) else str(value or "") or None


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
    """The provider that a component was given in its options, or inherits; None for Pulumi's default provider.

    Raises:
        SpecError: a parent hands down one of another package under this one's name.
    """
    provider = component.get_provider(_OF_PACKAGE[package])
    if provider is not None and provider.package != package:
        raise SpecError(
            f"the parent's `providers` has the {provider.package} provider {provider.pulumi_resource_name!r} under the "
            f"name {package!r}; write {provider.package!r}, or a list of providers"
        )
    return provider


def own_provider(
    component: pulumi.Resource, opts: pulumi.ResourceOptions | None, package: str
) -> pulumi.ProviderResource | None:
    """The provider that a component has itself, by its options or a transformation of them, and does not inherit."""
    listed: list[Any] = [opts.provider] if opts else []
    more = (opts.providers if opts else None) or []
    listed += list(more.values()) if isinstance(more, Mapping) else list(more)
    named = next((each for each in listed if is_provider(each, package)), None)
    found = provider_for(component, package)
    inherited = provider_for(opts.parent, package) if opts and opts.parent else None
    return named or (None if found is inherited else found)


def given_to(provider: pulumi.ProviderResource) -> Mapping[str, Any]:
    """What a provider was given, by the names of Python's arguments, without what was left out.

    Raises:
        SpecError: it is not known, or the provider reads variables of other names in place of the environment's.
    """
    if provider not in _given:
        name = provider.pulumi_resource_name if hasattr(provider, "_name") else ""
        raise SpecError(
            f"what the {provider.package} provider {name!r} was given is not known, as it was made before this library "
            "was imported, or in another process; import the library first, or say it to the store (region, role, "
            "cluster=Cluster(...))"
        )
    if _mapped[provider]:
        raise SpecError(
            f"the {provider.package} provider {provider.pulumi_resource_name!r} has env_var_mappings, which cannot be "
            "followed here: it could use another account or cluster than this library; set the variables themselves "
            "in the environment, or give the provider what they hold"
        )
    return {key: value for key, value in _given[provider].items() if value is not None}
