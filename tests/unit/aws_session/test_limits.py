"""Every wait for AWS and for credentials ends, and is told of; no answer is read beyond what AWS sends."""

import functools
import json
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.clients import programs
from components.clients.aws import AwsSession, Retry, open_session, sdk_limits
from components.clients.aws.identity import runner
from components.clients.aws.identity.pod_identity import PodRole
from components.clients.waiting import Waiting
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError, ParameterStoreError
from tests.support.slow_server import OK, SLOW, Talk, drip, flood, silence, slow_server
from tests.unit.aws_session.support import ACCOUNT, KEYS, REGION, ROLE, assumed, endpoints
from tests.unit.ssm_reader.support import FakeClock, scripted_aws

SOON = 5.0  # for a busy machine; the limits of sockets are longer
FOREVER = "import threading; threading.Event().wait()"


def open_quickly(identity: StoreIdentity, base: Any = None, environ: dict[str, str] | None = None) -> AwsSession:
    """A small budget of real time, and time limits of sockets that are longer than a test may take."""
    return open_session(identity, base, environ=environ or {}, retry=Retry(0.3), connect_timeout=60, read_timeout=60)


def open_at_once(identity: StoreIdentity, base: Any, environ: dict[str, str]) -> AwsSession:
    """Waiting between attempts costs no time."""
    return open_session(identity, base, environ=environ, retry=FakeClock().retry(5))


def command(code: str, *args: str) -> str:
    return shlex.join([sys.executable, "-IS", "-c", code, *args])


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_an_answer_of_sts_that_never_ends(talk: Talk) -> None:
    with slow_server(talk) as server:
        began = time.monotonic()
        with pytest.raises(IdentityError, match="it did not answer in time"):
            open_quickly(StoreIdentity(REGION, role=ROLE), KEYS, endpoints(server.url))
        assert time.monotonic() - began < SOON
        assert server.is_left()


def test_a_proxy_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with slow_server(drip(b"HTTP/1.1 200 OK\r\nX: ", b"x")) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        began = time.monotonic()
        with pytest.raises(IdentityError, match="it did not answer in time"):
            open_quickly(StoreIdentity(REGION, role=ROLE), KEYS)
        assert time.monotonic() - began < SOON
        assert server.is_left()


def test_a_read_ends_within_its_limit_and_is_tried_again() -> None:
    """An answer has the time to connect and the time to answer, even where a call has more."""
    with slow_server(SLOW["a body that trickles"]) as server:
        made = open_session(
            StoreIdentity(REGION), KEYS, environ=endpoints(server.url), connect_timeout=0.1, read_timeout=0.3
        )
        began = time.monotonic()
        with pytest.raises(Exception, match=r"[Tt]imeout|timed out"):
            made.client("ssm").get_parameters(Names=["/app/db"])
        assert 0.3 < time.monotonic() - began < SOON


HUGE: dict[str, Talk] = {
    "announced": flood(OK + b"Content-Length: 99999999999\r\n\r\n", b"A" * 65536, 0),
    "by its length": flood(OK + b"Content-Length: 33554432\r\n\r\n", b"A" * 65536, 32 << 20),
    "by its chunks": flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"A" * 65536 + b"\r\n", 32 << 20),
    "until it ends": flood(OK + b"\r\n", b"A" * 65536, 32 << 20),
    "an error": flood(b"HTTP/1.1 400 Bad Request\r\n\r\n", b"A" * 65536, 32 << 20),
}


@pytest.mark.parametrize("talk", HUGE.values(), ids=HUGE)
def test_an_answer_larger_than_any_of_aws_is_not_read(talk: Talk) -> None:
    with slow_server(talk) as server:
        with pytest.raises(IdentityError, match="its answer is larger than any of AWS's: is there a proxy in between"):
            open_quickly(StoreIdentity(REGION, role=ROLE), KEYS, endpoints(server.url))
        assert server.is_left()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<Arn>arn", "<Arn>"),
        lambda text: text.replace(":assumed-role/", ":assumed-role/canary words of an endpoint/"),
        lambda text: text.replace("<Arn>arn:aws:sts:", "<Arn>arn:canary:of-anybody:"),
        lambda text: text.replace(f":{ACCOUNT}:assumed-role", ":999999999999:assumed-role"),
        lambda text: text.replace("assumed-role/reader/", "assumed-role/canary/"),
        lambda text: text.replace("assumed-role/reader/", "assumed-role/reader-2/"),
        lambda text: text.replace(":sts:", ":iam:").replace("assumed-role/reader/", "user/canary/reader/"),
        lambda text: text.replace("<Arn>", "<Nra>").replace("</Arn>", "</Nra>"),
        lambda text: text.replace("SessionToken", "canary"),
        lambda text: text.replace("Expiration", "canary"),
        lambda text: text.replace("Credentials", "canary"),
        lambda text: text.replace("AssumedRoleUser", "canary"),
        lambda _: "<AssumeRoleResponse/>",
        lambda _: "<html><body>canary</body></html>",
        lambda _: "<a>" * 2_000,
        lambda _: "",
        lambda text: text.replace("<AccessKeyId>", "<AccessKeyId><a/>"),
    ],
)
def test_an_answer_of_sts_that_lacks_something(change: Callable[[str], str]) -> None:
    with (
        scripted_aws(lambda asked: (200, change(str(assumed(asked)[1])))) as aws,
        pytest.raises(IdentityError, match="its answer is not one of AWS's") as raised,
    ):
        open_at_once(StoreIdentity(REGION, role=ROLE), KEYS, endpoints(aws.url))
    assert "canary" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, no_credentials: Path) -> Callable[[str], None]:
    """Writes the AWS configuration, of which the profile `work` is used."""

    def write(text: str) -> None:
        (no_credentials / "config").write_text(text)
        monkeypatch.setenv("AWS_PROFILE", "work")

    return write


CREDENTIALS = json.dumps({"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "canary-secret"})
PROFILES = {
    "its own": "[profile work]\ncredential_process = {}\n",
    "of its source": f"[profile work]\nrole_arn = {ROLE}\nsource_profile = base\n"
    "[profile base]\ncredential_process = {}\n",
    "two hops away": f"[profile work]\nrole_arn = {ROLE}\nsource_profile = middle\n"
    f"[profile middle]\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\ncredential_process = {{}}\n",
}


@pytest.mark.parametrize("text", PROFILES.values(), ids=PROFILES)
def test_a_credential_process_that_never_ends(
    text: str, profile: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sdk_limits, "run_program", functools.partial(programs.run_program, seconds=0.5))
    monkeypatch.setattr(sdk_limits, "Waiting", functools.partial(Waiting, every=0.1))
    profile(text.format(command(FOREVER, "--secret", "canary")))
    told: list[str] = []
    with pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), environ={}, progress=told.append)
    assert str(raised.value) == (
        f"AWS credentials cannot be loaded: the credential_process {sys.executable} of the AWS configuration did not "
        "end within 60 s and was ended: run it by hand, log in where it asks for that, and try again"
    )
    assert told[0] == f"waiting for the credential_process {sys.executable} of the AWS configuration (0 s so far)"


@pytest.mark.parametrize("text", PROFILES.values(), ids=PROFILES)
def test_a_credential_process_that_answers(text: str, profile: Callable[[str], None]) -> None:
    profile(text.format(command("import sys; print(sys.argv[1])", CREDENTIALS)))
    with scripted_aws(assumed) as aws:
        made = open_session(StoreIdentity(REGION), environ=endpoints(aws.url))
    method = "custom-process" if "role_arn" not in text else "assume-role"
    assert made.caller("ssm").identity == f"the AWS SDK's default credentials ({method})"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("while True: print('canary' * 10000)", "printed more than any credentials can be"),
        ("import sys; sys.exit('canary')", "ended with exit code 1"),
        ("print('canary')", "did not print credentials"),
        ("print('[' * 100000)", "did not print credentials"),
        ("print('[]')", "did not print credentials"),
        *(
            (f'print(\'{CREDENTIALS[:-1]}, "Expiration": "{time}"}}\')', 'an "Expiration", if any, such as 2026-01-31')
            for time in ("yesterday", "2099-01-31T12:00:00", "2099-13-31T12:00:00Z")
        ),
        ('print(\'{"Version": 2, "AccessKeyId": "canary"}\')', "did not print credentials"),
        ('print(\'{"Version": 1, "AccessKeyId": "canary"}\')', "did not print credentials"),
        (
            'print(\'{"Version": 1, "AccessKeyId": "canary", "SecretAccessKey": "canary", "Expiration": 5}\')',
            "did not print credentials",
        ),
        (r"import sys; sys.stdout.buffer.write(b'\xff\xfe')", "did not print credentials"),
        (r"import sys; sys.stderr.buffer.write(b'\xff\xfe'); sys.exit(2)", "ended with exit code 2"),
    ],
)
def test_a_credential_process_that_gives_none(code: str, why: str, profile: Callable[[str], None]) -> None:
    profile(PROFILES["its own"].format(command(code).replace("%", "%%")))
    with pytest.raises(IdentityError, match=why) as raised:
        open_session(StoreIdentity(REGION), environ={})
    assert "canary" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("no-such-program --secret canary", "'?no-such-program'? of the AWS configuration cannot be run: No such file"),
        ("/etc", "cannot be run: Permission denied"),
    ],
)
def test_a_credential_process_that_cannot_be_run(written: str, why: str, profile: Callable[[str], None]) -> None:
    profile(PROFILES["its own"].format(written))
    with pytest.raises(IdentityError, match=why) as raised:
        open_session(StoreIdentity(REGION), environ={})
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("text", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("written", ["tool 'canary", 'tool "canary', "tool \"canary'", "tool canary\\", "'"])
def test_a_credential_process_with_a_quote_that_is_not_closed(
    written: str, text: str, profile: Callable[[str], None]
) -> None:
    profile(text.format(written))
    with pytest.raises(IdentityError, match=r"^credential_process of .* has a quote that is not closed") as raised:
        open_session(StoreIdentity(REGION), environ={})
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("talk", [SLOW["a body that trickles"], SLOW["headers that trickle"], silence])
def test_a_metadata_service_that_never_answers(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk_limits, "LONGEST_EXCHANGE", 0.2)
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with slow_server(talk) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/v1/credentials")
        began = time.monotonic()
        with pytest.raises(IdentityError, match="AWS credentials cannot be loaded"):
            open_session(StoreIdentity(REGION), environ={})
        assert time.monotonic() - began < SOON


def test_an_answer_of_a_metadata_service_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with slow_server(HUGE["until it ends"]) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/v1/credentials")
        with pytest.raises(IdentityError, match="larger than any of AWS's"):
            open_session(StoreIdentity(REGION), environ={})


def test_an_instance_metadata_service_that_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk_limits, "LONGEST_EXCHANGE", 0.2)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    with slow_server(SLOW["a body that trickles"]) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        began = time.monotonic()
        with pytest.raises(IdentityError, match="no AWS credentials"):
            open_session(StoreIdentity(REGION), environ={})
        assert time.monotonic() - began < SOON


def test_the_chain_as_a_whole_has_a_limit_and_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it waits for: here an endpoint of the container that says nothing."""
    monkeypatch.setattr(runner, "CHAIN_LIMIT", 0.5)
    monkeypatch.setattr(runner, "Waiting", functools.partial(Waiting, every=0.1))
    told: list[str] = []
    with slow_server(silence) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/v1/credentials")
        with pytest.raises(IdentityError, match="found no credentials within"):
            open_session(StoreIdentity(REGION), environ={}, progress=told.append)
    assert told[0] == "waiting for AWS credentials (0 s so far)"


def test_a_slow_sts_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk_limits, "Waiting", functools.partial(Waiting, every=0.05))
    told: list[str] = []
    with slow_server(SLOW["a body that trickles"]) as server, pytest.raises(ParameterStoreError):
        open_session(
            StoreIdentity(REGION, role=ROLE),
            KEYS,
            environ=endpoints(server.url),
            retry=Retry(0.3),
            progress=told.append,
        )
    assert told[0] == f"waiting for an answer of {server.url} (0 s so far)"


def test_a_pod_whose_sts_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT00000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    for answer in (
        "<GetCallerIdentityResponse/>",
        "<a><GetCallerIdentityResult><Arn>x</Arn></GetCallerIdentityResult></a>",
    ):
        with (
            scripted_aws(lambda _, answer=answer: (200, answer)) as aws,  # type: ignore[misc]
            pytest.raises(IdentityError, match="its answer is not one of AWS's"),
        ):
            open_at_once(StoreIdentity(REGION), PodRole(ROLE), endpoints(aws.url))
