"""A parameter that is optional and does not exist is left out, and preview says so by key; denied is not missing."""

from typing import Any

import pytest

from components.errors import SpecError
from sandbox.aws.api import AwsApi
from tests.providers.support import Stack, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA: dict[str, dict[str, Any]] = {"a": {"key": "/app/a", "optional": True}, "b": {"key": "/app/b"}}
LEFT_OUT = "/app/a, does not exist: left out, as it is optional"


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with one of two parameters."""
    aws.put_parameter("/app/b", "2")


class Optional(Stack):
    """A stack whose snapshot is told what is optional, as the program tells it."""

    def _run(self, *, apply: bool, operation: dict[str, Any], fresh: bool = True) -> Any:
        told = {**operation, "optional": ["/app/a"]}
        return super()._run(apply=apply, operation=told, fresh=fresh)


def test_it_is_left_out_until_it_is_there_and_again_when_it_goes(aws: AwsApi) -> None:
    stack = Optional(DATA)
    preview = stack.preview()
    assert preview.inputs["keys"] == {"a": LEFT_OUT, "b": "/app/b, version 1"}
    stack.up()
    assert values() == {"b": "2"}
    assert "problems" not in stack.snapshot, "nothing is wrong"
    assert stack.preview().change == "same"
    aws.put_parameter("/app/a", "1")
    assert stack.preview().inputs["keys"]["a"] == "/app/a, version 1"
    stack.up()
    assert values() == {"a": "1", "b": "2"}
    aws.client("ssm").delete_parameter(Name="/app/a")
    assert stack.preview().inputs["keys"]["a"] == LEFT_OUT
    stack.up()
    assert values() == {"b": "2"}
    assert stack.preview().change == "same"


def test_a_repair_reads_only_what_is_there(aws: AwsApi, edit: Any) -> None:
    stack = Optional(DATA)
    stack.up()
    edit({"data": {"b": "eA=="}})
    assert stack.preview().inputs["keys"]["a"] == LEFT_OUT
    aws.clear_calls()
    stack.up()
    assert values() == {"b": "2"}
    assert [call.names for call in aws.calls if call.decrypt] == [("/app/b:1",)]


@pytest.mark.parametrize(
    "ref",
    [
        {"key": "/app/b", "version": 7},
        {"key": "/app/b", "version": "nosuch"},
        {"key": "/app/b", "property": "x"},
        {"key": "app/b"},
        {"key": "/app/b", "decodingStrategy": "Base64"},
    ],
    ids=["version", "label", "property", "not a name", "encoding"],
)
def test_what_is_there_and_cannot_be_taken_is_an_error(ref: dict[str, Any]) -> None:
    stack = Optional({**DATA, "c": {**ref, "optional": True}})
    (line,) = stack.up().failures
    assert "key c: " in line
    assert "key a: " not in line
    assert values() is None


def test_a_version_of_what_does_not_exist_is_left_out() -> None:
    stack = Optional({**DATA, "a": {"key": "/app/a", "version": 3, "optional": True}})
    assert stack.preview().inputs["keys"]["a"] == LEFT_OUT
    stack.up()
    assert values() == {"b": "2"}


def test_whoever_needs_the_same_parameter_still_fails_and_is_named_alone() -> None:
    stack = Stack({**DATA, "c": {"key": "/app/a", "property": "x"}})
    for outcome in (stack.preview(), stack.up()):
        (line,) = outcome.failures
        assert line.startswith("key c: parameter '/app/a' does not exist")
        assert "key a" not in line


def test_tags_cannot_be_optional() -> None:
    stack = Stack({**DATA, "a": {**DATA["a"], "metadataPolicy": "Fetch"}})
    with pytest.raises(SpecError, match="tags, which cannot be optional; leave optional out"):
        stack.preview()


def test_an_extract_may_be_optional_too(aws: AwsApi) -> None:
    stack = Optional({"b": DATA["b"]}, dataFrom=[{"extract": {"key": "/app/a", "optional": True}}])
    assert stack.preview().inputs["sources"] == {"dataFrom[0].extract": LEFT_OUT}
    stack.up()
    assert values() == {"b": "2"}
    aws.put_parameter("/app/a", '{"x": "1", "y": "2"}')
    stack.up()
    assert values() == {"b": "2", "x": "1", "y": "2"}


@pytest.mark.parametrize(
    ("policy", "there", "note"),
    [
        ("Retain", None, None),
        ("Delete", None, "all its parameters are gone: no Secret is made"),
        ("Merge", {}, None),
    ],
)
def test_where_nothing_is_left_the_deletion_policy_says_what_becomes_of_the_secret(
    policy: str, there: dict[str, str] | None, note: str | None
) -> None:
    stack = Optional({"a": DATA["a"]}, target={"deletionPolicy": policy})
    preview = stack.preview()
    assert preview.inputs["keys"] == {"a": LEFT_OUT}
    assert preview.inputs.get("note") == note
    stack.up()
    assert values() == there
    assert stack.preview().change == "same"


def template(text: str, **more: Any) -> dict[str, Any]:
    return {"target": {"template": {"data": {"url": text}, **more}}}


@pytest.mark.parametrize("text", ["{{ .a }}", "{{ .a | default `none` }}", "{{ if .a }}x{{ end }}", "{{ $.a }}"])
def test_a_template_that_cannot_do_without_the_key_fails_in_preview(text: str) -> None:
    stack = Optional(DATA, **template(text))
    for outcome in (stack.preview(), stack.up()):
        (line,) = outcome.failures
        assert 'target.template.data["url"]' in line
        assert line.endswith("; left out, as there is no such parameter: key a (/app/a)")
    assert values() is None


@pytest.mark.parametrize(
    "text",
    [
        '{{ with index . "a" }}{{ . }}{{ else }}none{{ end }}',
        '{{ index . "a" | default "none" }}',
        '{{ range $k, $v := . }}{{ if eq $k "a" }}{{ $v }}{{ end }}{{ end }}{{ if not (index . "a") }}none{{ end }}',
    ],
)
def test_a_template_may_ask_whether_the_key_is_there(text: str, aws: AwsApi) -> None:
    stack = Optional(DATA, **template(text))
    assert stack.preview().failures == []
    stack.up()
    assert values() == {"url": "none"}
    aws.put_parameter("/app/a", "1")
    stack.up()
    assert values() == {"url": "1"}


def test_a_type_that_needs_the_key_fails_in_preview() -> None:
    data = {"tls.key": DATA["a"], "tls.crt": DATA["b"]}
    stack = Optional(data, target={"template": {"type": "kubernetes.io/tls"}})
    (line,) = stack.preview().failures
    assert "type kubernetes.io/tls needs key tls.key; left out, as there is no such parameter" in line


def test_a_template_of_a_key_that_deletion_policy_leaves_out_fails_in_preview(aws: AwsApi) -> None:
    """The same mechanism, so the same check; ESO finds it when it renders."""
    aws.put_parameter("/app/c", "3")
    data = {"b": DATA["b"], "c": {"key": "/app/c"}}
    target = {"deletionPolicy": "Merge", "template": {"data": {"url": "{{ .c }}"}}}
    stack = Stack(data, target=target)
    stack.up()
    aws.client("ssm").delete_parameter(Name="/app/c")
    (line,) = stack.preview().failures
    assert line.endswith("; left out, as there is no such parameter: key c (/app/c)")


def test_a_denied_parameter_is_not_missing(aws: AwsApi) -> None:
    aws.faults.deny("ssm:GetParameters", "/app/a")
    stack = Optional(DATA)
    for outcome in (stack.preview(), stack.up()):
        (line,) = outcome.failures
        assert "key a: " in line
        assert "ssm:GetParameters" in line
    assert values() is None
