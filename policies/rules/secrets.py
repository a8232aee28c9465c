"""Rules for Kubernetes Secrets and ConfigMaps that the program itself declares."""

from collections.abc import Iterator
from typing import Any

from .names import is_listed, looks_secret
from .parameters import WORDS
from .resource import Finding, Found, Resource, fields, keyed, numbered, unknown
from .rule import Config, ResourceRule, Setting

_SECRETS = {f"kubernetes:core/v1:{kind}" for kind in ("Secret", "SecretPatch", "SecretList")}
_CONFIG_MAPS = {f"kubernetes:core/v1:{kind}" for kind in ("ConfigMap", "ConfigMapPatch", "ConfigMapList")}
_TYPES = ["helm.sh/release.v1", "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"]
_HEADER = "PRIVATE KEY-----"


def _objects(resource: Resource) -> Iterator[tuple[str, Any]]:
    """The objects of a resource, each with what goes before the words for its places."""
    if not resource.type.endswith("List"):
        yield "", resource.props
        return
    for place, each in numbered(resource.props.get("items"), "items"):
        yield f"{place}.", each


def _literal(resource: Resource, config: Config) -> Found:
    if is_listed(resource.name, config["allow"]):
        return
    yield from unknown(resource.props.get("items"))
    for place, each in _objects(resource):
        kind = fields(each).get("type")
        if isinstance(kind, str) and kind in config["types"]:
            continue
        given = [name for name in ("data", "stringData") if fields(each).get(name)]
        if given:
            yield Finding(
                f"{place}{given[0]} is given, so that the values are in Pulumi's state; declare an ExternalSecret "
                "instead"
            )


def _config_map(resource: Resource, config: Config) -> Found:
    if is_listed(resource.name, config["allow"]):
        return
    yield from unknown(resource.props.get("items"))
    for before, each in _objects(resource):
        for name in ("data", "binaryData"):
            data = fields(fields(each).get(name))
            for (place, value), key in zip(keyed(data, f"{before}{name}"), data, strict=True):
                if looks_secret(key, config["words"]):
                    yield Finding(f"{place} is named like a secret; a ConfigMap is no place for one: use a Secret")
                elif isinstance(value, str) and _HEADER in value:
                    yield Finding(f"{place} holds a private key; a ConfigMap is no place for one: use a Secret")


RULES = (
    ResourceRule(
        name="kubernetes-secret-literal",
        says="Kubernetes Secrets are made of what AWS keeps, and not of literals in the program.",
        level="advisory",
        severity="medium",
        steps="Put the values into Parameter Store or Secrets Manager, and declare an ExternalSecret.",
        settings={
            "types": Setting("types of Secrets that are left alone", _TYPES),
            "allow": Setting("names of resources that are left alone; `*` and `?` stand for others", []),
        },
        types=frozenset(_SECRETS),
        check=_literal,
    ),
    ResourceRule(
        name="config-map-secret",
        says="No secret is in a ConfigMap.",
        level="advisory",
        severity="high",
        steps="Move the key into an ExternalSecret; everybody who may read ConfigMaps can read it.",
        settings={
            **WORDS,
            "allow": Setting("names of resources that are left alone; `*` and `?` stand for others", []),
        },
        types=frozenset(_CONFIG_MAPS),
        check=_config_map,
    ),
)
