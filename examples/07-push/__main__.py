"""A PushSecret of External Secrets Operator, declared as it stands."""

from pulumi_parameter_store import declare, export_status, load_manifests

export_status(declare(load_manifests("manifests")))
