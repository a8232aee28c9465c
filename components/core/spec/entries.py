"""Where the keys of a Secret come from (ESO: `data` and `dataFrom`)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from ...errors import SpecError
from ..service import Service, find_source, reference_source, tags_source
from .argument_types import AnyText, Characters, Expected, MayRepeat, OneLine
from .choices import ConversionStrategy, DecodingStrategy, NullBytePolicy
from .config_fields import Fields
from .fields import Declaration, Elsewhere, Named, Selector, Text
from .rewrite_specs import Rewrite, rewrite_from_bag

MetadataPolicy = Literal["None", "Fetch"]
Version = TypeVar("Version")
"""A version number or label; in a program an Output of one, too."""
Store = TypeVar("Store")
"""A store; in the state its name."""
Rewrites = Annotated[Sequence[Rewrite], Expected("a list of rewrites"), MayRepeat(), Elsewhere()]


@dataclass(frozen=True)
class Reference(Declaration, Generic[Text, Version]):
    """One parameter, and what of it: the fields that `RemoteRef` and `Extract` share.

    Attributes:
        key: parameter name, or full ARN for a parameter that another account shares; may be an Output.
        property: gjson path into the parameter's JSON, such as `friends.1.first`; default: the whole value.
        version: version number or label; default: the latest version at each apply.
        decoding_strategy: how the value, or the property in it, is encoded: `None`, `Base64`, `Base64URL`, or `Auto`,
            which takes what looks like Base64 for Base64 (ESO: decodingStrategy).
        null_byte_policy: `Fail` refuses a decoded value with null bytes in it (ESO: nullBytePolicy).
        metadata_policy: `Fetch` takes the parameter's tags, as a JSON object, in place of its value
            (ESO: metadataPolicy).
        optional: a parameter that does not exist is left out, and preview says so; one that may not be read, and a
            version or property that is not there, are errors all the same (no field of ESO).
    """

    key: Annotated[Text, Expected("a parameter's name")]
    property: Annotated[Text, Characters(any=True)] | None = None
    version: Annotated[Version, Expected("a version number or label"), Selector()] | None = None
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"
    metadata_policy: MetadataPolicy = "None"
    optional: bool = field(default=False, kw_only=True)

    def check(self) -> None:
        """Check the choices, and what does not go with tags; see `Declaration.check`."""
        super().check()
        if self.metadata_policy == "Fetch" and self.version:
            raise SpecError("metadataPolicy Fetch reads tags, which have no versions; leave version out")
        if self.metadata_policy == "Fetch" and self.optional:
            raise SpecError("metadataPolicy Fetch reads tags, which cannot be optional; leave optional out")

    @cached_property
    def source(self) -> str:
        """What the store is asked for, see core/service.py; of a reference whose key and version are known."""
        key, version = str(self.key), None if self.version is None else str(self.version)
        return tags_source(key) if self.metadata_policy == "Fetch" else reference_source(key, version)

    @classmethod
    def unchecked(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The reference out of a property bag; an empty `property` is none."""
        return super().unchecked({**bag, "property": bag.get("property") or None}, **given)

    @classmethod
    def source_in(cls, bag: Mapping[str, Any]) -> str:
        """What the store is asked for by a reference in a property bag, whatever else may be wrong with it."""
        return cls.unchecked(bag).source

    def describe(self, version: str | None, service: Service) -> str:
        """How a preview names the source of a secret key: its name, version and property, never a value."""
        words = [self.source] if self.metadata_policy == "Fetch" else [str(self.key), self._version(version, service)]
        if self.property:
            words.append(f"property {self.property}")
        return ", ".join(words)

    def _version(self, version: str | None, service: Service) -> str:
        if version is None:
            return "version known during up"
        label = f" ({self.version})" if self.version and self.version != version else ""
        return f"{service.described(version)}{label}"


@dataclass(frozen=True)
class RemoteRef(Reference[Text, Version], Generic[Text, Version, Store]):
    """Where the value of one secret key comes from (ESO: `data[].remoteRef`).

    Attributes:
        store: the store that it is read from. Default: the ExternalSecret's own (ESO: `sourceRef.storeRef`).
    """

    store: Annotated[Store, Elsewhere()] | None = None

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The reference out of a property bag."""
        return super().from_bag(bag, store=bag.get("store"), **given)


class _DataFrom(Declaration):
    """What entries of `dataFrom` share: their fields are in a mapping, and rewrites and the store stand beside it."""

    kind: ClassVar[str]
    rewrite: Sequence[Rewrite]

    def to_bag(self) -> dict[str, Any]:
        """The entry as it is stored, without its store."""
        rewrites = {"rewrite": [each.to_bag() for each in self.rewrite]} if self.rewrite else {}
        return {self.kind: super().to_bag(), **rewrites}

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The entry out of a property bag."""
        rewrites = tuple(map(rewrite_from_bag, bag.get("rewrite") or ()))
        return super().from_bag(bag[cls.kind], rewrite=rewrites, store=bag.get("store"), **given)


@dataclass(frozen=True)
class Extract(_DataFrom, Reference[Text, Version], Generic[Text, Version, Store]):
    """All members of a parameter's JSON object, each a key of the Secret (ESO: `dataFrom[].extract`).

    `property` is the path of an object within the JSON, the strategies are those of each member's value, and of tags
    each becomes a key.

    Attributes:
        conversion_strategy: how characters that Kubernetes does not allow in keys are replaced: by `_` (`Default`) or
            by their code point (`Unicode`); not where there is a `rewrite` (ESO: conversionStrategy).
        rewrite: how keys are changed, in this order (ESO: `dataFrom[].rewrite`).
        store: see `RemoteRef`.
    """

    conversion_strategy: ConversionStrategy = "Default"
    rewrite: Rewrites = ()
    store: Annotated[Store, Elsewhere()] | None = None
    kind: ClassVar[str] = "extract"


@dataclass(frozen=True)
class Find(_DataFrom, Generic[Store]):
    """All parameters that match, each a key of the Secret (ESO: `dataFrom[].find`).

    The store's `prefix` does not count here, as in ESO. Where ESO ignores `tags` if there is a `name`, both must match.

    Attributes:
        path: hierarchy to look below, such as `/team-a`; default: everywhere.
        name: regular expression (RE2) that a full name must match somewhere (ESO: `name.regexp`).
        tags: tags that a parameter must have.
        decoding_strategy: see `Reference`.
        null_byte_policy: see `Reference`.
        conversion_strategy: see `Extract`.
        rewrite: see `Extract`.
        store: see `RemoteRef`.
    """

    path: OneLine | None = None
    name: Annotated[AnyText | None, Named("name.regexp")] = None
    tags: Mapping[str, OneLine] = field(default_factory=dict)
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"
    conversion_strategy: ConversionStrategy = "Default"
    rewrite: Rewrites = ()
    store: Annotated[Store, Elsewhere()] | None = None
    kind: ClassVar[str] = "find"

    @classmethod
    def values_of(cls, mapping: Fields, without: Collection[str] = ()) -> dict[str, Any]:
        """The attributes out of a mapping of a manifest; a `name` without `regexp` is any name, as in ESO."""
        named = mapping.has("name")
        values = super().values_of(mapping, without)
        return values | {"name": values["name"] or ""} if named else values

    def check(self) -> None:
        """Check the choices, and what is looked for; see `Declaration.check`."""
        super().check()
        _ = self.source  # to make it checks it

    @cached_property
    def source(self) -> str:
        """What the store is asked for, see core/service.py."""
        return find_source(self.path, self.name, self.tags)


Parameter = RemoteRef[str, str, str] | Extract[str, str, str]
"""One parameter, as it is stored."""
DataFrom = Extract[str, str, str] | Find[str]
"""An entry of `dataFrom`, as it is stored."""
Origin = Parameter | Find[str]
"""What is read, as it is stored."""


def data_from_bag(bag: Mapping[str, Any]) -> DataFrom:
    """An entry of `dataFrom` out of a property bag."""
    if (bag.get("extract") is None) == (bag.get("find") is None):
        raise SpecError("exactly one of extract and find is required in each entry of dataFrom")
    return Extract.from_bag(bag) if bag.get("find") is None else Find.from_bag(bag)
