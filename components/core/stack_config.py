"""Reads a stack's settings strictly: each field is known and of the right type, or named in the error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import SpecError
from .specs import DEFAULT_REQUESTS_PER_SECOND, RemoteRefSpec, SecretKey


@dataclass(frozen=True)
class AccessKeysConfig:
    """`auth.secretRef` of a store: keys of Kubernetes Secrets in the store's namespace."""

    access_key_id: SecretKey
    secret_access_key: SecretKey
    session_token: SecretKey | None


@dataclass(frozen=True)
class StoreConfig:
    """One entry of `secretStores`; the arguments of a SecretStore."""

    name: str
    namespace: str
    region: str
    role: str | None
    access_keys: AccessKeysConfig | None
    kubeconfig: str | None
    context: str | None
    requests_per_second: float
    preview_decrypts: bool


@dataclass(frozen=True)
class ExternalSecretConfig:
    """One entry of `externalSecrets`; the arguments of an ExternalSecret."""

    name: str
    store: str
    target: str | None
    data: Mapping[str, RemoteRefSpec]


def read_stores(value: Any) -> list[StoreConfig]:
    """The stores of a stack, in order.

    Raises:
        SpecError: the setting is not what it should be; the text names the field and what is expected.
    """
    stores = [
        _store(_Fields(entry, f"secretStores[{index}]")) for index, entry in enumerate(_list(value, "secretStores"))
    ]
    _distinct([store.name for store in stores], "secretStores")
    return stores


def read_external_secrets(value: Any, stores: Sequence[StoreConfig]) -> list[ExternalSecretConfig]:
    """The ExternalSecrets of a stack, in order.

    Raises:
        SpecError: the setting is not what it should be, or names a store that is not there.
    """
    known = [store.name for store in stores]
    secrets = []
    for index, entry in enumerate(_list(value, "externalSecrets")):
        where = f"externalSecrets[{index}]"
        secret = _external_secret(_Fields(entry, where))
        if secret.store not in known:
            names = ", ".join(known) or "none"
            raise SpecError(
                f"{where}.secretStoreRef: there is no store {secret.store!r} in secretStores (there are: {names})"
            )
        secrets.append(secret)
    _distinct([secret.name for secret in secrets], "externalSecrets")
    return secrets


class _Fields:
    """The fields of one mapping, taken one by one; what is left over is an error."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise SpecError(f"{where}: expected a mapping with named fields, got {_kind(value)}")
        self.where = where
        self._left = dict(value)

    def text(self, field: str) -> str:
        value = self.optional_text(field)
        if value is None:
            raise SpecError(f"{self.where}.{field} is required")
        return value

    def optional_text(self, field: str) -> str | None:
        value: str | None = self._take(field, str, "a text")
        return value

    def number(self, field: str, default: float) -> float:
        value = self._take(field, (int, float), "a number")
        return default if value is None else float(value)

    def flag(self, field: str) -> bool:
        return bool(self._take(field, bool, "true or false"))

    def selector(self, field: str) -> str | None:
        """A version number or label; YAML reads a bare number as one."""
        value = self._take(field, (str, int), "a version number or label")
        return None if value is None else str(value)

    def mapping(self, field: str) -> "_Fields | None":
        value = self._left.pop(field, None)
        return None if value is None else _Fields(value, f"{self.where}.{field}")

    def entries(self, field: str) -> "list[_Fields]":
        where = f"{self.where}.{field}"
        return [
            _Fields(each, f"{where}[{index}]") for index, each in enumerate(_list(self._left.pop(field, None), where))
        ]

    def end(self) -> None:
        if self._left:
            raise SpecError(
                f"{self.where}: unknown field {', '.join(sorted(map(repr, self._left)))}; see docs/configuration.md"
            )

    def _take(self, field: str, kinds: Any, expected: str) -> Any:
        value = self._left.pop(field, None)
        wrong_flag = isinstance(value, bool) and kinds is not bool
        if value is not None and (wrong_flag or not isinstance(value, kinds)):
            raise SpecError(f"{self.where}.{field}: expected {expected}, got {_kind(value)}")
        return value


def _store(fields: _Fields) -> StoreConfig:
    auth = fields.mapping("auth")
    store = StoreConfig(
        name=fields.text("name"),
        namespace=fields.text("namespace"),
        region=fields.text("region"),
        role=fields.optional_text("role"),
        access_keys=_access_keys(auth) if auth else None,
        kubeconfig=fields.optional_text("kubeconfig"),
        context=fields.optional_text("context"),
        requests_per_second=fields.number("requestsPerSecond", DEFAULT_REQUESTS_PER_SECOND),
        preview_decrypts=fields.flag("previewDecrypts"),
    )
    fields.end()
    return store


def _access_keys(auth: _Fields) -> AccessKeysConfig:
    ref = auth.mapping("secretRef")
    auth.end()
    if ref is None:
        raise SpecError(f"{auth.where}.secretRef is required; leave auth out for the SDK's default credential chain")
    keys = AccessKeysConfig(
        access_key_id=_required_key(ref, "accessKeyIDSecretRef"),
        secret_access_key=_required_key(ref, "secretAccessKeySecretRef"),
        session_token=_key(ref.mapping("sessionTokenSecretRef")),
    )
    ref.end()
    return keys


def _required_key(fields: _Fields, field: str) -> SecretKey:
    key = _key(fields.mapping(field))
    if key is None:
        raise SpecError(f"{fields.where}.{field} is required")
    return key


def _key(fields: _Fields | None) -> SecretKey | None:
    if fields is None:
        return None
    key = SecretKey(name=fields.text("name"), key=fields.text("key"))
    fields.end()
    return key


def _external_secret(fields: _Fields) -> ExternalSecretConfig:
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
        target=target.text("name") if target else None,
        data=data,
    )
    if target:
        target.end()
    fields.end()
    return secret


def _remote_ref(entry: _Fields) -> RemoteRefSpec:
    ref = entry.mapping("remoteRef")
    entry.end()
    if ref is None:
        raise SpecError(f"{entry.where}.remoteRef is required")
    spec = RemoteRefSpec(
        key=ref.text("key"), property_path=ref.optional_text("property"), version=ref.selector("version")
    )
    ref.end()
    return spec


def _list(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise SpecError(f"{where}: expected a list, got {_kind(value)}")
    return value


def _distinct(names: list[str], where: str) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise SpecError(f"{where}: the name {name!r} occurs twice")


def _kind(value: Any) -> str:
    names = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(value), "nothing" if value is None else type(value).__name__)
