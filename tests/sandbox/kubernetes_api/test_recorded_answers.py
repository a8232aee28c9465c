"""The same requests, in the same order, get the answers that a real kube-apiserver 1.36.3 once gave.

`recorded.jsonl` holds one request and the real answer per line, with uids, times, versions and tokens masked.
"""

from __future__ import annotations

import json
import re
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.kubernetes_api.cluster import Api
from tests.sandbox.kubernetes_api.support import Answer, connected

RECORDED = [json.loads(line) for line in Path(__file__).with_name("recorded.jsonl").read_text().splitlines()]
MASKS = {
    **dict.fromkeys(("time", "creationTimestamp", "deletionTimestamp", "expirationTimestamp"), "T"),
    **dict.fromkeys(("resourceVersion", "token", "continue"), "R"),
    "uid": "U",
}
UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: masked(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [masked(part) for part in value]
    if value and name in MASKS and value != "deadbeef":
        return MASKS[name]
    return UID.sub("UID", value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def answers(any_api: Api, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    admin, nobody = (ssl.create_default_context(cadata=any_api.ca_pem) for _ in range(2))
    certificate = tmp_path_factory.mktemp("nobody") / "client.pem"
    certificate.write_text("".join(any_api.client_certificate("nobody")))
    nobody.load_cert_chain(certificate)
    who = {"nobody": (None, nobody), "nope": ("nope", admin), None: (None, admin), "admin": ("", admin)}

    def uid(match: re.Match[str]) -> str:
        return str(found[match[1]].json["metadata"]["uid"])

    for one in RECORDED:
        headers = {"User_Agent": one["user_agent"]}
        headers |= {"Accept": one["accept"]} if one["accept"] else {}
        headers |= {"Content_Type": one["content_type"]} if one["content_type"] else {}
        body = one["body"] and re.sub(r"<uid of (\w+)>", uid, one["body"])
        with connected(any_api, *who[one["user"]]) as client:
            found[one["label"]] = client.send(one["method"], one["path"], body, **headers)
    return found


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: one["label"])
def test_answers_as_the_real_server(recorded: dict[str, Any], answers: dict[str, Answer]) -> None:
    answer = answers[recorded["label"]]
    content = answer.json if answer.headers["content-type"] != "text/plain; charset=utf-8" else answer.raw.decode()
    assert masked(content) == recorded["answer"]
    assert answer.status == recorded["status"]
    assert answer.headers["content-type"] == recorded["type"]
    assert answer.headers.get("warning") == recorded["warning"]
