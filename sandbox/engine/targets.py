"""Which resources an operation is limited to (`--target`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sandbox.engine.state import Resource


class Targets:
    """A set of URNs and URN patterns (`*` within one part, `**` across parts); without any, everything is a target."""

    def __init__(self, targets: Iterable[str], *, with_dependents: bool = False) -> None:
        self._literals = {target for target in targets if "*" not in target}
        self._patterns = [_pattern(target) for target in targets if "*" in target]
        self.with_dependents = with_dependents
        self.constrained = bool(self._literals or self._patterns)

    def contains(self, urn: str) -> bool:
        """Tell whether the URN itself is a target."""
        return (
            not self.constrained or urn in self._literals or any(pattern.fullmatch(urn) for pattern in self._patterns)
        )

    def includes(self, resource: Resource) -> bool:
        """Tell whether the resource is a target, or depends on one where dependents are included."""
        if self.contains(resource.urn):
            return True
        return self.with_dependents and any(self.contains(urn) for urn in resource.needs())

    def add(self, urn: str) -> None:
        """Make one more resource a target."""
        if self.constrained:
            self._literals.add(urn)

    def missing(self, urns: Iterable[str]) -> list[str]:
        """Return the targets that name none of the given resources."""
        return sorted(self._literals.difference(urns))


def _pattern(target: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", target)
    translated = ("[^:]*" if part == "*" else ".*" if part == "**" else re.escape(part) for part in parts)
    return re.compile("".join(translated))
