"""What the stack's settings name, and what `status` shows of it."""

import pulumi
from pulumi_parameter_store import OUTPUT, status_output
from pulumi_parameter_store.stack_program import declare_stack

pulumi.export(OUTPUT, status_output(declare_stack().secrets))
