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
from components.external_secret import ExternalSecret, Extract, Find, RemoteRef
from components.manifests import declare as declare_manifests
from components.manifests import read_manifests
from components.parameter_store import AssumedRole, KmsKey, SecretStore
from components.push_secret import PushData, PushSecret
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


def test_pushing_to_it_is_refused_by_name() -> None:
    with pytest.raises(InvalidArgumentsError, match="SecretsManager"):
        declare(
            lambda: PushSecret(
                "x", namespace="team-a", stores=[store()], secret="s", data=[PushData("a", secret_key="a")]
            ),
            engine=Cloud(),
        )


@pytest.mark.parametrize("block", [{}, {"forceDeleteWithoutRecovery": True}, {"recoveryWindowInDays": 9}])
def test_a_manifest_names_it(block: dict[str, Any]) -> None:
    entry = {"secretKey": "a", "remoteRef": {"key": "prod/db", "version": "AWSPREVIOUS"}}
    aws = {"service": "SecretsManager", **({"secretsManager": block} if block else {})}
    read = read_manifests([manifest_objects.store(aws=aws), manifest_objects.secret(data=[entry])])
    snapshot = declare(lambda: declare_manifests(read), engine=Cloud()).registered["Snapshot", "team-a/store"]
    assert (snapshot["store"]["service"], snapshot["references"]) == ("SecretsManager", ["prod/db:AWSPREVIOUS"])


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
