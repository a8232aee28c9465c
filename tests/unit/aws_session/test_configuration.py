"""AWS configurations that the SDK cannot use: one line that says what to correct, for either service."""

import sys
from pathlib import Path

import pytest

from components.clients.aws import open_session
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError, SpecError
from tests.unit.aws_session.support import KEYS, REGION

ROLE = "role_arn = arn:aws:iam::123456789012:role/canary\n"
SSO = "sso_account_id = 123456789012\nsso_role_name = canary\n"
CORRECT = "correct the AWS_... variables of the environment, or the files in ~/.aws"


def problem(folder: Path, config: str) -> str:
    """What the default chain says of a configuration."""
    (folder / "config").write_text(config)
    with pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), environ={})
    assert "canary" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    "config",
    [
        f"[default]\n{ROLE}source_profile = lost\n",
        f"[default]\n{ROLE}source_profile = default\n",
        f"[default]\n{ROLE}credential_source = canary\n",
        f"[default]\n{ROLE}credential_source = Environment\n",
        (
            "[default]\nrole_arn = canary\nsource_profile = a\n[profile a]\n"
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = canary\n"
        ),
        f"[default]\nsso_session = lost\n{SSO}",
        f"[default]\nsso_session = my\n{SSO}[sso-session my]\nsso_region = us-east-1\n",
        f"[default]\nsso_start_url = https://canary\nsso_region = no where\n{SSO}",
        "[default]\nregion = a\n[default]\nregion = b\n",
        "canary\n",
    ],
)
def test_what_to_correct_is_said(no_credentials: Path, config: str) -> None:
    assert problem(no_credentials, config).endswith(f"; {CORRECT}")


@pytest.mark.parametrize("config", [f"[default]\n{ROLE}", "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"])
def test_what_is_missing_is_named(no_credentials: Path, config: str) -> None:
    assert problem(no_credentials, config).endswith(" is missing")


def test_a_login_is_the_only_advice_where_one_is_needed(no_credentials: Path) -> None:
    text = problem(no_credentials, f"[default]\nsso_start_url = https://canary\nsso_region = eu-west-1\n{SSO}")

    assert "run 'aws sso login'" in text
    assert CORRECT not in text


def test_a_credential_process_whose_credentials_have_expired(no_credentials: Path, tmp_path: Path) -> None:
    keys = '"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "canary", "SessionToken": "canary"'
    (tmp_path / "answer").write_text(f'{{"Version": 1, {keys}, "Expiration": "2020-01-01T00:00:00Z"}}')
    (tmp_path / "print.py").write_text(f"print(open({str(tmp_path / 'answer')!r}).read())")

    said = problem(no_credentials, f"[default]\ncredential_process = {sys.executable} {tmp_path / 'print.py'}\n")

    assert "printed credentials that have expired already: run it by hand" in said


@pytest.mark.parametrize("service", ["ssm", "secretsmanager"])
@pytest.mark.parametrize("url", ["https://u:canary@host", "https://host/?canary", "ftp://canary"])
def test_an_endpoint_of_the_sdks_own_is_held_to_the_same(
    monkeypatch: pytest.MonkeyPatch, service: str, url: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(SpecError, match=f"the endpoint that the AWS configuration names for {service} ") as raised:
        open_session(StoreIdentity(REGION), KEYS, environ={}).client(service)

    assert "canary" not in str(raised.value)


def test_a_service_s_section_that_is_a_word(no_credentials: Path) -> None:
    (no_credentials / "config").write_text("[default]\nservices = mine\n[services mine]\nssm = canary\n")

    with pytest.raises(IdentityError, match="the AWS configuration cannot be used") as raised:
        open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm")

    assert str(raised.value).endswith(f"; {CORRECT}")


@pytest.mark.parametrize("variable", ["AWS_DEFAULTS_MODE", "AWS_STS_REGIONAL_ENDPOINTS"])
def test_a_variable_that_the_sdk_refuses(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "canary")

    with pytest.raises(IdentityError, match=r"the AWS configuration cannot be used \(Invalid\w+\); ") as raised:
        open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm")

    assert str(raised.value).endswith(CORRECT)


def test_what_a_client_is_told_no_other_is() -> None:
    """All sessions have one set of botocore's handlers; a client's own do not come to it."""
    clients = [open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm") for _ in range(2)]
    clients[0].meta.events.register("canary", lambda **_: "heard")
    clients.append(open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm"))
    heard = [[answer for _, answer in each.meta.events.emit("canary")] for each in clients]
    assert heard == [["heard"], [], []]
