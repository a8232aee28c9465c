"""Where AWS is asked: the environment's endpoints, the region's own otherwise, and regions that cannot exist."""

import subprocess
import sys

import pytest

from components.clients.aws import open_session
from components.core.spec.store_identity import StoreIdentity
from components.errors import SpecError
from sandbox.aws import AwsApi
from tests.support.roles import create_role
from tests.unit.aws_session.support import KEYS, REGION, ROLE, assumed, endpoints
from tests.unit.ssm_reader.support import scripted_aws


def test_each_service_has_its_own_endpoint(aws: AwsApi) -> None:
    with scripted_aws(assumed) as sts:
        environ = {"AWS_SSM_ENDPOINT": aws.url, "AWS_STS_ENDPOINT": sts.url}
        session = open_session(StoreIdentity(REGION, role=ROLE), KEYS, environ=environ)
        session.client("ssm").get_parameters(Names=["/app/db"])

    assert [asked.operation for asked in sts.requests] == ["AssumeRole"]
    assert [call.operation for call in aws.calls] == ["GetParameters"]
    assert session.caller("ssm").endpoint == aws.url


def test_the_sdks_own_endpoint_setting_holds_too(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    role = create_role(aws, "reader")

    session = open_session(StoreIdentity(REGION, role=role), KEYS, environ={})

    assert session.caller("ssm").endpoint == aws.url
    assert [call.operation for call in aws.calls] == ["AssumeRole"]


@pytest.mark.parametrize(
    ("region", "partition", "endpoint"),
    [
        ("eu-central-1", "aws", "https://ssm.eu-central-1.amazonaws.com"),
        ("cn-north-1", "aws-cn", "https://ssm.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "https://ssm.us-gov-west-1.amazonaws.com"),
    ],
)
def test_without_settings_the_regions_own_endpoint_is_asked(region: str, partition: str, endpoint: str) -> None:
    caller = open_session(StoreIdentity(region), KEYS, environ={}).caller("ssm")

    assert (caller.region, caller.partition, caller.endpoint) == (region, partition, endpoint)


@pytest.mark.parametrize("region", ["", "Frankfurt", "eu-central", "eu central-1", "xx-central-1", "eu-central-1a"])
def test_a_region_that_cannot_exist(region: str) -> None:
    with pytest.raises(SpecError, match="write one such as 'eu-central-1'") as raised:
        open_session(StoreIdentity(region), KEYS, environ={})

    assert repr(region) in str(raised.value)


@pytest.mark.parametrize("url", ["localhost:4566", "ftp://canary", "http://", "http://[canary", "http://host:canary"])
def test_an_endpoint_that_is_not_a_url(url: str) -> None:
    with pytest.raises(SpecError, match=r"AWS_SSM_ENDPOINT is not a URL: write http\(s\)://host:port") as raised:
        open_session(StoreIdentity(REGION), KEYS, environ={"AWS_SSM_ENDPOINT": url})

    assert "canary" not in str(raised.value)


def test_an_endpoint_setting_of_the_sdk_that_is_not_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "not a url")

    with pytest.raises(SpecError, match="is not a URL"):
        open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "reader"),
        ("role", "arn:aws:iam::123:role/reader"),
        ("role", "arn:aws:iam::123456789012:user/reader"),
        ("additional_roles", ("arn:aws:sts::123456789012:assumed-role/reader/s",)),
        ("external_id", "x"),
        ("session_tags", (("team", "a"), ("Team", "b"))),
        ("session_tags", (("", "a"),)),
    ],
)
def test_an_identity_that_can_never_work(field: str, value: object) -> None:
    with pytest.raises(SpecError) as raised:
        StoreIdentity(REGION, **{field: value})  # type: ignore[arg-type] # one field of several types

    assert str(raised.value).startswith(("role:", "additionalRoles:", "externalID:", "sessionTags:"))


def test_importing_the_session_does_not_import_the_sdk() -> None:
    check = "import sys, components.clients.aws; sys.exit(any(name in sys.modules for name in ('boto3', 'botocore')))"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_clients_of_a_session_are_one(aws: AwsApi) -> None:
    session = open_session(StoreIdentity(REGION), KEYS, environ=endpoints(aws.url))

    assert session.client("ssm") is session.client("ssm")
