"""A program may name a second service: its store keeps the name, and a policy grants what that service checks."""

from typing import Any

import pulumi
import pytest

from components.arguments.invalid import InvalidArgumentsError
from components.core.services import SERVICES
from components.external_secret import ExternalSecret
from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import AssumedRole, SecretStore
from tests.components import manifest_objects
from tests.components.support import declare, resolved
from tests.components.test_identity import Cloud
from tests.support.second_service.core import NOTEBOOK


@pytest.fixture(autouse=True)
def _notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVICES, NOTEBOOK.name, NOTEBOOK)


def store(**given: Any) -> SecretStore:
    return SecretStore("s", namespace="team-a", region="cn-north-1", **given)


def test_a_store_of_it_says_so_and_one_of_parameter_store_says_nothing() -> None:
    def program() -> None:
        ExternalSecret("x", store=store(service="Notebook"), data={"a": "Team:Db"})

    snapshot = declare(program, engine=Cloud()).registered["Snapshot", "s"]
    assert (snapshot["store"]["service"], snapshot["references"]) == ("Notebook", ["Team:Db"])
    assert snapshot["operation"]["requestsPerSecond"] == 10_000
    plain = declare(lambda: store(service="ParameterStore"), engine=Cloud()).registered["Snapshot", "s"]
    assert "service" not in plain["store"]


def test_its_own_needs_make_the_policy() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        own = store(service="Notebook", role=AssumedRole())
        ExternalSecret("x", store=own, data={"a": pulumi.Output.from_input("Team:Db"), "b": "Api"})
        resolved(own.access, told, "access")

    declare(program, engine=Cloud())
    assert {(row["action"], row["arn"], row["because"]) for row in told["access"]} == {
        ("notebook:Open", "arn:aws:notebook:cn-north-1:123456789012:Team:Db", "ExternalSecret 'x', key a"),
        ("notebook:Open", "arn:aws:notebook:cn-north-1:123456789012:Api", "ExternalSecret 'x', key b"),
    }


def test_it_says_itself_what_cannot_be_a_name() -> None:
    with pytest.raises(InvalidArgumentsError, match="key a: 'team' cannot be a note's name: begin it with a capital"):
        declare(lambda: ExternalSecret("x", store=store(service="Notebook"), data={"a": "team"}), engine=Cloud())


def test_a_service_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidArgumentsError, match="service 'Ledger' is not supported; only 'ParameterStore' and"):
        declare(lambda: store(service="Ledger"), engine=Cloud())


def test_a_manifest_names_it() -> None:
    entry = {"secretKey": "a", "remoteRef": {"key": "Team:Db"}}
    read = read_manifests([manifest_objects.store(aws={"service": "Notebook"}), manifest_objects.secret(data=[entry])])
    snapshot = declare(lambda: declare_manifests(read), engine=Cloud()).registered["Snapshot", "team-a/store"]
    assert (snapshot["store"]["service"], snapshot["references"]) == ("Notebook", ["Team:Db"])
