"""Pipes, devices and huge files where the AWS SDK's default chain reads one: an error at once, never a wait."""

import os
from pathlib import Path

import pytest

from components.clients.aws import open_session, sdk_limits
from components.clients.small_files import LARGEST
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError
from tests.unit.aws_session.support import KEYS, REGION, ROLE

UNUSUAL = {"pipe": "it is a folder", "/dev/zero": "it is a folder", "folder": "it is a folder", "huge": "it is larger"}
WAYS = {
    "token": ("AWS_WEB_IDENTITY_TOKEN_FILE", "the token file of the AWS SDK's default chain cannot be read: {}"),
    "config": ("AWS_CONFIG_FILE", "the AWS configuration file {path} cannot be used: {}"),
    "credentials": ("AWS_SHARED_CREDENTIALS_FILE", "the AWS credentials file {path} cannot be used: {}"),
    "certificates": ("AWS_CA_BUNDLE", "the AWS certificates file {path} cannot be used: {}"),
    "container": ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "the AWS token file {path} cannot be used: {}"),
}


@pytest.fixture(params=UNUSUAL)
def unusual(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A path, and what is said of it."""
    paths = {"pipe": tmp_path / "pipe", "huge": tmp_path / "huge", "folder": tmp_path}
    path, why = paths.get(request.param, Path(request.param)), UNUSUAL[request.param]
    if request.param == "pipe":
        os.mkfifo(path)
    if request.param == "huge":
        with path.open("wb") as file:
            file.truncate(LARGEST + 1)
    return str(path), why


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_the_chain_reads(way: str, unusual: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    path, why = unusual
    variable, text = WAYS[way]
    monkeypatch.setenv(variable, path)
    if way == "token":
        monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    if way == "container":
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
    with pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), KEYS if way == "certificates" else None, environ={}).client("ssm")
    assert str(raised.value).startswith(text.format(why, path=path))
    assert variable in str(raised.value)


@pytest.mark.parametrize("via", ["", f"[profile work]\nrole_arn = {ROLE}\nsource_profile = base\n"])
def test_a_token_file_that_a_profile_names(
    via: str, unusual: tuple[str, str], no_credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = f"role_arn = {ROLE}\nweb_identity_token_file = {unusual[0]}\n"
    (no_credentials / "config").write_text(f"{via}[profile {'base' if via else 'work'}]\n{named}")
    monkeypatch.setenv("AWS_PROFILE", "work")
    with pytest.raises(IdentityError, match=f"token file of the AWS SDK's default chain cannot be read: {unusual[1]}"):
        open_session(StoreIdentity(REGION), environ={})


def test_what_is_not_there_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in (os.devnull, str(tmp_path / "missing"), "~/missing", ""):
        sdk_limits.refuse_unusual_file(path, "configuration", "AWS_CONFIG_FILE")
        monkeypatch.setenv("AWS_CONFIG_FILE", path)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", path)
        with pytest.raises(IdentityError, match="no AWS credentials"):
            open_session(StoreIdentity(REGION), environ={})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "it holds no certificate in PEM"),
        (b"canary", "it holds no certificate in PEM"),
        (bytes(range(256)), "it holds no certificate in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n", "it holds no certificate in PEM"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_certificates_that_are_none(
    variable: str, content: bytes | None, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It was told that the other side's certificate is not trusted, or that a profile is wrong."""
    path = tmp_path / "bundle"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, str(path))
    with pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm")
    assert str(raised.value).startswith(
        f"the AWS certificates file {path} cannot be used: {why}; correct AWS_CA_BUNDLE"
    )


@pytest.mark.parametrize("name", ["", " ", "~/missing"])
def test_a_name_of_certificates_that_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", name)
    with pytest.raises(IdentityError, match=r"certificates file .* cannot be used: .*; correct AWS_CA_BUNDLE"):
        open_session(StoreIdentity(REGION), KEYS, environ={}).client("ssm")
