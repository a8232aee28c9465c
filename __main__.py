"""The program: turns the selected stack's settings into components. `docs/configuration.md` lists the settings."""

from components.stack_program import declare_stack
from components.status import export_status

export_status(declare_stack())  # `status` shows what this exports
