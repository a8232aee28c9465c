"""Any sequence of operations of two states: none loses or overwrites what the other keeps, nor what it keeps itself."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.core.spec.owner import Owner
from components.errors import ParameterStoreError
from components.providers import many
from components.providers.group import SecretGroupProvider
from components.providers.operation.process import forget
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.group_support import PREFIX, plain
from tests.providers.support import NAMESPACE, cluster

STORE = {"region": "eu-central-1"}
TARGETS = ("one", "two")
GROUP = "the group"


@dataclass(frozen=True)
class Declared:
    """An ExternalSecret in a program.

    Attributes:
        name: its resource name.
        parents: the types of its parents, in its URN.
        target: its Secret.
        adopt: whether it may take a Secret over.
        takes: its state is that of the entry of this URN, as Pulumi's `aliases` have it.
        kind: the Secret's type, which cannot be changed in place.
        grouped: whether its store keeps it in a group, where nothing is in the way.
    """

    name: str
    parents: str
    target: str
    adopt: bool
    takes: str | None
    kind: str | None
    grouped: bool

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::shop::{self.parents}parameterstore:index:ExternalSecret::{self.name}"


@dataclass(frozen=True)
class Deed:
    """One operation.

    Attributes:
        backend: whose state it works on.
        program: what is declared; None for `destroy`.
        cut: after how many writes it is cut off, before the last one is recorded; None where it is not.
        goes_on: whether it goes on after an error.
        moves: an entry of the state that gets another URN beforehand, as by `pulumi state rename`.
        reads: whether the parameter can be read.
        refreshes: whether it is a `--refresh`.
        group_first: whether the engine comes to the group before it comes to the others.
    """

    backend: int
    program: tuple[Declared, ...] | None
    cut: int | None
    goes_on: bool
    moves: tuple[str, str] | None
    reads: bool
    refreshes: bool
    group_first: bool


class CutOffError(Exception):
    """The process was killed."""


@dataclass
class Backend:
    """A state, and an engine that works on it as Pulumi does: check, diff, create or update, deletions last."""

    parameter: str
    state_id: str | None = None
    entries: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    def run(self, deed: Deed) -> None:
        forget()
        if deed.moves and deed.moves[0] in self.entries and deed.moves[1] not in self.entries:
            self.entries[deed.moves[1]] = self.entries.pop(deed.moves[0])
        if deed.refreshes:
            self._refresh()
        self._left = deed.cut
        self._reads = self.parameter if deed.reads else "/gone"
        free = [each for each in deed.program or () if each.grouped and not each.takes]
        members = {each.name: each for each in reversed(free)}  # the first of a name is in the group
        with contextlib.suppress(CutOffError):
            if deed.program is None or self._up(deed, deed.program, members):
                self._delete(deed, members)

    def _up(self, deed: Deed, program: tuple[Declared, ...], members: dict[str, Declared]) -> bool:
        stale = dict(self.entries)
        self._read(program)

        def declare(each: Declared) -> bool:
            place = next((urn for urn in (each.urn, each.takes) if urn in stale), None)
            return self._declare(each, place, stale.pop(place) if place else None)

        steps = [partial(declare, each) for each in program if members.get(each.name) is not each]
        group = partial(self._keep_group, members)
        steps = [group, *steps] if deed.group_first else [*steps, group]
        return all(step() or deed.goes_on for step in steps)

    def _delete(self, deed: Deed, members: dict[str, Declared]) -> None:
        declared = {each.urn for each in deed.program or () if members.get(each.name) is not each}
        declared |= {GROUP} if members else set()
        for urn, (_, outs) in [each for each in self.entries.items() if each[0] not in declared]:
            if self._do(lambda urn=urn, outs=outs: provider_of(urn).delete("id", outs)):
                self.entries.pop(urn)
            elif not deed.goes_on:
                return

    def _refresh(self) -> None:
        for urn, (_, outs) in list(self.entries.items()):
            got = provider_of(urn).read("id", outs)
            if got.id:
                self.entries[urn] = dict(got.inputs or {}), dict(got.outs or {})
            else:
                self.entries.pop(urn)

    def _read(self, program: tuple[Declared, ...]) -> None:
        olds = {"stateId": self.state_id} if self.state_id else {}
        targets = [{"secret": each.name, "namespace": NAMESPACE, "name": each.target} for each in program]
        operation = {"preview": False, "decrypt": True, "targets": targets}
        news = {"store": STORE, "references": [self._reads], "operation": operation}
        self.state_id = SnapshotProvider().check(olds, news).inputs["stateId"]

    def _keep_group(self, members: dict[str, Declared]) -> bool:
        if not members:
            return True
        inputs, outs = self.entries.get(GROUP, ({}, {}))
        news = {
            "namespace": NAMESPACE,
            "owner": {"id": self.state_id, "urn": f"{PREFIX}SecretStore::team"},
            "store": STORE,
            "cluster": {},
            "secrets": {
                name: {
                    "secretName": each.target,
                    "data": {"value": {"key": self._reads}},
                    "target": target(each),
                    **({"owner": {"urn": each.urn}} if each.parents else {}),
                }
                for name, each in members.items()
            },
            "operation": {"preview": False, "decrypt": True},
        }
        provider = SecretGroupProvider()
        checked = dict(provider.check(inputs, news).inputs)
        if not outs:
            return self._do(lambda: provider.create(checked).outs, GROUP, checked)
        if not provider.diff("id", outs, checked).changes:
            self.entries[GROUP] = checked, outs
            return True
        return self._do(lambda: provider.update("id", outs, checked).outs, GROUP, checked)

    def record(self, _id: str, _inputs: dict[str, Any], outs: dict[str, Any], _reasons: list[str]) -> bool:
        """As the engine does of a group that failed in part."""
        inputs, _ = self.entries.get(GROUP, ({}, {}))
        self.entries[GROUP] = inputs, plain(dict(outs))
        return True

    def _declare(self, each: Declared, place: str | None, old: tuple[dict[str, Any], dict[str, Any]] | None) -> bool:
        news: dict[str, Any] = {
            "namespace": NAMESPACE,
            "secretName": each.target,
            "owner": {"id": self.state_id, "urn": each.urn},
            "store": STORE,
            "cluster": {},
            "data": {"value": {"key": self._reads}},
            "operation": {"preview": False, "decrypt": True},
        }
        news["target"] = target(each)
        provider = SyncProvider()
        if old is None:
            checked = dict(provider.check({}, news).inputs)
            return self._do(lambda: provider.create(checked).outs, each.urn, checked)
        checked = dict(provider.check(old[0], news).inputs)
        difference = provider.diff("id", old[1], checked)
        if place and place != each.urn:
            self.entries[each.urn] = self.entries.pop(place)
        if not difference.changes:
            self.entries[each.urn] = checked, old[1]
            return True
        if not difference.replaces:
            return self._do(lambda: provider.update("id", old[1], checked).outs, each.urn, checked)
        checked = dict(provider.check({}, news).inputs)
        if difference.delete_before_replace:
            if not self._do(lambda: provider.delete("id", old[1])):
                return False
            self.entries.pop(each.urn)
            return self._do(lambda: provider.create(checked).outs, each.urn, checked)
        done = self._do(lambda: provider.create(checked).outs, each.urn, checked)
        if done:  # what was replaced is deleted when all of the program is done
            self.entries[f"{each.urn} replaced by {len(self.entries)}"] = old
        return done

    def _do(self, step: Any, urn: str | None = None, inputs: dict[str, Any] | None = None) -> bool:
        try:
            outs = step()
        except ParameterStoreError:
            return False
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise CutOffError
        if urn and inputs is not None:
            self.entries[urn] = inputs, plain(dict(outs))
        return True


def provider_of(urn: str) -> SyncProvider | SecretGroupProvider:
    return SecretGroupProvider() if urn == GROUP else SyncProvider()


def target(each: Declared) -> dict[str, Any]:
    return {
        **({"adopt": True} if each.adopt else {}),
        **({"template": {"type": each.kind}} if each.kind else {}),
    }


URNS = [
    Declared(name, parents, "one", False, None, None, False).urn for name in ("a", "b") for parents in ("", "app:T$")
]
DECLARED = st.builds(
    Declared,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["", "app:T$"]),
    st.sampled_from(TARGETS),
    st.booleans(),
    st.one_of(st.none(), st.sampled_from(URNS)),
    st.sampled_from([None, None, "example.com/x"]),
    st.booleans(),
)
PROGRAMS = st.lists(DECLARED, max_size=3, unique_by=lambda each: each.urn).map(tuple)
DEEDS = st.builds(
    Deed,
    st.sampled_from([0, 1]),
    st.one_of(PROGRAMS, PROGRAMS, PROGRAMS, st.none()),
    st.one_of(st.none(), st.none(), st.integers(0, 2)),
    st.booleans(),
    st.one_of(st.none(), st.none(), st.tuples(st.sampled_from(URNS), st.sampled_from(URNS))),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([False, False, True]),
    st.booleans(),
)


def seen() -> dict[str, dict[str, Any]]:
    return {name: found for name in TARGETS if (found := cluster().get_secret(NAMESPACE, name)) is not None}


def keeper(secret: dict[str, Any]) -> Owner:
    return Owner.of_mark((secret["metadata"].get("annotations") or {}).get(OWNER_ANNOTATION, ""))


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesApi]:
    """AWS and Kubernetes, named in the environment, for all examples."""
    with (
        AwsApi() as aws,
        KubernetesApi(namespaces=[NAMESPACE]) as api,
        pytest.MonkeyPatch.context() as environment,
    ):
        for name, value in aws.environment().items():
            environment.setenv(name, value)
        environment.setenv("KUBECONFIG", str(api.kubeconfig(tmp_path_factory.mktemp("wire") / "kubeconfig")))
        for parameter in ("/0", "/1"):
            aws.put_parameter(parameter, parameter)
        yield api
    forget()


@pytest.mark.timeout(900)  # a machine at full load takes many times the usual 7 seconds, and more to shrink what fails
@pytest.mark.usefixtures("wire")
@given(somebodys=st.booleans(), deeds=st.lists(DEEDS, min_size=2, max_size=6))
@settings(max_examples=60, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
def test_no_state_loses_a_secret_of_its_own_or_of_another(*, somebodys: bool, deeds: list[Deed]) -> None:
    for name, secret in seen().items():
        cluster().delete_secret(NAMESPACE, name, uid=secret["metadata"]["uid"])
    if somebodys:
        cluster("helm").apply_secret(NAMESPACE, "two", {"data": {"x": ""}}, force=False)
    backends = Backend("/0"), Backend("/1")
    for deed in deeds:
        backend, before = backends[deed.backend], seen()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(many, "keep_unfinished", backend.record)
            backend.run(deed)
        after = seen()
        for name, secret in before.items():
            _hold(deed, backend, name, secret, after.get(name))


def _hold(deed: Deed, backend: Backend, name: str, before: dict[str, Any], after: dict[str, Any] | None) -> None:
    wanted = [each for each in deed.program or () if each.target == name]
    owner = keeper(before)
    if owner.state_id is None or owner.state_id != backend.state_id:
        if not any(each.adopt for each in wanted):
            assert after == before, "a Secret of somebody else's was touched"
        else:
            assert after is not None, "a Secret of somebody else's was deleted"
        return
    taken_along = any(each.adopt or each.name == owner.name for each in wanted)
    if taken_along and not any(each.kind for each in wanted) and before["type"] == "Opaque":
        assert after is not None, "a Secret that the program still declares was deleted"
        assert after["metadata"]["uid"] == before["metadata"]["uid"], "there was a moment without the Secret"
