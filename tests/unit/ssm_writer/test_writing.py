"""The writer against AWS at the wire: what is sent, what it tells, and errors without AWS's own texts."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.clients.aws import RateLimiters, open_access
from components.clients.aws.writes import AlreadyThereError, Writer
from components.core.secret_value import Secret
from components.core.service_writing import Details, Put
from components.core.spec.push_specs import PushMetadata
from components.core.spec.store_identity import AccessKeys, StoreIdentity
from components.core.ssm import PARAMETER_STORE
from components.errors import WriteError
from sandbox.aws import AwsApi
from tests.support.roles import allow, create_role

REGION = "eu-central-1"
ANY: PushMetadata[str] = PushMetadata()
VALUE = "canary-value-of-a-writer"


@pytest.fixture(scope="module")
def running() -> Iterator[AwsApi]:
    with AwsApi(REGION) as aws:
        yield aws


@pytest.fixture
def aws(running: AwsApi) -> AwsApi:
    running.reset()
    return running


def writer(aws: AwsApi, role: str | None = None, slept: list[float] | None = None) -> Writer:
    limiters = RateLimiters(sleep=(slept if slept is not None else []).append)
    environ = {"AWS_SSM_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url}
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    identity = StoreIdentity(REGION, role=role)
    return open_access(PARAMETER_STORE, identity, base, limiters=limiters, environ=environ).open_writer()


def put(name: str = "/p", **more: Any) -> Put:
    given = {"value": Secret(VALUE), "tags": {}}
    about = {"type": "String", "description": "d", **more.pop("details", {})}
    return Put(name, version="", details=Details(**about), **{**given, **more})


def test_a_parameter_is_created_described_overwritten_tagged_and_deleted(aws: AwsApi) -> None:
    write = writer(aws)
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    policies = ('{"Type":"Expiration","Version":"1.0"}',)
    about = {"type": "SecureString", "key": key, "tier": "Advanced"}
    created = put(details={**about, "policies": policies})
    assert write.put(created) == "1"
    found = write.describe(dict.fromkeys(["/p", "/absent"], ANY), {})["/p"]
    by = f"arn:aws:iam::{aws.account}:user/sandbox"
    assert found == Details("SecureString", "Advanced", key, "d", policies, by=by, at=found.at)
    assert write.put(put(details=about, changes=("policies",), tags=None)) == "2"
    assert write.describe({"/p": ANY}, {})["/p"].policies == ()
    write.tag("/p", {"a": "b", "c": ""})
    write.untag("/p", ["c", "absent"])
    tags = aws.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId="/p")["TagList"]
    assert tags == [{"Key": "a", "Value": "b"}]
    write.delete("/p", {}, ANY)
    write.delete("/p", {}, ANY)
    assert write.describe({"/p": ANY}, {}) == {}


@pytest.mark.parametrize(("requests", "writes", "deletions"), [(None, 3, 3), (20.0, 3, 3), (41.0, 10, 5)])
def test_nothing_is_slower_than_the_accounts_own_quota(
    aws: AwsApi, requests: float | None, writes: int, deletions: int
) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    limiters = RateLimiters(clock=lambda: now[0], sleep=sleep)
    environ = {"AWS_SSM_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": aws.url}
    base = AccessKeys(Secret("AKIASANDBOX000000000"), Secret("x"))
    write = open_access(
        PARAMETER_STORE,
        StoreIdentity(REGION),
        base,
        limiters=limiters,
        requests_per_second=requests,
        environ=environ,
    ).open_writer()
    for number in range(20):
        write.put(put(f"/p{number}"))
    assert now == [pytest.approx((20 - writes) / writes)]
    now[0] = 0.0
    for number in range(20):
        write.delete(f"/p{number}", {}, ANY)
    assert now == [pytest.approx((20 - deletions) / deletions)]


def test_what_is_there_is_never_created_again(aws: AwsApi) -> None:
    aws.put_parameter("/p", "theirs")
    with pytest.raises(AlreadyThereError, match="'/p' in eu-central-1 was created by somebody else") as caught:
        writer(aws).put(put())
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"type": "SecureString", "key": "alias/absent"}, "its KMS key cannot be used .InvalidKeyId.; name one"),
        ({"type": "Other"}, "AWS refuses ssm:PutParameter .ValidationException.; correct what is pushed"),
        ({"tier": "Advanced", "policies": ('{"Type":"No"}',)}, "correct metadata.tier.policies"),
    ],
)
def test_a_refusal_says_what_to_do_and_quotes_no_value(aws: AwsApi, more: dict[str, Any], problem: str) -> None:
    with pytest.raises(WriteError, match=problem) as caught:
        writer(aws).put(put(details=more))
    assert VALUE not in str(caught.value)


def test_the_type_of_what_is_there_cannot_be_changed(aws: AwsApi) -> None:
    aws.put_parameter("/p", "old", "SecureString")
    with pytest.raises(WriteError, match="the type of a parameter that is there cannot be changed"):
        writer(aws).put(put(tags=None))


def test_a_denial_names_the_missing_permission(aws: AwsApi) -> None:
    role = create_role(aws, "pusher")
    allow(aws, "pusher", {"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*"})
    write = writer(aws, role)
    aws.put_parameter("/p", "old", "String")
    denied = "may not call ssm:{} on arn:aws:ssm:eu-central-1:{}:parameter/p because no identity-based policy allows it"
    with pytest.raises(WriteError) as caught:
        write.tag("/p", {"a": "b"})
    assert denied.format("AddTagsToResource", aws.account) in str(caught.value)
    assert '"Action": ["ssm:AddTagsToResource", "ssm:PutParameter"]' in str(caught.value)
    with pytest.raises(WriteError) as caught:
        write.untag("/p", ["a"])
    assert denied.format("RemoveTagsFromResource", aws.account) in str(caught.value)
    with pytest.raises(WriteError) as caught:
        write.delete("/p", {}, ANY)
    assert denied.format("DeleteParameter", aws.account) in str(caught.value)
    with pytest.raises(WriteError, match=r'"Action": "ssm:DescribeParameters", "Resource": "\*"'):
        write.describe({"/p": ANY}, {})
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(WriteError, match=f"cannot be encrypted: .* may not call kms:Encrypt on its KMS key {key}"):
        write.put(put("/q", details={"type": "SecureString", "key": key}))


def test_writes_and_descriptions_share_three_a_second_and_throttling_is_waited_for(aws: AwsApi) -> None:
    slept: list[float] = []
    write = writer(aws, slept=slept)
    aws.faults.throttle("ssm:PutParameter", calls=1)
    for number in range(4):
        write.put(put(f"/p{number}"))
    write.describe(dict.fromkeys(["/p0"], ANY), {})
    assert len([each for each in slept if each > 0.2]) >= 2
    calls = [call.operation for call in aws.calls if call.operation in ("PutParameter", "DescribeParameters")]
    assert calls == ["PutParameter"] * 5 + ["DescribeParameters"]


def test_fifty_names_are_described_in_a_call(aws: AwsApi) -> None:
    for number in range(60):
        aws.put_parameter(f"/many/{number}", "v")
    assert len(writer(aws).describe(dict.fromkeys([f"/many/{number}" for number in range(60)], ANY), {})) == 60
    assert [call.operation for call in aws.calls] == ["DescribeParameters"] * 2
