"""Templates are rendered where the values are; some come from ConfigMaps and Secrets of the namespace."""

import base64
import json
import re
from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from tests.providers.conftest import Put
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {key: {"key": "/db", "property": key} for key in ("user", "password")}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with one parameter."""
    aws.put_parameter("/db", '{"user": "ann", "password": "canary"}')


def mark_of(annotation: str) -> str:
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    return live.annotations[annotation]


def templated(**template: Any) -> Stack:
    return Stack(DATA, target={"template": template})


def test_keys_of_the_template_take_the_place_of_what_was_read() -> None:
    stack = templated(data={"url": "pg://{{ .user }}:{{ .password }}@db"})
    outcome = stack.up()
    assert values() == {"url": "pg://ann:canary@db"}
    assert stack.preview().change == "same"
    assert "canary" not in repr((outcome.inputs, stack.sync))


def test_merge_keeps_both_and_metadata_is_rendered() -> None:
    stack = templated(
        data={"url": "x"}, mergePolicy="Merge", metadata={"labels": {"who": "{{ .user }}"}, "annotations": {"n": "v"}}
    )
    stack.up()
    assert values() == {"user": "ann", "password": "canary", "url": "x"}
    live = cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    assert (live.labels["who"], live.annotations["n"]) == ("ann", "v")
    assert stack.preview().change == "same"


def test_a_wrong_template_fails_in_preview_with_function_and_place() -> None:
    (line,) = templated(data={"url": "{{ .user | nosuch }}"}).preview().failures
    assert "nosuch" in line
    assert 'data["url"]' in line


def test_a_template_that_cannot_be_rendered_fails_before_anything_is_written() -> None:
    (line,) = templated(data={"url": "{{ .nope }}"}).up().failures
    assert "nope" in line
    assert values() is None


def test_texts_come_from_config_maps_and_secrets(put: Put) -> None:
    put("ConfigMap", "tpl", {"conf": "user={{ .user }}\n", "more": "a: {{ .user }}\nb: x"})
    put("Secret", "hidden", {"pw": base64.b64encode(b"<{{ .password }}>").decode()})
    stack = templated(
        templateFrom=[
            {"configMap": {"name": "tpl", "items": [{"key": "conf"}, {"key": "more", "templateAs": "KeysAndValues"}]}},
            {"secret": {"name": "hidden", "items": [{"key": "pw"}]}},
            {"literal": "lit: {{ .user }}"},
        ]
    )
    assert stack.up().failures == []
    assert values() == {"conf": "user=ann\n", "a": "ann", "b": "x", "pw": "<canary>", "lit": "ann"}
    assert stack.preview().change == "same"
    put("ConfigMap", "tpl", {"conf": "changed {{ .user }}", "more": "{}"})
    assert stack.preview().drift == [
        "template text conf of ConfigMap tpl changed",
        "template text more of ConfigMap tpl changed",
    ]
    stack.up()
    assert values() == {"conf": "changed ann", "pw": "<canary>", "lit": "ann"}
    assert stack.preview().change == "same"


def test_a_value_that_becomes_a_key_is_not_kept_and_drift_shows_all_the_same(edit: Any) -> None:
    stack = templated(templateFrom=[{"literal": "{{ .password }}: x\nplain: z"}])
    outcome = stack.up()
    assert values() == {"canary": "x", "plain": "z"}
    assert "canary" not in repr((outcome.inputs, stack.sync))
    assert stack.preview().change == "same"
    edit({"data": {"plain": None}})
    assert stack.preview().drift == ["1 of 2 rendered keys edited or removed in the cluster"]
    stack.up()
    assert values() == {"canary": "x", "plain": "z"}
    assert stack.preview().change == "same"


def test_a_value_that_became_a_key_is_not_named_where_somebody_edits_it(edit: Any) -> None:
    stack = templated(templateFrom=[{"literal": "{{ .password }}: x\n{{ .user }}: z"}])
    stack.up()
    edit({"data": {"canary": "eQ==", "ann": "eQ=="}})
    told = stack.preview()
    assert "canary" not in repr(told)
    assert told.drift[0] == "2 of 2 rendered keys edited or removed in the cluster"
    (added,) = told.drift[1:]
    assert added.startswith("key whose name is not shown, because it can be a value, added in the cluster by kubectl-")
    assert "canary" not in repr(stack.refresh())
    stack.up()
    edit({"data": {"another": "eQ=="}})
    (added,) = stack.preview().drift
    assert added.startswith("key another added in the cluster by kubectl-edit")


def test_neither_what_is_not_used_nor_what_a_text_says_is_in_the_state(put: Put) -> None:
    put("ConfigMap", "tpl", {"conf": "{{ .user }}"})
    put("Secret", "hidden", {"pw": base64.b64encode(b"canary").decode()})
    from_cluster = [
        {"configMap": {"name": "tpl", "items": [{"key": "conf"}]}},
        {"secret": {"name": "hidden", "items": [{"key": "pw"}]}},
    ]
    stack = templated(templateFrom=from_cluster)
    stack.up()
    state = repr((stack.sync, stack.sync_inputs))
    assert "canary" not in state
    digests = json.loads(mark_of("pulumi-parameter-store/template-texts"))
    assert digests.keys() == {"salt", "conf of ConfigMap tpl", "pw of Secret hidden"}
    assert not [digest for digest in digests.values() if digest in state]
    put("ConfigMap", "tpl", {"conf": "{{ .user }}", "other": "new"})
    assert stack.preview().change == "same"


def test_a_wrong_text_of_the_cluster_fails_in_preview_with_function_and_place(put: Put) -> None:
    put("ConfigMap", "tpl", {"conf": "{{ nosuch .user }}", "broken": "{{ .user"})
    for key, said in (("conf", "line 1, column 4: .*nosuch"), ("broken", "line 1, column")):
        (line,) = templated(templateFrom=[{"configMap": {"name": "tpl", "items": [{"key": key}]}}]).preview().failures
        assert re.search(rf"templateFrom\[0\] \(ConfigMap tpl, key {key}\), {said}", line), line


@pytest.mark.parametrize("kind", ["configMap", "secret"])
def test_a_text_that_is_not_there_is_named(put: Put, kind: str) -> None:
    stack = templated(templateFrom=[{kind: {"name": "tpl", "items": [{"key": "conf"}]}}])
    assert "team-a/tpl does not exist" in stack.preview().failures[0]
    put(kind[0].upper() + kind[1:], "tpl", {})
    assert "has no key 'conf'" in stack.preview().failures[0]


def test_texts_that_up_may_yet_make_or_mend_are_not_missed_in_preview(put: Put) -> None:
    items = [{"key": "conf"}, {"key": "more"}]
    stack = templated(templateFrom=[{"secret": {"name": "tpl", "items": items}}])
    assert stack.preview(pendingSecrets=True).failures == []
    put("Secret", "tpl", {"conf": base64.b64encode(b"{{ nosuch }}").decode()})
    assert stack.preview(pendingSecrets=True).failures == []
    assert "has no key 'more'" in stack.up(pendingSecrets=True).failures[0]


def test_a_result_that_varies_is_written_only_when_something_else_changes(aws: AwsApi) -> None:
    stack = templated(data={"id": "{{ uuidv4 }}", "u": "{{ .user }}"})
    stack.up()
    first = values()
    assert stack.up().change == "same"
    assert values() == first
    aws.put_parameter("/db", '{"user": "bob", "password": "canary"}')
    stack.up()
    assert (values() or {})["u"] == "bob"
    assert (values() or {})["id"] != (first or {})["id"]


def test_keys_that_a_type_requires_are_checked_before_writing() -> None:
    for outcome in (templated(type="kubernetes.io/tls").preview(), templated(type="kubernetes.io/tls").up()):
        (line,) = outcome.failures
        assert "tls.crt" in line
    assert values() is None


def test_a_key_that_is_not_declared_is_found_in_preview_and_only_where_all_keys_are_known(aws: AwsApi) -> None:
    aws.put_parameter("/a", '{"b": "1"}')
    template = {"template": {"data": {"x": "{{ .b }}"}}}
    stack = Stack({"a": {"key": "/a"}}, target=template)
    why = "template target.template.data[\"x\"], line 1, column 4: there is no key 'b', only a; correct the name"
    assert stack.preview().failures[0].startswith(why)
    assert stack.up().failures[0].startswith(why)
    stack.more["dataFrom"] = [{"extract": {"key": "/a"}}]
    assert stack.preview().change == "create"
    assert stack.up().change == "create"


def test_a_key_that_is_not_declared_is_found_in_a_text_of_the_cluster(aws: AwsApi, put: Put) -> None:
    aws.put_parameter("/a", "1")
    put("ConfigMap", "texts", {"conf": "x={{ .b }}"})
    source = {"configMap": {"name": "texts", "items": [{"key": "conf"}]}}
    stack = Stack({"a": {"key": "/a"}}, target={"template": {"templateFrom": [source]}})
    (text,) = stack.preview().failures
    assert "(ConfigMap texts, key conf), line 1, column 6: there is no key 'b', only a" in text
