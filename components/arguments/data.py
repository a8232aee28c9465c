"""The arguments of an ExternalSecret that say where its keys come from.

Each turns itself into a property bag in ESO's words; what is as by default is left out, so that the state of a plain
ExternalSecret stays small. core/spec/entries.py reads the bags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi

from ..core.service import find_source, reference_source, tags_source
from ..core.spec.argument_types import AnyText, Expected, OneLine
from ..core.spec.choices import ConversionStrategy, DecodingStrategy, NullBytePolicy
from ..core.spec.entries import MetadataPolicy
from ..core.spec.rewrite_specs import Rewrite, rewrite_to_bag
from ..core.spec.store_specs import compact
from .store import Store

AnyStore = Annotated[Store, Expected("a SecretStore or ClusterSecretStore")]
Key = Annotated[pulumi.Input[str], Expected("a parameter's name")]
Version = Annotated[pulumi.Input[OneLine | int], Expected("a version number or label")]
Rewrites = Annotated[Sequence[Rewrite], Expected("a list of rewrites")]


@dataclass(frozen=True)
class RemoteRef:
    """Where the value of one secret key comes from (ESO: `data[].remoteRef`).

    Attributes:
        key: parameter name, or full ARN for a parameter that another account shares; may be an Output.
        property: gjson path into the parameter's JSON, such as `friends.1.first`; default: the whole value.
        version: version number or label; default: the latest version at each apply.
        decoding_strategy: how the value, or the property in it, is encoded: `None`, `Base64`, `Base64URL`, or `Auto`,
            which takes what looks like Base64 for Base64 (ESO: decodingStrategy).
        null_byte_policy: `Fail` refuses a decoded value with null bytes in it (ESO: nullBytePolicy).
        metadata_policy: `Fetch` takes the parameter's tags, as a JSON object, in place of its value
            (ESO: metadataPolicy).
        store: the store that it is read from. Default: the ExternalSecret's own (ESO: `sourceRef.storeRef`).
    """

    key: Key
    property: pulumi.Input[AnyText] | None = None
    version: Version | None = None
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"
    metadata_policy: MetadataPolicy = "None"
    store: AnyStore | None = None

    def to_bag(self, prefix: str) -> dict[str, Any]:
        """The reference as it is stored.

        Args:
            prefix: what the store puts before keys.
        """
        return compact({**_reference_bag(self, prefix), **_strategies(self)})


@dataclass(frozen=True)
class Extract:
    """All members of a parameter's JSON object, each a key of the Secret (ESO: `dataFrom[].extract`).

    Attributes:
        key: see `RemoteRef`.
        property: gjson path of an object within the JSON; default: all of it.
        version: see `RemoteRef`.
        decoding_strategy: see `RemoteRef`; of each member's value.
        null_byte_policy: see `RemoteRef`.
        metadata_policy: see `RemoteRef`; each tag becomes a key.
        conversion_strategy: how characters that Kubernetes does not allow in keys are replaced: by `_` (`Default`) or
            by their code point (`Unicode`); not where there is a `rewrite` (ESO: conversionStrategy).
        rewrite: how keys are changed, in this order (ESO: `dataFrom[].rewrite`).
        store: see `RemoteRef`.
    """

    key: Key
    property: pulumi.Input[AnyText] | None = None
    version: Version | None = None
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"
    metadata_policy: MetadataPolicy = "None"
    conversion_strategy: ConversionStrategy = "Default"
    rewrite: Rewrites = ()
    store: AnyStore | None = None

    def to_bag(self, prefix: str) -> dict[str, Any]:
        """The entry as it is stored; see `RemoteRef.to_bag`."""
        extract = compact({**_reference_bag(self, prefix), **_strategies(self), **_conversion(self)})
        return {"extract": extract, **_rewrites(self)}


@dataclass(frozen=True)
class Find:
    """All parameters that match, each a key of the Secret (ESO: `dataFrom[].find`).

    The store's `prefix` does not count here, as in ESO. Where ESO ignores `tags` if there is a `name`, both must match.

    Attributes:
        path: hierarchy to look below, such as `/team-a`; default: everywhere.
        name: regular expression (RE2) that a full name must match somewhere (ESO: `name.regexp`).
        tags: tags that a parameter must have.
        decoding_strategy: see `RemoteRef`.
        null_byte_policy: see `RemoteRef`.
        conversion_strategy: see `Extract`.
        rewrite: see `Extract`.
        store: see `RemoteRef`.
    """

    path: OneLine | None = None
    name: AnyText | None = None
    tags: Mapping[str, OneLine] = field(default_factory=dict)
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"
    conversion_strategy: ConversionStrategy = "Default"
    rewrite: Rewrites = ()
    store: AnyStore | None = None

    def to_bag(self, prefix: str) -> dict[str, Any]:  # noqa: ARG002 - the same call for all entries
        """The entry as it is stored."""
        find = {
            "path": self.path,
            "name": None if self.name is None else {"regexp": self.name},
            "tags": dict(self.tags) or None,
            **_strategies(self),
            **_conversion(self),
        }
        return {"find": compact(find), **_rewrites(self)}


def source_of(entry: RemoteRef | Extract | Find, prefix: str) -> pulumi.Input[str]:
    """What a store is asked for, see core/service.py."""
    if isinstance(entry, Find):
        return find_source(entry.path, entry.name, entry.tags)
    key, version = _prefixed(prefix, entry.key), entry.version
    if entry.metadata_policy == "Fetch":
        return tags_source(key) if isinstance(key, str) else key.apply(tags_source)
    if isinstance(key, str) and (version is None or isinstance(version, str | int)):
        return reference_source(key, version)
    if version is None or version == "":
        return pulumi.Output.from_input(key).apply(reference_source)
    return pulumi.Output.all(key, version).apply(lambda parts: reference_source(*parts))


def _prefixed(prefix: str, key: pulumi.Input[str]) -> str | pulumi.Output[str]:
    if isinstance(key, str):
        return prefix + key
    output: pulumi.Output[str] = pulumi.Output.from_input(key)
    return output.apply(lambda known: prefix + known) if prefix else output


def _reference_bag(entry: RemoteRef | Extract, prefix: str) -> dict[str, Any]:
    return {
        "key": _prefixed(prefix, entry.key),
        "property": entry.property,
        "version": None if entry.version == "" else entry.version,
        "metadataPolicy": None if entry.metadata_policy == "None" else entry.metadata_policy,
    }


def _strategies(entry: RemoteRef | Extract | Find) -> dict[str, Any]:
    return {
        "decodingStrategy": None if entry.decoding_strategy == "None" else entry.decoding_strategy,
        "nullBytePolicy": None if entry.null_byte_policy == "Ignore" else entry.null_byte_policy,
    }


def _conversion(entry: Extract | Find) -> dict[str, Any]:
    usual = entry.conversion_strategy == "Default"
    return {"conversionStrategy": None if usual else entry.conversion_strategy}


def _rewrites(entry: Extract | Find) -> dict[str, Any]:
    return {"rewrite": [rewrite_to_bag(each) for each in entry.rewrite]} if entry.rewrite else {}
