"""The stack whose program runs, of which the SDK tells more than it has names for."""

from __future__ import annotations

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor
from pulumi.runtime.stack import Stack


def running_stack() -> Stack | None:
    """The stack; None in unit tests: Pulumi's mocks keep one for all of a process, which ended before they began."""
    stack = pulumi.runtime.get_root_resource()
    return stack if isinstance(stack, Stack) and not isinstance(get_monitor(), MockMonitor) else None
