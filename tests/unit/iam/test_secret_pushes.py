"""Policies of who pushes to Secrets Manager, by mutation: all of it works with them, and not without any one grant."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from components.clients.aws.rate_limit import RateLimiters
from components.clients.aws.readers import Access, open_access
from components.core.iam import CustomerKey, Grant, grants, policy_json
from components.core.secret_value import Secret
from components.core.secrets_manager import SECRETS_MANAGER
from components.core.secrets_manager.secret_permissions import PrefixesNeed, SecretPushNeed, need_of
from components.core.service import find_source
from components.core.service_writing import Put
from components.core.spec.push_specs import PushMetadata
from components.core.spec.store_identity import AccessKeys, StoreIdentity
from components.errors import ParameterStoreError
from sandbox.aws import AwsApi
from tests.support.roles import allow, create_role
from tests.unit.iam.support import PLACE

NAME = "team/app-secret"
TAGS = {"managed-by": "external-secrets"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0d1e"
POLICY = '{"Version":"2012-10-17","Statement":[]}'


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsApi]:
    with AwsApi(PLACE.region) as running:
        yield running


def pusher(aws: AwsApi, allowed: Sequence[Grant]) -> Access:
    """What reads and writes with just these grants, by a role that is made for it."""
    name = f"pusher-{uuid.uuid4().hex[:8]}"
    role = create_role(aws, name)
    statements = [] if not allowed else json.loads(policy_json(allowed))["Statement"]
    allow(aws, name, *(statements or [{"Effect": "Deny", "Action": "*", "Resource": "*"}]))
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    environ = {"AWS_SECRETSMANAGER_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url}
    identity = StoreIdentity(PLACE.region, role=role)
    return open_access(SECRETS_MANAGER, identity, base, limiters=RateLimiters(), environ=environ)


def live(access: Access, name: str, metadata: PushMetadata[str], need: SecretPushNeed) -> None:
    """All that a push does to a secret in its life."""
    writer, writing, details = (
        access.open_writer(),
        SECRETS_MANAGER.writing,
        SECRETS_MANAGER.writing.details_of(metadata),
    )
    first, second = writing.version_after(None), writing.version_after(None)
    writer.put(Put(name, Secret("v"), details, first, tags={**TAGS, "more": "x"}))
    assert writer.describe({name: metadata}, {})[name].version == first
    words = ("description", *(["replicationLocations"] if need.replicates else []))
    writer.put(Put(name, Secret("w"), details, second, (*words, *(["resourcePolicy"] if need.sets_policy else []))))
    writer.tag(name, {"other": "y"})
    writer.untag(name, ["more"])
    if need.replicates:
        writer.put(
            Put(name, None, SECRETS_MANAGER.writing.details_of(PushMetadata()), second, ("replicationLocations",))
        )
        writer.put(Put(name, None, details, second, ("replicationLocations",)))
    if need.compares:
        problems = access.reader.ask([SECRETS_MANAGER.pinned(name, second)], decrypt=True).problems
        if problems:
            raise ParameterStoreError(str(problems))
    if need.restores or need.deletes:
        if need.deletes:
            writer.delete(name, {}, metadata)
        writer.restore(name) if need.restores else None


@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"compares": False},
        {"deletes": True, "replicates": True},
        {"sets_policy": True, "deletes": True, "restores": True},
        {"below": True, "deletes": True},
    ],
    ids=lambda flags: "-".join(flags) or "plain",
)
@pytest.mark.parametrize("with_key", [False, True])
def test_a_push_needs_every_grant(aws: AwsApi, flags: dict[str, bool], with_key: bool) -> None:  # noqa: FBT001
    key = str(aws.client("kms").create_key()["KeyMetadata"]["Arn"]) if with_key else None
    metadata = PushMetadata(
        kms_key_id=key,
        replication_locations=["eu-west-1"] if flags.get("replicates") else [],
        resource_policy=POLICY if flags.get("sets_policy") else None,
    )

    def run(drop: Callable[[Grant], bool]) -> None:
        name = f"team/{uuid.uuid4().hex[:6]}-secret"
        need = SECRETS_MANAGER.writing.need(
            "team/" if flags.get("below") else name,
            metadata,
            below=flags.get("below", False),
            compares=flags.get("compares", True),
            deletes=flags.get("deletes", False),
            restores=flags.get("restores", False),
            reason="a push",
        )
        assert isinstance(need, SecretPushNeed)
        live(pusher(aws, [each for each in grants(PLACE, [need]) if not drop(each)]), name, metadata, need)

    run(lambda _: False)
    given: dict[str, Any] = {"key": key, **flags}
    need = SecretPushNeed("team/" if flags.get("below") else "x", **given)
    for removed in {each.action for each in grants(PLACE, [need])}:
        with pytest.raises(ParameterStoreError):
            run(lambda each, removed=removed: each.action == removed)  # type: ignore[misc]


def test_nobody_who_reads_may_write() -> None:
    needs = [
        need_of("a"), need_of("a:AWSPREVIOUS"), need_of(find_source("a/", None, {"t": "x"})), PrefixesNeed(("team",)),
    ]  # fmt: skip
    given = {each.action.partition(":")[2] for each in grants(PLACE, needs, [CustomerKey(KEY)])}
    assert given == {"DescribeSecret", "GetSecretValue", "ListSecrets", "ListSecretVersionIds", "Decrypt"}


def test_just_one_secret_may_be_written() -> None:
    arns = {each.resource for each in grants(PLACE, [SecretPushNeed(NAME, deletes=True, restores=True)])}
    assert arns == {f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{NAME}-??????"}


@pytest.mark.parametrize(
    ("path", "patterns", "found"),
    [
        ("team/", ["*"], {"team/*"}),
        ("team/", ["team/*"], {"team/*"}),
        ("team/", ["prod/*"], set()),
        ("team/", ["team/db", "prod/*"], {"team/db-??????"}),
        ("team/", ["*/db"], {"team/*/db-??????", "team/db-??????"}),
        (None, ["prod/*"], {"prod/*"}),
        ("team", ["team"], {"team-??????"}),
        ("te", ["team/a*", "tea"], {"team/a*", "tea-??????"}),
    ],
)
def test_patterns_of_a_key_narrow_what_a_find_may_decrypt(
    path: str | None, patterns: list[str], found: set[str]
) -> None:
    needs = [need_of(find_source(path, ".", {}))]
    listed = [
        each for each in grants(PLACE, needs, [CustomerKey(KEY, tuple(patterns))]) if each.action == "kms:Decrypt"
    ]
    values = {value for each in listed for value in each.conditions[0].values}
    prefix = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
    assert values == {prefix + each for each in found}
