"""Observations without I/O: what is declared, what the last update recorded, and what a cluster and AWS would say."""

from datetime import UTC, datetime
from typing import Any

from components.clients.kubernetes.managed_fields import APPLY, UPDATE, ManagedField
from components.clients.kubernetes.metadata import SecretMetadata
from components.core.secret.kubernetes_secret import FIELD_MANAGER, MANAGED_BY_LABEL, Marks, versions_mark
from components.core.spec.owner import Owner
from components.core.spec.specs import Operation, SecretSpec
from components.providers.operation.template_reads import Texts
from components.providers.secret.observation import ClusterAnswer, Declaration, Observation, SourcesAnswer
from components.providers.secret.ownership import Standing
from components.providers.secret.plan import Plan
from components.providers.secret.planner import plan
from components.providers.secret.source_versions import Reading

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PREVIEW = Operation(preview=True, decrypt=False)
UP = Operation(preview=False, decrypt=True)
STATE_ID = "0" * 32
OWNER = Owner("urn:pulumi:dev::shop::parameterstore:index:ExternalSecret::db", STATE_ID)
OTHER = Owner("urn:pulumi:dev::shop::parameterstore:index:ExternalSecret::other", STATE_ID)
SOMEBODY = Owner("urn:pulumi:dev::blog::parameterstore:index:ExternalSecret::db", "f" * 32)
READ = {"__versions": {"/prod/db": 3}}


def news(**more: Any) -> dict[str, Any]:
    """The inputs of a Secret with one key; None takes one away."""
    bag = {
        "namespace": "team-a",
        "secretName": "db",
        "owner": {"id": STATE_ID, "urn": OWNER.text},
        "store": {"region": "eu-central-1"},
        "cluster": {},
        "data": {"password": {"key": "/prod/db"}},
        **more,
    }
    return {key: value for key, value in bag.items() if value is not None}


def declared(
    inputs: dict[str, Any] | None = None, olds: dict[str, Any] | None = None, operation: Operation = PREVIEW
) -> Declaration:
    """A Secret as it is declared; `olds` are the inputs that the last operation left."""
    inputs = inputs or news()
    return Declaration(SecretSpec.from_bag(inputs), operation, NOW, inputs, olds or {})


def recorded(**more: Any) -> dict[str, Any]:
    """The inputs that an `up` left."""
    return {**news(), **READ, "__syncedAt": "2026-07-01T11:00:00+00:00", **more}


def applied(*keys: str, manager: str = FIELD_MANAGER) -> ManagedField:
    """An entry of managedFields: data keys and our label, set by server-side apply."""
    paths = {("data", key) for key in keys} | {("metadata", "labels", MANAGED_BY_LABEL), ("type",)}
    return ManagedField(manager, APPLY, NOW, frozenset(keys), frozenset(paths))


def edited(*keys: str, manager: str = "kubectl-edit") -> ManagedField:
    """An entry of managedFields: data keys that somebody else set."""
    return ManagedField(manager, UPDATE, NOW, frozenset(keys), frozenset(("data", key) for key in keys))


def live(*fields: ManagedField, owner: Owner | None = OWNER) -> SecretMetadata:
    """A Secret in the cluster, with an ExternalSecret's mark."""
    names = Marks.of(OWNER.mark or "", shared=False)
    versions = versions_mark(Reading.from_bag(READ).all_versions)
    marked = {names.owner: owner.mark or "", names.versions: versions} if owner else {}
    return SecretMetadata("team-a", "db", "uid-1", "7", {}, marked, fields or (applied("password"),), (), NOW, None)


def cluster(found: SecretMetadata | None = None, *, written: bool = True, **more: Any) -> ClusterAnswer:
    """What the cluster answers."""
    return ClusterAnswer(found, Standing(frozenset({OWNER.mark or ""}), written, frozenset({STATE_ID})), **more)


def sources(bag: dict[str, Any] | None = None, texts: Texts | None = None, **more: Any) -> SourcesAnswer:
    """What AWS answers."""
    return SourcesAnswer(Reading.from_bag(bag or READ), texts or Texts(), **more)


def planned(declaration: Declaration, *, writable: bool = True, **answers: Any) -> Plan:
    """The plan of one Secret."""
    (only,) = plan([Observation(declaration, writable=writable, **answers)])
    return only
