"""A PushSecret of External Secrets Operator, declared as it stands."""

from pulumi_parameter_store import declare, load_manifests

declare(load_manifests("manifests"))
