"""Keeps known secret values out of messages that programs and providers print."""

from __future__ import annotations

from typing import Any

from sandbox.engine.values import Secret, walk

_SHORTEST = 3
_SHORTEST_LINE = 8


class Redactor:
    """Remembers secret texts of three characters and more and replaces them in messages."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._ordered: list[str] | None = []

    def learn(self, value: Any) -> None:
        """Remember the secrets inside a property value."""
        for item in walk(value):
            if isinstance(item, Secret):
                for inside in walk(item.value):
                    if isinstance(inside, str):
                        self.learn_text(inside)

    def learn_text(self, text: str) -> None:
        """Remember one secret text, and its lines, as output comes by lines."""
        lines = [line.strip() for line in text.splitlines()] if "\n" in text else []
        fresh = {
            part for part in (text, *(line for line in lines if len(line) >= _SHORTEST_LINE)) if len(part) >= _SHORTEST
        }
        if not fresh <= self._texts:
            self._texts |= fresh
            self._ordered = None

    def redact(self, message: str) -> str:
        """Replace every known secret."""
        if self._ordered is None:
            self._ordered = sorted(self._texts, key=len, reverse=True)
        for text in self._ordered:
            if text in message:
                message = message.replace(text, "[secret]")
        return message
