"""One AWS for each test module, emptied before each test."""

from collections.abc import Iterator

import pytest

from sandbox.aws import AwsApi


@pytest.fixture(scope="module")
def running() -> Iterator[AwsApi]:
    with AwsApi() as aws:
        yield aws


@pytest.fixture
def aws(running: AwsApi) -> AwsApi:
    running.reset()
    return running
