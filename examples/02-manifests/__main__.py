"""Manifests of External Secrets Operator, declared as they stand."""

from pulumi_parameter_store import declare, load_manifests

declare(load_manifests("manifests"))
