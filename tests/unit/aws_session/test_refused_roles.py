"""A role that cannot be assumed: one error that says who tried, which role, and what is likely wrong."""

import pytest

from components.clients.aws import open_session
from components.core.spec.store_identity import StoreIdentity
from components.errors import IdentityError
from sandbox.aws import AwsApi
from tests.support.roles import create_role
from tests.unit.aws_session.support import ACCOUNT, KEYS, REGION, ROLE, assumed, endpoints, sts_error
from tests.unit.ssm_reader.support import Answer, Asked, FakeClock, scripted_aws

DENIED = f"User: arn:aws:iam::{ACCOUNT}:user/ci is not authorized to perform: sts:AssumeRole on resource: {ROLE}"


def refusal(url: str, identity: StoreIdentity, clock: FakeClock | None = None, settle: float = 0.0) -> str:
    with pytest.raises(IdentityError) as raised:
        open_session(identity, KEYS, environ=endpoints(url), retry=(clock or FakeClock()).retry(), settle=settle)
    assert raised.value.__suppress_context__
    assert "canary" not in str(raised.value)
    return str(raised.value)


def test_a_role_that_does_not_exist(aws: AwsApi) -> None:
    text = refusal(aws.url, StoreIdentity(REGION, role=ROLE))

    assert f"may not assume role {ROLE}" in text
    assert "the role does not exist" in text
    assert [call.operation for call in aws.calls] == ["AssumeRole"]


def test_a_denied_hop_names_the_role_before_it_as_the_one_who_tried(aws: AwsApi) -> None:
    hop, role = create_role(aws, "hop"), create_role(aws, "reader")
    aws.faults.deny("sts:AssumeRole", "reader")

    text = refusal(aws.url, StoreIdentity(REGION, role=role, additional_roles=(hop,)))

    assert text.startswith(
        f"arn:aws:sts::{ACCOUNT}:assumed-role/hop/pulumi-parameter-store may not assume role {role} (sts:AssumeRole"
    )
    assert "trust policy" in text


def test_the_hint_speaks_of_the_external_id_that_was_or_was_not_given() -> None:
    with scripted_aws(lambda _: sts_error("AccessDenied", DENIED)) as aws:
        without = refusal(aws.url, StoreIdentity(REGION, role=ROLE))
        given = refusal(aws.url, StoreIdentity(REGION, role=ROLE, external_id="wrong-one"))

    assert f"arn:aws:iam::{ACCOUNT}:user/ci may not assume" in without
    assert "set the store's externalID" in without
    assert "expects another external ID" in given


def test_with_tags_the_hint_speaks_of_tag_session() -> None:
    with scripted_aws(lambda _: sts_error("AccessDenied", DENIED.replace("AssumeRole", "TagSession"))) as aws:
        text = refusal(aws.url, StoreIdentity(REGION, role=ROLE, session_tags=(("team", "a"),)))

    assert "sts:TagSession is denied" in text
    assert "sts:AssumeRole and sts:TagSession" in text


def test_an_explicit_deny_is_told_as_such() -> None:
    text = f"{DENIED} with an explicit deny in a service control policy"
    with scripted_aws(lambda _: sts_error("AccessDenied", text)) as aws:
        told = refusal(aws.url, StoreIdentity(REGION, role=ROLE))

    assert "with an explicit deny in a service control policy: that deny must be changed" in told


@pytest.mark.parametrize(
    ("code", "clause"),
    [
        ("ExpiredToken", "have expired"),
        ("InvalidClientTokenId", "are not known to AWS"),
        ("SignatureDoesNotMatch", "do not match their access key"),
    ],
)
def test_credentials_that_sts_does_not_accept(code: str, clause: str) -> None:
    # AWS's text for a wrong signature quotes the request's headers, among them the session token.
    with scripted_aws(lambda _: sts_error(code, "x-amz-security-token: canary")) as aws:
        text = refusal(aws.url, StoreIdentity(REGION, role=ROLE))

    assert text.startswith(f"AWS credentials {clause}")
    assert "the access keys of Secret team-a/aws" in text


def test_a_throttled_sts_is_tried_again() -> None:
    answers = iter([sts_error("Throttling", "Rate exceeded", 400)] * 3)
    with scripted_aws(lambda asked: next(answers, None) or assumed(asked)) as aws:
        open_session(StoreIdentity(REGION, role=ROLE), KEYS, environ=endpoints(aws.url), retry=FakeClock().retry())

    assert len(aws.requests) == 4


def test_an_sts_that_is_down_is_given_up(aws: AwsApi) -> None:
    aws.faults.down("sts:*")

    text = refusal(aws.url, StoreIdentity(REGION, role=ROLE))

    assert f"STS was asked at {aws.url} and it cannot be reached after 4 attempts" in text


def test_an_sts_that_does_not_answer_is_given_up() -> None:
    def silent(_: Asked) -> Answer:
        aws.released.wait(20)
        return 500, ""

    with scripted_aws(silent) as aws:
        clock = FakeClock()
        with pytest.raises(IdentityError, match="it did not answer in time after 3 attempts"):
            open_session(
                StoreIdentity(REGION, role=ROLE),
                KEYS,
                environ=endpoints(aws.url),
                retry=clock.retry(0.5),
                read_timeout=0.05,
            )


def test_a_new_role_is_waited_for_while_iam_settles() -> None:
    clock = FakeClock()
    with scripted_aws(lambda asked: assumed(asked) if clock() > 8 else sts_error("AccessDenied", DENIED)) as aws:
        identity = StoreIdentity(REGION, role=ROLE)
        open_session(identity, KEYS, environ=endpoints(aws.url), retry=clock.retry(), settle=30)

    assert 8 < clock() <= 30


def test_a_role_that_stays_denied_is_given_up_when_iam_has_settled(aws: AwsApi) -> None:
    clock = FakeClock()

    text = refusal(aws.url, StoreIdentity(REGION, role=ROLE), clock, settle=30)

    assert "may not assume role" in text
    assert 20 < clock() <= 30
