"""No refusal and no mistake of the server quotes a value, apart from the one text in which the real server does."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes.go_base64 import decode_base64
from sandbox.kubernetes.go_json import DecodeError
from tests.sandbox_kubernetes.support import APPLY, MERGE, SECRETS, secret

if TYPE_CHECKING:
    from tests.sandbox_kubernetes.support import Client

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
    "merge, wrong base64": ("PATCH", "/app", {"data": {"a": f"*{ENCODED}"}}, MERGE),
    "merge, unknown field": ("PATCH", "/app?fieldValidation=Strict", {"data": {"a": ENCODED}, "datum": 1}, MERGE),
    "JSON patch, wrong base64": ("PATCH", "/app", [{"op": "add", "path": "/data", "value": {"a": CANARY}}], JSON_PATCH),
    "JSON patch, failed test": ("PATCH", "/app", [{"op": "test", "path": "/data/a", "value": ENCODED}], JSON_PATCH),
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


@given(st.binary(max_size=60), st.sampled_from(["", "\n", "\r\n"]), st.integers(0, 80))
def test_base64_is_read_with_and_without_line_breaks(raw: bytes, line_break: str, position: int) -> None:
    text = base64.b64encode(raw).decode()
    assert decode_base64(text[:position] + line_break + text[position:]) == raw


@given(st.text("Aa+/=* \n-", max_size=12))
def test_base64_is_read_or_refused_with_a_position(text: str) -> None:
    position = -1
    try:
        decode_base64(text)
    except DecodeError as mistake:
        position = int(str(mistake).removeprefix("illegal base64 data at input byte "))
    assert -1 <= position <= len(text)
