"""The `kubernetes` provider: core objects and Deployments, by server-side apply under a field manager per resource."""

import os
import secrets
import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from sandbox.engine.values import has_unknowns, unwrap
from sandbox.providers.changes import Changes
from sandbox.providers.provider import Checked, Properties, ProviderFailure, State

from . import objects
from .cluster import Cluster, UnreachableError
from .kinds import COMMON, KINDS, MUTABLE_VARIABLES, Kind

_PATCH_FORCE = "pulumi.com/patchForce"
_VARIABLES = {**MUTABLE_VARIABLES, "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE"}
_FLAGS = {*MUTABLE_VARIABLES, "upsertExistingObjects", "enablePatchForce"}
_USED = _FLAGS | {"kubeconfig", "context", "cluster", "namespace", "deleteUnreachable"}
# Accepted because they ask for what happens anyway, or concern other resource types.
_IGNORED = {"enableServerSideApply", "suppressDeprecationWarnings", "suppressHelmHookWarnings", "kubeClientSettings"}
_IGNORED |= {"helmReleaseSettings", "clusterIdentifier", "version", "pluginDownloadURL"}


class KubernetesProvider:
    """Implements `Provider` for Kubernetes."""

    package = "kubernetes"

    def __init__(self) -> None:
        self.version = version("pulumi-kubernetes")
        self._configuration: Mapping[str, Any] = {}
        self._connected: Cluster | None = None
        self._lock = threading.Lock()

    def schema(self) -> dict[str, Any]:
        """Return a schema with the kinds' property names."""
        anything = {"$ref": "pulumi.json#/Any"}
        resources = {
            token: {
                "inputProperties": dict.fromkeys((*COMMON, *sorted(kind.inputs)), anything),
                "properties": dict.fromkeys((*COMMON, *sorted(kind.inputs)), anything),
            }
            for token, kind in KINDS.items()
        }
        return {"name": self.package, "version": self.version, "resources": resources}

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Take the configuration; the cluster is looked for when it is needed first."""
        if unknown := sorted(
            name for name in configuration if name not in _USED | _IGNORED and not name.startswith("_")
        ):
            raise ProviderFailure(
                f"the sandbox's kubernetes provider does not know the option {', '.join(unknown)}; "
                f"it knows {', '.join(sorted(_USED))}"
            )
        if configuration.get("enableServerSideApply") in (False, "false"):
            raise ProviderFailure("the sandbox's kubernetes provider works by server-side apply only")
        self._configuration = configuration
        self._connected = None

    def check(self, token: str, name: str, olds: Properties, news: Properties, seed: bytes) -> Checked:
        """Validate inputs; fill in namespace and name."""
        kind = _kind(token)
        return objects.checked(kind, name, olds, news, seed, self._default_namespace)

    def diff(self, token: str, old_inputs: Properties, news: Properties) -> Changes:
        """Compare checked inputs."""
        kind = _kind(token)
        return objects.diff(kind, old_inputs, news, mutable=self._flag(kind.mutable_option))

    def create(self, token: str, inputs: Properties, *, preview: bool) -> State:
        """Create, or in a preview predict the outputs."""
        kind = _kind(token)
        if preview:
            return State("", objects.foretold(inputs))
        namespace, name = objects.identity(inputs)
        if not self._flag("upsertExistingObjects") and self._cluster().get(kind, namespace, name) is not None:
            raise ProviderFailure(
                f"{kind.name} {_id(namespace, name)} exists already and is not in this stack's state; "
                "delete it, import it, or set the provider's option upsertExistingObjects"
            )
        manager = f"pulumi-kubernetes-{secrets.token_hex(4)}"
        return self._apply(kind, inputs, manager)

    def read(self, token: str, id: str, inputs: Properties, outputs: Properties) -> State | None:  # noqa: A002 - Pulumi's name
        """Return the object as it is, None if it is gone."""
        kind = _kind(token)
        namespace, name = _identity(kind, id, self._default_namespace)
        live = self._cluster().get(kind, namespace, name)
        if live is None:
            return None
        manager = str(unwrap(outputs.get(objects.FIELD_MANAGER_KEY)) or "pulumi-kubernetes")
        return State(
            _id(namespace, name),
            objects.outputs_of(kind, live, inputs, manager),
            objects.refreshed_inputs(kind, live, inputs),
        )

    def update(self, token: str, old: State, news: Properties, *, preview: bool) -> State:
        """Change in place, or in a preview predict the outputs."""
        kind = _kind(token)
        manager = old.outputs.get(objects.FIELD_MANAGER_KEY) or "pulumi-kubernetes"
        if preview or has_unknowns(news):
            return State(old.id, {**objects.foretold(news, old.outputs), objects.FIELD_MANAGER_KEY: manager})
        return self._apply(kind, news, str(unwrap(manager)))

    def delete(self, token: str, state: State) -> None:
        """Delete and wait until it is gone."""
        kind = _kind(token)
        try:
            self._cluster().delete(kind, *_identity(kind, state.id, self._default_namespace))
        except UnreachableError:
            if not self._flag("deleteUnreachable"):
                raise

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Refuse: no functions are known."""
        raise ProviderFailure(f"the sandbox has no function {token} (called with {', '.join(sorted(arguments))})")

    def _apply(self, kind: Kind, inputs: Properties, manager: str) -> State:
        body = objects.wanted(inputs)
        annotations = body["metadata"].get("annotations") or {}
        force = self._flag("enablePatchForce") or annotations.get(_PATCH_FORCE) == "true"
        live = self._cluster().apply(kind, body, manager, force=force)
        return State(_id(*objects.identity(inputs)), objects.outputs_of(kind, live, inputs, manager))

    def _cluster(self) -> Cluster:
        with self._lock:
            if self._connected is None:
                self._connected = Cluster(self._configuration)
            return self._connected

    def _default_namespace(self) -> str:
        return str(self._configuration.get("namespace") or self._cluster().namespace)

    def _flag(self, option: str) -> bool:
        value = self._configuration.get(option, os.environ.get(_VARIABLES.get(option, ""), ""))
        return str(value).lower() == "true"


def _kind(token: str) -> Kind:
    if token not in KINDS:
        raise ProviderFailure(f"the sandbox has no resource type {token}; it has {', '.join(sorted(KINDS))}")
    return KINDS[token]


def _id(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _identity(kind: Kind, id: str, default: Any) -> tuple[str | None, str]:  # noqa: A002 - Pulumi's name
    namespace, _, name = id.rpartition("/")
    return (namespace or default()) if kind.namespaced else None, name
