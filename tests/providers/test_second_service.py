"""A second service is two siblings of Parameter Store's packages; nobody else parses its names or its versions."""

import json
from typing import Any

import pytest

from components.clients.aws.readers import READERS
from components.core.services import SERVICES
from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Stack, cluster, values
from tests.support.second_service.client import Pages
from tests.support.second_service.core import NOTEBOOK

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

CANARY = "canary-5e0b"
FIRST, SECOND, THIRD = "9c02a1b2-0001", "1f3a0000-0002", "20240131"
"""Ids of versions: they have no order, and one is made of digits alone."""


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    made = Pages()
    monkeypatch.setitem(SERVICES, NOTEBOOK.name, NOTEBOOK)
    monkeypatch.setitem(READERS, NOTEBOOK.name, made.reader)
    made.write("Team:Db", FIRST, json.dumps({"password": f"{CANARY} 1"}))
    return made


def stack(data: dict[str, dict[str, Any]], **more: Any) -> Stack:
    made = Stack(data, **more)
    made.store = {"region": "eu-central-1", "service": "Notebook"}
    return made


def annotated_versions() -> Any:
    secret = cluster().get_secret(NAMESPACE, "db") or {}
    return json.loads(secret["metadata"]["annotations"]["pulumi-parameter-store/versions"])


def test_a_secret_is_written_from_it_and_kept(aws: AwsApi, pages: Pages) -> None:
    own = stack({"password": {"key": "Team:Db", "property": "password"}})
    seen = own.preview()
    assert (seen.change, seen.inputs["keys"]) == (
        "create",
        {"password": "Team:Db, edition 9c02, property password"},
    )
    assert pages.decrypted == []
    assert own.up().change == "create"
    assert values() == {"password": f"{CANARY} 1"}
    assert pages.decrypted == [f"Team:Db {FIRST}"]
    assert (own.snapshot["versions"], own.sync["versions"]) == ({"Team:Db": FIRST}, {"Team:Db": FIRST})
    assert annotated_versions() == {"Team:Db": FIRST}
    assert CANARY not in json.dumps([own.snapshot, own.sync])
    for run in (own.preview, own.up):
        assert run().change == "same"
    assert pages.decrypted == [f"Team:Db {FIRST}"], "what does not change is not decrypted again"
    assert not [call for call in aws.calls if call.operation.startswith("Get") and "Parameter" in call.operation]


@pytest.mark.parametrize("moved", [SECOND, THIRD])
def test_a_version_that_moves_shows_and_is_read_as_it_was_shown(pages: Pages, moved: str) -> None:
    own = stack({"all": {"key": "Team:Db"}})
    own.up()
    pages.write("Team:Db", moved, f"{CANARY} 2")
    seen = own.preview()
    assert (seen.change, seen.inputs["keys"]) == ("update", {"all": f"Team:Db, edition {moved[:4]}"})
    assert own.up().change == "update"
    assert pages.decrypted[-1] == f"Team:Db {moved}"
    assert own.preview().change == "same"
    pages.notes["Team:Db"].stages["current"] = FIRST  # rolled back
    assert own.preview().change == "update"
    assert own.up().change == "update"
    assert values() == {"all": json.dumps({"password": f"{CANARY} 1"})}


def test_the_service_reads_what_a_user_writes_as_a_version(pages: Pages) -> None:
    pages.write("Team:Db", SECOND, f"{CANARY} old", "previous")
    own = stack({"old": {"key": "Team:Db", "version": "@previous"}})
    assert own.preview().inputs["keys"] == {"old": "Team:Db, edition 1f3a (@previous)"}
    assert own.up().change == "create"
    assert values() == {"old": f"{CANARY} old"}


def test_finds_and_tags_are_its_own(pages: Pages) -> None:
    pages.write("Team:Api", THIRD, f"{CANARY} api")
    pages.write("Other", SECOND, CANARY)
    pages.notes["Team:Db"].tags = {"owner": f"{CANARY} team"}
    find = {"find": {"path": "Team:", "name": {"regexp": "."}, "conversionStrategy": "Default"}}
    own = stack({"tags": {"key": "Team:Db", "metadataPolicy": "Fetch"}}, dataFrom=[find])
    seen = own.preview()
    assert seen.inputs["sources"] == {"dataFrom[0].find": {"Team:Api": "edition 2024", "Team:Db": "edition 9c02"}}
    assert own.up().change == "create"
    assert values() == {
        "Team_Api": f"{CANARY} api",
        "Team_Db": json.dumps({"password": f"{CANARY} 1"}),
        "tags": json.dumps({"owner": f"{CANARY} team"}, separators=(",", ":")),
    }
    (listed,) = own.snapshot["found"].values()
    assert listed == {"Team:Api": int(THIRD), "Team:Db": FIRST}
    assert own.preview().change == "same"


@pytest.mark.usefixtures("pages")
def test_its_problems_are_in_its_words() -> None:
    gone = stack({"a": {"key": "Gone"}}).preview()
    assert gone.failures == ["key a: note Gone is not in the notebook"]
    own = stack({"a": {"key": "Team:Db", "property": "user"}})
    (text,) = own.up().failures
    assert text == "key a: note Team:Db: it has no JSON property 'user'"
    (again,) = own.preview().failures
    assert again == f"{text} (edition 9c02, as the last `pulumi up` read it)"
    assert list(own.snapshot["problems"].values()) == ["edition 9c02: it has no JSON property 'user'"]


@pytest.mark.usefixtures("pages")
def test_one_secret_may_be_made_of_both(aws: AwsApi) -> None:
    aws.put_parameter("/app/db", f"{CANARY} parameter")
    own = stack(
        {"note": {"key": "Team:Db", "property": "password"}, "parameter": {"key": "/app/db", "store": "other"}},
        stores={"other": {"region": "eu-central-1"}},
    )
    assert own.up().change == "create"
    assert values() == {"note": f"{CANARY} 1", "parameter": f"{CANARY} parameter"}
    assert annotated_versions() == {"Team:Db": FIRST, "other: /app/db": 1}
    assert own.preview().inputs["keys"] == {
        "note": "Team:Db, edition 9c02, property password",
        "parameter": "other: /app/db, version 1",
    }


@pytest.mark.usefixtures("pages")
def test_state_of_a_service_that_is_not_known_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    own = stack({"a": {"key": "Team:Db"}})
    assert own.up().change == "create"
    monkeypatch.delitem(SERVICES, NOTEBOOK.name)
    assert own.preview().failures == ["service 'Notebook' is not supported; only 'ParameterStore' is"]
