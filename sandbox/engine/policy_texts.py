"""Writes what policy packs found the way the Pulumi CLI shows it."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.engine.events import PackStarted, PolicyFinding

_LEVELS = ("mandatory", "advisory")


def render_policies(packs: Sequence[PackStarted], findings: Sequence[PolicyFinding]) -> str:
    """Write each pack with its findings, what ends the operation first."""
    lines = ["Policies:"]
    for pack in packs:
        found = sorted(
            (each for each in findings if each.pack == pack.pack),
            key=lambda each: (_LEVELS.index(each.level), each.rule, each.urn),
        )
        worst = found[0].level if found else ""
        mark = {"mandatory": "❌", "advisory": "⚠️"}.get(worst, "✅")
        lines.append(f"    {mark} {pack.pack} (local: {pack.folder})")
        for each in found:
            lines.append(f"        - {each.title}")
            lines += [f"          {line}" for line in each.message.splitlines()]
    return "\n".join(lines) + "\n"


def render_packs(packs: Sequence[PackStarted]) -> str:
    """Write which packs were asked, below the details of a `--diff`."""
    if not packs:
        return ""
    rows = [("Name", "Version")]
    for pack in packs:
        name, _, version = pack.pack.rpartition("@v")
        rows.append((f"{name}|local|{pack.folder}", version))
    width = max(len(name) for name, _ in rows)
    return "\nPolicy Packs run:\n" + "".join(f"    {name:<{width}}  {version}\n" for name, version in rows)
