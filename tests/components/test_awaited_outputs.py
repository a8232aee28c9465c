"""What Pulumi waits for at the end of a program: the time for that grows with the square of the outputs."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS

from components.external_secret import ExternalSecret
from components.parameter_store import SecretStore
from components.push_secret import PushData, PushSecret
from tests.components.support import declare

SECRETS = 20


def _secret(name: str, store: SecretStore) -> ExternalSecret:
    return ExternalSecret(name, store=store, data={"password": "/app/db", "user": "/app/user"})


def _push(name: str, store: SecretStore) -> PushSecret:
    return PushSecret(name, stores=[store], secret=name, data=[PushData(f"/to/{name}", "k")])


@pytest.mark.parametrize("make", [_secret, _push])
def test_a_secret_is_waited_for_and_not_each_of_its_outputs(make: Callable[[str, SecretStore], Any]) -> None:
    waited: list[int] = []

    def program() -> None:
        store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
        for number in range(SECRETS):
            before = len(SETTINGS.outputs)
            made = make(f"s{number}", store)
            assert made._kept.urn._data in SETTINGS.outputs
            waited.append(len(SETTINGS.outputs) - before)

    declare(program)
    assert max(waited[1:]) <= 8, "the component's and the resource's URNs, and what inputs are made of"


def test_what_a_program_makes_of_an_output_is_waited_for() -> None:
    told: list[str] = []

    def program() -> None:
        secret = _secret("db", SecretStore("team-a", namespace="team-a", region="eu-central-1"))
        pulumi.Output.all(secret.secret_name, secret.synced_versions).apply(lambda known: told.append(known[0]))

    declare(program)
    assert told == ["db"]
