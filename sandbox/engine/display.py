"""What shows an operation to people."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from sandbox.engine.events import Event


class Display(Protocol):
    """Receives the events of one operation and shows them."""

    def show(self, event: Event) -> None:
        """Take an event."""

    def finish(self, counts: Counter[str], seconds: float) -> None:
        """Show what is left at the end."""
