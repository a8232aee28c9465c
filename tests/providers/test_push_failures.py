"""A push that ends in the middle, is denied, throttled, or meets somebody else: nothing is lost or written twice."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from components.clients.aws.ssm.writer import ParameterWriter
from components.core.service_writing import Put
from components.providers import push
from components.providers.operation.deliveries import Delivery
from components.providers.parameter.dispatch import deliver
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, changes, entry, operations, parameter, put_secret

NAMES = [f"/n{number}" for number in range(5)]


@pytest.fixture(autouse=True)
def source(kubernetes: KubernetesApi) -> None:
    put_secret(kubernetes, {"user": "bob"})


def versions(aws: AwsApi) -> list[int]:
    found = aws.client("ssm").get_parameters(Names=NAMES)["Parameters"]
    return [each["Version"] for each in found]


def test_denied_on_one_of_five_the_others_are_written_once_and_the_next_up_ends_it(aws: AwsApi) -> None:
    stack = PushStack(*[entry("user", name) for name in NAMES])
    aws.faults.deny("ssm:PutParameter", "/n2")
    (failed,) = stack.up().failures
    assert "parameter '/n2'" in failed
    assert "may not call ssm:PutParameter" in failed
    assert '"Action": ["ssm:AddTagsToResource", "ssm:PutParameter"], "Resource": "arn:aws:ssm:' in failed
    assert "'/n3'" not in failed
    aws.faults.clear()
    expected = ["create /n2 (it is missing in AWS)", "4 unchanged"]
    assert changes(stack.preview()) == expected
    aws.clear_calls()
    assert changes(stack.up()) == expected
    assert operations(aws).count("PutParameter") == 1
    assert versions(aws) == [1] * 5
    assert stack.preview().change == "same"


def test_killed_between_two_writes(aws: AwsApi, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = PushStack(*[entry("user", name) for name in NAMES])
    stack.up()
    put_secret(kubernetes, {"user": "rotated"})
    put = ParameterWriter.put

    def dies(self: ParameterWriter, wanted: Put) -> str:
        if wanted.name == "/n2":
            raise KeyboardInterrupt
        return put(self, wanted)

    with monkeypatch.context() as patched:
        patched.setattr(ParameterWriter, "put", dies)
        with pytest.raises(KeyboardInterrupt):
            stack.up()
    assert versions(aws) == [2, 2, 1, 1, 1]
    assert changes(stack.up())[-1] == "2 unchanged"
    assert versions(aws) == [2] * 5
    assert all((parameter(aws, name) or ("",))[0] == "rotated" for name in NAMES)
    assert stack.preview().change == "same"


def test_killed_in_the_first_push(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = PushStack(*[entry("user", name) for name in NAMES])

    def dies(deliveries: Sequence[Delivery], *asked: Any) -> None:
        deliver(deliveries[:2], *asked)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(push, "deliver", dies)
        with pytest.raises(KeyboardInterrupt):
            stack.up()
    assert versions(aws) == [1, 1]
    unfinished = "value may change (written by an update that did not end)"
    told = [f"{name}: {unfinished}" if name in NAMES[:2] else f"create {name}" for name in NAMES]
    assert changes(stack.preview()) == told
    stack.up()
    assert versions(aws) == [1] * 5
    assert stack.preview().change == "same"


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyUpdates"])
def test_throttling_is_lived_through(aws: AwsApi, code: str) -> None:
    stack = PushStack(entry("user", "/n0"))
    aws.faults.throttle("ssm:PutParameter", calls=2, code=code)
    assert changes(stack.up()) == ["create /n0"]
    assert stack.preview().change == "same"


def test_a_denied_tag_is_never_forgotten(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/n0"))
    stack.up()
    stack.data = [entry("user", "/n0", tags={"team": "a"})]
    aws.faults.deny("ssm:AddTagsToResource")
    assert "may not call ssm:AddTagsToResource" in stack.up().failures[0]
    assert "may not call ssm:AddTagsToResource" in stack.up().failures[0]
    aws.faults.clear()
    assert changes(stack.up()) == ["/n0: update (tags: team)"]
    assert (parameter(aws, "/n0") or ("", {}))[1]["team"] == "a"
    assert stack.preview().change == "same"


def test_denied_reads_are_errors_that_name_the_permission(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/n0"))
    aws.faults.deny("ssm:GetParameters")
    assert "may not call ssm:GetParameters" in stack.preview().failures[0]
    assert changes(stack.preview(freshRole=True)) == ["/n0: known during up"]
    aws.faults.clear()
    aws.put_parameter("/n0", "theirs", "String")
    aws.faults.deny("ssm:ListTagsForResource")
    assert "may not call ssm:ListTagsForResource" in stack.preview().failures[0]


def test_a_denied_deletion_fails_and_is_tried_again(aws: AwsApi) -> None:
    stack = PushStack(entry("user", "/n0"), entry("user", "/n1"), deletionPolicy="Delete")
    stack.up()
    stack.data = stack.data[:1]
    aws.faults.deny("ssm:DeleteParameter")
    assert "may not call ssm:DeleteParameter" in stack.up().failures[0]
    aws.faults.clear()
    assert changes(stack.up()) == ["delete /n1", "1 unchanged"]
    assert parameter(aws, "/n1") is None


def after(first: Callable[[], Any]) -> Callable[..., None]:
    """Does something between `check` and the writes."""

    def later(*asked: Any) -> None:
        first()
        deliver(*asked)

    return later


def test_what_somebody_changes_between_check_and_write_is_not_overwritten(
    aws: AwsApi, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = PushStack(entry("user", "/n0"))
    stack.up()
    put_secret(kubernetes, {"user": "rotated"})
    with monkeypatch.context() as patched:
        patched.setattr(push, "deliver", after(lambda: aws.put_parameter("/n0", "edited", "String")))
        assert "'/n0' was changed by somebody else while this was running" in stack.up().failures[0]
    assert (parameter(aws, "/n0") or ("",))[0] == "edited"
    assert "written outside" in changes(stack.preview())[0]
    assert changes(stack.up())[0].startswith("/n0: update (value, written outside by ")


def test_what_somebody_creates_between_check_and_write_is_not_touched(
    aws: AwsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "deliver", after(lambda: aws.put_parameter("/n0", "theirs", "String")))
    assert "was created by somebody else while this was running" in PushStack(entry("user", "/n0")).up().failures[0]
    assert parameter(aws, "/n0") == ("theirs", {})


def test_a_creation_whose_answer_got_lost_is_known_by_its_mark(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    put = ParameterWriter.put

    def twice(self: ParameterWriter, wanted: Put) -> str:
        put(self, wanted)
        return put(self, wanted)

    monkeypatch.setattr(ParameterWriter, "put", twice)
    stack = PushStack(entry("user", "/n0"))
    assert changes(stack.up()) == ["create /n0"]
    assert OWNER in (parameter(aws, "/n0") or ("", {}))[1]
    assert stack.preview().change == "same"
