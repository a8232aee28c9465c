"""No refusal quotes a value, apart from the one that quotes them all."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.kubernetes_api.support import APPLY, MERGE, SECRETS, secret

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client

CANARY = "canary-0123456789"
ENCODED = base64.b64encode(CANARY.encode()).decode()
JSON_PATCH = "application/json-patch+json"
BROKEN = {
    "not JSON": ("POST", "", f'{{"data": {{"a": "{ENCODED}"', "application/json"),
    "not an object": ("POST", "", f'["{ENCODED}"]', "application/json"),
    "wrong base64": ("POST", "", secret("x") | {"data": {"a": f"*{ENCODED}"}}, "application/json"),
    "wrong type": ("POST", "", secret("x") | {"data": ENCODED}, "application/json"),
    "bad key": ("POST", "", secret("x", data={"a b": CANARY}), "application/json"),
    "not docker's JSON": (
        "POST",
        "",
        secret("x", type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": CANARY}),
        "application/json",
    ),
    "apply, not YAML": ("PATCH", "/x?fieldManager=m", f'data: ["{ENCODED}"', APPLY),
    "apply, not an object": ("PATCH", "/x?fieldManager=m", ENCODED, APPLY),
    "apply, wrong base64": ("PATCH", "/x?fieldManager=m", secret("x") | {"data": {"a": f"*{ENCODED}"}}, APPLY),
    "JSON patch, failed test": ("PATCH", "/app", [{"op": "test", "path": "/data/a", "value": ENCODED}], JSON_PATCH),
}
QUOTED = {
    "merge, wrong base64": ("PATCH", "/app", {"data": {"a": f"*{ENCODED}"}}, MERGE),
    "merge, unknown field": ("PATCH", "/app?fieldValidation=Strict", {"data": {"a": ENCODED}, "datum": 1}, MERGE),
    "JSON patch, wrong base64": ("PATCH", "/app", [{"op": "add", "path": "/data", "value": {"a": CANARY}}], JSON_PATCH),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_refusal_quotes_no_value(client: Client, name: str) -> None:
    client.apply(secret(data={"kept": CANARY}))
    method, path, body, content_type = BROKEN[name]
    answer = client.send(method, SECRETS + path, body, Content_Type=content_type)
    assert 400 <= answer.status < 600
    assert answer.json["message"]
    assert CANARY not in answer.raw.decode()
    assert ENCODED not in answer.raw.decode()


def test_a_conflict_quotes_no_value(client: Client) -> None:
    client.apply(secret(data={"a": CANARY}), "helm")
    refused = client.apply(secret(data={"a": CANARY + "2"}), "ours")
    assert refused.status == 409
    assert CANARY not in json.dumps(refused.json)
    assert ENCODED[:12] not in json.dumps(refused.json)


@pytest.mark.parametrize("name", QUOTED)
def test_the_refusal_of_a_patch_quotes_the_whole_object(client: Client, name: str) -> None:
    # So whoever shows a refusal must not show its message.
    client.apply(secret(data={"kept": CANARY}))
    method, path, body, content_type = QUOTED[name]
    answer = client.send(method, SECRETS + path, body, Content_Type=content_type)
    assert (answer.status, answer.json["reason"]) == (422, "Invalid")
    (cause,) = answer.json["details"]["causes"]
    assert answer.json["message"] == f' "" is invalid: patch: {cause["message"]}'
    quoted = re.fullmatch(
        r"Invalid value: (\".*\"): (illegal base64|strict decoding error: unknown field).*", cause["message"]
    )
    assert quoted
    shown = json.loads(json.loads(quoted[1]))
    assert list(shown) == sorted(shown)
    assert shown["metadata"] == client.get(f"{SECRETS}/app").json["metadata"]
    assert CANARY in str(shown) or ENCODED in str(shown)
