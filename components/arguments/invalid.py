"""What is wrong with a program's arguments, said so that Pulumi shows one line and no traceback."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pulumi

from ..core.services import SERVICES
from ..core.spec.spelling import is_of_yaml, spelled
from ..errors import NO_IMPORT, SpecError

# Pulumi's reference says of each that it does not apply to component resources; `id` and `urn` read another one, and
# `replacement_trigger` replaces the component alone.
_WITHOUT_EFFECT = (
    "additional_secret_outputs", "custom_timeouts", "delete_before_replace", "env_var_mappings", "hide_diffs", "id",
    "ignore_changes", "plugin_download_url", "replace_on_changes", "replace_with", "replacement_trigger", "urn",
    "version",
)  # fmt: skip

_PACKAGES = ("aws", "kubernetes")
_SERVICES = "|".join(each.client for each in SERVICES.values())
_TAKES_NOTHING_ALONG = re.compile(
    rf"(pulumi-python:dynamic/)?parameterstore[:/]|aws:({_SERVICES})/|kubernetes:core/v1:(?!Namespace$)"
)
"""Types of resources whose deletion deletes no Secret; others may be the cluster."""
_OURS = re.compile(r"(pulumi-python:dynamic/)?parameterstore[:/]")

P = ParamSpec("P")
R = TypeVar("R")


class InvalidArgumentsError(SpecError, pulumi.RunError):
    """An argument of a component is wrong. Pulumi shows the text alone, without a traceback."""

    def __init__(self, text: str) -> None:
        super().__init__(spelled(text, python=not is_of_yaml()))


def plainly(function: Callable[P, R], where: str = "") -> Callable[P, R]:
    """Have a function raise its SpecErrors so that Pulumi shows the text alone, after `where` if that is given."""

    @wraps(function)
    def wrapped(*args: P.args, **named: P.kwargs) -> R:
        try:
            return function(*args, **named)
        except SpecError as error:
            raise plain(error, where) from None

    return wrapped


def plain(error: SpecError, where: str = "") -> InvalidArgumentsError:
    """An error as Pulumi shows it by its text alone, after `where` if that is given; one that is so already stays."""
    if isinstance(error, InvalidArgumentsError):
        return error
    return InvalidArgumentsError(f"{where}: {error}" if where else str(error))


def refuse_deleted_with(kind: str, name: str, other: pulumi.Resource, *, of_parent: bool) -> None:
    """Refuse that a resource of ours is deleted with another one, whose deletion leaves its Secrets behind.

    Args:
        kind: type of the resource, as Pulumi knows it.
        name: its name.
        other: what it is deleted with.
        of_parent: a parent says so, which Pulumi has its children inherit.
    """
    where = f"{kind.rpartition(':')[2]} {name!r}: opts.deleted_with{' of a parent' if of_parent else ''}"
    if not _OURS.match(kind):
        return
    if not isinstance(other, pulumi.Resource):
        raise InvalidArgumentsError(f"{where}: expected a resource, got {type(other).__name__}")
    if _TAKES_NOTHING_ALONG.match(other.pulumi_resource_type):
        raise InvalidArgumentsError(
            f"{where} names {other.pulumi_resource_name!r}, a {other.pulumi_resource_type}, whose deletion deletes "
            "nothing of this one, and Pulumi would count all of it as deleted; leave it out, or name the namespace or "
            "the cluster that the Secrets go with"
        )


def _check_kinds(where: str, opts: pulumi.ResourceOptions) -> None:
    """Refuse values of another kind, which the SDK meets with an AttributeError, or takes for true."""
    given: Any = opts.providers.values() if isinstance(opts.providers, Mapping) else opts.providers
    kinds: Sequence[tuple[str, Iterable[Any], tuple[type, ...]]] = (
        ("parent", [opts.parent], (pulumi.Resource,)),
        ("provider", [opts.provider], (pulumi.ProviderResource,)),
        ("providers", given if isinstance(given, Iterable) else [given], (pulumi.ProviderResource,)),
        ("protect", [opts.protect], (bool,)),
        ("retain_on_delete", [opts.retain_on_delete], (bool,)),
        # Of a string the SDK takes each character for an alias, and the one that is meant has no effect.
        *((name, [getattr(opts, name, None)], (list, tuple)) for name in ("aliases", "transformations", "transforms")),
        ("aliases", opts.aliases or (), (pulumi.Alias, str, pulumi.Output, Awaitable)),
    )
    for name, values, allowed in kinds:
        for each in values:
            if each is not None and not isinstance(each, allowed):
                wanted = "an Alias" if allowed[0] is pulumi.Alias else f"a {allowed[0].__name__}"
                raise SpecError(f"{where}: opts.{name}: expected {wanted}, got {type(each).__name__}")


def refuse_options(where: str, opts: pulumi.ResourceOptions | None) -> None:
    """Refuse Pulumi's options that have no effect on a component, and do not reach what is in it."""
    if opts is None:
        return
    if opts.import_ is not None:
        raise SpecError(f"{where}: opts.import_: {NO_IMPORT}")
    for name in _WITHOUT_EFFECT:
        if getattr(opts, name, None) not in (None, [], (), {}):
            raise SpecError(
                f"{where}: opts.{name} has no effect on a component, nor on the resources in it; leave it out, or "
                "change those by `transforms`"
            )
    _check_kinds(where, opts)
    named = opts.providers if isinstance(opts.providers, Mapping) else {}
    for key, each in named.items():
        package = getattr(each, "package", key)
        if package != key and (key in _PACKAGES or (package in _PACKAGES and package not in named)):
            raise SpecError(
                f"{where}: opts.providers has a provider of {package!r} under the name {key!r}, where it has no "
                f"effect; write {package!r}, or a list of providers"
            )
