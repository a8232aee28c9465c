"""Tells which PushSecrets write what an ExternalSecret reads, so that one `up` settles both."""

from collections.abc import Iterator, Mapping, Sequence

from ..arguments.data import Find, PushDataTo, RegexpRewrite
from ..core.services import service_named
from ..golang.regexp import compile_pattern
from .push_manifest import PushConfig
from .secret_manifest import SecretConfig, StoreRef
from .store_manifest import StoreConfig


def reads_what_is_pushed(
    secret: SecretConfig, stores: Mapping[StoreRef, StoreConfig], push: PushConfig, targets: Sequence[StoreConfig]
) -> bool:
    """Whether an ExternalSecret reads a parameter that a PushSecret writes, as far as names tell.

    Args:
        secret: the ExternalSecret.
        stores: its stores.
        push: the PushSecret.
        targets: its stores.
    """
    return any(
        _same_place(store, target) and _writes(push, target, name, find=find)
        for store, name, find in _read(secret, stores)
        for target in targets
    )


def _read(secret: SecretConfig, stores: Mapping[StoreRef, StoreConfig]) -> Iterator[tuple[StoreConfig, str, bool]]:
    """All that is read: the store, and a name, or the path of a find."""
    for each in (*secret.data.values(), *secret.data_from):
        ref = each.store or secret.store
        if ref is None:
            continue
        if isinstance(each.entry, Find):
            yield stores[ref], (each.entry.path or "").rstrip("/") + "/", True
        else:
            yield stores[ref], stores[ref].given.get("prefix", "") + str(each.entry.key), False


def _same_place(one: StoreConfig, other: StoreConfig) -> bool:
    regions = one.given.get("region"), other.given.get("region")
    return None in regions or regions[0] == regions[1]


def _writes(push: PushConfig, target: StoreConfig, name: str, *, find: bool) -> bool:
    prefix = target.given.get("prefix", "")
    writing = service_named(target.given.get("service")).writing
    named = [str(each.remote_key) for each in push.data]
    named += [str(each.given["remote_key"]) for each in push.data_to if each.given.get("remote_key") is not None]
    names = {writing.identity(prefix + each) for each in named} if writing else set()
    if find:
        return any(each.startswith(name) for each in names) or any(
            (prefix + _beginning(PushDataTo(**each.given))).startswith(name) for each in push.data_to
        )
    own = writing.identity(name) if writing else name
    return own in names or any(_may_make(PushDataTo(**each.given), prefix, name) for each in push.data_to)


def _beginning(to: PushDataTo) -> str:
    """What the names begin with that are made of keys, as far as the last rewrite says so."""
    last = to.rewrite[-1] if to.rewrite else None
    return last.target if isinstance(last, RegexpRewrite) and last.source == "^" and "$" not in last.target else ""


def _may_make(to: PushDataTo, prefix: str, name: str) -> bool:
    """Whether a key may become this name."""
    beginning = prefix + _beginning(to)
    if to.remote_key is not None or not name.startswith(beginning):
        return False
    rest = name[len(beginning) :]
    if to.rewrite:
        return bool(beginning) and bool(rest)
    return "/" not in rest and compile_pattern((to.match or "").encode()).search(rest.encode()) is not None
