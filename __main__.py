"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.stack_program import declare_stack
from components.status import (
    CLUSTER_OUTPUT,
    CLUSTER_PUSH_OUTPUT,
    OUTPUT,
    PUSH_OUTPUT,
    cluster_push_status_output,
    cluster_status_output,
    push_status_output,
    status_output,
)


def main() -> None:
    """Declare everything that the stack names, and export what `status` shows."""
    declared = declare_stack()
    pulumi.export(OUTPUT, status_output(declared.secrets))
    if declared.pushes:
        pulumi.export(PUSH_OUTPUT, push_status_output(declared.pushes))
    if declared.cluster_secrets:
        pulumi.export(CLUSTER_OUTPUT, cluster_status_output(declared.cluster_secrets))
    if declared.cluster_pushes:
        pulumi.export(CLUSTER_PUSH_OUTPUT, cluster_push_status_output(declared.cluster_pushes))


main()
