"""Bounds what a template may do by counting it, so that no template and no value can hold up an apply."""

from .go_values import GoList, GoMap, Value
from .template_errors import LimitError

MAX_OUTPUT = 1024 * 1024
"""Bytes that a template may render: what Kubernetes lets a whole Secret hold."""
MAX_STRING = 4 * MAX_OUTPUT
"""Bytes of any string on the way there."""
MAX_ITEMS = 100_000
"""Elements that a function may put into one list."""
MAX_NESTING = 50
"""How deep blocks and parentheses may be nested."""
MAX_DEPTH = 60
"""How deep lists and maps may be nested in a value."""
MAX_STEPS = 1_000_000
"""Steps of one rendering: one for each node that is evaluated, and for what each call has to look at."""

_BYTES_A_STEP = 16


def check_string(size: int) -> None:
    """Raise LimitError where a string is going to be longer than any Secret needs."""
    if size > MAX_STRING:
        raise LimitError(f"the result would be longer than {MAX_STRING // 1024 // 1024} MiB")


def check_items(count: int) -> None:
    """Raise LimitError where a list is going to be longer than any Secret needs."""
    if count > MAX_ITEMS:
        raise LimitError(f"the result would have more than {MAX_ITEMS} elements")


class Work:
    """The work done so far by one rendering."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self.steps_left = max_steps

    def spend(self, steps: int) -> None:
        """Count work, or raise LimitError where the rendering needs more than is allowed."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise LimitError("the template needs more work than is allowed")

    def look_at(self, value: Value, depth: int = 0) -> None:
        """Count what a function does that goes through a whole value.

        Raises:
            LimitError: the value is nested too deep (or holds itself), or there is too much of it.
        """
        if isinstance(value, bytes):
            self.spend(1 + len(value) // _BYTES_A_STEP)
            return
        self.spend(1 + depth)
        if isinstance(value, GoMap | GoList):
            if depth >= MAX_DEPTH:
                raise LimitError(f"a value is nested deeper than {MAX_DEPTH} levels")
            if isinstance(value, GoMap):
                for key, item in value.items.items():
                    self.spend(len(key) // _BYTES_A_STEP)
                    self.look_at(item, depth + 1)
            else:
                for item in value.items:
                    self.look_at(item, depth + 1)
