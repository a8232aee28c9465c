"""A role with the policy that a store makes for itself does each operation of its pushes, and is granted no other."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from pulumi.runtime import mocks

from components.parameter_store import AssumedRole, KmsKey, SecretStore
from components.push_secret import PushData, PushMetadata, PushSecret
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.components.support import declare, resolved
from tests.components.test_identity import Cloud
from tests.providers.push_support import PushStack, changes, put_secret
from tests.providers.support import NAMESPACE
from tests.support.roles import allow, create_role

BASE = {"DescribeSecret", "CreateSecret", "PutSecretValue", "UpdateSecret", "TagResource", "UntagResource"}
NOTHING: Mapping[str, Any] = {}
POLICY = '{"Version":"2012-10-17","Statement":[]}'
Life = Callable[["Pusher"], None]


class Engine(Cloud):
    """Answers what the AWS provider would of the sandbox's account."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        id_, outputs = super().new_resource(args)
        return id_, json.loads(json.dumps(outputs).replace("aws-cn", "aws"))

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        answer, failures = super().call(args)
        return json.loads(json.dumps(answer).replace("aws-cn", "aws")), failures


class Pusher:
    """A PushSecret that is declared in a program, and pushed by the role of its store with just that store's policy."""

    def __init__(self, aws: AwsApi, kubernetes: KubernetesApi) -> None:
        self.aws, self.kubernetes = aws, kubernetes
        self.role = create_role(aws, "pusher", "sts:*")
        self.client = aws.client("secretsmanager")
        self.stack = PushStack()
        self.granted: set[str] = set()
        self.called: set[str] = set()
        put_secret(kubernetes, {"user": "bob"})

    def declares(
        self, *data: PushData, deletion: Mapping[str, Any] = NOTHING, kms_keys: Sequence[KmsKey] = (), **more: Any
    ) -> "Pusher":
        """Declare it so, and give the role the policy that its store then makes."""
        told: dict[str, Any] = {}

        def program() -> None:
            store = SecretStore(
                "sm", namespace=NAMESPACE, region="eu-central-1", service="SecretsManager", role=AssumedRole(),
                deletion=deletion, kms_keys=kms_keys,
            )  # fmt: skip
            PushSecret("push", stores=[store], secret="src", data=data, **more)
            resolved(store.policy_json, told, "policy")

        bag = declare(program, engine=Engine()).registered["SecretPush", "push"]
        statements = json.loads(told["policy"])["Statement"]
        allow(self.aws, "pusher", *statements)
        for each in statements:
            self.granted |= {each["Action"]} if isinstance(each["Action"], str) else set(each["Action"])
        self.stack.data = bag["data"]
        self.stack.stores = {"sm": {**bag["stores"]["sm"], "role": self.role}}
        names = ("updatePolicy", "deletionPolicy", "adopt", "restore")
        self.stack.more = {name: bag[name] for name in names if name in bag}
        return self

    def up(self, expected: str = "update") -> list[str]:
        """Push it; what that came to is said."""
        done = self.stack.up()
        assert done.change == expected, done.failures
        self._note()
        return changes(done)

    def destroy(self) -> None:
        assert self.stack.preview().change == "same"
        self.stack.destroy()
        self._note()

    def value(self) -> str:
        return str(self.client.get_secret_value(SecretId="app/x")["SecretString"])

    def _note(self) -> None:
        calls = [each for each in self.aws.calls if each.service == "secretsmanager"]
        self.called |= {f"secretsmanager:{each.operation}" for each in calls if "/pusher/" in each.principal}
        self.aws.clear_calls()


def to(prop: str | None = None, **metadata: Any) -> PushData:
    return PushData("app/x", "user", property=prop, metadata=PushMetadata(**metadata))


def live(pusher: Pusher, *, prop: str | None = None, then: dict[str, Any] | None = None, **more: Any) -> None:
    """Create it, write a new value, change all that it is like, and let it go."""
    first = then or {}
    pusher.declares(to(prop, tags={"a": "1", "b": "1"}, **first), **more).up("create")
    put_secret(pusher.kubernetes, {"user": "carol"})
    pusher.declares(to(prop, tags={"a": "2"}, description="other", **first), **more)
    assert pusher.up() == ["app/x: update (value, description, tags: a, b)"]
    assert pusher.value() == ('{"u":"carol"}' if prop else "carol")


def updated(pusher: Pusher) -> None:
    live(pusher)
    pusher.destroy()
    assert "DeletedDate" not in pusher.client.describe_secret(SecretId="app/x")


def merged_and_deleted_at_once(pusher: Pusher) -> None:
    rest: Any = {"deletion_policy": "Delete", "deletion": {"forceDeleteWithoutRecovery": True}}
    live(pusher, prop="u", **rest)
    pusher.client.put_secret_value(SecretId="app/x", SecretString='{"u":"theirs","theirs":1}')
    pusher.up()
    pusher.destroy()
    assert pusher.value() == '{"theirs":1}'
    pusher.client.put_secret_value(SecretId="app/x", SecretString="{}")
    pusher.declares(to("u"), adopt=True, **rest).up("create")
    assert pusher.value() == '{"u":"carol"}'
    pusher.destroy()
    assert pusher.client.list_secrets(IncludePlannedDeletion=True)["SecretList"] == []


def copied_shared_restored_and_deleted_in_a_week(pusher: Pusher) -> None:
    rest: Any = {"deletion_policy": "Delete", "restore": True, "deletion": {"recoveryWindowInDays": 7}}
    live(pusher, then={"replication_locations": ["eu-west-1"], "resource_policy": POLICY}, **rest)
    last: Any = {"tags": {"a": "2"}, "description": "other", "resource_policy": POLICY}
    pusher.declares(to(**last, replication_locations=["eu-west-2"]), **rest)
    assert pusher.up() == ["app/x: update (replicationLocations)"]
    pusher.client.delete_resource_policy(SecretId="app/x")
    assert pusher.up() == ["app/x: update (resourcePolicy)"]
    pusher.destroy()
    told = pusher.client.describe_secret(SecretId="app/x")
    assert "ReplicationStatus" not in told
    assert (told["DeletedDate"] - told["LastChangedDate"]).days in (6, 7)
    assert pusher.declares(to(**last, replication_locations=["eu-west-2"]), **rest).up("create") == [
        "restore app/x (value, replicationLocations)"
    ]


def under_a_key_and_then_another(pusher: Pusher) -> None:
    old, new = (str(pusher.aws.client("kms").create_key()["KeyMetadata"]["Arn"]) for _ in range(2))
    live(pusher, then={"kms_key_id": old})
    pusher.declares(to(tags={"a": "2"}, description="other", kms_key_id=new))
    failed = pusher.stack.up().failures[0]
    assert f"may not call kms:Decrypt on its KMS key {old}" in failed, "what is there is under the former key"
    pusher.declares(to(tags={"a": "2"}, description="other", kms_key_id=new), kms_keys=[KmsKey(old, ["app/x"])])
    assert pusher.up() == ["app/x: update (kmsKeyID)"]
    pusher.destroy()


def written_once(pusher: Pusher) -> None:
    pusher.client.create_secret(Name="app/x")
    pusher.declares(to(tags={"a": "1"}), update_policy="IfNotExists", adopt=True).up("create")
    put_secret(pusher.kubernetes, {"user": "carol"})
    assert pusher.stack.up().change in ("same", "update")
    assert pusher.value() == "bob"
    pusher.destroy()
    pusher.client.delete_secret(SecretId="app/x", ForceDeleteWithoutRecovery=True)
    pusher.declares(to(), update_policy="IfNotExists").up("create")
    pusher.destroy()


def adopted(pusher: Pusher) -> None:
    pusher.client.create_secret(Name="app/x", SecretString="theirs")
    pusher.declares(to())
    assert "was not written by this PushSecret" in pusher.stack.up().failures[0]
    assert pusher.declares(to(), adopt=True).up("create") == [
        "adopt app/x (value, description): it bears no mark of this library"
    ]
    assert pusher.value() == "bob"
    pusher.destroy()
    pusher.client.delete_secret(SecretId="app/x", ForceDeleteWithoutRecovery=True)
    pusher.declares(to(), adopt=True).up("create")


@pytest.mark.parametrize(
    ("life", "more"),
    [
        (updated, {"GetSecretValue"}),
        (merged_and_deleted_at_once, {"GetSecretValue", "DeleteSecret"}),
        (
            copied_shared_restored_and_deleted_in_a_week,
            {"GetSecretValue", "DeleteSecret", "RestoreSecret", "ReplicateSecretToRegions"}
            | {"RemoveRegionsFromReplication", "GetResourcePolicy", "PutResourcePolicy"},
        ),
        (under_a_key_and_then_another, {"GetSecretValue"}),
        (written_once, set()),
        (adopted, {"GetSecretValue"}),
    ],
)
def test_its_policy_lets_it_do_each_operation_and_nothing_else(
    aws: AwsApi, kubernetes: KubernetesApi, life: Life, more: set[str]
) -> None:
    pusher = Pusher(aws, kubernetes)
    life(pusher)
    wanted = {f"secretsmanager:{each}" for each in BASE | more}
    assert pusher.granted - {f"kms:{each}" for each in ("Decrypt", "Encrypt", "GenerateDataKey")} == wanted
    assert pusher.called == wanted, "each is granted because it is called"
