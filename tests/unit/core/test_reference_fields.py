"""A reference is stored as it always was, and means the same to who reads it: all combinations of its fields."""

from itertools import product
from typing import Any, get_args

import pytest

from components.arguments.data import Extract, Find, RemoteRef
from components.core.spec.choices import ConversionStrategy, DecodingStrategy, NullBytePolicy
from components.core.spec.entries import MetadataPolicy, data_from_bag
from components.core.spec.entries import RemoteRef as StoredRef
from components.errors import SpecError

KEYS = ("db", "/app/db", "arn:aws:ssm:eu-central-1:123456789012:parameter/app/db")
PROPERTIES = (None, "a.1", "")
VERSIONS = (None, 3, "blue", "")
STORES = (None, "other")
FETCH_HAS_NO_VERSIONS = "metadataPolicy Fetch reads tags, which have no versions; leave version out"


def stored(reference: RemoteRef | Extract | Find) -> dict[str, Any]:
    return reference.to_bag()


def read_ref(bag: dict[str, Any]) -> Any:
    return StoredRef.from_bag(bag)


def read_entry(bag: dict[str, Any]) -> Any:
    return data_from_bag(bag)


def chosen(**fields: str) -> dict[str, str]:
    """What is as by default is left out."""
    return {name: value for name, value in fields.items() if value not in ("None", "Ignore", "Default")}


def of_wire(bag: dict[str, Any]) -> dict[str, Any]:
    """Numbers are floats on Pulumi's wire."""
    return {key: float(value) if isinstance(value, int) else value for key, value in bag.items()}


def strategies_of(origin: Any) -> tuple[str, str]:
    return origin.decoding_strategy, origin.null_byte_policy


def conversion_of(entry: Any) -> str:
    return str(entry.conversion_strategy)


CHOICES = list(product(get_args(DecodingStrategy), get_args(NullBytePolicy), get_args(MetadataPolicy)))


@pytest.mark.parametrize("key", KEYS)
def test_a_remote_ref_in_all_combinations(key: str) -> None:
    seen = 0
    for given, version, store, (decoding, null_bytes, metadata) in product(PROPERTIES, VERSIONS, STORES, CHOICES):
        ref = RemoteRef(key, given, version, decoding, null_bytes, metadata)
        bag = stored(ref)
        assert bag == {
            "key": f"{key}",
            **({} if given is None else {"property": given}),
            **({} if version in (None, "") else {"version": version}),
            **chosen(decodingStrategy=decoding, nullBytePolicy=null_bytes, metadataPolicy=metadata),
        }
        wire = of_wire(bag) | ({} if store is None else {"store": store})
        seen += 1
        if metadata == "Fetch" and version:
            with pytest.raises(SpecError) as raised:
                read_ref(wire)
            assert str(raised.value) == FETCH_HAS_NO_VERSIONS
            continue
        read = read_ref(wire)
        assert (read.key, read.property, read.version) == (
            f"{key}",
            given or None,
            str(version or "") or None,
        )
        assert (*strategies_of(read), read.metadata_policy, read.store) == (decoding, null_bytes, metadata, store)
        asked = f"tags of {key}" if metadata == "Fetch" else f"{key}:{version}" if version else f"{key}"
        assert read.source == asked
    assert seen == 3 * 4 * 2 * 16


@pytest.mark.parametrize("conversion", get_args(ConversionStrategy))
def test_an_extract_in_all_combinations(conversion: ConversionStrategy) -> None:
    for given, version, store, (decoding, null_bytes, metadata) in product(PROPERTIES, VERSIONS, STORES, CHOICES):
        if metadata == "Fetch" and version:
            continue
        bag = stored(Extract("db", given, version, decoding, null_bytes, metadata, conversion))
        assert bag == {
            "extract": {
                "key": "db",
                **({} if given is None else {"property": given}),
                **({} if version in (None, "") else {"version": version}),
                **chosen(decodingStrategy=decoding, nullBytePolicy=null_bytes, metadataPolicy=metadata),
                **chosen(conversionStrategy=conversion),
            }
        }
        read = read_entry({"extract": of_wire(bag["extract"])} | ({} if store is None else {"store": store}))
        assert (read.kind, read.rewrite, conversion_of(read)) == ("extract", (), conversion)
        assert (read.key, read.property, read.version) == (
            "db",
            given or None,
            str(version or "") or None,
        )
        assert (*strategies_of(read), read.metadata_policy, read.store) == (decoding, null_bytes, metadata, store)


def test_a_find_in_all_combinations() -> None:
    of_find = product((None, "/team"), (None, ".*"), ({}, {"b": "2", "a": ""}), get_args(ConversionStrategy), STORES)
    for (path, name, tags, conversion, store), (decoding, null_bytes, _) in product(of_find, CHOICES):
        bag = stored(Find(path, name, tags, decoding, null_bytes, conversion))
        assert bag == {
            "find": {
                **({} if path is None else {"path": path}),
                **({} if name is None else {"name": {"regexp": name}}),
                **({"tags": tags} if tags else {}),
                **chosen(decodingStrategy=decoding, nullBytePolicy=null_bytes, conversionStrategy=conversion),
            }
        }
        if name is None and not tags:
            with pytest.raises(SpecError, match=r"find needs name\.regexp or tags"):
                read_entry(bag)
            continue
        read = read_entry(bag | ({} if store is None else {"store": store}))

        assert (read.kind, read.rewrite, conversion_of(read), read.store) == ("find", (), conversion, store)
        assert (read.path, read.name, sorted(read.tags.items())) == (path, name, sorted(tags.items()))
        assert strategies_of(read) == (decoding, null_bytes)


@pytest.mark.parametrize("field", ["decodingStrategy", "nullBytePolicy", "metadataPolicy", "conversionStrategy"])
def test_a_word_that_is_none_is_named_with_those_that_are(field: str) -> None:
    with pytest.raises(SpecError, match=f"^{field} 'X' is not known; write .* or "):
        read_entry({"extract": {"key": "a", field: "X"}})
