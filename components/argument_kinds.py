"""Whether the arguments of an ExternalSecret are of the kinds that their annotations say.

Not everybody runs a type checker, and an AttributeError from within the library tells nobody what to write.
"""

from collections.abc import Awaitable, Iterator, Mapping
from typing import Any, NamedTuple

import pulumi

from .core.config_fields import kind_of
from .core.errors import SpecError
from .core.rewrite_specs import MergeRewrite, RegexpRewrite, TransformRewrite
from .parameter_store import ClusterSecretStore, SecretStore
from .secret_arguments import Extract, Find, RemoteRef
from .target_arguments import Target

_NONE = type(None)
_LISTS = (list, tuple)
_INPUTS = (str, pulumi.Output, Awaitable)
_STORES = (SecretStore, ClusterSecretStore, _NONE)
_A_STORE = "a SecretStore or ClusterSecretStore"
_REWRITES = (RegexpRewrite, TransformRewrite, MergeRewrite)


class _Expectation(NamedTuple):
    place: str
    value: Any
    kinds: tuple[type, ...]
    expected: str


def check_kinds(where: str, *, store: Any, data: Any, data_from: Any, target: Any) -> None:
    """Refuse arguments of the wrong kind.

    Args:
        where: what errors begin with.
        store: see `ExternalSecret`, here and below.
        data: secret keys and references.
        data_from: entries that give many keys.
        target: the Secret.

    Raises:
        SpecError: one is not what it should be; the text names it, and what to write.
    """
    for each in _expectations(store, data, data_from, target):
        if not isinstance(each.value, each.kinds):
            raise SpecError(f"{where}, {each.place}: expected {each.expected}, got {kind_of(each.value)}")


def _expectations(store: Any, data: Any, data_from: Any, target: Any) -> Iterator[_Expectation]:
    """Each of them may take for granted that those before it are met."""
    yield _Expectation("store", store, _STORES, _A_STORE)
    yield _Expectation("target", target, (Target, *_INPUTS, _NONE), "a Target, or the Secret's name")
    yield _Expectation("data", data, (Mapping, _NONE), "a mapping of secret keys to RemoteRefs or parameter names")
    yield _Expectation("data_from", data_from, _LISTS, "a list of Extract and Find")
    for key, ref in (data or {}).items():
        yield _Expectation("data", key, (str,), "texts as secret keys")
        hint = "; an Extract or a Find goes into data_from" if isinstance(ref, Extract | Find) else ""
        yield _Expectation(f"key {key}", ref, (RemoteRef, str), f"a RemoteRef or a parameter's name{hint}")
        if isinstance(ref, RemoteRef):
            yield from _parts(f"key {key}", ref)
    for index, each in enumerate(data_from):
        place = f"dataFrom[{index}]"
        yield _Expectation(place, each, (Extract, Find), "an Extract or a Find")
        yield from _parts(place, each)
        yield _Expectation(f"{place}.rewrite", each.rewrite, _LISTS, "a list of rewrites")
        for number, rewrite in enumerate(each.rewrite):
            expected = "a RegexpRewrite, TransformRewrite or MergeRewrite"
            yield _Expectation(f"{place}.rewrite[{number}]", rewrite, _REWRITES, expected)


def _parts(place: str, entry: RemoteRef | Extract | Find) -> Iterator[_Expectation]:
    yield _Expectation(f"{place}.store", entry.store, _STORES, _A_STORE)
    if isinstance(entry, Find):
        yield _Expectation(f"{place}.path", entry.path, (str, _NONE), "a text")
        yield _Expectation(f"{place}.name", entry.name, (str, _NONE), "a text")
        yield _Expectation(f"{place}.tags", entry.tags, (Mapping,), "a mapping of tags to values")
        return
    yield _Expectation(f"{place}.key", entry.key, _INPUTS, "a parameter's name")
    yield _Expectation(f"{place}.property", entry.property, (*_INPUTS, _NONE), "a path as a text")
    yield _Expectation(f"{place}.version", entry.version, (int, *_INPUTS, _NONE), "a version number or label")
