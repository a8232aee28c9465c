"""The services that stores can read from. Each brings its reader along, see clients/aws/readers.py."""

from collections.abc import MutableMapping

from ..errors import SpecError
from .secrets_manager import SECRETS_MANAGER
from .service import Service
from .ssm import PARAMETER_STORE

SERVICES: MutableMapping[str, Service] = {each.name: each for each in (PARAMETER_STORE, SECRETS_MANAGER)}
"""By ESO's name; a store that names none reads from the first."""


def endpoint_names() -> tuple[str, ...]:
    """What AWS's SDKs call the services that are asked here: those that keep secrets, and STS."""
    return (*(each.client for each in SERVICES.values()), "sts")


def service_named(name: str | None = None) -> Service:
    """The service of a store that names it so, or names none; raises SpecError where there is no such service."""
    if name is None:
        return PARAMETER_STORE
    if name not in SERVICES:
        raise SpecError(f"service {name!r} is not supported; only {' and '.join(map(repr, SERVICES))} are")
    return SERVICES[name]
