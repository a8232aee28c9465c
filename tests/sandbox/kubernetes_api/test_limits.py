"""Sizes: of values, of annotations, of requests; and a connection that goes on after a refusal."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tests.sandbox.kubernetes_api.support import APPLY, PARTIAL, SECRETS, secret

if TYPE_CHECKING:
    from tests.sandbox.kubernetes_api.support import Client


def test_values_may_have_a_mebibyte_together(client: Client) -> None:
    half = "x" * (1 << 19)
    assert client.apply(secret("full", data={"a": half, "b": half})).status == 201
    over = client.apply(secret("over", data={"a": half, "b": half + "x"}))
    assert over.status == 422
    assert over.json["message"] == 'Secret "over" is invalid: data: Too long: may not be more than 1048576 bytes'
    assert over.json["details"]["causes"][0]["reason"] == "FieldValueTooLong"


def test_annotations_may_have_256_kib(client: Client) -> None:
    fits, over = ({"annotations": {"a": "x" * size}} for size in ((256 << 10) - 1, 256 << 10))
    assert client.apply(secret("fits", metadata=fits)).status == 201
    refused = client.apply(secret("over", metadata=over))
    assert "metadata.annotations: Too long: may not be more than 262144 bytes" in refused.json["message"]


def test_a_request_may_have_three_mebibytes(client: Client) -> None:
    body = b"x" * ((3 << 20) + 1)
    refused = client.send("PATCH", f"{SECRETS}/a?fieldManager=m", body, Content_Type=APPLY)
    assert (refused.status, refused.json["reason"]) == (413, "RequestEntityTooLarge")
    assert refused.json["message"] == "Request entity too large: limit is 3145728"
    assert client.get("/readyz").raw == b"ok"


def test_a_chunked_body_is_read(client: Client) -> None:
    parts = [b'{"metadata":', b'{"name":"chunked"}}']
    client.connection.request(
        "POST", SECRETS, iter(parts), {"Authorization": f"Bearer {client.token}"}, encode_chunked=True
    )
    response = client.connection.getresponse()
    response.read()
    assert response.status == 201
    assert client.get(f"{SECRETS}/chunked").status == 200


def test_an_answer_to_a_write_may_leave_the_values_out(client: Client) -> None:
    value = "not-to-be-seen"
    answer = client.send(
        "PATCH", f"{SECRETS}/app?fieldManager=m", secret(data={"a": value}), Content_Type=APPLY, Accept=PARTIAL
    )
    assert answer.status == 201
    assert answer.json["kind"] == "PartialObjectMetadata"
    assert base64.b64encode(value.encode()) not in answer.raw
