"""Manifests of External Secrets Operator, declared as they stand."""

import pulumi
from pulumi_parameter_store import OUTPUT, declare, load_manifests, status_output

secrets = declare(load_manifests("manifests"))
pulumi.export(OUTPUT, status_output(secrets))  # for the command `pulumi-parameter-store status`
