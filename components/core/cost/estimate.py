"""Calls, decryptions and dollars of a stack: for one run, and for a month of runs; and ESO's for the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from typing import Any

from ...errors import SpecError
from ..access.declared_access import Declared, DeclaredPush, DeclaredSecret, DeclaredStore
from ..service import FIND, TAGS_OF
from ..spec.refresh import RefreshSpec
from . import eso_calls
from .assumed import Assumed

MONTH = 30 * 24 * 3600.0
"""Seconds of the month that is counted."""
ESO_INTERVAL = 3600.0
"""Seconds between two of ESO's reconciles, where a declaration does not say (ESO: `refreshInterval`)."""
_FREE_OF_RATE = 0.01
_BILLED = 10_000
_TOP = 3


@dataclass(frozen=True)
class Prices:
    """What AWS asks, in US dollars; each is per month or per 10,000, as its name says.

    Attributes:
        date: when they were read.
        region: where they hold.
    """

    date: str
    region: str
    kms_per_10000: float
    kms_free_requests: float
    ssm_higher_throughput_per_10000: float
    ssm_advanced_per_10000: float
    ssm_advanced_month: float
    secrets_manager_per_10000: float
    secrets_manager_month: float

    @classmethod
    def from_bag(cls, bag: Any, where: str) -> "Prices":
        """Prices out of the data file, or one like it.

        Raises:
            SpecError: one is missing, or no number.
        """
        names = {
            "kmsPer10000": "kms_per_10000",
            "kmsFreeRequests": "kms_free_requests",
            "ssmHigherThroughputPer10000": "ssm_higher_throughput_per_10000",
            "ssmAdvancedPer10000": "ssm_advanced_per_10000",
            "ssmAdvancedMonth": "ssm_advanced_month",
            "secretsManagerPer10000": "secrets_manager_per_10000",
            "secretsManagerMonth": "secrets_manager_month",
        }
        given: dict[str, float] = {}
        for name, attribute in names.items():
            try:
                price = bag["prices"][name]["price"]
            except (KeyError, TypeError):
                raise SpecError(
                    f"{where} has no price {name!r}; begin with the file prices.json of this library"
                ) from None
            if not isinstance(price, int | float) or isinstance(price, bool) or not 0 <= price < inf:
                raise SpecError(f"{where}: the price {name!r} is no number of 0 or more")
            given[attribute] = float(price)
        return cls(date=str(bag.get("date")), region=str(bag.get("region")), **given)


@dataclass(frozen=True)
class Month:
    """A month.

    Attributes:
        calls: calls of the service.
        items: parameters or secrets that they name or bring, which is what AWS bills.
        decrypts: requests to KMS.
        dollars: for calls, storage and KMS; KMS alone is in the total, where its free requests count.
    """

    calls: float = 0
    items: float = 0
    decrypts: float = 0
    dollars: float = 0


@dataclass(frozen=True)
class StoreCost:
    """One store.

    Attributes:
        store: its name.
        service: its service.
        items: distinct parameters or secrets that it reads or writes.
        secrets: Secrets that it is read for.
        preview: calls of a preview, by API name; none of them decrypts.
        unchanged: of an `up` that changes nothing.
        first: of the first `up`, with its writes.
        seconds: the least that the first `up` waits for the service's rate limits.
        month: in a month.
        eso: what ESO would do in a month.
        eso_reconcile: the calls of one reconcile of everything, by API name.
    """

    store: str
    service: str
    items: int
    secrets: int
    preview: Mapping[str, int]
    unchanged: Mapping[str, int]
    first: Mapping[str, int]
    seconds: float
    month: Month
    eso: Month
    eso_reconcile: Mapping[str, int]


@dataclass(frozen=True)
class Estimate:
    """All stores, and in total.

    Attributes:
        stores: by name.
        ours: the month in total.
        eso: ESO's month in total.
        drivers: the largest parts of the month's calls: store, API name and calls.
        warnings: where throttling is to be expected, and what is not counted.
    """

    stores: tuple[StoreCost, ...]
    ours: Month
    eso: Month
    drivers: tuple[tuple[str, str, float], ...]
    warnings: tuple[str, ...]
    assumed: Assumed = field(default_factory=Assumed)
    prices: Prices | None = None


def estimate(declared: Declared, assumed: Assumed, prices: Prices) -> Estimate:
    """What a stack costs under some assumptions."""
    made = [_Store(store, declared, assumed, prices) for store in sorted(declared.stores, key=lambda each: each.name)]
    counted = [each for each in made if each.store.service.counting is not None]
    stores = tuple(each.cost() for each in counted)
    drivers = sorted(
        ((each.store.name, call, number) for each in counted for call, number in each.monthly.items() if number >= 1)
    )
    warnings = [warning for each in counted for warning in each.warnings()]
    warnings += [
        f"store {each.store.name}: the calls of {each.store.service.name} are not counted"
        for each in made
        if each.store.service.counting is None
    ]
    return Estimate(
        stores,
        _total([each.month for each in stores], prices),
        _total([each.eso for each in stores], prices),
        tuple(sorted(drivers, key=lambda each: -each[2])[:_TOP]),
        tuple(warnings),
        assumed,
        prices,
    )


def _total(months: Sequence[Month], prices: Prices) -> Month:
    decrypts = sum(each.decrypts for each in months)
    paid = max(0.0, decrypts - prices.kms_free_requests) / _BILLED * prices.kms_per_10000
    return Month(
        sum(each.calls for each in months),
        sum(each.items for each in months),
        decrypts,
        sum(each.dollars for each in months) + paid,
    )


class _Store:
    """One store while it is counted."""

    def __init__(self, store: DeclaredStore, declared: Declared, assumed: Assumed, prices: Prices) -> None:
        self.store = store
        self._assumed = assumed
        self._prices = prices
        self._reads: list[tuple[DeclaredSecret, list[str]]] = []
        for secret in declared.secrets:
            sources = [each.source for each in secret.entries if each.store is store and each.source]
            if sources:
                self._reads.append((secret, sources))
        self._pushes = [each for each in declared.pushes if each.store is store]
        self._named = [each for each in self._pushes if each.parameter is not None]
        self._pushed = {str(each.parameter): each.metadata for each in self._named}
        self._periods: dict[str, float] = {}
        for secret, sources in self._reads:
            period = _refresh(secret).period
            # What rests no longer than until the next run is asked for at each.
            asked = 0.0 if period * (assumed.runs + assumed.previews) <= MONTH else period
            for source in sources:
                self._periods[source] = min(asked, self._periods.get(source, inf))
        self.monthly = Counter({call: self._in_month(call) for call in (self._look() | self._writes())})

    def cost(self) -> StoreCost:
        look, first, writes = self._look(), self._first(), self._writes(first=True)
        reads = sum(first.values()) - sum(writes.values())
        return StoreCost(
            store=self.store.name,
            service=self.store.service.name,
            items=len(self._items()),
            secrets=len({secret.secret for secret, _ in self._reads}),
            preview=dict(sorted(look.items())),
            unchanged=dict(sorted(look.items())),
            first=dict(sorted(first.items())),
            seconds=max(reads / self.store.requests_per_second, sum(writes.values()) / self._writes_per_second()),
            month=self._month(),
            eso=self._eso(),
            eso_reconcile=dict(sorted(self._eso_reconcile().items())),
        )

    def warnings(self) -> Iterator[str]:
        """Where more is asked than AWS allows by default."""
        rate, own = self.store.service.requests_per_second, self.store.requests_per_second
        steady = sum(_per_second(calls, secret, self._assumed) for secret, calls in self._eso_reads())
        if steady > rate:
            yield (
                f"store {self.store.name}: External Secrets Operator would ask {steady:,.0f} times a second, and AWS's "
                f"default is {rate:,.0f}: it would be throttled"
            )
        if self._assumed.runs and sum(self._look().values()) / own > MONTH / self._assumed.runs:
            yield f"store {self.store.name}: a run lasts longer than the time between two, at {own:,.0f} a second"
        unknown = sum(1 for each in self._pushes if each.parameter is None)
        if unknown:
            yield f"store {self.store.name}: {unknown} entries of dataTo are not counted: the Secret's keys name them"

    def _look(self) -> Counter[str]:
        counting = self.store.service.counting
        if counting is None:
            return Counter()
        pushes = counting.of_pushes(self._pushed, self._periods)
        return Counter(counting.looks(self._periods, self.store.found)) + Counter(pushes)

    def _first(self) -> Counter[str]:
        counting = self.store.service.counting
        if counting is None:
            return Counter()
        pushes = counting.of_pushes(self._pushed, self._periods, first=True)
        return Counter(counting.first(self._periods, self.store.found)) + Counter(pushes) + self._writes(first=True)

    def _writes(self, *, first: bool = False) -> Counter[str]:
        counting = self.store.service.counting
        return Counter() if counting is None else Counter(counting.of_writes(self._pushed, first=first))

    def _writes_per_second(self) -> float:
        service, writing = self.store.service, self.store.service.writing
        if writing is None:
            return inf
        raised = self.store.requests_per_second > service.requests_per_second
        return writing.raised_per_second["writes"] if raised else writing.writes_per_second

    def _items(self) -> set[str]:
        """What is kept, by ARN: several versions and the tags of one are one."""
        named = [each for each in self._periods if not each.startswith(FIND)]
        found = [name for names in self.store.found.values() for name in names]
        kept = set[str]()
        for source in (*named, *found, *self._pushed):
            with suppress(SpecError):  # none can be of that name
                kept.add(self.store.arn_of(source))
        return kept

    def _copies(self) -> int:
        """What is kept in other regions, where AWS bills it as well."""
        return sum(len(each.replication_locations) for each in self._pushed.values())

    def _runs(self, period: float) -> float:
        """In how many of a month's runs and previews a source is asked for, by the seconds that it may rest."""
        asked = self._assumed.runs + self._assumed.previews
        return asked if period <= 0 else 0.0 if period == inf else min(asked, MONTH / period)

    def _in_month(self, call: str) -> float:
        """A month's calls of one API; sources of one period are asked for together."""
        counting = self.store.service.counting
        if counting is None:
            return 0.0
        total = 0.0
        ordered = sorted(self._periods.items(), key=lambda each: (each[1], each[0]))
        for period, some in groupby(ordered, key=lambda each: each[1]):
            total += counting.looks([source for source, _ in some], self.store.found).get(call, 0) * self._runs(period)
        pushes = counting.of_pushes(self._pushed, self._periods)
        total += pushes.get(call, 0) * self._runs(0)
        return total + self._assumed.rotated * self._writes().get(call, 0)

    def _billed(self) -> float:
        """A month's parameters that are read or written, each of which AWS bills where it bills at all."""
        values = sum(self._runs(period) * self._size(source) for source, period in self._periods.items())
        return values + len(self._pushed) * (self._runs(0) + self._assumed.rotated)

    def _size(self, source: str) -> int:
        return len(self.store.found.get(source, ())) if source.startswith(FIND) else 1

    def _month(self) -> Month:
        calls = sum(self.monthly.values())
        read = [each for each in self._periods if not each.startswith(TAGS_OF)]
        changed = self._assumed.rotated * (sum(map(self._size, read)) * self._assumed.secure + len(self._pushed))
        billed = self._billed()
        return Month(calls, billed, changed, self._dollars(billed if self._bills_items else calls))

    @property
    def _bills_items(self) -> bool:
        """Whether each parameter of a call is billed, and not the call."""
        return self.store.service.name == eso_calls.PARAMETER_STORE

    def _dollars(self, billed: float) -> float:
        """What calls and storage cost; KMS is counted over all stores."""
        prices, items = self._prices, len(self._items()) + self._copies()
        if not self._bills_items:
            return items * prices.secrets_manager_month + billed / _BILLED * prices.secrets_manager_per_10000
        advanced = self._assumed.advanced
        storage = items * advanced * prices.ssm_advanced_month
        if self._assumed.higher_throughput:
            return storage + billed / _BILLED * prices.ssm_higher_throughput_per_10000
        return storage + billed * advanced / _BILLED * prices.ssm_advanced_per_10000

    def _eso_reads(self) -> Iterator[tuple[DeclaredSecret, Counter[str]]]:
        for secret, sources in self._reads:
            yield secret, eso_calls.reconcile(sources, _names(self.store), self.store.service)

    def _eso_reconcile(self) -> Counter[str]:
        reads = (calls for _, calls in self._eso_reads())
        return sum([*reads, *map(self._eso_push, self._named)], Counter[str]())

    def _eso_push(self, each: DeclaredPush) -> Counter[str]:
        same = "unchanged" if self._bills_items or each.metadata.resource_policy is None else "unchanged, policy"
        return eso_calls.push(same if each.compares else "if not exists, exists", self.store.service)

    def _eso(self) -> Month:
        calls = decrypts = 0.0
        for secret, one in self._eso_reads():
            times = _eso_times(secret)
            calls += sum(one.values()) * times
            decrypts += times * sum(_values(call, number, self.store) for call, number in one.items())
        for each in self._named:
            one, times = self._eso_push(each), _eso_times(each)
            calls += sum(one.values()) * times
            # Whether a parameter exists is asked without decryption; of a secret nothing else is asked.
            decrypts += times * (one["GetSecretValue"] or int(each.compares))
        clusters = self._assumed.clusters
        calls, decrypts = calls * clusters, decrypts * clusters * self._assumed.secure
        return Month(calls, calls, decrypts, self._dollars(calls))


def _names(store: DeclaredStore) -> dict[str, list[str]]:
    return {find: sorted(names) for find, names in store.found.items()}


def _values(call: str, number: int, store: DeclaredStore) -> int:
    """How many values some calls decrypt; a listing is of as many as it is known to find."""
    if call not in eso_calls.DECRYPTING:
        return 0
    if call in ("GetParametersByPath", "BatchGetSecretValue"):
        return max(number, sum(map(len, store.found.values())))
    return number


def _refresh(secret: DeclaredSecret | DeclaredPush) -> RefreshSpec:
    return RefreshSpec.from_bag(dict(secret.refresh))


def _eso_times(secret: DeclaredSecret | DeclaredPush) -> float:
    """How often ESO reconciles an ExternalSecret or a PushSecret in a month."""
    period = _refresh(secret).period
    return 0.0 if period == inf else MONTH / (period or ESO_INTERVAL)


def _per_second(calls: Counter[str], secret: DeclaredSecret, assumed: Assumed) -> float:
    return sum(calls.values()) * _eso_times(secret) / MONTH * assumed.clusters


def dollars(amount: float) -> str:
    """An amount without false precision."""
    if amount <= 0:
        return "$0"
    return "< $0.01" if amount < _FREE_OF_RATE else f"${amount:,.2f}"


def calls_of(calls: Mapping[str, int] | Iterable[tuple[str, int]]) -> str:
    """Calls by API name, in words."""
    return ", ".join(f"{number:,} {name}" for name, number in dict(calls).items()) or "none"
