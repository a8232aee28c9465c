"""Base credentials: access keys where the store has them, else the SDK's default chain, with clean errors for both."""

import logging
from pathlib import Path

import pytest

from components.clients.aws import open_session
from components.core.secret_value import Secret
from components.core.spec.store_identity import AccessKeys, StoreIdentity
from components.errors import IdentityError
from sandbox.aws import AwsApi
from tests.unit.aws_session.support import KEYS, REGION, ROLE, assumed, endpoints
from tests.unit.ssm_reader.support import parameters, scripted_aws


def test_access_keys_win_over_the_environment(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT00000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")

    session = open_session(StoreIdentity(REGION), KEYS, environ=endpoints(aws.url))
    session.client("ssm").get_parameters(Names=["/app/db"])

    assert [call.access_key_id for call in aws.calls] == ["AKIASANDBOX000000000"]
    assert session.caller("ssm").identity == "the access keys of Secret team-a/aws"


def test_temporary_access_keys_send_their_token() -> None:
    keys = AccessKeys(Secret("ASIAX"), Secret("secret"), Secret("token"))
    with scripted_aws(lambda asked: parameters(*asked.body["Names"])) as aws:
        client = open_session(StoreIdentity(REGION), keys, environ=endpoints(aws.url)).client("ssm")
        client.get_parameters(Names=["/app/db"])

    assert aws.requests[0].headers["x-amz-security-token"] == "token"


def test_without_access_keys_the_default_chain_is_used(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT00000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")

    session = open_session(StoreIdentity(REGION), environ=endpoints(aws.url))
    session.client("ssm").get_parameters(Names=["/app/db"])

    assert [call.access_key_id for call in aws.calls] == ["AKIAENVIRONMENT00000"]
    assert session.caller("ssm").identity == "the AWS SDK's default credentials (env)"


def test_no_credentials_at_all() -> None:
    with pytest.raises(IdentityError, match=r"no AWS credentials: set AWS_PROFILE.*auth\.secretRef"):
        open_session(StoreIdentity(REGION), environ={})


def test_a_profile_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    with pytest.raises(IdentityError, match="belong to a profile that does not exist"):
        open_session(StoreIdentity(REGION), environ={})


def test_an_expired_login_says_how_to_log_in(monkeypatch: pytest.MonkeyPatch, no_credentials: Path) -> None:
    (no_credentials / "config").write_text(
        "[profile work]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-central-1\n"
        "sso_account_id = 123456789012\nsso_role_name = reader\nregion = eu-central-1\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("HOME", str(no_credentials))

    with pytest.raises(IdentityError, match="aws sso login"):
        open_session(StoreIdentity(REGION), environ={})


@pytest.mark.parametrize(
    ("variable", "value", "token_file"),
    [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/TOPSECRET", None),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/TOPSECRET", None),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://127.0.0.1/TOPSECRET", None),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[::TOPSECRET", None),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "TOPSECRET", None),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/TOPSECRET", "/not/there"),
    ],
)
@pytest.mark.usefixtures("no_credentials")
def test_a_container_endpoint_that_gives_none_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, token_file: str | None
) -> None:
    monkeypatch.setenv(variable, value)
    if token_file:
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file)
    with pytest.raises(IdentityError) as caught:
        open_session(StoreIdentity(REGION), environ={})
    said = str(caught.value)
    assert said.endswith(
        f"; {variable} is set: run this where its endpoint answers (an EKS pod, an ECS task), or unset it"
    )
    assert "TOPSECRET" not in said


def test_a_container_endpoint_is_not_blamed_for_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x")
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(IdentityError, match="belong to a profile that does not exist") as caught:
        open_session(StoreIdentity(REGION), environ={})
    assert "CONTAINER" not in str(caught.value)


def test_half_a_pair_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT00000")

    with pytest.raises(IdentityError, match="are incomplete"):
        open_session(StoreIdentity(REGION), environ={})


def test_a_credential_process_that_fails_is_not_quoted(monkeypatch: pytest.MonkeyPatch, no_credentials: Path) -> None:
    (no_credentials / "config").write_text(
        "[profile work]\ncredential_process = /bin/sh -c 'echo canary >&2; exit 1'\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "work")

    with pytest.raises(IdentityError, match="cannot be loaded") as raised:
        open_session(StoreIdentity(REGION), environ={})

    assert "canary" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_no_credential_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    identity = StoreIdentity(REGION, role=ROLE, external_id="canary-external-id")
    with scripted_aws(assumed) as aws, caplog.at_level(logging.DEBUG):
        open_session(identity, KEYS, environ=endpoints(aws.url))

    assert "urllib3" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("value", ["canary\n", "canary\r\n", "can ary", "canary\t", "canärÿ"])
def test_a_line_break_in_the_environment_s_credentials_is_named(
    aws: AwsApi, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Such a request cannot even be built, which used to be told as a network that is down, after retries."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT00000", "AWS_SECRET_ACCESS_KEY": "other", "AWS_SESSION_TOKEN": "token"}
    for each, text in {**keys, name: value}.items():
        monkeypatch.setenv(each, text)
    with pytest.raises(IdentityError, match=rf"\({name}\) holds a blank, a line break or .*; set it again") as caught:
        open_session(StoreIdentity(REGION), environ=endpoints(aws.url))
    assert value.strip() not in str(caught.value)
    assert aws.calls == []


def test_a_line_break_in_a_profile_is_named(aws: AwsApi, no_credentials: Path) -> None:
    (no_credentials / "credentials").write_text("[default]\naws_access_key_id = AK IA\naws_secret_access_key = x\n")
    with pytest.raises(IdentityError, match=r"the access key ID .* \(shared-credentials-file\) holds a blank"):
        open_session(StoreIdentity(REGION), environ=endpoints(aws.url))


@pytest.mark.parametrize("program", ["no-such-program get", "./nowhere/program"])
def test_a_credential_process_that_is_not_there_is_named(aws: AwsApi, no_credentials: Path, program: str) -> None:
    (no_credentials / "config").write_text(f"[default]\ncredential_process = {program}\n")
    with pytest.raises(
        IdentityError, match=r"the credential_process .* cannot be run: No such file or directory; install it"
    ):
        open_session(StoreIdentity(REGION), environ=endpoints(aws.url))


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("AKIAENVIRONMENT00000", "AKIAENVIRONMENT00000"), "are the two swapped"),
        (("AKIA/SECRET+OF=SOMEBODY", "other"), "is it the secret access key"),
        (("ASIAENVIRONMENT00000", "other"), "which need a session token"),
        (("AKIAENVIRONMENT00000", '"other"'), "has quotes around it"),
        (("AWS_ACCESS_KEY_ID=AKIAENVIRONMENT00000", "other"), "begins with a variable's name"),
    ],
)
def test_keys_of_the_environment_that_are_no_pair_are_named(
    aws: AwsApi, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str], why: str
) -> None:
    for name, text in zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), keys, strict=True):
        monkeypatch.setenv(name, text)
    with pytest.raises(IdentityError, match=why) as caught:
        open_session(StoreIdentity(REGION), environ=endpoints(aws.url))
    assert not any(text in str(caught.value) for text in keys)
    assert aws.calls == []
