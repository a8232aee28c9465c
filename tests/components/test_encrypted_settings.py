"""What is encrypted in a stack's settings is kept secret, or refused: Pulumi hands all of it over in the clear."""

import json
from typing import Any

import pulumi
import pytest
from pulumi.runtime.config import set_all_config

from components.settings.encrypted import keep_secret
from components.settings.store_manifest import read_stores
from components.stack_program import declare_stack
from tests.components.support import LOOP, declare

STORE: dict[str, Any] = {"name": "team-a", "namespace": "team-a", "region": "eu-central-1"}
ROLE = {"role": "arn:aws:iam::123456789012:role/reader"}
TEXT = "canary-text"
DATA = [{"secretKey": "password", "remoteRef": {"key": "/app/db"}}]
SECRET = {"name": "db", "secretStoreRef": "team-a", "data": DATA}


def run(settings: dict[str, Any], *encrypted: str) -> None:
    """Run the program of settings, some of which are encrypted."""

    def program() -> None:
        config = {f"shop:{name}": json.dumps(value) for name, value in settings.items()}
        set_all_config(config, [f"shop:{name}" for name in encrypted])
        declare_stack()

    try:
        declare(program)
    finally:
        set_all_config({}, [])


@pytest.mark.parametrize(
    ("name", "settings"),
    {
        "externalSecrets": {
            "secretStores": [STORE],
            "externalSecrets": [{**SECRET, "target": {"template": {"data": {"url": TEXT}}}}],
        },
        "pushSecrets": {
            "secretStores": [STORE],
            "pushSecrets": [
                {
                    "name": "p",
                    "secretStoreRefs": ["team-a"],
                    "selector": {"secret": {"name": "s"}},
                    "data": [{"match": {"secretKey": "k", "remoteRef": {"remoteKey": TEXT}}}],
                }
            ],
        },
        "manifests": {"manifests": [TEXT]},
        "secretStores": {"secretStores": [{**STORE, "prefix": TEXT}], "externalSecrets": [SECRET]},
    }.items(),
)
def test_a_setting_that_is_shown_may_not_be_encrypted(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run(settings, name)
    assert str(refused.value).startswith(f"shop:{name}: it is encrypted, or a part of it is, but ")
    assert TEXT not in str(refused.value)


def test_flags_and_what_a_store_keeps_secret_may_be_encrypted() -> None:
    store = {**STORE, **ROLE, "externalID": TEXT}
    run({"secretStores": [store], "externalSecrets": [SECRET], "grouped": True}, "secretStores", "grouped")


@pytest.mark.parametrize("setting", ["secretStores", "clusterSecretStores"])
@pytest.mark.parametrize(
    ("field", "argument"),
    [({"externalID": TEXT}, "external_id"), ({"sessionTags": [{"key": "t", "value": TEXT}]}, "session_tags")],
)
def test_what_is_encrypted_of_a_store_is_a_secret_output(setting: str, field: dict[str, Any], argument: str) -> None:
    stores = {"secretStores": [STORE], "clusterSecretStores": [{"name": "shared", "region": "eu-central-1"}]}
    stores[setting] = [{**stores[setting][0], **ROLE, **field}]
    seen = {}

    def program() -> None:
        for each in keep_secret(read_stores(stores["secretStores"], stores["clusterSecretStores"]), [setting]):
            value: Any = each.given.get(argument)
            seen[each.where.partition("[")[0]] = value["t"] if argument == "session_tags" and value else value

    declare(program)
    output = seen.pop(setting)
    assert LOOP.run_until_complete(output.is_secret())
    assert LOOP.run_until_complete(output.future()) == TEXT
    assert not any(seen.values())
