"""The estimate: its calls are those of AWS's limits, its months those of the reference, and its words not too exact."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.__main__ import main
from components.clients.aws.ssm.named_parameters import batches
from components.core.access.declared_access import declared_in
from components.core.access.stack_state import resources_of
from components.core.cost import eso_calls
from components.core.cost.assumed import Assumed
from components.core.cost.cost_report import cost_table, notes, printed
from components.core.cost.estimate import Estimate, Prices, dollars, estimate
from components.core.service import find_source, tags_source
from components.core.ssm.counting import ParameterCounting, calls_for
from components.core.ssm.references import ParameterReference
from components.errors import SpecError
from tests.support.access_stacks import MANAGER, PushPlan, SecretPlan, StorePlan, state
from tests.support.paths import ROOT

LIST = json.loads((ROOT / "components" / "prices.json").read_text("utf-8"))
PRICES = Prices.from_bag(LIST, "prices.json")
BELOW = find_source("/app", ".", {})


def estimated(stores: list[StorePlan], refresh: str | None = None, **assumed: Any) -> Estimate:
    document = state(stores)
    for each in document["deployment"]["resources"]:
        if refresh and each["type"].endswith("SecretSync"):
            each["inputs"]["refresh"] = {"interval": refresh}
    return estimate(declared_in(resources_of(document, "the state")), Assumed(**assumed), PRICES)


def parameters(count: int, keys: int = 2) -> list[StorePlan]:
    data = [{f"k{key}": {"key": f"/p{at}", "property": f"k{key}"} for key in range(keys)} for at in range(count)]
    return [StorePlan("s", [SecretPlan(f"s{at}", each) for at, each in enumerate(data)], created=False)]


@pytest.mark.parametrize(
    ("count", "refresh", "seconds", "eso", "eso_kms", "eso_api", "ours", "api"),
    [
        (50, "1h", 3600, 72_000, 0.16, 0.36, 3_600, 0.18),
        (200, "1h", 3600, 288_000, 0.80, 1.44, 14_400, 0.72),
        (500, "1h", 3600, 720_000, 2.10, 3.60, 36_000, 1.80),
        (500, "5m", 300, 8_640_000, 25.86, 43.20, 432_000, 21.60),
        (500, "60s", 60, 43_200_000, 129.54, 216.0, 2_160_000, 108.0),
        (2000, "1h", 3600, 2_880_000, 8.58, 14.40, 144_000, 7.20),
        (2000, "5m", 300, 34_560_000, 103.62, 172.80, 1_728_000, 86.40),
    ],
)
def test_a_month_is_that_of_the_reference(
    count: int, refresh: str, seconds: int, eso: int, eso_kms: float, eso_api: float, ours: int, api: float
) -> None:
    """Calls, KMS, and what higher throughput asks for the calls; a value is rotated now and then."""
    runs = 30 * 24 * 3600 / seconds
    found = estimated(parameters(count), refresh, runs=runs)
    assert (found.eso.calls, round(found.ours.calls)) == (eso, ours)
    assert (round(found.eso.dollars, 2), round(found.ours.dollars, 2)) == (eso_kms, 0)
    billed = estimated(parameters(count), refresh, runs=runs, higher_throughput=True)
    assert round(billed.eso.dollars - found.eso.dollars, 2) == eso_api
    assert round(billed.ours.dollars, 2) == api


def test_a_source_that_rests_longer_is_asked_for_less_often() -> None:
    hourly = estimated(parameters(50), "24h", runs=720)
    assert hourly.ours.calls == 30 * 5
    assert hourly.eso.calls == 30 * 100
    assert estimated(parameters(50), "0", runs=720).ours.calls == 0
    assert estimated(parameters(50), None, runs=100, previews=20).ours.calls == 120 * 5


def test_throttling_is_warned_of_where_it_is_to_be_expected() -> None:
    assert estimated(parameters(100), "1h").warnings == ()
    (warning,) = estimated(parameters(2000), "60s").warnings
    assert "would ask 67 times a second, and AWS's default is 40" in warning
    (slow,) = estimated(parameters(2000), "1h", runs=1_000_000).warnings
    assert "lasts longer than the time between two" in slow


def test_pushes_are_counted_and_wait_for_the_limit_of_writes() -> None:
    (store,) = estimated([StorePlan("s", pushes=[f"/out/{at}" for at in range(1000)], created=False)]).stores
    assert store.first == {"GetParameters": 100, "PutParameter": 1000}
    assert store.preview == store.unchanged == {"GetParameters": 100}
    assert 333 < store.seconds < 334
    assert store.eso_reconcile == {"GetParameter": 1000, "ListTagsForResource": 1000}


def kept(count: int, **given: Any) -> StorePlan:
    """A store of Secrets Manager."""
    data = {f"k{at}": {"key": f"s{at}"} for at in range(count)}
    return StorePlan("s", [SecretPlan("db", data)], created=False, kind=MANAGER, **given)


def test_versions_and_tags_of_one_are_one_thing_that_costs() -> None:
    data = {
        "a": {"key": "s"},
        "b": {"key": "s", "version": "AWSPREVIOUS"},
        "c": {"key": "s", "metadataPolicy": "Fetch"},
    }
    (store,) = estimated([StorePlan("s", [SecretPlan("db", data)], created=False, kind=MANAGER)], runs=0).stores
    assert (store.items, store.month.dollars) == (1, 0.4)
    assert (store.first, store.preview) == ({"DescribeSecret": 1, "GetSecretValue": 2}, {"DescribeSecret": 1})
    numbered = {key: {**each, "version": 1} if "version" in each else each for key, each in data.items()}
    (store,) = estimated([StorePlan("s", [SecretPlan("db", numbered)], created=False)]).stores
    assert store.items == 1


def test_what_is_read_in_batches_takes_a_call_for_twenty() -> None:
    (store,) = estimated([kept(41, batches=True)]).stores
    assert store.first == {"DescribeSecret": 41, "BatchGetSecretValue": 3}
    (store,) = estimated([kept(41)]).stores
    assert store.first == {"DescribeSecret": 41, "GetSecretValue": 41}


def test_secrets_that_are_pushed_are_created_and_kept_with_their_copies() -> None:
    metadata = {"replicationLocations": ["eu-west-1", "eu-west-2"], "resourcePolicy": {"policy": "{}"}}
    plan = kept(0, pushes=[*(PushPlan(f"out/{at}", metadata) for at in range(50)), "plain"])
    (store,) = estimated([plan], runs=720, rotated=0.5).stores
    assert store.first == {"DescribeSecret": 51, "CreateSecret": 51, "PutResourcePolicy": 50}
    assert store.seconds == 101 / 25
    assert store.preview == {"DescribeSecret": 51, "GetResourcePolicy": 50}
    calls = (51 + 50) * 720 + 51 * 0.5
    assert store.month.calls == calls
    assert store.month.dollars == pytest.approx((50 * 3 + 1) * 0.4 + calls / 10_000 * 0.05)
    assert store.eso_reconcile == {"DescribeSecret": 51, "GetSecretValue": 51} | {
        "GetResourcePolicy": 50,
        "DeleteResourcePolicy": 1,
    }


@pytest.mark.parametrize(("compares", "service", "decrypts"), [(True, "", 1), (False, "", 0), (False, MANAGER, 1)])
def test_eso_decrypts_what_it_compares_and_each_secret(*, compares: bool, service: str, decrypts: int) -> None:
    policies = {} if compares else {"updatePolicy": "IfNotExists"}
    plan = StorePlan("s", pushes=[PushPlan("/x", policies=policies)], created=False, kind=service)
    assert estimated([plan]).eso.decrypts == 720 * decrypts


def test_a_store_waits_for_the_rate_that_it_declares() -> None:
    (usual,), (fast,) = (
        estimated([StorePlan("s", pushes=[f"/out/{at}" for at in range(1000)], created=False, rate=rate)]).stores
        for rate in (None, 1000.0)
    )
    assert (round(usual.seconds), round(fast.seconds)) == (333, 100)
    (slow,) = estimated([StorePlan("s", parameters(1000)[0].secrets, created=False, rate=2)]).stores
    assert slow.seconds == 50


REFERENCES = st.builds(
    ParameterReference, st.sampled_from([f"/p{at}" for at in range(30)] + ["p1"]), st.sampled_from(["", "1", "2"])
)


@given(st.sets(REFERENCES, max_size=40))
def test_calls_by_name_are_those_that_the_reader_makes(wanted: set[ParameterReference]) -> None:
    assert calls_for(wanted) == len(batches(wanted))


@pytest.mark.parametrize(
    ("sources", "found", "looks", "first"),
    [
        (["/a", "/b:1", "/b"], {}, {"GetParameters": 2}, {"GetParameters": 2}),
        ([tags_source("/a"), tags_source("/b")], {}, {"ListTagsForResource": 2}, {"ListTagsForResource": 2}),
        ([BELOW], {BELOW: [f"/app/{at}" for at in range(11)]}, {"GetParametersByPath": 2}, {"GetParametersByPath": 2}),
        ([BELOW], {}, {"GetParametersByPath": 1}, {"GetParametersByPath": 1}),
        ([BELOW, find_source("/app/in", "x", {})], {}, {"GetParametersByPath": 1}, {"GetParametersByPath": 1}),
        ([BELOW, "/app/x", "/other"], {}, {"GetParametersByPath": 1, "GetParameters": 1}, None),
        (
            [find_source(None, None, {"team": "a"})],
            {find_source(None, None, {"team": "a"}): [f"/t{at}" for at in range(51)]},
            {"DescribeParameters": 2},
            {"DescribeParameters": 2, "GetParameters": 6},
        ),
    ],
)
def test_calls_of_each_kind_of_source(
    sources: list[str], found: dict[str, list[str]], looks: dict[str, int], first: dict[str, int] | None
) -> None:
    assert ParameterCounting().looks(sources, found) == looks
    assert ParameterCounting().first(sources, found) == (looks if first is None else first)


@pytest.mark.parametrize(
    ("service", "becomes", "calls"),
    [
        ("ParameterStore", "create", "GetParameter PutParameter"),
        ("ParameterStore", "unchanged", "GetParameter ListTagsForResource"),
        ("ParameterStore", "changed", "GetParameter ListTagsForResource PutParameter"),
        ("ParameterStore", "if not exists, exists", "GetParameter"),
        ("ParameterStore", "if not exists, absent", "GetParameter GetParameter PutParameter"),
        ("ParameterStore", "delete", "GetParameter ListTagsForResource DeleteParameter"),
        ("SecretsManager", "create", "DescribeSecret CreateSecret"),
        ("SecretsManager", "create, policy", "DescribeSecret CreateSecret PutResourcePolicy"),
        ("SecretsManager", "unchanged", "DescribeSecret GetSecretValue DeleteResourcePolicy"),
        ("SecretsManager", "unchanged, policy", "DescribeSecret GetSecretValue GetResourcePolicy"),
        ("SecretsManager", "changed", "DescribeSecret GetSecretValue DeleteResourcePolicy PutSecretValue"),
        ("SecretsManager", "if not exists, exists", "GetSecretValue"),
        ("SecretsManager", "if not exists, absent", "GetSecretValue DescribeSecret CreateSecret"),
        ("SecretsManager", "delete", "GetSecretValue DescribeSecret DeleteSecret"),
    ],
)
def test_eso_pushes_as_it_was_recorded(service: str, becomes: str, calls: str) -> None:
    assert eso_calls.PUSHES[service][becomes] == tuple(calls.split())
    assert sum(map(len, eso_calls.PUSHES.values())) == 14


class Manager:
    """Secrets Manager by name; ESO's calls depend on nothing else of a service."""

    name = eso_calls.SECRETS_MANAGER


ANY = find_source(None, "x", {})
TAGGED = find_source(None, None, {"a": "b"})
BOTH = find_source(None, "x", {"a": "b"})


@pytest.mark.parametrize(
    ("service", "sources", "matches", "calls"),
    [
        (None, ["/a"] * 20, 0, {"GetParameter": 20}),
        (None, [tags_source("/a")] * 2, 0, {"ListTagsForResource": 2}),
        (None, [BELOW], 25, {"GetParametersByPath": 3}),
        (None, [BOTH], 25, {"GetParametersByPath": 3}),
        (None, [TAGGED], 25, {"DescribeParameters": 1, "GetParameter": 25}),
        (Manager, ["a"] * 20, 0, {"GetSecretValue": 1}),
        (Manager, ["a", "a:x"], 0, {"GetSecretValue": 2}),
        (Manager, [tags_source("a"), tags_source("b")], 0, {"DescribeSecret": 2}),
        (Manager, [ANY], 25, {"ListSecrets": 1, "GetSecretValue": 25}),
        (Manager, [BOTH], 25, {"ListSecrets": 1, "GetSecretValue": 25}),
        (Manager, [TAGGED], 25, {"BatchGetSecretValue": 2}),
        (Manager, [BELOW], 25, {"BatchGetSecretValue": 2}),
    ],
)
def test_eso_reconciles_as_it_was_recorded(
    service: Any, sources: list[str], matches: int, calls: dict[str, int]
) -> None:
    found = {each: [f"/app/{at}" for at in range(matches)] for each in sources}
    assert eso_calls.reconcile(sources, found, service) == Counter(calls)


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "$0"), (0.0000001, "< $0.01"), (0.00999, "< $0.01"), (0.01, "$0.01"), (1234.5, "$1,234.50")],
)
def test_dollars_are_no_more_exact_than_they_are(amount: float, said: str) -> None:
    assert dollars(amount) == said


def test_each_price_has_its_source_and_date() -> None:
    assert LIST["date"] == PRICES.date
    assert all(each.keys() == {"price", "source", "date"} and each["source"] for each in LIST["prices"].values())


@pytest.mark.parametrize("price", [None, "3", True, -1, float("inf"), float("nan")])
def test_a_price_list_that_is_none_is_refused(price: object) -> None:
    broken = {**LIST, "prices": {**LIST["prices"], "kmsPer10000": {"price": price}}}
    with pytest.raises(SpecError, match="kmsPer10000"):
        Prices.from_bag(broken, "own.json")
    others: list[Any] = [{}, [], None, {"prices": []}]
    for other in others:
        with pytest.raises(SpecError, match="kmsPer10000"):
            Prices.from_bag(other, "own.json")


def test_the_command_prints_its_inputs_and_takes_other_prices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, own = tmp_path / "state.json", tmp_path / "own.json"
    file.write_text(json.dumps(state(parameters(3))))
    assert main(["cost", "--state", str(file), "--runs", "10", "--clusters", "2"]) == 0
    out = capsys.readouterr().out
    assert "10 runs of `pulumi up`" in out
    assert "in 2 clusters" in out
    assert f"us-east-1, {PRICES.date}" in out
    own.write_text(json.dumps({**LIST, "date": "2031-01", "region": "eu-north-1"}))
    assert main(["cost", "--state", str(file), "--prices", str(own), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["version"]) == ("pulumi-parameter-store/cost", 1)
    assert (found["prices"]["date"], found["stores"][0]["preview"]) == ("2031-01", {"GetParameters": 1})
    for wrong in (["--runs", "x"], ["--rotated", "2"], ["--runs", "nan"]):
        with pytest.raises(SystemExit):
            main(["cost", *wrong])
        assert "is no number from 0 to" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["cost", "--runs", "2e9"])
    assert "from 0 to 1,000,000,000" in capsys.readouterr().err


def test_a_single_store_has_no_column_for_all_and_has_the_price_of_all() -> None:
    one = estimated(parameters(100))
    assert one.stores[0].eso.dollars != one.eso.dollars, "KMS is in the sum alone"
    (row,) = cost_table(one).rows
    assert row[0] == (one.stores[0].store,)
    assert row[12] == (dollars(one.eso.dollars),)
    assert not [line for line in printed(one) if line.rstrip().endswith(" -")]
    assert "sum of all stores" not in " ".join(notes(one))
    two = estimated([*parameters(3), replace(parameters(3)[0], name="other")])
    assert [each[0] for each in cost_table(two).rows][-1] == ("all",)


def test_the_page_shows_the_cost_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state(parameters(3))))
    assert main(["access", "--state", str(file), "--format", "html"]) == 0
    first = capsys.readouterr().out
    assert '<h2 id="cost">' in first
    assert "no secret values in this file" in first
    assert main(["access", "--state", str(file), "--format", "html"]) == 0
    assert capsys.readouterr().out == first
