"""Reads the ExternalSecrets of a stack's settings; see store_config.py for its stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from .core.config_fields import Fields, check_distinct, entries_of
from .core.errors import SpecError
from .core.secret_keys import ConversionStrategy
from .core.specs import RemoteRefSpec, check_choice
from .core.store_specs import compact
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
    _check_without_effect(ref)
    given = {
        "key": ref.text("key"),
        "property": ref.optional_text("property"),
        "version": ref.selector("version"),
        "decodingStrategy": ref.optional_text("decodingStrategy"),
        "nullBytePolicy": ref.optional_text("nullBytePolicy"),
    }
    ref.end()
    try:
        return RemoteRefSpec.from_bag(compact(given))
    except SpecError as error:
        raise SpecError(f"{ref.where}: {error}") from None


def _check_without_effect(ref: Fields) -> None:
    """Take the fields that ESO's older versions write into every manifest and that say nothing here."""
    strategy = ref.optional_text("conversionStrategy")
    policy = ref.optional_text("metadataPolicy")
    if strategy is not None:
        check_choice(f"{ref.where}.conversionStrategy", strategy, get_args(ConversionStrategy))
    if policy not in (None, "None"):
        raise SpecError(f"{ref.where}.metadataPolicy: {policy!r} is not supported yet; only 'None' is")
