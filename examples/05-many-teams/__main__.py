"""What the stack's settings name, and what `status` shows of it."""

from pulumi_parameter_store import export_status
from pulumi_parameter_store.stack_program import declare_stack

export_status(declare_stack())
