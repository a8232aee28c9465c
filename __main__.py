"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

import pulumi

from components.stack_program import declare_stack
from components.status import OUTPUT, PUSH_OUTPUT, push_status_output, status_output


def main() -> None:
    """Declare everything that the stack names, and export what `status` shows."""
    declared = declare_stack()
    pulumi.export(OUTPUT, status_output(declared.secrets))
    if declared.pushes:
        pulumi.export(PUSH_OUTPUT, push_status_output(declared.pushes))


main()
