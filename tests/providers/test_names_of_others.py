"""Names that others chose are shown escaped, and not at all where they can be values."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.transport import Request
from components.display import UNNAMED_MANAGER
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster

VALUE = "S3cretPart-9f8a7b6c5d"
Write = Callable[..., None]


@pytest.fixture
def write(aws: AwsApi, kubernetes: KubernetesApi) -> Write:
    """Somebody else's server-side apply to the Secret `db`, under a name of their choice."""
    aws.put_parameter("/app/a", VALUE)
    aws.put_parameter("/app/b", "2")
    assert kubernetes.url

    def write(manager: str, key: str = "a", **metadata: Any) -> None:
        data = {key: base64.b64encode(b"other").decode()}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", **metadata}, "data": data}
        path, query = f"/api/v1/namespaces/{NAMESPACE}/secrets/db", {"fieldManager": manager, "force": "true"}
        request = Request(
            "PATCH", path, query, content_type="application/apply-patch+yaml", body=json.dumps(body).encode()
        )
        cluster().send(request, Call("apply", "db", "the test"))

    return write


def declared(**more: Any) -> Stack:
    return Stack({"a": {"key": "/app/a"}, "b": {"key": "/app/b"}}, **more)


def everything(stack: Stack) -> str:
    """What a preview and an `up` say, and what state holds after each."""
    told: list[Any] = []
    for operation in (stack.preview, stack.up, stack.preview):
        outcome = operation()
        told += [outcome, stack.sync, stack.sync_inputs]
    return json.dumps(told, default=repr)


def test_who_edited_a_key_is_not_named_where_the_name_can_be_a_value(write: Write) -> None:
    stack = declared()
    stack.up()
    write(VALUE)
    (reason,) = stack.preview().drift
    assert reason.startswith(f"key a edited in the cluster by {UNNAMED_MANAGER} at 20")
    assert VALUE not in everything(stack)


def test_who_added_a_key_is_not_named_either(write: Write) -> None:
    stack = declared()
    stack.up()
    write(VALUE, "more")
    assert UNNAMED_MANAGER in stack.preview().drift[0]
    assert VALUE not in everything(stack)


def test_nor_who_wrote_a_secret_that_is_in_the_way(write: Write) -> None:
    write(VALUE)
    (problem,) = declared().preview().failures
    assert f"written by {UNNAMED_MANAGER}" in problem
    assert VALUE not in everything(declared())


def test_nor_whose_key_of_a_shared_secret_is_taken_over(write: Write) -> None:
    write(VALUE)
    stack = declared(target={"creationPolicy": "Merge"})
    assert stack.preview().inputs["takenOver"] == [f"key a from {UNNAMED_MANAGER}"]
    assert VALUE not in everything(stack)


@pytest.mark.parametrize("name", ["evil\x1b[2J", "a\u202eb", "zero\u200bwidth", "kubectl-edit\u2066"])
def test_a_manager_s_name_that_a_terminal_would_obey_is_not_shown_as_it_is(write: Write, name: str) -> None:
    stack = declared()
    stack.up()
    try:
        write(name)
    except Exception:  # noqa: BLE001  an API server that refuses such a name is as good
        return
    (reason,) = stack.preview().drift
    assert reason.isprintable()


def test_an_owner_that_a_terminal_would_obey_is_escaped(write: Write) -> None:
    mark = {"pulumi-parameter-store/owner": "shop/dev/\x1b[2Jevil\u202e\nname"}
    write("kubectl-edit", annotations=mark)
    (problem,) = declared().preview().failures
    assert problem.isprintable()
    assert "\\x1b[2Jevil\\u202e\\nname" in problem
