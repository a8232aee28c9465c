"""Reads the ExternalSecrets of a stack's settings; see store_config.py for its stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .config_fields import Fields, check_distinct, entries_of
from .errors import SpecError
from .specs import RemoteRefSpec
from .store_config import StoreConfig


@dataclass(frozen=True)
class ExternalSecretConfig:
    """One entry of `externalSecrets`; the arguments of an ExternalSecret."""

    name: str
    store: str
    namespace: str | None
    target: str | None
    data: Mapping[str, RemoteRefSpec]


def read_external_secrets(value: Any, stores: Sequence[StoreConfig]) -> list[ExternalSecretConfig]:
    """The ExternalSecrets of a stack, in order.

    Raises:
        SpecError: the setting is not what it should be, or names a store that is not there.
    """
    known = [store.name for store in stores]
    secrets = []
    for index, entry in enumerate(entries_of(value, "externalSecrets")):
        where = f"externalSecrets[{index}]"
        secret = _external_secret(Fields(entry, where))
        if secret.store not in known:
            names = ", ".join(known) or "none"
            raise SpecError(f"{where}.secretStoreRef: there is no store {secret.store!r} (there are: {names})")
        secrets.append(secret)
    check_distinct([secret.name for secret in secrets], "externalSecrets")
    return secrets


def _external_secret(fields: Fields) -> ExternalSecretConfig:
    target = fields.mapping("target")
    data: dict[str, RemoteRefSpec] = {}
    for entry in fields.entries("data"):
        key = entry.text("secretKey")
        if key in data:
            raise SpecError(f"{entry.where}.secretKey: {key!r} occurs twice")
        data[key] = _remote_ref(entry)
    secret = ExternalSecretConfig(
        name=fields.text("name"),
        store=fields.text("secretStoreRef"),
        namespace=fields.optional_text("namespace"),
        target=target.text("name") if target else None,
        data=data,
    )
    if target:
        target.end()
    fields.end()
    return secret


def _remote_ref(entry: Fields) -> RemoteRefSpec:
    ref = entry.mapping("remoteRef")
    entry.end()
    if ref is None:
        raise SpecError(f"{entry.where}.remoteRef is required")
    spec = RemoteRefSpec(
        key=ref.text("key"), property_path=ref.optional_text("property"), version=ref.selector("version")
    )
    ref.end()
    return spec
