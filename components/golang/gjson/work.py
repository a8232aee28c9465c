"""Bounds the work of one lookup by counting it, so that no path and no value can hold up a preview."""

from .property_errors import UnsupportedPathError, shown

MAX_STEPS = 3_000_000
"""Characters that one lookup may look at: far more than ordinary paths need on 100 KB, and about a second."""
MAX_NESTING = 32
"""How deep lookups may start lookups: queries in queries, selections in selections."""
MAX_DEPTH = 150
"""How deep a value may be nested where a modifier goes through all its levels."""
MEMBER_STEPS = 8
"""What one member of an object or array costs beyond its characters."""


class Work:
    """The work done so far by one lookup of a property."""

    def __init__(self, path: str, max_steps: int = MAX_STEPS) -> None:
        self._path = path
        self.steps_left = max_steps
        self._nesting = 0

    def spend(self, steps: int) -> None:
        """Count work, or raise UnsupportedPathError where the lookup needs more than is allowed."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise self.refusal("needs more work on this value than is allowed")

    def enter(self) -> None:
        """Count one lookup inside another, or raise UnsupportedPathError where too many are nested."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self.refusal(f"nests queries or selections deeper than {MAX_NESTING} levels")

    def leave(self) -> None:
        """Undo `enter`."""
        self._nesting -= 1

    def check_depth(self, depth: int) -> None:
        """Raise UnsupportedPathError where a modifier goes too deep into a value."""
        if depth > MAX_DEPTH:
            raise self.refusal(f"goes through a value that is nested deeper than {MAX_DEPTH} levels")

    def refusal(self, reason: str) -> UnsupportedPathError:
        """The error that refuses the path."""
        return UnsupportedPathError(f"property {shown(self._path)} is not supported here: it {reason}")
