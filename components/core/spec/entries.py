"""Where the keys of a Secret come from (ESO: `data` and `dataFrom`), with everything resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from ...errors import SpecError
from ..service import Service, find_source, reference_source, tags_source
from ..spec.choices import ConversionStrategy, DecodingStrategy, NullBytePolicy
from ..versions import from_kept
from .choices import check_choice
from .rewrite_specs import Rewrite, rewrite_from_bag

MetadataPolicy = Literal["None", "Fetch"]


@dataclass(frozen=True)
class Strategies:
    """How what was read becomes keys and values (ESO's fields of these names).

    Attributes:
        decoding: how values are encoded.
        null_bytes: whether a decoded value may hold null bytes.
        conversion: how characters of keys that Kubernetes does not take are replaced; for `dataFrom` alone.

    Raises:
        SpecError: a strategy or policy is none that ESO knows; the text lists them.
    """

    decoding: DecodingStrategy = "None"
    null_bytes: NullBytePolicy = "Ignore"
    conversion: ConversionStrategy = "Default"

    def __post_init__(self) -> None:
        check_choice("decodingStrategy", self.decoding, get_args(DecodingStrategy))
        check_choice("nullBytePolicy", self.null_bytes, get_args(NullBytePolicy))
        check_choice("conversionStrategy", self.conversion, get_args(ConversionStrategy))

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The strategies out of a property bag."""
        return cls(
            decoding=bag.get("decodingStrategy") or "None",
            null_bytes=bag.get("nullBytePolicy") or "Ignore",
            conversion=bag.get("conversionStrategy") or "Default",
        )


@dataclass(frozen=True)
class RemoteRefSpec:
    """One parameter, and what of it (ESO: `data[].remoteRef` and `dataFrom[].extract`).

    Attributes:
        key: parameter name or full ARN, as sent to SSM.
        property_path: gjson path into the parameter's JSON, or None for the whole value.
        version: version number or label, or None for the latest.
        strategies: how the value is decoded.
        metadata_policy: `Fetch` reads the parameter's tags, as a JSON object, in place of its value.
        store: name of the store that it is read from; None for the ExternalSecret's own (ESO: `sourceRef.storeRef`).

    Raises:
        SpecError: a field is wrong.
    """

    key: str
    property_path: str | None = None
    version: str | None = None
    strategies: Strategies = Strategies()
    metadata_policy: MetadataPolicy = "None"
    store: str | None = None

    def __post_init__(self) -> None:
        check_choice("metadataPolicy", self.metadata_policy, get_args(MetadataPolicy))
        if self.metadata_policy == "Fetch" and self.version:
            raise SpecError("metadataPolicy Fetch reads tags, which have no versions; leave version out")

    @property
    def source(self) -> str:
        """What the store is asked for, see core/service.py."""
        if self.metadata_policy == "Fetch":
            return tags_source(self.key)
        return reference_source(self.key, self.version)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], store: str | None = None) -> Self:
        """The reference out of a property bag."""
        version = bag.get("version")
        return cls(
            key=bag["key"],
            property_path=bag.get("property") or None,
            version=None if version in (None, "") else from_kept(version),
            strategies=Strategies.from_bag(bag),
            metadata_policy=bag.get("metadataPolicy") or "None",
            store=bag.get("store", store),
        )

    def describe(self, version: str | None, service: Service) -> str:
        """How a preview names the source of a secret key: its name, version and property, never a value."""
        words = [self.source] if self.metadata_policy == "Fetch" else [self.key, self._version(version, service)]
        if self.property_path:
            words.append(f"property {self.property_path}")
        return ", ".join(words)

    def _version(self, version: str | None, service: Service) -> str:
        if version is None:
            return "version known during up"
        label = f" ({self.version})" if self.version and self.version != version else ""
        return f"{service.described(version)}{label}"


@dataclass(frozen=True)
class FindSpec:
    """All parameters that match (ESO: `dataFrom[].find`).

    Attributes:
        source: what the store is asked for, see core/service.py.
        strategies: how names become keys, and how values are decoded.
        store: see `RemoteRefSpec`.
    """

    source: str
    strategies: Strategies = Strategies()
    store: str | None = None


@dataclass(frozen=True)
class DataFromSpec:
    """One entry of `dataFrom`: many keys at once.

    Attributes:
        origin: what they are made of: the members of one JSON object (ESO: `extract`), or parameters that are found.
        rewrite: how the keys are changed, in order; without any, `conversionStrategy` applies.
    """

    origin: RemoteRefSpec | FindSpec
    rewrite: tuple[Rewrite, ...] = ()

    @property
    def kind(self) -> str:
        """ESO's word for it: `extract` or `find`."""
        return "find" if isinstance(self.origin, FindSpec) else "extract"

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The entry out of a property bag.

        Raises:
            SpecError: it is not exactly one of `extract` and `find`, or a field is wrong.
        """
        extract, find, store = bag.get("extract"), bag.get("find"), bag.get("store")
        if (extract is None) == (find is None):
            raise SpecError("exactly one of extract and find is required in each entry of dataFrom")
        rewrite = tuple(map(rewrite_from_bag, bag.get("rewrite") or ()))
        if find is not None:
            source = find_source(find.get("path"), (find.get("name") or {}).get("regexp"), find.get("tags") or {})
            return cls(FindSpec(source, Strategies.from_bag(find), store), rewrite)
        assert extract is not None, "one of the two is there"  # noqa: S101
        return cls(RemoteRefSpec.from_bag(extract, store), rewrite)
