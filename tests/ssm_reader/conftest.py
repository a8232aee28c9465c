"""One AWS for each test module, emptied before each test, and a reader of it that never really sleeps."""

from collections.abc import Iterator

import pytest

from components.clients.aws import AwsSession
from components.clients.aws.ssm.reader import ParameterReader
from sandbox.aws import AwsApi
from tests.ssm_reader.support import FakeClock, session_at


@pytest.fixture(scope="module")
def running() -> Iterator[AwsApi]:
    with AwsApi() as aws:
        yield aws


@pytest.fixture
def aws(running: AwsApi) -> AwsApi:
    running.reset()
    return running


@pytest.fixture(scope="module")
def session(running: AwsApi) -> AwsSession:
    return session_at(running.url)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def reader(aws: AwsApi, session: AwsSession, clock: FakeClock) -> ParameterReader:  # noqa: ARG001 - emptied before use
    return ParameterReader(session.client("ssm"), clock.limiter(), clock.retry(), caller=session.caller("ssm"))
