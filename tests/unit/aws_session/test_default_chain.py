"""The runner's own identity by the SDK's default chain: IRSA and Pod Identity of the pod in which Pulumi runs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from components.clients.aws import open_session
from components.core.spec.runner_specs import RunnerSpec
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError
from tests.unit.aws_session.support import ACCOUNT, REGION, ROLE, assumed, endpoints, sts_error
from tests.unit.aws_session.test_web_identity import taken
from tests.unit.ssm_reader.support import Answer, Asked, parameters, scripted_aws

RUNNER = f"arn:aws:iam::{ACCOUNT}:role/runner"


def answer(asked: Asked) -> Answer:
    match asked.operation:
        case "AssumeRoleWithWebIdentity":
            return taken(asked)
        case "AssumeRole":
            return assumed(asked, key="ASIALAST")
        case _:
            return parameters(*asked.body["Names"])


@pytest.fixture
def irsa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What EKS's webhook puts into a pod."""
    token = tmp_path / "token"
    token.write_text("canary.token.1")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
    monkeypatch.setenv("AWS_ROLE_ARN", RUNNER)


@contextmanager
def agent(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """The Pod Identity agent: its URL, and the tokens that it was shown."""
    shown: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers["Authorization"])
            expiration = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
            keys = {"AccessKeyId": "ASIAAGENT", "SecretAccessKey": "canary-secret", "Token": "canary-token-AGENT"}
            content = json.dumps({**keys, "Expiration": expiration, "AccountId": ACCOUNT}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1/credentials", shown
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def pod_identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """What EKS's webhook puts into a pod with an association, and the agent."""
    token = tmp_path / "pod-token"
    token.write_text("canary.pod.token")
    with agent() as (url, shown):
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(token))
        yield shown


@pytest.mark.usefixtures("irsa")
def test_irsa_asks_the_endpoint_of_the_environment() -> None:
    with scripted_aws(answer) as aws:
        session = open_session(StoreIdentity(REGION), environ=endpoints(aws.url))
        session.client("ssm").get_parameters(Names=["/app/db"])

    assert [asked.operation for asked in aws.requests] == ["AssumeRoleWithWebIdentity", "GetParameters"]
    assert aws.requests[0].body["RoleArn"] == RUNNER
    assert aws.requests[1].headers["x-amz-security-token"] == "canary-token-ASIAHOP"
    assert session.caller("ssm").identity == "the AWS SDK's default credentials (assume-role-with-web-identity)"


@pytest.mark.usefixtures("irsa")
@pytest.mark.parametrize("code", ["AccessDenied", "InvalidIdentityToken"])
def test_irsa_that_is_denied_names_the_role_and_its_trust_policy(code: str) -> None:
    denied = sts_error(code, "canary", 400)
    with scripted_aws(lambda _: denied) as aws, pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), environ=endpoints(aws.url))

    text = str(raised.value)
    assert text.startswith(f"the AWS SDK's default chain cannot take role {RUNNER} with the token of")
    assert f"({code}). Likely cause: the role's trust policy" in text
    assert "canary" not in text
    assert text.count(code) == 1


@pytest.mark.usefixtures("irsa")
@pytest.mark.parametrize("what", ["nothing", "a folder"])
def test_a_token_file_that_cannot_be_read_is_named_as_the_cause(
    what: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path if what == "a folder" else tmp_path / "gone"))
    with pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), environ={})
    why = "it is a folder, pipe or device, not a file" if what == "a folder" else "No such file or directory"
    assert f"the token file of the AWS SDK's default chain cannot be read: {why}. Correct AWS_WEB_IDENTITY" in str(
        raised.value
    )
    assert "trust policy" not in str(raised.value)


@pytest.mark.parametrize("source", ["source_profile = keys", "credential_source = Environment"])
def test_a_profile_with_mfa_is_refused_without_a_question(
    source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"[profile mfa]\nrole_arn = {ROLE}\n{source}\nmfa_serial = arn:aws:iam::{ACCOUNT}:mfa/canary\n"
        "[profile keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    monkeypatch.setenv("AWS_PROFILE", "mfa")
    with pytest.raises(IdentityError, match="asks for the code of an MFA device") as raised:
        open_session(StoreIdentity(REGION), environ={}, runner=RunnerSpec(profile="mfa"))
    assert "canary" not in str(raised.value)
    assert capfd.readouterr().err == ""


def test_pod_identity_gives_the_credentials_that_assume_the_role(pod_identity: list[str]) -> None:
    with scripted_aws(answer) as aws:
        session = open_session(StoreIdentity(REGION, role=ROLE), environ=endpoints(aws.url))
        session.client("ssm").get_parameters(Names=["/app/db"])

    assert pod_identity == ["canary.pod.token"]
    assert [asked.operation for asked in aws.requests] == ["AssumeRole", "GetParameters"]
    used = [asked.headers["x-amz-security-token"] for asked in aws.requests]
    assert used == ["canary-token-AGENT", "canary-token-ASIALAST"]


@pytest.mark.usefixtures("irsa")
def test_irsa_goes_before_pod_identity(pod_identity: list[str]) -> None:
    with scripted_aws(answer) as aws:
        open_session(StoreIdentity(REGION), environ=endpoints(aws.url))

    assert [asked.operation for asked in aws.requests] == ["AssumeRoleWithWebIdentity"]
    assert pod_identity == []


def test_an_agent_that_refuses_is_a_clean_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with agent(status=403) as (url, _):
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary")
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
        with pytest.raises(IdentityError, match="cannot be loaded") as raised:
            open_session(StoreIdentity(REGION), environ={})

    assert "canary" not in str(raised.value)
