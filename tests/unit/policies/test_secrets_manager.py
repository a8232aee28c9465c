"""Rules over what is read from and pushed to Secrets Manager: grants, writes, copies, deletion, names and cost."""

import json
from typing import Any

import pytest

from policies.rules.catalogue import RULES
from policies.rules.pushes import WRITES
from policies.rules.resource import SECRET_PUSH, SECRET_SYNC, SNAPSHOT, Resource, Unknown
from tests.support.paths import ROOT
from tests.support.policy_examples import declared
from tests.unit.policies.support import found, policy, resource, said
from tests.unit.policies.test_stack_rules import STORE, below, granted

PLACE = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
PARAMETER = "arn:aws:ssm:eu-central-1:123456789012:parameter"
SERVICE = {"service": "SecretsManager", "region": "eu-central-1"}
PRICES = json.loads((ROOT / "components" / "prices.json").read_text("utf-8"))["prices"]
PROGRAM = """
reads = store("reads", service="SecretsManager", role=AssumedRole())
data = {"a": "db", "b": RemoteRef("db", version="AWSPREVIOUS"), "c": RemoteRef("of", metadata_policy="Fetch")}
ExternalSecret("named", store=reads, data=data, data_from=[Find(path="team-a/", tags={"a": "b"})])
batch = store("batch", service="SecretsManager", role=AssumedRole(), batch_reads=True, requests_per_second=1000)
ExternalSecret("batched", store=batch, data={"a": "db-secret", "b": f"{PLACE}prod/db-AbC123"})
writes = store("writes", service="SecretsManager", role=AssumedRole(), deletion={"recoveryWindowInDays": 7})
copied = PushMetadata(replication_locations=["eu-west-1"], resource_policy="{}")
PushSecret("out", stores=[writes], secret="src", data=[PushData("out", "k"), PushData("all", metadata=copied)])
both = store("both", role=AssumedRole())
PushSecret("twice", stores=[both, writes], secret="src", data=[PushData("/x", "k")], restore=True)
wide = ClusterSecretStore("wide", region="eu-central-1", service="SecretsManager", role=AssumedRole())
teams = [[LabelRequirement("kind", "In", ["team"])]]
ClusterExternalSecret("each", store=wide, data={"one": "shared"}, namespace_selectors=teams)
ClusterPushSecret("back", stores=[wide], secret="src", data=[PushData("back", "k")], namespace_selectors=teams)
"""


def snapshot(*references: str, **props: Any) -> Resource:
    return below(STORE, SNAPSHOT, {"references": list(references), "store": SERVICE, **props})


def push(*names: str, type_: str = SECRET_PUSH, **props: Any) -> Resource:
    data = [{"remoteKey": name} for name in names]
    return resource(type_, {"stores": {"team-a": SERVICE}, "data": data, **props}, stack=props.pop("stack", "dev"))


def reading(*names: str) -> dict[str, Any]:
    return {"Action": ["secretsmanager:GetSecretValue"], "Resource": [f"{PLACE}{name}" for name in names]}


def test_what_stores_and_pushes_make_themselves_breaks_no_rule() -> None:
    stack = declared(PROGRAM.replace("{PLACE}", PLACE.replace("aws", "aws-cn", 1)))
    assert len([each for each in stack if each.type == SNAPSHOT]) == 5
    assert [(rule.name, *said(rule.name, *stack)) for rule in RULES if said(rule.name, *stack)] == []


def test_what_is_read_is_granted_whichever_way_it_is_named() -> None:
    role = granted(reading("db-??????", "team/*", "arn-AbC123", "end-secret-??????"))
    ids = "12345678123456781234567812345678"
    references = [
        *("db", "db:AWSPREVIOUS", f"db:uuid/{ids}", f"{PLACE}db", f"{PLACE}db:AWSPREVIOUS", "team/a", "end-secret"),
        *(f"{PLACE}arn-AbC123", "tags of other", 'find {"path": "other"}'),
    ]
    assert said("covered", STORE, role, snapshot(*references)) == []
    (lacking,) = said("covered", STORE, role, snapshot(*references, "db-2", "tea"))
    assert lacking.startswith("there are 2 secrets of Secrets Manager that its Secrets read and that its role may not")
    (idle,) = said("covered", STORE, role, snapshot(*references[:-3]))
    assert idle.startswith("there is 1 secret of Secrets Manager that its role may read and that none of its Secrets")


def test_a_grant_of_the_other_service_is_one_that_nothing_needs() -> None:
    secret = reading("x-??????")
    parameter = {"Action": ["ssm:GetParameters"], "Resource": [f"{PARAMETER}/x"]}
    (idle,) = said("covered", STORE, granted(secret, parameter), snapshot("x"))
    assert idle.startswith("there is 1 parameter that its role may read")
    (idle,) = said("covered", STORE, granted(secret, parameter), below(STORE, SNAPSHOT, {"references": ["x"]}))
    assert idle.startswith("there is 1 secret of Secrets Manager that its role may read")


def test_what_a_push_compares_may_be_read() -> None:
    role = granted(reading("x-??????"))
    assert said("covered", STORE, role, snapshot(), push("x")) == []
    assert said("covered", STORE, role, snapshot(), push("", prefixes={"team-a": "x"})) == []
    assert said("covered", STORE, role, snapshot(), push("/x"))
    assert said("covered", STORE, role, snapshot(), push("x", stores={"other": SERVICE}))
    other = push(data=[{"remoteKey": "x", "store": "other"}], stores={"other": SERVICE, "team-a": SERVICE})
    assert said("covered", STORE, role, snapshot(), other)


@pytest.mark.parametrize("action", WRITES)
def test_only_a_store_that_pushes_may_write(action: str) -> None:
    arn = f"{PLACE}out-??????" if action.startswith("secretsmanager") else f"{PARAMETER}/out"
    role = granted({"Action": [action], "Resource": [arn]})
    assert said("push-rights", STORE, role, push("out")) == []
    (message,) = said("push-rights", STORE, role)
    assert message.startswith(f"policy, statement 1: {action} is granted, and no PushSecret writes through it")


@pytest.mark.parametrize(
    "action", ["TagResource", "DescribeSecret", "GetSecretValue", "ListSecretVersionIds", "GetResourcePolicy"]
)
def test_who_changes_no_value_writes_nothing(action: str) -> None:
    statement = {"Action": [f"secretsmanager:{action}"], "Resource": [f"{PLACE}out-??????"]}
    assert said("push-rights", policy(statement)) == []


def test_a_deletion_that_cannot_be_undone_is_told_in_production() -> None:
    forced = {"team-a": {**SERVICE, "deletion": {"forceDeleteWithoutRecovery": True}}}
    window = {"team-a": {**SERVICE, "deletion": {"recoveryWindowInDays": 7}}}
    deletes: dict[str, Any] = {"deletionPolicy": "Delete"}

    def told(stores: Any, stack: str = "prod", **props: Any) -> list[str]:
        return said("deletion", push("x", stores=stores, stack=stack, **props))

    assert told(forced) == []
    assert told(forced, stack="dev", **deletes) == []
    assert len(told(window, **deletes)) == 1
    assert told(forced, **deletes)[1] == (
        "stores.team-a: forceDeleteWithoutRecovery, in production; what is deleted is gone at once"
    )
    unknown = resource(SECRET_PUSH, {**deletes, "stores": Unknown(("stores",))}, stack="prod")
    assert Unknown(("stores",)) in found("deletion", unknown)


@pytest.mark.parametrize(
    ("props", "fine"),
    [
        ({"data": {"a": {"key": "team-a/db"}}}, True),
        ({"data": {"a": {"key": f"{PLACE}team-a/db-AbC123"}}}, True),
        ({"data": {"a": {"key": f"{PLACE}team-b/db-AbC123"}}}, False),
        ({"data": {"a": {"key": f"{PARAMETER}/team-a/db"}}}, False),
        ({"dataFrom": [{"find": {"path": "team-a/"}}]}, True),
        # Names have no levels: it finds team-abc/db as well.
        ({"dataFrom": [{"find": {"path": "team-a"}}]}, False),
        ({"dataFrom": [{"find": {"path": "team-a"}, "store": "parameters"}]}, True),
    ],
)
def test_a_namespace_reads_its_own_secrets(props: dict[str, Any], *, fine: bool) -> None:
    stores = {"stores": {"parameters": {"region": "eu-central-1"}}}
    given = resource(SECRET_SYNC, {"namespace": "team-a", "store": SERVICE, **stores, **props})
    assert (said("namespace-owns-prefix", given, pattern="/{namespace}/*") == []) is fine


def test_secrets_and_their_copies_cost_what_the_price_list_says() -> None:
    month, call = (PRICES[name]["price"] for name in ("secretsManagerMonth", "secretsManagerPer10000"))
    read = [f"s{number}" for number in range(30)]
    finds = {"found": {'find {"path": "f"}': {"s29": "1", "f1": "2"}}}
    copied = push("s0", "own", data=[{"remoteKey": "own", "metadata": {"replicationLocations": ["a", "b"]}}])
    (message,) = said("cost", snapshot(*read, "s0:AWSPREVIOUS", **finds), copied, runsPerMonth=1)
    calls = 3 * (31 + 2)
    dollars = (30 + 1 + 3) * month + calls / 10_000 * call
    assert message.startswith(
        f"up to ${dollars:.2f} a month for 0 advanced parameters, 34 secrets of Secrets Manager and {calls} paid calls"
    )


def test_many_reads_a_second_cost_nothing_more_of_secrets_manager() -> None:
    assert said("cost", snapshot("a", requestsPerSecond=1000.0)) == []
    assert said("cost", below(STORE, SNAPSHOT, {"references": ["a"], "requestsPerSecond": 1000.0}))
