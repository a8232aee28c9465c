"""Without `auth`, a store begins as Pulumi's AWS provider was told: profile, keys, roles, accounts and endpoints."""

from pathlib import Path
from typing import Any

import pytest

from components.clients.aws import AwsSession, open_session
from components.core.spec.runner_specs import RunnerSpec, without_credentials
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError, SpecError
from sandbox.aws import AwsApi
from tests.support.two_accounts import OTHER, role, user_keys
from tests.unit.aws_session.support import ACCOUNT, REGION

FILES = """
[profile staging]
region = {region}
aws_access_key_id = {aws_access_key_id}
aws_secret_access_key = {aws_secret_access_key}
"""


@pytest.fixture
def keys(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Keys of the second account; the environment's are those of the first."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    aws.put_parameter("/app/db", "ours")
    aws.put_parameter("/app/db", "theirs", account=OTHER)
    return user_keys()


@pytest.fixture
def profile(keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "config"
    path.write_text(FILES.format(region=REGION, **keys))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return "staging"


def session(identity: StoreIdentity | None = None, /, **bag: Any) -> AwsSession:
    return open_session(identity or StoreIdentity(REGION), runner=RunnerSpec.from_bag(bag))


def value(opened: AwsSession) -> str:
    answer = opened.client("ssm").get_parameters(Names=["/app/db"], WithDecryption=True)
    return str(answer["Parameters"][0]["Value"])


def given(keys: dict[str, str]) -> dict[str, str]:
    return {"accessKey": keys["aws_access_key_id"], "secretKey": keys["aws_secret_access_key"]}


def test_a_profile_goes_before_the_environments_keys(profile: str) -> None:
    assert value(session(profile=profile)) == "theirs"


def test_a_profile_that_does_not_exist_is_one_line(profile: str) -> None:
    with pytest.raises(IdentityError) as caught:
        session(profile=f"{profile}-2")
    assert str(caught.value).startswith("there is no AWS profile 'staging-2' in ~/.aws/config or ~/.aws/credentials")
    assert "aws:profile" in str(caught.value)


def test_static_keys(keys: dict[str, str]) -> None:
    assert value(session(**given(keys))) == "theirs"


def test_roles_in_order_with_all_that_they_ask_for(aws: AwsApi, keys: dict[str, str]) -> None:
    first = role(aws, "first", trusts=ACCOUNT, keys=keys, StringEquals={"sts:ExternalId": "ext"})
    second = role(aws, "second", trusts=first, keys=keys, StringEquals={"aws:RequestTag/team": "a"})
    opened = session(
        roles=[
            {"roleArn": first, "externalId": "ext", "sessionName": "pulumi", "duration": "15m"},
            {"roleArn": second, "tags": {"team": "a"}, "transitiveTagKeys": ["team"]},
        ]
    )
    assert value(opened) == "theirs"
    assert [call.principal.rpartition(":")[2] for call in aws.calls] == [
        "user/sandbox",
        "assumed-role/first/pulumi",
        "assumed-role/second/pulumi-parameter-store",
    ]
    assert opened.caller("ssm").account == OTHER


def test_a_session_policy_bounds_the_role(aws: AwsApi, keys: dict[str, str]) -> None:
    arn = role(aws, "bounded", trusts=ACCOUNT, keys=keys)
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ssm:*","Resource":"*"}]}'
    with pytest.raises(Exception, match="AccessDenied"):
        value(session(roles=[{"roleArn": arn, "policy": policy}]))


def test_the_stores_roles_come_after_those_of_the_provider(aws: AwsApi, keys: dict[str, str]) -> None:
    base = role(aws, "base", trusts=ACCOUNT, keys=keys)
    reader = role(aws, "reader", trusts=base, keys=keys)
    assert value(session(StoreIdentity(REGION, role=reader), roles=[{"roleArn": base}])) == "theirs"
    assert [call.names for call in aws.calls if call.service == "sts"] == [(base,), (reader,)]


@pytest.mark.parametrize(
    ("lists", "text"),
    [
        ({"allowedAccountIds": [OTHER]}, f"are of AWS account {ACCOUNT}, and allowedAccountIds has {OTHER}"),
        ({"forbiddenAccountIds": [ACCOUNT]}, f"are of AWS account {ACCOUNT}, which forbiddenAccountIds forbids"),
    ],
)
def test_an_account_that_is_not_meant_is_refused_before_anything_is_read(
    aws: AwsApi, keys: dict[str, str], lists: dict[str, Any], text: str
) -> None:
    with pytest.raises(IdentityError) as caught:
        session(**lists)
    assert text in str(caught.value)
    assert [call.operation for call in aws.calls] == ["GetCallerIdentity"]
    aws.clear_calls()
    arn = role(aws, "there", trusts=ACCOUNT, keys=keys)
    assert value(session(roles=[{"roleArn": arn}], allowedAccountIds=[OTHER])) == "theirs"
    assert [call.operation for call in aws.calls] == ["AssumeRole", "GetParameters"], "the role's ARN tells"


@pytest.mark.usefixtures("keys")
def test_an_account_that_is_meant() -> None:
    assert value(session(allowedAccountIds=[ACCOUNT, OTHER], forbiddenAccountIds=[OTHER])) == "ours"


def test_endpoints_go_before_those_of_the_environment(
    aws: AwsApi, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_SSM_ENDPOINT", "AWS_STS_ENDPOINT"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    arn = role(aws, "there", trusts=ACCOUNT, keys=keys)
    assert value(session(roles=[{"roleArn": arn}], endpoints={"ssm": aws.url, "sts": aws.url})) == "theirs"
    with pytest.raises(SpecError, match=r"aws:endpoints: ssm is not a URL"):
        session(endpoints={"ssm": "user:password@host"})


@pytest.mark.parametrize(
    ("bag", "text"),
    [
        ({"accessKey": "AKIA"}, "accessKey and secretKey are only of use together"),
        ({"secretKey": "s"}, "accessKey and secretKey are only of use together"),
        ({"roles": [{}]}, "aws:assumeRoles[0].roleArn: '' is not a role's ARN"),
        ({"roles": [{"roleArn": "deployer"}]}, "aws:assumeRoles[0].roleArn: 'deployer' is not a role's ARN"),
        ({"roles": [{"roleArn": f"arn:aws:iam::{ACCOUNT}:role/x", "mfa": "1"}]}, "aws:assumeRoles[0].mfa: it cannot"),
        ({"allowedAccountIds": [12345678901]}, "aws:allowedAccountIds: '12345678901' is not an account's ID"),
        ({"forbiddenAccountIds": ["*"]}, "aws:forbiddenAccountIds: '*' is not an account's ID"),
    ],
)
def test_what_can_never_work(bag: dict[str, Any], text: str) -> None:
    with pytest.raises(SpecError) as caught:
        RunnerSpec.from_bag(bag)
    assert text in str(caught.value)


def test_what_is_compared_has_no_credentials() -> None:
    bag = {"region": "r", "aws": {"profile": "p", "accessKey": "A", "secretKey": "S", "token": "T", "roles": [1]}}
    renewed = {"region": "r", "aws": {"profile": "p", "accessKey": "B", "secretKey": "S2", "token": "T2", "roles": [1]}}
    assert without_credentials(bag) == without_credentials(renewed)
    assert without_credentials(bag) != without_credentials({**bag, "aws": {"profile": "p"}})
    assert without_credentials(bag) != without_credentials({**bag, "aws": {**bag["aws"], "profile": "q"}})  # type: ignore[dict-item]


def test_nothing_of_it_is_shown(keys: dict[str, str]) -> None:
    spec = RunnerSpec.from_bag({**given(keys), "token": "TOKEN"})
    assert keys["aws_secret_access_key"] not in repr(spec)
    assert "TOKEN" not in repr(spec)
    assert hash(spec) is not None
