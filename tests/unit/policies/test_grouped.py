"""Rules see each Secret of a group as the SecretSync that it would be by itself."""

from components.core.access.stack_state import resources_of
from policies.rules.resource import SECRET_GROUP, SECRET_SYNC, Resource, members

PROPS = {
    "namespace": "team-a",
    "owner": {"id": "e" * 32, "urn": "urn:pulumi:dev::shop::parameterstore:index:SecretStore::team"},
    "store": {"region": "eu-central-1"},
    "secrets": {
        "__db": {"data": {"user": {"key": "/app/db"}}},
        "__mail": {"data": {"token": {"key": "/app/mail"}}, "secretName": "post"},
        "db": {"keys": {"user": "what a preview shows besides"}},
    },
}


def test_each_of_a_group_is_a_sync_with_what_it_shares() -> None:
    found = members(Resource(SECRET_GROUP, props=PROPS))
    assert [(place, each.type, each.props["secretName"], each.props["namespace"]) for place, each in found] == [
        ("secrets.db", SECRET_SYNC, "db", "team-a"),
        ("secrets.mail", SECRET_SYNC, "post", "team-a"),
    ]
    assert found[0][1].props["data"] == {"user": {"key": "/app/db"}}


def test_the_access_map_reads_each_of_a_group_as_a_sync() -> None:
    urn = (
        "urn:pulumi:dev::shop::parameterstore:index:SecretStore$pulumi-python:dynamic/parameterstore:SecretGroup::team"
    )
    state = {"deployment": {"resources": [{"urn": urn, "type": SECRET_GROUP, "inputs": PROPS}]}}
    syncs = [each for each in resources_of(state, "here") if each.kind == SECRET_SYNC]
    assert [(each.name, each.inputs["secretName"], each.inputs["namespace"]) for each in syncs] == [
        ("db", "db", "team-a"),
        ("mail", "post", "team-a"),
    ]
