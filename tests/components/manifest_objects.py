"""Manifests for the tests: a SecretStore and an ExternalSecret on it, as plain objects."""

from typing import Any


def store(name: str = "store", **changes: Any) -> dict[str, Any]:
    aws = {"service": "ParameterStore", "region": "eu-central-1", **changes.pop("aws", {})}
    spec = {"provider": {"aws": aws}, **changes.pop("spec", {})}
    metadata = {"name": name, "namespace": "team-a"}
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "SecretStore",
        "metadata": metadata,
        "spec": spec,
        **changes,
    }


def secret(name: str = "db", metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    data = [{"secretKey": "k", "remoteRef": {"key": "p"}}]
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": "team-a", **(metadata or {})},
        "spec": {"secretStoreRef": {"name": "store"}, "data": data, **spec},
    }
