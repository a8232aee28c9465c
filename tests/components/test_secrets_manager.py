"""A program and a manifest may name Secrets Manager: the store keeps the name, and its policy grants what it checks."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.arguments.invalid import InvalidArgumentsError
from components.core.iam import CustomerKey
from components.core.iam.grants import Location
from components.core.secrets_manager.secret_permissions import FindNeed, PrefixesNeed
from components.core.secrets_manager.secret_sources import FindSecrets
from components.core.service import find_source
from components.core.ssm import PARAMETER_STORE
from components.errors import SpecError
from components.external_secret import ExternalSecret, Extract, Find, RemoteRef
from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import AssumedRole, KmsKey, SecretStore
from components.push_secret import PushData, PushMetadata, PushSecret
from tests.components import manifest_objects
from tests.components.support import declare, resolved
from tests.components.test_identity import Cloud
from tests.support.paths import ROOT

HERE = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret"
KEY = "arn:aws-cn:kms:cn-north-1:123456789012:key/0d1e"
VERSION = "1f3a2b4c-0000-4000-8000-000000000001"


def store(**given: Any) -> SecretStore:
    return SecretStore("s", namespace="team-a", region="cn-north-1", **{"service": "SecretsManager", **given})


def test_a_store_of_it_says_so_and_one_of_parameter_store_says_nothing() -> None:
    def program() -> None:
        ExternalSecret("x", store=store(), data={"a": "team:AWSPREVIOUS", "b": "prod/db+1=2@x"})

    snapshot = declare(program, engine=Cloud()).registered["Snapshot", "s"]
    assert (snapshot["store"]["service"], snapshot["references"]) == (
        "SecretsManager",
        ["prod/db+1=2@x", "team:AWSPREVIOUS"],
    )
    assert snapshot["operation"]["requestsPerSecond"] == 500
    plain = declare(lambda: store(service="ParameterStore"), engine=Cloud()).registered["Snapshot", "s"]
    assert "service" not in plain["store"]


def test_its_own_needs_make_the_policy() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        own = store(role=AssumedRole(), kms_keys=[KmsKey(KEY, ["prod/*"])])
        ExternalSecret(
            "x",
            store=own,
            data={
                "a": pulumi.Output.from_input("prod/db"),
                "b": RemoteRef("xyz-secret", version="AWSPREVIOUS"),
                "c": RemoteRef("pinned", version=f"uuid/{VERSION}"),
                "d": RemoteRef("tags", metadata_policy="Fetch"),
            },
            data_from=[Extract(f"{HERE}:whole-a1B2c3"), Find(path="team/", tags={"env": "prod"})],
        )
        resolved(own.access, told, "access")

    declare(program, engine=Cloud())
    granted = {(row["action"].partition(":")[2], row["arn"], row["condition"]) for row in told["access"]}
    current = "secretsmanager:VersionStage StringEquals AWSCURRENT"
    context, via = "kms:EncryptionContext:SecretARN", "kms:ViaService StringEquals"
    hosts = "secretsmanager.cn-north-1.amazonaws.com or secretsmanager.cn-north-1.amazonaws.com.cn"
    assert granted == {
        ("DescribeSecret", f"{HERE}:prod/db-??????", ""),
        ("GetSecretValue", f"{HERE}:prod/db-??????", current),
        ("Decrypt", KEY, f"{context} StringLike {HERE}:prod/db-?????? and {via} {hosts}"),
        ("DescribeSecret", f"{HERE}:xyz-secret-??????", ""),
        ("GetSecretValue", f"{HERE}:xyz-secret-??????", current.replace("CURRENT", "PREVIOUS")),
        ("DescribeSecret", f"{HERE}:pinned-??????", ""),
        ("ListSecretVersionIds", f"{HERE}:pinned-??????", ""),
        ("GetSecretValue", f"{HERE}:pinned-??????", f"secretsmanager:VersionId StringEquals {VERSION}"),
        ("DescribeSecret", f"{HERE}:tags-??????", ""),
        ("DescribeSecret", f"{HERE}:whole-a1B2c3", ""),
        ("GetSecretValue", f"{HERE}:whole-a1B2c3", current),
        ("ListSecrets", "*", ""),
        ("DescribeSecret", f"{HERE}:team/*", "aws:ResourceTag/env StringEquals prod"),
        ("GetSecretValue", f"{HERE}:team/*", f"aws:ResourceTag/env StringEquals prod and {current}"),
    }


START = f"{HERE}:"


@pytest.mark.parametrize(
    ("encrypts", "need", "wanted"),
    [
        (["prod/*"], FindNeed(FindSecrets("team/", ".")), []),
        (["prod/*"], PrefixesNeed(("team",)), []),
        (["prod/*"], FindNeed(FindSecrets(None, ".")), ["prod/*"]),
        (["prod/*", "team/a*"], FindNeed(FindSecrets("team/", ".")), ["team/a*"]),
        (["*/ca"], FindNeed(FindSecrets("team/", ".")), ["team/*/ca-??????", "team/ca-??????"]),
        (["team"], FindNeed(FindSecrets("team", ".")), ["team-??????"]),
        (["*", "team/db"], PrefixesNeed(("team",)), ["team/*"]),
    ],
)
def test_a_key_is_granted_where_what_it_encrypts_meets_what_is_read(
    encrypts: list[str], need: FindNeed | PrefixesNeed, wanted: list[str]
) -> None:
    key = CustomerKey(KEY, tuple(encrypts))
    place = Location("aws-cn", "cn-north-1", "123456789012")
    granted = [each for each in need.grants(place, [key]) if each.resource == KEY]
    assert [value.removeprefix(START) for each in granted for value in each.conditions[0].values] == wanted


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("", "name"),
        ("team a", "'team a' cannot be a secret's name: use up to 512 letters"),
        ("team/*", "with find: a name (ESO: name.regexp), and a path"),
        ("a?b", "cannot be a secret's name"),
        ("${aws:username}", "cannot be a secret's name"),
        ("https://host/a", "is a URL, and no secret's name"),
        ("x" * 513, "it is too long"),
        ("prod/db:", "names no stage and no version"),
        ("prod/db:uuid/", "names no stage and no version"),
        ("prod/db:uuid/short", "'short' is no version's id, which has 32 to 64 characters"),
        (f"prod/db:uuid/{'${x}' * 10}", "is no version's id"),
        ("prod/db:a b", "'a b' is no stage of a version"),
        ("prod/db:${x}", "is no stage of a version"),
        ("arn:aws:ssm:eu-central-1:123456789012:parameter/a", "store with service 'ParameterStore'"),
        ("arn:aws:s3:::bucket", "is not the ARN of a secret: write arn:<partition>:secretsmanager"),
        (f"app/{HERE}:a", "an ARN stands within it"),
        (
            f"{HERE.replace('cn-north-1', 'cn-northwest-1')}:a",
            "is in cn-northwest-1, and the store reads in cn-north-1",
        ),
    ],
)
def test_it_says_itself_what_cannot_be_a_name(reference: str, why: str) -> None:
    with pytest.raises((InvalidArgumentsError, pulumi.RunError), match=re.escape(why)):
        declare(
            lambda: ExternalSecret("x", store=store(role=AssumedRole()), data={"a": reference}),
            engine=Cloud(),
        )


@pytest.mark.parametrize("path", ["!team", "team*", "a b", "x" * 513, ""])
def test_it_says_itself_what_no_name_begins_with(path: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=r"find\.path|path"):
        declare(lambda: ExternalSecret("x", store=store(), data_from=[Find(path=path, name=".")]), engine=Cloud())


@pytest.mark.parametrize(("path", "why"), [("/", "every secret of the account"), ("a*", "IAM would grant more")])
def test_paths_are_no_wider_than_they_say(path: str, why: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=why):
        declare(lambda: store(role=AssumedRole(), paths=[path]), engine=Cloud())


def test_batches_are_granted_on_all_and_only_where_they_are_asked_for() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        own = store(role=AssumedRole(), batch_reads=True)
        ExternalSecret("x", store=own, data={"a": "prod/db"})
        resolved(own.access, told, "access")

    snapshot = declare(program, engine=Cloud()).registered["Snapshot", "s"]
    assert snapshot["store"]["batchReads"] is True
    assert {(row["action"].partition(":")[2], row["arn"], row["condition"]) for row in told["access"]} == {
        ("DescribeSecret", f"{HERE}:prod/db-??????", ""),
        ("GetSecretValue", f"{HERE}:prod/db-??????", ""),
        ("BatchGetSecretValue", "*", ""),
    }
    with pytest.raises(InvalidArgumentsError, match="batch_reads has no effect with service ParameterStore"):
        declare(lambda: store(service="ParameterStore", batch_reads=True), engine=Cloud())


@pytest.mark.parametrize(
    ("key", "way_out"),
    [
        ("/aws/reference/secretsmanager/prod/db", "read 'prod/db' from a store with service 'SecretsManager'"),
        (
            f"{HERE}:prod/db-a1B2c3",
            "prod/db-a1B2c3' is not the ARN of a parameter, but of a secret: read it from a store",
        ),
    ],
)
def test_a_parameter_store_refuses_its_secrets_and_says_the_way_out(key: str, way_out: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=way_out):
        declare(lambda: ExternalSecret("x", store=store(service="ParameterStore"), data={"a": key}), engine=Cloud())


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("aws/reference/secretsmanager/x", "read 'x' from"),
        ("/aws/reference/secretsmanager/x:AWSPREVIOUS", "read 'x' from"),
        ("arn:aws:ssm:eu-central-1:123456789012:parameter/aws/reference/secretsmanager/x", "read 'x' from"),
        (f"/aws/reference/secretsmanager/{HERE}:x-a1B2c3", f"read '{HERE}:x-a1B2c3' from"),
        ("tags of /aws/reference/secretsmanager/x", "read 'x' from"),
        ("/aws/reference/secretsmanager", "read its secrets from"),
        (find_source("/aws/reference/secretsmanager/", ".", {}), "read its secrets from"),
        (find_source("/aws/reference/secretsmanager/team", None, {"env": "prod"}), "read 'team' from"),
    ],
)
def test_so_is_every_other_way_to_its_secrets(text: str, way_out: str) -> None:
    """A find there would find nothing, and say nothing."""
    with pytest.raises(SpecError, match=re.escape(f"{way_out} a store with service 'SecretsManager'")):
        PARAMETER_STORE.check(text)


def test_a_prefix_stands_before_each_name_that_is_read_found_and_pushed() -> None:
    def program() -> None:
        own = store(prefix="team-a/", role=AssumedRole())
        ExternalSecret("x", store=own, data={"a": RemoteRef("db", version="AWSPREVIOUS")})
        pushed(PushMetadata(), own)
        resolved(own.access, told, "access")

    told: dict[str, Any] = {}
    engine = declare(program, engine=Cloud())
    assert "team-a/db:AWSPREVIOUS" in engine.registered["Snapshot", "s"]["references"]
    assert engine.registered["SecretPush", "x"]["prefixes"] == {"s": "team-a/"}
    assert {row["arn"].removeprefix(f"{HERE}:") for row in told["access"]} == {
        "team-a/db-??????",
        "team-a/app/x-??????",
    }


def test_so_is_a_path_of_a_stores_own() -> None:
    with pytest.raises(InvalidArgumentsError, match="read its secrets from a store with service 'SecretsManager'"):
        declare(
            lambda: store(service="ParameterStore", role=AssumedRole(), paths=["/aws/reference/secretsmanager"]),
            engine=Cloud(),
        )


def pushed(metadata: PushMetadata, *stores: SecretStore, **more: Any) -> Any:
    data = [PushData("app/x", secret_key="a", metadata=metadata)]
    return PushSecret("x", namespace="team-a", stores=stores or [store()], secret="s", data=data, **more)


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        (PushMetadata(secret_type="String"), "metadata.secret_type is not for service SecretsManager, of store s"),
        (PushMetadata(tier="Advanced"), "metadata.tier is not for service SecretsManager"),
        (PushMetadata(encode_as_decoded=True), "metadata.* SecretsManager|no effect"),
        (PushMetadata(block_public_policy=True), "block_public_policy is for a policy that is declared"),
        (PushMetadata(resource_policy="[]"), "resource_policy: it is no JSON object"),
        (PushMetadata(replication_locations=["eu-west-1", "eu-west-1"]), "'eu-west-1' has no effect the second time"),
        (PushMetadata(replication_locations=["Frankfurt"]), "'Frankfurt' is no region"),
        (PushMetadata(secret_push_format="text"), "secret_push_format 'text' is not known; write string or binary"),  # type: ignore[arg-type]
    ],
)
def test_what_it_does_not_take_is_refused_by_name(metadata: PushMetadata, why: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=why):
        declare(lambda: pushed(metadata), engine=Cloud())


@pytest.mark.parametrize(
    "metadata", [PushMetadata(secret_push_format="binary"), PushMetadata(replication_locations=["eu-west-1"])]
)
def test_what_is_its_own_is_refused_for_a_parameter(metadata: PushMetadata) -> None:
    with pytest.raises(InvalidArgumentsError, match="is not for service ParameterStore, of store s"):
        declare(lambda: pushed(metadata, store(service="ParameterStore")), engine=Cloud())


def test_a_push_is_granted_just_what_it_does() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        own = store(role=AssumedRole(), kms_keys=[KmsKey(KEY, ["app/*"])])
        pushed(PushMetadata(replication_locations=["cn-northwest-1"]), own, deletion_policy="Delete", restore=True)
        resolved(own.access, told, "access")

    declare(program, engine=Cloud())
    rows = {(row["action"].partition(":")[2], row["condition"]) for row in told["access"] if row["arn"] != KEY}
    assert {row["arn"] for row in told["access"]} == {f"{HERE}:app/x-??????", KEY}
    assert rows == {
        *((each, "") for each in ("DescribeSecret", "CreateSecret", "PutSecretValue", "UpdateSecret", "TagResource")),
        *((each, "") for each in ("UntagResource", "RestoreSecret")),
        *((each, "") for each in ("ReplicateSecretToRegions", "RemoveRegionsFromReplication")),
        ("GetSecretValue", "secretsmanager:VersionStage StringEquals AWSCURRENT"),
        ("DeleteSecret", "aws:ResourceTag/managed-by StringEquals external-secrets"),
    }


@pytest.mark.parametrize(
    ("deletion", "why"),
    [
        ({"recoveryWindowInDays": 0}, "deletion.recoveryWindowInDays: 0 has no effect; leave it out"),
        ({"recoveryWindowInDays": 0, "forceDeleteWithoutRecovery": True}, "0 has no effect; leave it out"),
        ({"recoveryWindowInDays": -7}, "a window has 7 to 30 days, not -7"),
        ({"recoveryWindowInDays": 6}, "a window has 7 to 30 days, not 6"),
        ({"recoveryWindowInDays": 31}, "a window has 7 to 30 days, not 31"),
        ({"forceDeleteWithoutRecovery": True, "recoveryWindowInDays": 9}, "leaves no window"),
        ({"days": 9}, "days"),
    ],
)
def test_how_it_deletes_is_checked(deletion: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=why):
        declare(lambda: store(deletion=deletion), engine=Cloud())


def test_a_parameter_store_has_no_way_to_delete_of_its_own() -> None:
    with pytest.raises(InvalidArgumentsError, match="deletion"):
        declare(lambda: store(service="ParameterStore", deletion={"recoveryWindowInDays": 9}), engine=Cloud())


@pytest.mark.parametrize("block", [{}, {"forceDeleteWithoutRecovery": True}, {"recoveryWindowInDays": 9}])
def test_a_manifest_names_it(block: dict[str, Any]) -> None:
    entry = {"secretKey": "a", "remoteRef": {"key": "prod/db", "version": "AWSPREVIOUS"}}
    aws = {"service": "SecretsManager", **({"secretsManager": block} if block else {})}
    read = read_manifests([manifest_objects.store(aws=aws), manifest_objects.secret(data=[entry])])
    snapshot = declare(lambda: declare_manifests(read), engine=Cloud()).registered["Snapshot", "team-a/store"]
    assert (snapshot["store"]["service"], snapshot["references"]) == ("SecretsManager", ["prod/db:AWSPREVIOUS"])
    assert snapshot["store"].get("deletion", {}) == block


ALLOWED = {
    "core/services.py": "the registry",
    "clients/aws/readers.py": "its other half",
    "core/cost/cost_report.py": "prices, which differ",
    "core/cost/eso_calls.py": "ESO's calls, which differ",
    "core/cost/estimate.py": "prices, which differ",
    "core/ssm/references.py": "names of secrets that Parameter Store would read, with the way out",
}


def test_nothing_but_its_two_packages_and_the_registry_names_it() -> None:
    components, found = ROOT / "components", set()
    for file in components.rglob("*.py"):
        place = str(file.relative_to(components))
        own = Path(place).parent.name == "secrets_manager"
        if not own and re.search(
            "secrets_?manager", re.sub('"""(.|\n)*?"""|#.*', "", file.read_text("utf-8")), re.IGNORECASE
        ):
            found.add(place)
    assert found == ALLOWED.keys()


def test_what_is_granted_by_default_is_a_policy_that_is_sent() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        own = store(role=AssumedRole())
        ExternalSecret("x", store=own, data={"a": "prod/db"})
        resolved(own.policy_json, told, "policy")

    declare(program, engine=Cloud())
    statements = json.loads(told["policy"])["Statement"]
    assert {each["Resource"] if isinstance(each["Resource"], str) else each["Resource"][0] for each in statements} == {
        f"{HERE}:prod/db-??????"
    }


def manifest(metadata: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A PushSecret of one key, as ESO's documentation writes it."""
    head = {"apiVersion": "kubernetes.external-secrets.io/v1alpha1", "kind": "PushSecretMetadata"}
    entry = {"match": {"secretKey": "a", "remoteRef": {"remoteKey": "x"}}}
    return {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "PushSecret",
        "metadata": {"name": "p", "namespace": "team-a", **more},
        "spec": {
            "secretStoreRefs": [{"name": "store", "kind": "SecretStore"}],
            "selector": {"secret": {"name": "src"}},
            "data": [{**entry, **({} if metadata is None else {"metadata": {**head, "spec": metadata}})}],
        },
    }


def declared(body: dict[str, Any], service: str = "SecretsManager") -> Any:
    read = read_manifests([manifest_objects.store(aws={"service": service}), body])
    return declare(lambda: declare_manifests(read), engine=Cloud()).registered["SecretPush", "team-a/p"]


@pytest.mark.parametrize(
    ("service", "metadata", "stored"),
    [
        ("SecretsManager", None, {"secretPushFormat": "binary"}),
        ("SecretsManager", {"description": "d"}, {"secretPushFormat": "binary", "description": "d"}),
        ("SecretsManager", {"secretPushFormat": "string"}, None),
        ("SecretsManager", {"kmsKeyId": "alias/x"}, {"secretPushFormat": "binary", "kmsKeyID": "alias/x"}),
        (
            "SecretsManager",
            {"secretPushFormat": "string", "resourcePolicy": {"policy": "{}", "blockPublicPolicy": True}},
            {"resourcePolicy": {"policy": "{}", "blockPublicPolicy": True}},
        ),
        ("ParameterStore", None, {"secretType": "String"}),
        ("ParameterStore", {"secretType": "SecureString"}, None),
    ],
)
def test_a_manifest_has_esos_default_of_its_service(
    service: str, metadata: dict[str, Any] | None, stored: dict[str, Any] | None
) -> None:
    assert declared(manifest(metadata), service)["data"][0].get("metadata") == stored


@pytest.mark.parametrize(("metadata", "said"), [(None, True), ({"secretPushFormat": "binary"}, False)])
def test_a_manifest_that_does_not_say_its_format_is_told_what_readers_will_not_see(
    monkeypatch: pytest.MonkeyPatch,
    metadata: dict[str, Any] | None,
    said: bool,  # noqa: FBT001
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: warned.append(text))
    read = read_manifests([manifest_objects.store(aws={"service": "SecretsManager"}), manifest(metadata)])
    declare(lambda: declare_manifests(read), engine=Cloud(), preview=True)
    found = [each for each in warned if "in the format binary, which is ESO's default" in each]
    assert bool(found) is said
    assert all("as the console, ECS and Lambda do, sees nothing" in each for each in found)


@pytest.mark.parametrize(
    ("service", "metadata", "why"),
    [
        ("SecretsManager", {"secretType": "SecureString"}, "secretType is not for service SecretsManager"),
        ("SecretsManager", {"tier": {"type": "Advanced"}}, "metadata.tier is not for service SecretsManager"),
        ("ParameterStore", {"secretPushFormat": "string"}, "secretPushFormat is not for service ParameterStore"),
        ("ParameterStore", {"replicationLocations": ["eu-west-1"]}, "replicationLocations is not for service Param"),
        (
            "SecretsManager",
            {"resourcePolicy": {"policySourceRef": {"kind": "ConfigMap", "name": "p", "key": "k"}}},
            "policySourceRef: a policy that is in a ConfigMap or Secret is not supported",
        ),
        ("SecretsManager", {"kmsKeyId": "alias/x", "kmsKeyID": "alias/y"}, "kmsKeyId"),
    ],
)
def test_a_manifest_names_nothing_of_the_other_service(service: str, metadata: dict[str, Any], why: str) -> None:
    with pytest.raises((SpecError, InvalidArgumentsError), match=why):
        declared(manifest(metadata), service)


def test_a_manifest_asks_for_restoring_by_an_annotation() -> None:
    asked = {"annotations": {"pulumi-parameter-store/restore": "true"}}
    assert declared(manifest(**asked))["restore"] is True
    assert "restore" not in declared(manifest())
    body = manifest_objects.secret()
    body["metadata"] |= asked
    with pytest.raises(SpecError, match="is for PushSecrets"):
        read_manifests([body])


@pytest.mark.parametrize("auth", ["secretRef", "jwt"])
def test_the_stores_of_esos_documentation(auth: str) -> None:
    """`secretstore-sample` and `team-b-store`: access keys in a Secret with a role, and a ServiceAccount's token."""
    keys = {
        "accessKeyIDSecretRef": {"name": "awssm-secret", "key": "access-key"},
        "secretAccessKeySecretRef": {"name": "awssm-secret", "key": "secret-access-key"},
    }
    given = (
        {"secretRef": keys} if auth == "secretRef" else {"jwt": {"serviceAccountRef": {"name": "my-serviceaccount"}}}
    )
    role = {"role": "arn:aws:iam::123456789012:role/team-b"} if auth == "secretRef" else {}
    block = {"secretsManager": {"forceDeleteWithoutRecovery": True}} if auth == "secretRef" else {}
    aws = {"service": "SecretsManager", "region": "eu-central-1", "auth": given, **role, **block}
    name = "secretstore-sample" if auth == "secretRef" else "team-b-store"
    read = read_manifests([manifest_objects.store(name, aws=aws)])
    bag = declare(lambda: declare_manifests(read), engine=Cloud()).registered["Snapshot", f"team-a/{name}"]["store"]
    assert bag["service"] == "SecretsManager"
    assert ("secretRef" in bag, "serviceAccountRef" in bag) == (auth == "secretRef", auth == "jwt")
    assert bag.get("deletion") == (block.get("secretsManager"))
