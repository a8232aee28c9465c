"""What a store's identity is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi

from ...arguments.annotations import Input
from ...arguments.store import StoreArguments
from ...core.spec.store_identity import Identity
from ..cluster import ClusterChoice
from ..ledger import PushUse


@dataclass(frozen=True)
class IdentityArguments:
    """A store's arguments, with what was chosen where they say nothing.

    Attributes:
        name: resource name of the store.
        namespace: the store's own namespace; None for a ClusterSecretStore.
        given: the arguments.
        identity: region, and the roles that are not created.
        uses: gives every reference with the secret key that needs it.
        pushes: gives every parameter that is pushed to.
        cluster: the store's cluster.
    """

    name: str
    namespace: Input[str] | None
    given: StoreArguments
    identity: Identity[Input[str]]
    uses: Callable[[], pulumi.Output[list[tuple[str, str]]]]
    pushes: Callable[[], pulumi.Output[list[PushUse]]]
    cluster: ClusterChoice
