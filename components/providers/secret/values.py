"""Decrypts what a Secret is made of, at just the versions that a reading saw; values never leave the process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...core.secret.extraction import Got
from ...core.spec.specs import Operation, Place, SecretSpec, label
from .reading import Reading

if TYPE_CHECKING:
    from ...core.secret_value import Secret
    from ..operation.memory import ProcessMemory


def decrypt(spec: SecretSpec, reading: Reading, operation: Operation, process: ProcessMemory) -> Got:
    """The values of a reading's sources, at just its versions; they never leave the process.

    Raises:
        ReadError: a value cannot be read; the text names the parameter.
    """
    values: dict[Place, Secret] = {}
    listings: dict[Place, Mapping[str, Secret]] = {}
    by_label = {label(place): place for place in spec.places}
    for store in dict.fromkeys(place[0] for place in spec.places):
        memory = process.store(spec.stores[store], operation)
        wanted = {
            source: reading.versions[label((store, source))]
            for name, source in spec.places
            if name == store and label((store, source)) in reading.versions
        }
        values |= {(store, source): value for source, value in memory.values(wanted).items()}
        for name, source in spec.places:
            if name == store and label((store, source)) in reading.found:
                listings[store, source] = memory.listing(source, reading.found[label((store, source))])
    return Got(
        values=values,
        listings=listings,
        tags={by_label[name]: tags for name, tags in reading.tags.items()},
        missing=frozenset(by_label[name] for name in reading.missing),
    )
