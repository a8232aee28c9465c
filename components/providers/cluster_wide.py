"""The cluster-wide kinds: one resource keeps a Secret, or a push, in each namespace that is chosen.

Which namespaces those are, only the cluster tells. So `check` finds them, and preview shows what each of them gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pulumi.runtime.rpc import contains_unknowns

from ..core.spec.namespace_choice import NamespaceChoice
from ..core.spec.owner import Owner, urn_in
from ..core.spec.store_specs import ClusterSpec
from ..errors import SpecError
from .many import PROTECTED, RETAINED, Bag, ManyProvider, Member, Members
from .operation.namespaces import find_namespaces
from .operation.process import process_memory
from .operation.results import OPERATION, take_cluster
from .push import PushMember
from .secret.reasons import Cause
from .sync import SecretMember

CHOICE = "choice"
MAY_COME = "mayCome"
"""The input that says whether this program may make namespaces first."""
STORES_OF = "storesOf"
"""The input with what is declared for one namespace alone, as its SecretStores are its own."""


class ClusterProvider(ManyProvider):
    """Keeps a member in each namespace that is chosen.

    Attributes:
        kind: what errors call it.
    """

    own: ClassVar[tuple[str, ...]] = (CHOICE, MAY_COME, STORES_OF, RETAINED, PROTECTED)
    kept: ClassVar[str] = "namespaces"
    listed: ClassVar[str] = "provisionedNamespaces"
    noun: ClassVar[str] = "namespace"
    unknown: ClassVar[str] = Cause.READ_DURING_UP.value
    kind: ClassVar[str]

    def recorded(self, inputs: Bag) -> Bag:
        """The inputs without what each namespace's own bag has."""
        return {name: value for name, value in inputs.items() if name not in (MAY_COME, STORES_OF, *self.computed)}

    def identity(self, shared: Mapping[str, Any], key: str) -> Bag:
        """The namespace, and an owner of its own, so that each has a mark of its own."""
        owner = shared["owner"]
        return {"namespace": key, "owner": {**owner, "urn": urn_in(owner["urn"], key)}}

    def members(self, news: Bag) -> Members | None:
        """One for each namespace that is chosen."""
        shared = {name: value for name, value in news.items() if name not in (*self.own, *self.computed)}
        own_stores: Sequence[Bag] | None = news.get(STORES_OF)
        cluster = take_cluster(news)
        places = [each["namespace"] for each in own_stores or ()]
        if any(map(contains_unknowns, (news[CHOICE], cluster, news["owner"]["urn"], places))):
            return None
        memory, owner = process_memory(), Owner(news["owner"]["urn"])
        may_come = news.get(MAY_COME, False) is not False  # one that is not known yet may be
        choice = NamespaceChoice.from_bag(news[CHOICE])
        found = find_namespaces(choice, memory.cluster(ClusterSpec.from_bag(cluster)), may_come=may_come)
        memory.targets.resolve(urn_in(owner.name, "*"))
        for note in found.notes:
            memory.tell_once(f"{owner.text} {note}", f"{self.kind} {owner.title}: {note}")
        stores = dict(zip(places, own_stores or (), strict=True))
        members, problems = {}, {}
        for name in (*found.names, *found.pending):
            if own_stores is not None and name not in stores:
                problems[name] = SpecError(
                    f"{self.kind} {owner.title} chooses it, and none of its SecretStores is for it; give it one, "
                    "choose fewer namespaces, or use a ClusterSecretStore"
                )
            members[name] = {**shared, **stores.get(name, {}), **self.identity(shared, name)}
            if isinstance(operation := news.get(OPERATION), Mapping):
                members[name][OPERATION] = {**operation, "pendingNamespace": name in found.pending}
        return Members(members, problems, found.notes)


class ClusterSyncProvider(ClusterProvider):
    """Keeps a Secret in each namespace that is chosen (ESO: ClusterExternalSecret)."""

    member: ClassVar[Member] = SecretMember()
    kind: ClassVar[str] = "ClusterExternalSecret"


class ClusterPushProvider(ClusterProvider):
    """Pushes a Secret of each namespace that is chosen (ESO: ClusterPushSecret)."""

    member: ClassVar[Member] = PushMember()
    kind: ClassVar[str] = "ClusterPushSecret"
