"""Whatever a server quotes from a Secret in its refusals, no exception repeats it."""

import base64
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.clients.kubernetes.api_refusals import Call, explain
from components.clients.kubernetes.backoff import is_transient
from components.clients.kubernetes.client import KubernetesClient
from components.errors import ParameterStoreError
from tests.unit.kubernetes_client.support import Received, Reply, Stub, refusal

CODES = (400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429, 500, 502, 503, 504)
REASONS = ("", "FieldValueInvalid", "FieldValueRequired", "FieldManagerConflict", "NamespaceTerminating", "Odd")
FIELDS = ("data[password]", "data", "type", "immutable", "metadata.labels", "metadata.annotations", "metadata.uid", "")
PHRASES = (
    "failed to convert new object (/db; /v1, Kind=Secret) to proper version: {}",
    "failed to create typed patch object (/db; /v1, Kind=Secret): .data.password: expected string, got &{}",
    'admission webhook "a.example.com" denied the request: {}',
    'Internal error occurred: failed calling webhook "a.example.com": {}',
    "ValidatingAdmissionPolicy 'a' with binding 'b' denied request: {}",
    "exceeded quota: team, {}",
    'secrets "db" is forbidden: User "me" cannot patch resource "secrets" in the namespace "team-a": {}',
    'conflict with "helm": {}',
    "illegal base64 data at input byte 4 of {}",
    "etcdserver: {}",
    "{}",
)

values = st.text(min_size=1).map(lambda text: f"canary{text}").filter(lambda text: len(text) > 6)


def encoded(value: str) -> str:
    return base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()


@given(
    value=values,
    code=st.sampled_from(CODES),
    reason=st.sampled_from(REASONS),
    field=st.sampled_from(FIELDS),
    phrase=st.sampled_from(PHRASES),
    with_causes=st.booleans(),
)
def test_texts_built_from_answers_that_quote(
    value: str, code: int, reason: str, field: str, phrase: str, *, with_causes: bool
) -> None:
    message = phrase.format(f"{value} {encoded(value)}")
    causes = [{"field": field, "reason": reason, "message": message}] if with_causes else []
    answer = refusal(code, reason, message, causes=causes, name="db", kind="secrets")
    error = explain(Call("apply", "Secret team-a/db", "context 'test'"), code, answer.body)
    assert "canary" not in everything(error)
    assert encoded(value) not in everything(error)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("phrase", PHRASES)
def test_through_the_wire(
    serve: Callable[..., Stub], connect: Callable[..., KubernetesClient], code: int, phrase: str
) -> None:
    def quote(request: Received) -> Reply:
        sent = request.json["data"]["password"]
        causes = [{"field": "data[password]", "reason": "FieldValueInvalid", "message": f"{sent} canary"}]
        return refusal(code, "Invalid", phrase.format(f"{sent} canary"), causes=causes)

    stub = serve(quote)
    with pytest.raises(ParameterStoreError) as caught:
        connect(stub).apply_secret("team-a", "db", {"data": {"password": encoded("canary")}}, force=False)
    assert len(stub.requests) == 1 or is_transient(code, b"")
    assert "canary" not in everything(caught.value)
    assert encoded("canary") not in everything(caught.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["field", "reason", "message", "causes"]), inner),
    max_leaves=8,
)
statuses = st.fixed_dictionaries(
    {"kind": st.just("Status")},
    optional={
        "reason": anything,
        "message": anything,
        "details": anything
        | st.fixed_dictionaries({}, optional={"kind": anything, "name": anything, "causes": anything}),
    },
)


@given(
    code=st.sampled_from(CODES), body=st.binary() | (anything | statuses).map(lambda body: json.dumps(body).encode())
)
def test_any_body_at_all_is_survived(code: int, body: bytes) -> None:
    assert isinstance(explain(Call("apply", "Secret a/b", "x"), code, body), ParameterStoreError)


def everything(error: BaseException) -> str:
    """Text, attributes and the whole chain of an exception, without source lines and local variables."""
    parts: list[Any] = [str(error), repr(error), vars(error)]
    parts += traceback.TracebackException.from_exception(error, lookup_lines=False).format_exception_only()
    for link in (error.__cause__, error.__context__ if not error.__suppress_context__ else None):
        parts += [everything(link)] if link is not None else []
    return repr(parts)
