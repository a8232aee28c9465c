"""A target that is known too late to be refused while the program runs fails its Secret alone, in one line."""

import pytest

from sandbox.aws import AwsApi
from tests.providers.support import Stack, values


@pytest.mark.usefixtures("kubernetes")
def test_a_target_that_cannot_work_is_one_line_in_preview_and_up(aws: AwsApi) -> None:
    aws.put_parameter("/app/db", "x")
    stack = Stack({"a": {"key": "/app/db"}}, target={})
    assert stack.up().failures == []
    stack.more["target"] = {"replaceImmutable": True}
    wrong = ["replace_immutable is for an immutable Secret; set immutable too, or leave it out"]
    assert stack.preview().failures == wrong
    assert stack.up().failures == wrong
    assert values() == {"a": "x"}
