"""What of a stack's settings may be encrypted: that alone which stays secret in previews, errors and the state.

Pulumi decrypts a setting for the program, and says of the whole of it that a part was encrypted, but not which.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import pulumi
from pulumi.runtime.config import is_config_secret

from ..errors import SpecError
from .store_manifest import StoreConfig

_STORES = ("secretStores", "clusterSecretStores")
_IN_STORES = "kubeconfig, externalID and the values of sessionTags"


def encrypted_settings(names: Iterable[str], project: str) -> frozenset[str]:
    """Which of a project's settings are encrypted, in whole or in part.

    Raises:
        SpecError: one of them would be shown; the text names it.
    """
    found = frozenset(name for name in names if is_config_secret(f"{project}:{name}"))
    for name in sorted(found.difference(_STORES)):
        raise SpecError(
            f"{name}: it is encrypted, or a part of it is, but previews, errors and the state show what stands here; "
            "keep the secret in a parameter, name that, and write the setting without `secure`"
        )
    return found


def keep_secret(stores: Sequence[StoreConfig], encrypted: Collection[str]) -> list[StoreConfig]:
    """The stores, with what is encrypted of them as secret Outputs.

    Args:
        stores: those of the settings.
        encrypted: which settings are.

    Raises:
        SpecError: nothing can be secret in the stores of a setting that is encrypted.
    """
    made = list(stores)
    for name in sorted(encrypted):
        own = [at for at, store in enumerate(stores) if store.where.partition("[")[0] == name]
        if not any(_holds_secrets(stores[at]) for at in own):
            raise SpecError(
                f"{name}: it is encrypted, or a part of it is, but previews, errors and the state show what stands "
                f"here, save {_IN_STORES}; write the rest without `secure`"
            )
        for at in own:
            made[at] = _kept_secret(stores[at])
    return made


def _holds_secrets(store: StoreConfig) -> bool:
    cluster = store.given.get("cluster")
    kubeconfig = getattr(cluster, "kubeconfig", None)
    return bool(kubeconfig or store.given.get("external_id") or store.given.get("session_tags"))


def _kept_secret(store: StoreConfig) -> StoreConfig:
    given = store.given.copy()
    if external_id := given.get("external_id"):
        given["external_id"] = pulumi.Output.secret(external_id)
    if tags := given.get("session_tags"):
        given["session_tags"] = {key: pulumi.Output.secret(value) for key, value in tags.items()}
    return replace(store, given=given)
