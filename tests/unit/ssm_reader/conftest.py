"""A reader of the sandbox's AWS that never really sleeps."""

import pytest

from components.clients.aws import AwsSession
from components.clients.aws.ssm.reader import ParameterReader
from sandbox.aws import AwsApi
from tests.unit.ssm_reader.support import FakeClock, session_at


@pytest.fixture(scope="module")
def session(running_aws: AwsApi) -> AwsSession:
    return session_at(running_aws.url)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def reader(aws: AwsApi, session: AwsSession, clock: FakeClock) -> ParameterReader:  # noqa: ARG001 - emptied before use
    return ParameterReader(session.client("ssm"), clock.limiter(), clock.retry(), caller=session.caller("ssm"))
