"""The services that stores can read from. Each brings its reader along, see clients/aws/readers.py."""

from collections.abc import MutableMapping
from typing import Literal

from ..errors import SpecError
from .secrets_manager import SECRETS_MANAGER
from .service import Service
from .ssm import PARAMETER_STORE

ServiceName = Literal["ParameterStore", "SecretsManager"]
"""The names of SERVICES, for type checkers."""
SERVICES: MutableMapping[str, Service] = {each.name: each for each in (PARAMETER_STORE, SECRETS_MANAGER)}
"""By ESO's name; a store that names none reads from the first."""


def endpoint_names() -> tuple[str, ...]:
    """What AWS's SDKs call the services that are asked here: those that keep secrets, and STS."""
    return (*(each.client for each in SERVICES.values()), "sts")


def service_named(name: str | None = None, *, in_batches: bool = False) -> Service:
    """The service of a store that names it so, or names none.

    Args:
        name: ESO's name.
        in_batches: see `Service.in_batches`.

    Raises:
        SpecError: there is no such service, or it is always read in batches.
    """
    if name is not None and name not in SERVICES:
        raise SpecError(f"service {name!r} is not supported; only {' and '.join(map(repr, SERVICES))} are")
    service = PARAMETER_STORE if name is None else SERVICES[name]
    return service.in_batches() if in_batches else service
