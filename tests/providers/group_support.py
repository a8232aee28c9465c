"""Groups that are kept by the provider's methods alone, as the engine would call them."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import CheckFailure, CheckResult, DiffResult

from components.core.spec.groups import SECRETS
from components.errors import ClusterError, ParameterStoreError, WriteError
from components.providers import many
from components.providers.group import SecretGroupProvider
from components.providers.sync import SyncProvider

NAMESPACE = "team-a"
STATE_ID = hashlib.sha256(b"shop/dev").hexdigest()[:32]
PREFIX = "urn:pulumi:dev::shop::parameterstore:index:"
STORE_KIND = "parameterstore:index:SecretStore"
SHARED = ("store", "namespace", "cluster")
"""What a group's ExternalSecrets have in common."""


class Grouped:
    """A group of any ExternalSecrets.

    Attributes:
        data: what each reads, by its name.
        own: what else one of them declares, by its name.
        inputs: its inputs in the state.
        outs: its outputs in the state.
    """

    def __init__(self, data: Callable[[str], dict[str, Any]] | None = None) -> None:
        self.data = data or (lambda name: {"password": {"key": f"/app/{name}"}})
        self.own: dict[str, dict[str, Any]] = {}
        self.provider = SecretGroupProvider()
        self.inputs: dict[str, Any] = {}
        self.outs: dict[str, Any] = {}

    def is_settled(self, *names: str) -> bool:
        """Whether a preview finds nothing to do."""
        return not self.provider.diff("id", self.outs, self.check(*names, preview=True)).changes

    def check(self, *names: str, preview: bool = False, **more: Any) -> dict[str, Any]:
        checked = self.provider.check(self.inputs, self.news(*names, preview=preview, **more))
        assert not checked.failures, [each.reason for each in checked.failures]
        return dict(checked.inputs)

    def news(self, *names: str, preview: bool = False, **more: Any) -> dict[str, Any]:
        """What the program tells."""
        return {
            "owner": {"id": STATE_ID, "urn": f"{PREFIX}SecretStore::team"},
            "store": {"region": "eu-central-1"},
            "namespace": NAMESPACE,
            "cluster": {},
            "secrets": {name: {"data": self.data(name), **self.own.get(name, {}), **more} for name in names},
            "operation": {"preview": preview, "decrypt": not preview},
        }

    def up(self, *names: str, **more: Any) -> bool:
        """Check, compare and write in the running operation; whether there was anything to do."""
        inputs = self.check(*names, **more)
        stored = plain(dict(inputs))
        if not self.outs:
            self.outs = plain(dict(self.provider.create(inputs).outs or {}))
        elif self.provider.diff("id", self.outs, inputs).changes:
            self.outs = plain(dict(self.provider.update("id", self.outs, inputs).outs or {}))
        else:
            self.inputs = stored
            return False
        self.inputs = stored
        return True

    def delete(self) -> None:
        self.provider.delete("id", self.outs)
        self.inputs, self.outs = {}, {}


class RecordedGroup(Grouped):
    """A group whose engine records what is done of an update that fails, as Pulumi does."""

    reasons: list[str]

    def record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Record from now on."""
        monkeypatch.setattr(many, "keep_unfinished", self.recorded)

    def recorded(self, _id: str, _inputs: dict[str, Any], outs: dict[str, Any], reasons: list[str]) -> bool:
        self.reasons, self.inputs, self.outs = reasons, plain(dict(self.checked)), plain(dict(outs))
        return True

    def check(self, *names: str, preview: bool = False, **more: Any) -> dict[str, Any]:
        self.checked = super().check(*names, preview=preview, **more)
        return self.checked


class OneOfAGroupError(ClusterError, WriteError):
    """What a group says that it could not do; alone it would be one or the other."""


class GroupOfOne:
    """The methods of `SyncProvider`, as a group does them to the one ExternalSecret that it keeps.

    All tests of one with a resource of its own run with it, too.
    """

    def __init__(self) -> None:
        self.name = ""
        self.outs: dict[str, Any] = {}
        self.inputs: dict[str, Any] = {}
        self._checked: dict[str, Any] = {}

    def check(self, olds: dict[str, Any], news: dict[str, Any], outs: dict[str, Any]) -> CheckResult:
        """As the program would tell it, with what the test has as the state."""
        urn = news["owner"]["urn"]
        stack, project, kind, self.name = urn.split("::", 3)
        owner = {**news["owner"], "urn": f"{stack}::{project}::{STORE_KIND}::team"}
        shared = {"owner": owner, **{key: news[key] for key in SHARED if key in news}}
        own = {key: value for key, value in news.items() if key not in (*SHARED, "owner", "operation")}
        if kind != SECRETS.component:
            own["owner"] = {"urn": urn}
        self.inputs, self.outs = (self._of(*each, shared) for each in ((self.inputs, olds), (self.outs, outs)))
        told = {**shared, "secrets": {self.name: own}, "operation": news.get("operation")}
        got = SecretGroupProvider().check(self.inputs, told)
        failures = [CheckFailure("", self._plain(each.reason)) for each in got.failures]
        if failures:
            return CheckResult(dict(got.inputs), failures)
        self._checked = dict(got.inputs)
        member = SecretGroupProvider()._with_reasons(self._checked).get(self.name, {})
        return CheckResult({**member, **{key: self._checked[key] for key in ("note",) if key in self._checked}}, [])

    def diff(self, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """What the group would do to it; whether it has anything to do is the group's own word."""
        changes = SecretGroupProvider().diff("id", self.outs, self._checked).changes
        found = SyncProvider().diff("id", olds, news) if olds and changes and "problem" not in news else None
        assert not found or found.changes
        return DiffResult(changes, found.replaces if found else [], delete_before_replace=False)

    def write(self) -> dict[str, Any]:
        """Create or update."""
        provider = SecretGroupProvider()
        try:
            if self.outs:
                made = provider.update("id", self.outs, self._checked).outs
            else:
                made = provider.create(self._checked).outs
        except ParameterStoreError as error:
            raise WriteError(self._plain(str(error))) from None
        self.outs, self.inputs = plain(dict(made or {})), self._checked
        return self.kept

    def settle(self) -> None:
        """Nothing changed: as the engine does, the inputs are kept."""
        self.inputs = self._checked

    @property
    def kept(self) -> dict[str, Any]:
        """What is kept of it."""
        return SecretGroupProvider()._unfolded(self.outs).get(self.name, {})

    @property
    def kept_inputs(self) -> dict[str, Any]:
        """What it was checked to."""
        return SecretGroupProvider()._unfolded(self.inputs).get(self.name, {})

    def read(self) -> None:
        """Refresh."""
        got = SecretGroupProvider().read("id", self.outs)
        self.outs, self.inputs = dict(got.outs or {}), dict(got.inputs or {})

    def delete(self) -> None:
        """Destroy."""
        try:
            SecretGroupProvider().delete("id", self.outs)
        except WriteError as error:
            raise OneOfAGroupError(self._plain(str(error))) from None

    def _of(self, bag: dict[str, Any], own: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
        """The group's bag that keeps this of it."""
        if not (bag or own):
            return {}
        provider, bag = SecretGroupProvider(), bag or shared
        return {**bag, "secrets": provider._as_kept({self.name: provider._folded(bag, self.name, own)} if own else {})}

    def _plain(self, text: str) -> str:
        """What is said of it, without its name, which the engine would say."""
        start = f"ExternalSecret {self.name}: "
        assert text.startswith(start), text
        return text.removeprefix(start)


def plain(value: Any) -> Any:
    """A bag as the engine hands it back: what is marked as secret without the mark."""
    if isinstance(value, dict):
        return (
            plain(value["value"])
            if len(value) == 2 and "value" in value and any(key != "value" and len(key) == 32 for key in value)
            else {key: plain(each) for key, each in value.items()}
        )
    return [plain(each) for each in value] if isinstance(value, list) else value
