"""An estimate as tables for a terminal and for the page, and as JSON."""

from dataclasses import asdict
from typing import Any

from ...display import plain
from ..access.access_table import Table
from ..status_table import aligned
from .estimate import Estimate, Month, StoreCost, calls_of, dollars

FORMAT = "pulumi-parameter-store/cost"
VERSION = 1
_OWN_COLUMNS = 7
"""Columns of a row before those of a month, of which KMS makes the sum more than its parts."""
_STORAGE = (
    "Parameters are free where secrets of Secrets Manager cost ${:.2f} a month each: keep what needs no rotation there"
)


def to_json(found: Estimate) -> dict[str, Any]:
    """The estimate for programs."""
    bag = asdict(found)
    return {"format": FORMAT, "version": VERSION, **_camelled(bag)}


def _camelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel(name): _camelled(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_camelled(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def cost_table(found: Estimate) -> Table:
    """A row a store, and one for all; a single store is all."""
    rows = [_row(each) for each in found.stores]
    if len(rows) == 1:
        rows = [(*rows[0][:_OWN_COLUMNS], *_month(found.ours), *_month(found.eso))]
    elif rows:
        rows.append((("all",), (), (), (), (), (), (), *_month(found.ours), *_month(found.eso)))
    headers = (
        "Store",
        "Parameters",
        "Secrets",
        "Calls of a preview",
        "Calls of an unchanged up",
        "Calls of the first up",
        "Seconds of the first up",
        "Calls a month",
        "Decryptions a month",
        "A month",
        "ESO: calls a month",
        "ESO: decryptions a month",
        "ESO: a month",
    )
    return Table("cost", "Cost", "What does it cost, and what would ESO's same manifests?", headers, tuple(rows))


def _row(each: StoreCost) -> tuple[tuple[str, ...], ...]:
    runs = (each.preview, each.unchanged, each.first)
    return (
        (each.store,),
        (f"{each.items:,}",),
        (f"{each.secrets:,}",),
        *((f"{sum(calls.values()):,}",) for calls in runs),
        (f"{each.seconds:.1f}",),
        *_month(each.month),
        *_month(each.eso),
    )


def _month(month: Month) -> tuple[tuple[str, ...], ...]:
    return (f"{month.calls:,.0f}",), (f"{month.decrypts:,.0f}",), (dollars(month.dollars),)


def notes(found: Estimate) -> list[str]:
    """What the figures rest on, and what to look at."""
    assumed, prices = found.assumed, found.prices
    clusters = "1 cluster" if assumed.clusters == 1 else f"{assumed.clusters:,g} clusters"
    counted = (
        f"Counted for {assumed.runs:,g} runs of `pulumi up` and {assumed.previews:,g} previews a month of 30 days, "
        f"{assumed.rotated:.0%} of the values changed, {assumed.secure:.0%} SecureStrings, {assumed.advanced:.0%} in "
        f"the Advanced tier, higher throughput {'on' if assumed.higher_throughput else 'off'}; for ESO in {clusters}, "
        "every hour where no interval is declared. Finds are counted by what they found: a path that holds more takes "
        "more calls."
    )
    told = [counted]
    if prices:
        kms = "KMS is counted:" if len(found.stores) == 1 else "KMS is in the sum of all stores alone, because"
        told.append(
            f"Prices in US dollars of {prices.region}, {prices.date}. {kms} "
            f"{prices.kms_free_requests:,.0f} requests a month are free. STS is free, and CI minutes are not counted."
        )
    for store, call, number in found.drivers:
        told.append(f"Most calls: {number:,.0f} {call} a month by store {store}")
    told += [
        f"Store {each.store}: preview {calls_of(each.preview)}; first up {calls_of(each.first)}; one reconcile of ESO "
        f"{calls_of(each.eso_reconcile)}"
        for each in found.stores
    ]
    if prices and any(each.service == "SecretsManager" for each in found.stores):
        told.append(_STORAGE.format(prices.secrets_manager_month))
    return told + [_warned(each) for each in found.warnings]


def _warned(warning: str) -> str:
    return f"Warning: {warning}"


def printed(found: Estimate) -> list[str]:
    """The lines for a terminal: figures that stand below each other, a column a store."""
    if not found.stores:
        return ["The stack has no stores whose calls are counted.", *map(plain, map(_warned, found.warnings))]
    table = cost_table(found)
    columns = zip(
        *([table.headers, *([plain("; ".join(cell)) or "-" for cell in row] for row in table.rows)]), strict=True
    )
    return [*aligned(list(columns)), "", *map(plain, notes(found))]
