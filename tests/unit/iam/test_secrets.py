"""Secrets Manager's policies by mutation: with them everything is read, and without any one grant something is not."""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.clients.aws.rate_limit import RateLimiters
from components.clients.aws.readers import open_access
from components.clients.aws.reads import Reader
from components.core.iam import CustomerKey, Grant, grants, policy_json
from components.core.secret_value import Secret
from components.core.secrets_manager import SECRETS_MANAGER
from components.core.secrets_manager.secret_permissions import key_encrypts, need_of
from components.core.secrets_manager.secret_references import SecretReference, plain_name, resource
from components.core.service import find_source, tags_source
from components.core.spec.store_identity import AccessKeys, StoreIdentity
from components.errors import SpecError
from sandbox.aws import AwsApi
from sandbox.aws.iam.evaluation import Held, Question, decide
from sandbox.aws.iam.needs import required
from sandbox.aws.iam.state import State
from sandbox.aws.request import AwsRequest
from tests.support.roles import allow, create_role
from tests.unit.iam.support import PLACE

RATE = 100_000.0
NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
TAGS = {"team": "a"}
NAMES = st.from_regex(r"(app|prod/)?[a-z]{1,3}(-secret|-google|/x|\+=@\.)?", fullmatch=True)
"""Also names that end like AWS's own end of an ARN, and in characters that a parameter's name has not."""


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsApi]:
    with AwsApi(PLACE.region) as running:
        yield running


@pytest.fixture(scope="module")
def key(aws: AwsApi) -> str:
    return str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(scope="module")
def reader(aws: AwsApi) -> Reader:
    role = create_role(aws, "reader")
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    environ = {"AWS_SECRETSMANAGER_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url}
    identity = StoreIdentity(PLACE.region, role=role)
    return open_access(
        SECRETS_MANAGER, identity, base, limiters=RateLimiters(), requests_per_second=RATE, environ=environ
    ).reader


def write(aws: AwsApi, name: str, key: str | None, tags: dict[str, str] | None = None) -> str:
    """Have a secret with versions AWSCURRENT and AWSPREVIOUS, and one without stage, whose id is returned."""
    client = aws.client("secretsmanager")
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    ids = [str(uuid.uuid4()) for _ in range(3)]
    under: dict[str, Any] = {"KmsKeyId": key} if key else {}
    listed = [{"Key": each, "Value": value} for each, value in (tags or {}).items()]
    client.create_secret(Name=name, SecretString="v", ClientRequestToken=ids[0], Tags=listed, **under)
    for id_ in ids[1:]:
        client.put_secret_value(SecretId=name, SecretString="w", ClientRequestToken=id_)
    return ids[0]


def clear(aws: AwsApi) -> None:
    client = aws.client("secretsmanager")
    for each in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=each["ARN"], ForceDeleteWithoutRecovery=True)


def hold_to(aws: AwsApi, allowed: Sequence[Grant]) -> None:
    allow(aws, "reader", *(json.loads(policy_json(allowed))["Statement"] or [NOTHING]))


def whole(reader: Reader, wanted: Sequence[str], *, decrypt: bool) -> bool:
    """Whether everything is read, together and alone, and each find comes to something."""
    answers = [reader.ask(sources, decrypt=decrypt) for sources in (wanted, *([each] for each in wanted))]
    return all(not answer.problems and all(answer.listings.values()) for answer in answers)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_reader_needs_every_grant(aws: AwsApi, key: str, reader: Reader, data: st.DataObject) -> None:
    """`up` works with just the sources' grants, preview with no right to decrypt or to read among them."""
    clear(aws)
    names = data.draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    old = {name: write(aws, name, key) for name in names}
    write(aws, "tagged/x", key, TAGS)
    write(aws, "below/x", key)
    arn = aws.client("secretsmanager").describe_secret(SecretId=names[0])["ARN"]
    kinds = [
        *(form for name in names for form in (name, f"{name}:AWSPREVIOUS", f"{name}:uuid/{old[name]}")),
        *(tags_source(name) for name in names),
        *(arn, f"{arn}:AWSPREVIOUS"),
        *(find_source("below/", ".", {}), find_source("tagged/", None, TAGS), find_source(None, None, TAGS)),
    ]
    wanted = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4, unique=True))
    allowed = grants(PLACE, [need_of(each) for each in wanted], [CustomerKey(key)])

    hold_to(aws, allowed)
    assert whole(reader, wanted, decrypt=True)
    reads = ("kms:", "secretsmanager:GetSecretValue")
    hold_to(aws, [each for each in allowed if not each.action.startswith(reads)])
    assert whole(reader, wanted, decrypt=False)
    needed = [each for each in allowed if not stands_in(each, allowed)]
    for removed in needed:
        hold_to(aws, [each for each in allowed if each != removed])
        both = whole(reader, wanted, decrypt=False) and whole(reader, wanted, decrypt=True)
        assert not both, f"nothing needs {removed}"


def stands_in(grant: Grant, allowed: Sequence[Grant]) -> bool:
    """Whether others allow it for just this secret: its name and its ARN, or two finds, that the user wrote both."""
    others = [each for each in allowed if each.action == grant.action and each != grant]
    return any(each.resource.rpartition("-")[0] == grant.resource.rpartition("-")[0] for each in others) or (
        grant.resource.endswith("*") and any(each.resource.endswith("*") for each in others)
    )


def test_a_batch_needs_its_own_action_on_all_and_every_other_grant(aws: AwsApi, key: str, reader: Reader) -> None:
    del reader  # it makes the role
    clear(aws)
    for name in ("a", "b"):
        write(aws, name, key)
    service = SECRETS_MANAGER.in_batches()
    allowed = grants(PLACE, [service.need(name, "") for name in ("a", "b")], [CustomerKey(key)])
    assert ("secretsmanager:BatchGetSecretValue", "*") in {(each.action, each.resource) for each in allowed}
    role = f"arn:aws:iam::{aws.account}:role/reader"
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    environ = {"AWS_SECRETSMANAGER_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url}
    identity = StoreIdentity(PLACE.region, role=role)
    batching = open_access(service, identity, base, limiters=RateLimiters(), environ=environ).reader
    hold_to(aws, allowed)
    assert whole(batching, ["a", "b"], decrypt=True)
    for removed in allowed:
        hold_to(aws, [each for each in allowed if each != removed])
        assert not whole(batching, ["a", "b"], decrypt=True), f"nothing needs {removed}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, form=st.sampled_from(["", ":AWSPREVIOUS", f":uuid/{'a' * 36}"]))
def test_no_neighbour_is_granted(aws: AwsApi, name: str, form: str) -> None:
    clear(aws)
    held = Held([json.loads(policy_json(grants(PLACE, [need_of(name + form)])))])
    reference = SecretReference.parse(name + form)
    own: dict[str, Any] = {"VersionId": "a" * 36} | ({} if reference.by_id_alone else {"VersionStage": reference.stage})

    def may(operation: str, secret_id: str, region: str = PLACE.region, **more: Any) -> bool:
        asked = AwsRequest("secretsmanager", operation, {"SecretId": secret_id, **more}, region)
        needed = required(asked, PLACE.account, State())
        return all(decide(held, Question(each.action, each.resource, each.context)).allowed for each in needed)

    assert may("DescribeSecret", name)
    assert may("GetSecretValue", name, **own)
    other_version = {"VersionId": "b" * 36, "VersionStage": "AWSPENDING"}
    assert not may("GetSecretValue", name)
    assert not may("GetSecretValue", name, **other_version)
    for verb in ("PutSecretValue", "UpdateSecret", "DeleteSecret", "GetResourcePolicy", "TagResource"):
        assert not may(verb, name, **own)
    assert not may("BatchGetSecretValue", name)
    assert not may("ListSecrets", name)
    for other in (f"{name}x", f"x{name}", f"{name}-x", f"{name}-other1", f"{name}/x", f"{name[:-1]}é"):
        assert not may("DescribeSecret", other), other
        assert not may("GetSecretValue", other, **own), other
    assert not may("DescribeSecret", name, region="us-east-1")


@pytest.mark.parametrize(
    ("name", "granted"),
    [
        ("xyz-secret", "xyz-secret-??????"),
        ("prod/db", "prod/db-??????"),
        ("arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-a1B2c3", "prod/db-a1B2c3"),
        ("arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db", "prod/db-??????"),
        ("arn:aws:secretsmanager:eu-central-1:999999999999:secret:prod/db-a1B2c3", "prod/db-a1B2c3"),
    ],
)
def test_the_end_of_an_arn_is_six_characters_or_known(name: str, granted: str) -> None:
    assert resource("aws", "eu-central-1", "123456789012", name).rpartition(":")[2] == granted


def test_a_secret_of_another_region_is_refused() -> None:
    with pytest.raises(SpecError, match="is in us-east-1, and the store reads in eu-central-1"):
        resource("aws", "eu-central-1", "1" * 12, "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-a1B2c3")


@pytest.mark.parametrize(
    ("pattern", "name", "encrypts"),
    [
        ("*", "prod/db", True),
        ("prod/*", "prod/db", True),
        ("prod/*", "/prod/db", False),
        ("prod/db", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-a1B2c3", True),
        ("prod/db", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db", True),
        ("prod", "prod/db", False),
    ],
)
def test_what_a_key_encrypts_is_named_as_in_the_secrets(pattern: str, name: str, *, encrypts: bool) -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/0d1e"
    assert key_encrypts(CustomerKey(arn, (pattern,)), name) is encrypts
    assert plain_name("prod/db") == "prod/db"
