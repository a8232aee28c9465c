"""Cluster-wide kinds in the map and in the estimate: a row for each namespace, as the state or a preview tells."""

from typing import Any

import pytest

from components.core.access.access_findings import with_findings, worded
from components.core.access.access_map import AccessMap, access_map
from components.core.access.declared_access import declared_in
from components.core.access.stack_state import resources_of
from components.core.cost.assumed import Assumed
from components.core.cost.estimate import estimate
from components.errors import SpecError
from tests.support.access_stacks import SecretPlan, StorePlan, state, urn
from tests.unit.cost.test_estimate import PRICES

SECRET = "4dabf18193072939515e22adb298388d"
DYNAMIC = "pulumi-python:dynamic/parameterstore:"
DB = SecretPlan("db", {"user": {"key": "/prod/db", "property": "user"}}, wide=("team-a", "team-b"))


def mapped(document: dict[str, Any]) -> AccessMap:
    return with_findings(access_map(declared_in(resources_of(document, "the state"))))


def findings(found: AccessMap) -> set[tuple[str, str]]:
    return {(each.kind, each.where) for each in found.findings}


def resource(document: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = (each for each in document["deployment"]["resources"] if each["type"] == DYNAMIC + kind)
    return found


def test_each_namespace_has_rows_of_its_own() -> None:
    found = mapped(state([StorePlan("shop", [DB])]))
    assert [(row.secret, row.key, row.external_secret) for row in found.deliveries] == [
        ("team-a/db", "user", "ClusterExternalSecret db"),
        ("team-b/db", "user", "ClusterExternalSecret db"),
    ]
    assert [row.secret for row in found.secrets] == ["team-a/db", "team-b/db"]
    (reading,) = (each for each in found.roles[0].grants if each.action == "ssm:GetParameters")
    assert reading.because == ("team-a/db, user", "team-b/db, user")
    assert findings(found) == {
        ("no-customer-key", "shop"),
        ("several-namespaces", "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db"),
    }


def test_an_external_secret_of_one_name_and_secret_writes_it_too() -> None:
    document = state([StorePlan("shop", [DB]), StorePlan("other", [SecretPlan("db", {"user": {"key": "/prod/db"}})])])
    found = mapped(document)
    assert {(each.where, worded(each)) for each in found.findings if each.kind == "also-written"} == {
        ("ClusterExternalSecret db", "its Secret is written by others as well: ExternalSecret db"),
        ("ExternalSecret db", "its Secret is written by others as well: ClusterExternalSecret db"),
    }


def test_a_namespace_with_a_store_of_its_own_reads_by_that() -> None:
    """What may be secret of a store is kept as a secret in the bag of a namespace, and so is not known here."""
    plans = [StorePlan(f"{team}-store", [SecretPlan("db", DB.data)], created=False) for team in ("team-a", "team-b")]
    document = state(plans)
    listed = document["deployment"]["resources"]
    own: dict[str, Any] = {}
    for each, team in zip([each for each in listed if each["type"] == f"{DYNAMIC}Snapshot"], "ab", strict=True):
        each["inputs"]["store"] |= {"prefix": f"/team-{team}/", "aws": {"profile": team}}
        bag = {**each["inputs"]["store"], "aws": {SECRET: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}}
        own[f"team-{team}"] = {"store": bag, "storeName": f"team-{team}-store", "data": DB.data}
    document["deployment"]["resources"] = [each for each in listed if not each["type"].endswith("SecretSync")]
    document["deployment"]["resources"].append(
        {
            "urn": urn(f"{DYNAMIC}ClusterSecretSync", "db"),
            "type": f"{DYNAMIC}ClusterSecretSync",
            "inputs": {"secretName": "db", "namespaces": own},
        }
    )
    found = mapped(document)
    assert [(row.secret, row.store) for row in found.deliveries] == [
        ("team-a/db", "team-a-store"),
        ("team-b/db", "team-b-store"),
    ]
    assert "no-store" not in {each.kind for each in found.findings}


def pushing(**inputs: Any) -> dict[str, Any]:
    """A state with a ClusterPushSecret of two namespaces, each with a prefix of its own."""
    document = state([StorePlan("out", [], ["/x"])])
    push = resource(document, "SecretPush")
    prefixes = {team: {"prefixes": {"out": f"/{team}"}} for team in ("team-a", "team-b")}
    kind = f"{DYNAMIC}ClusterSecretPush"
    more = {"namespaces": prefixes, **inputs}
    push |= {"urn": urn(kind, "copies"), "type": kind}
    push["inputs"] = {**{key: value for key, value in push["inputs"].items() if key != "namespace"}, **more}
    return document


def test_each_namespace_pushes_to_parameters_of_its_own() -> None:
    found = mapped(pushing(data=[{"remoteKey": "/x", "secretKey": "k", "metadata": {"secretType": "String"}}]))
    assert [(row.secret, row.parameter[-9:], row.push_secret) for row in found.pushes] == [
        ("team-a/source", "/team-a/x", "ClusterPushSecret copies"),
        ("team-b/source", "/team-b/x", "ClusterPushSecret copies"),
    ]
    assert {("plain-push", f"push of {team}/source, k") for team in ("team-a", "team-b")} <= findings(found)


def test_a_store_that_is_not_of_the_stack_is_told_with_one_kind() -> None:
    found = mapped(pushing(stores={"elsewhere": {"region": "us-east-1"}}))
    places = {f"{team}/source, ClusterPushSecret copies" for team in ("team-a", "team-b")}
    assert {where for kind, where in findings(found) if kind == "no-store"} == places


@pytest.mark.parametrize("kind", ["ClusterSecretSync", "ClusterSecretPush"])
def test_namespaces_that_are_not_known_yet_are_said_to_be_so(kind: str) -> None:
    document = pushing() if kind.endswith("Push") else state([StorePlan("shop", [DB])])
    wide = resource(document, kind)
    del wide["inputs"]["namespaces"]
    found = mapped(document)
    title = "ClusterPushSecret copies" if kind.endswith("Push") else "ClusterExternalSecret db"
    (told,) = (each for each in found.findings if each.kind == "known-during-up")
    assert (told.where, worded(told)) == (title, "which namespaces are chosen is known during `pulumi up` alone")
    secrets = [*(row.secret for row in found.deliveries), *(row.secret for row in found.pushes)]
    assert {each.partition("/")[0] for each in secrets} == {"(known during up)"}


def test_no_namespace_is_no_row() -> None:
    document = state([StorePlan("shop", [DB])])
    resource(document, "ClusterSecretSync")["inputs"]["namespaces"] = {}
    found = mapped(document)
    assert (found.deliveries, found.secrets) == ((), ())
    assert ("unused-grant", "shop") in findings(found)


def test_many_namespaces_are_counted_in_words_and_listed_for_programs() -> None:
    many = tuple(f"n{number:03}" for number in range(200))
    found = mapped(state([StorePlan("shop", [SecretPlan("db", DB.data, wide=many)])]))
    (shared,) = (each for each in found.findings if each.kind == "several-namespaces")
    assert worded(shared).endswith("n009 and 190 more")
    assert shared.what == many


@pytest.mark.parametrize("junk", [3, "x", [1], {"team-a": 3}, {"team-a": {"__without": 3}}])
def test_namespaces_of_another_form_are_one_error(junk: Any) -> None:
    document = state([StorePlan("shop", [DB])])
    resource(document, "ClusterSecretSync")["inputs"]["namespaces"] = junk
    with pytest.raises(SpecError, match="db: this ClusterSecretSync is not as this library writes it"):
        mapped(document)


def test_what_namespaces_share_is_asked_for_once_and_esos_copies_ask_each() -> None:
    def told(namespaces: int) -> tuple[dict[str, int], dict[str, int], int]:
        plan = SecretPlan("db", DB.data, wide=tuple(f"n{number}" for number in range(namespaces)))
        document = state([StorePlan("shop", [plan], created=False)])
        found = estimate(declared_in(resources_of(document, "the state")), Assumed(), PRICES).stores[0]
        return dict(found.preview), dict(found.eso_reconcile), found.secrets

    assert told(1) == ({"GetParameters": 1}, {"GetParameter": 1}, 1)
    assert told(30) == ({"GetParameters": 1}, {"GetParameter": 30}, 30)


def test_a_resource_that_is_a_secret_as_a_whole_says_nothing() -> None:
    hidden = {
        "type": "x:y:Z",
        "urn": "urn:pulumi:dev::shop::x:y:Z::z",
        "inputs": {SECRET: "1b"},
        "outputs": {SECRET: "1b"},
    }
    (found,) = resources_of({"deployment": {"resources": [hidden]}}, "a state")
    assert (found.inputs, found.outputs) == ({}, {})
    assert declared_in([found]).plain == {}
