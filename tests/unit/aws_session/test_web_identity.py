"""A ServiceAccount's token gives the base credentials: one unsigned call to STS, and a new token at each renewal."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from components.clients.aws import open_session
from components.clients.aws.identity.web_identity import WebIdentity
from components.core.secret_value import Secret
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError
from tests.unit.aws_session.support import ACCOUNT, REGION, ROLE, assumed, endpoints, sts_error
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, parameters, scripted_aws

IRSA = f"arn:aws:iam::{ACCOUNT}:role/irsa"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/irsa/pulumi-parameter-store"


def tokens() -> Callable[[], Secret]:
    """Requests a token that differs from the last one."""
    numbers = iter(range(1, 9))
    return lambda: Secret(f"canary.token.{next(numbers)}")


def identity(role: str = IRSA) -> WebIdentity:
    return WebIdentity(role, tokens(), "ServiceAccount team-a/reader")


def taken(asked: Asked, lifetime: timedelta = timedelta(hours=1)) -> Answer:
    """STS's answer to AssumeRoleWithWebIdentity; AssumeRole's has the same content under another name."""
    status, text = assumed(asked, lifetime)
    assert isinstance(text, str)
    return status, text.replace("AssumeRoleRes", "AssumeRoleWithWebIdentityRes")


def refusal(answer: Answer, clock: FakeClock | None = None, settle: float = 0.0) -> str:
    retry, web_identity = (clock or FakeClock()).retry(), identity()
    with scripted_aws(lambda _: answer) as aws, pytest.raises(IdentityError) as raised:
        open_session(StoreIdentity(REGION), web_identity, environ=endpoints(aws.url), retry=retry, settle=settle)
    assert raised.value.__suppress_context__
    assert "canary" not in str(raised.value)
    return str(raised.value)


def test_the_call_is_eso_s_and_unsigned_though_the_runner_has_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT00000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")

    with scripted_aws(taken) as aws:
        session = open_session(StoreIdentity(REGION), identity(), environ=endpoints(aws.url))

    (asked,) = aws.requests
    assert asked.body.pop("Version")
    assert asked.body == {
        "Action": "AssumeRoleWithWebIdentity",
        "RoleArn": IRSA,
        "RoleSessionName": "pulumi-parameter-store",
        "WebIdentityToken": "canary.token.1",
    }
    assert "authorization" not in asked.headers
    assert (session.caller("ssm").identity, session.caller("ssm").account) == (SESSION, ACCOUNT)


@pytest.mark.parametrize("profile", ["work", "gone"])
def test_the_runner_s_profile_gives_no_credentials_but_must_exist(
    monkeypatch: pytest.MonkeyPatch, no_credentials: Path, profile: str
) -> None:
    (no_credentials / "config").write_text("[profile work]\ncredential_process = /bin/false\n")
    monkeypatch.setenv("AWS_PROFILE", profile)
    gone = pytest.raises(IdentityError, match=r"a profile that does not exist \(ProfileNotFound\); correct AWS_PROFILE")

    with scripted_aws(taken) as aws, nullcontext() if profile == "work" else gone:
        open_session(StoreIdentity(REGION), identity(), environ=endpoints(aws.url)).client("ssm")


def test_the_roles_come_after_it_each_with_one_call() -> None:
    with scripted_aws(lambda asked: taken(asked) if "WebIdentityToken" in asked.body else assumed(asked)) as aws:
        hop = f"arn:aws:iam::{ACCOUNT}:role/hop"
        store = StoreIdentity(REGION, role=ROLE, additional_roles=(hop,))
        open_session(store, identity(), environ=endpoints(aws.url))

    assert [asked.body["RoleArn"] for asked in aws.requests] == [IRSA, hop, ROLE]
    assert [asked.operation for asked in aws.requests] == ["AssumeRoleWithWebIdentity", "AssumeRole", "AssumeRole"]


def test_a_renewal_takes_a_new_token() -> None:
    def script(asked: Asked) -> Answer:
        if asked.operation == "AssumeRoleWithWebIdentity":
            last = asked.body["WebIdentityToken"].endswith("2")
            return taken(asked, timedelta(hours=1) if last else timedelta(seconds=30))
        return parameters(*asked.body["Names"])

    with scripted_aws(script) as aws:
        client = open_session(StoreIdentity(REGION), identity(), environ=endpoints(aws.url)).client("ssm")
        for _ in range(2):
            client.get_parameters(Names=["/app/db"])

    sent = [asked.body.get("WebIdentityToken") for asked in aws.requests]
    assert sent == ["canary.token.1", "canary.token.2", None, None]


@pytest.mark.parametrize(
    ("message", "clause"),
    [
        ("No OpenIDConnect provider found in your account for https://x", "has no OIDC provider of the token's issuer"),
        ("Incorrect token audience", "does not list the token's audience"),
        (
            "Couldn't retrieve verification key from your identity provider, ...",
            "cannot fetch the issuer's public keys",
        ),
        ("canary", "it does not say why"),
    ],
)
def test_a_token_that_sts_does_not_accept(message: str, clause: str) -> None:
    text = refusal(sts_error("InvalidIdentityToken", message, 400))

    assert text.startswith(f"ServiceAccount team-a/reader cannot take role {IRSA}: STS does not accept its token")
    assert clause in text
    assert "needs an IAM OIDC provider with the URL" in text


def test_a_rejected_claim_speaks_of_the_provider() -> None:
    assert "(IDPRejectedClaim: it does not say why)" in refusal(sts_error("IDPRejectedClaim", "canary"))


def test_an_expired_token_speaks_of_clocks() -> None:
    assert "set the clocks" in refusal(sts_error("ExpiredTokenException", "Token expired: canary", 400))


def test_an_issuer_that_aws_does_not_reach_is_asked_again() -> None:
    clock = FakeClock()

    text = refusal(sts_error("IDPCommunicationError", "canary", 400), clock)

    assert "IDPCommunicationError" in text
    assert clock() > 50


def test_a_new_provider_or_role_is_waited_for_with_progress() -> None:
    clock, told = FakeClock(), list[str]()
    denied = sts_error("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    unknown = sts_error("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://x", 400)

    def script(asked: Asked) -> Answer:
        return taken(asked) if clock() > 16 else denied if clock() > 8 else unknown

    with scripted_aws(script) as aws:
        open_session(
            StoreIdentity(REGION),
            identity(),
            environ=endpoints(aws.url),
            retry=clock.retry(),
            settle=30,
            progress=told.append,
        )

    assert 16 < clock() <= 30
    assert set(told) == {f"waiting for IAM to propagate role {IRSA}, which this program has just written"}
    assert len(told) in (2, 3)


def test_a_role_that_stays_unknown_is_given_up() -> None:
    clock = FakeClock()

    refusal(sts_error("AccessDenied", "Not authorized"), clock, settle=30)

    assert 20 < clock() <= 30


@pytest.mark.parametrize("role", ["reader", f"arn:aws:iam::{ACCOUNT}:user/reader", "arn:aws:iam::1:role/x"])
def test_an_annotation_that_is_no_role_is_told_before_sts_is_asked(role: str) -> None:
    with pytest.raises(IdentityError, match=r"annotation eks\.amazonaws\.com/role-arn is .* not a role's ARN"):
        identity(role)
