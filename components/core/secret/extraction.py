"""From what was read of a store to the data of one Secret, in ESO's order, before a template sees it.

`dataFrom` goes first, entry by entry, later ones over earlier ones; then `data`, over all of them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ...errors import ExtractError
from ...golang.gjson import JsonDocument, PropertyNotFoundError, extract_property, object_entries
from ...golang.templates.go_values import string_map
from ...golang.templates.json_text import write_json
from ...golang.templates.runes import utf8
from ..secret_value import Secret
from ..services import service_named
from ..spec.entries import DataFrom, Find, Origin, Parameter, Reference, RemoteRef
from ..spec.specs import SecretSpec, StoreSource
from .decoding import decode
from .json_documents import JsonDocuments
from .key_rewriting import rewrite_entries
from .kubernetes_secret import shown_key
from .secret_keys import check_null_bytes, convert_keys, valid_entries

Entry = tuple[str, RemoteRef[str, str, str]]
"""A key of `data`, and what it is taken from."""


@dataclass(frozen=True)
class Got:
    """What was read for one Secret, by what was asked for; `listings` are those of searches, by full name."""

    values: Mapping[StoreSource, Secret] = field(default_factory=dict)
    tags: Mapping[StoreSource, Mapping[str, str]] = field(default_factory=dict)
    listings: Mapping[StoreSource, Mapping[str, Secret]] = field(default_factory=dict)
    missing: frozenset[StoreSource] = frozenset()


@dataclass(frozen=True)
class Assembled:
    """What templates get and, without one, the Secret holds (ESO: the provider's data).

    What does not exist, which is optional or `deletionPolicy` Delete or Merge allows, is `skipped`.
    """

    data: dict[str, bytes] = field(repr=False)
    skipped: tuple[str, ...] = ()


def assemble(
    spec: SecretSpec,
    got: Got,
    documents: JsonDocuments | None = None,
    along: Callable[[Collection[Entry]], Iterable[Entry]] = iter,
) -> Assembled:
    """Make the data of a Secret of what was read: each source of `spec.origins`, or that it is missing.

    Args:
        spec: the Secret.
        got: what was read.
        documents: the values from which properties were taken before.
        along: goes along the entries of `data`, to tell how far it is.

    Raises:
        ExtractError: a source or a property is missing, a value is not of the wanted form, or Kubernetes does not
            take a key. The text begins with the place and never holds a value.
    """
    extraction = Extraction(got, spec, documents)
    data: dict[str, bytes] = {}
    for index, entry in enumerate(spec.data_from):
        data |= extraction.entries_of(f"dataFrom[{index}].{entry.kind}", entry)
    for key, ref in along(spec.data.items()):
        data |= extraction.entry_of(key, ref)
    return Assembled(data, tuple(extraction.skipped))


class Extraction:
    """Takes entries out of what was read; each value is parsed once, however many properties are taken out of it."""

    def __init__(self, got: Got, spec: SecretSpec | None = None, documents: JsonDocuments | None = None) -> None:
        """Begin with what was read, and for what; see `assemble`."""
        self._got = got
        self._spec = spec
        self._recent = documents or JsonDocuments()
        self._documents: dict[StoreSource, JsonDocument] = {}
        self.skipped: list[str] = []

    def entry_of(self, key: str, ref: RemoteRef[str, str, str]) -> dict[str, bytes]:
        """The one key of an entry of `data`; none where it is missing and may be."""

        def make() -> dict[str, bytes]:
            value = self.value_of(ref)
            check_null_bytes({key: value}, ref.null_byte_policy)
            return {key: value}

        return self._placed(f"key {key}: {self._named(ref)}", ref, make)

    def value_of(self, ref: RemoteRef[str, str, str]) -> bytes:
        """The decoded value of an entry of `data`.

        Raises:
            ExtractError: what was read cannot give it; the text says why, and not of which source.
        """
        whole = ref.property is None and not _is_tags(ref)
        value = self._got.values[ref.store, ref.source] if whole else Secret(self._text(ref))
        return decode(value.encoded(), ref.decoding_strategy)

    def entries_of(self, place: str, entry: DataFrom) -> dict[str, bytes]:
        """The keys of an entry of `dataFrom`."""
        if isinstance(entry, Reference):
            place = f"{place}: {self._named(entry)}"

        def make() -> dict[str, bytes]:
            found = self.found(entry)
            if entry.rewrite:
                found = rewrite_entries(entry.rewrite, found)
            else:
                found = convert_keys(found, entry.conversion_strategy)
            return _decoded(valid_entries(found), entry)

        return self._placed(place, entry, make)

    def _placed(self, place: str, origin: Origin, make: Callable[[], dict[str, bytes]]) -> dict[str, bytes]:
        if (origin.store, origin.source) in self._got.missing:
            if self._spec is not None and self._spec.may_lack(origin):
                self.skipped.append(place)
                return {}
            raise ExtractError(f"{place} does not exist")
        try:
            return make()
        except ExtractError as error:
            raise ExtractError(f"{place}: {error}") from None

    def found(self, origin: Origin) -> dict[str, bytes]:
        """What an entry of `dataFrom` gives, before keys are changed and values decoded; errors as of `value_of`."""
        if isinstance(origin, Find):
            listing = self._got.listings[origin.store, origin.source]
            return {name: value.encoded() for name, value in listing.items()}
        return {key: Secret(value).encoded() for key, value in object_entries(self._text(origin)).items()}

    def _named(self, ref: Parameter) -> str:
        """What an error is about, with the version that is asked for."""
        service = self._spec.service_of(ref.store) if self._spec else service_named()
        return f"{service.noun} {ref.key if _is_tags(ref) else ref.source}"

    def _text(self, ref: Parameter) -> str:
        if ref.property is None:
            return self._whole_text(ref)
        source = ref.store, ref.source
        if source not in self._documents:
            self._documents[source] = self._recent.of(self._whole_text(ref))
        try:
            return extract_property(self._documents[source], ref.property)
        except PropertyNotFoundError:
            raise ExtractError(f"it has no JSON property {ref.property!r}") from None

    def _whole_text(self, ref: Parameter) -> str:
        if _is_tags(ref):
            tags = self._got.tags[ref.store, ref.source]
            return write_json(string_map({name: utf8(value) for name, value in tags.items()}))
        return self._got.values[ref.store, ref.source].reveal()


def _decoded(entries: Mapping[str, bytes], origin: Origin) -> dict[str, bytes]:
    decoded: dict[str, bytes] = {}
    for key in sorted(entries):
        try:
            decoded[key] = decode(entries[key], origin.decoding_strategy)
        except ExtractError as error:
            raise ExtractError(f"key {shown_key(key)}: {error}") from None
    check_null_bytes(decoded, origin.null_byte_policy)
    return decoded


def _is_tags(origin: Origin) -> bool:
    return isinstance(origin, Reference) and origin.metadata_policy == "Fetch"
