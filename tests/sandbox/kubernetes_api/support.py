"""A client of an API server over plain `http.client`, and the objects that tests write."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
SECRETS = "/api/v1/namespaces/prove/secrets"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> dict[str, str]:
        return {key: base64.b64decode(value).decode() for key, value in self.json.get("data", {}).items()}

    @property
    def version(self) -> str:
        return str(self.json["metadata"]["resourceVersion"])

    @property
    def managers(self) -> list[str]:
        return [f"{one['manager']} {one['operation']}" for one in self.json["metadata"].get("managedFields", [])]


class Address(Protocol):
    """Where an API server listens."""

    url: str
    token: str


class Client:
    """One connection with keep-alive, as one user."""

    def __init__(self, api: Address, token: str | None = "", context: ssl.SSLContext | None = None) -> None:
        address = urlsplit(api.url)
        assert address.hostname
        host, port = address.hostname, address.port
        self.token = api.token if token == "" else token
        self.connection: http.client.HTTPConnection
        if address.scheme == "https":
            self.connection = http.client.HTTPSConnection(host, port, timeout=30, context=context)
        else:
            self.connection = http.client.HTTPConnection(host, port, timeout=30)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        payload = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        self.connection.request(method, path, payload, sent)
        response = self.connection.getresponse()
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, found, response.read())

    def get(self, path: str, accept: str = "application/json") -> Answer:
        return self.send("GET", path, Accept=accept)

    def apply(self, body: dict[str, Any], manager: str = "tester", query: str = "", namespace: str = "prove") -> Answer:
        path = f"/api/v1/namespaces/{namespace}/{body['kind'].lower()}s/{body['metadata']['name']}"
        return self.send("PATCH", f"{path}?fieldManager={manager}{query}", body, Content_Type=APPLY)

    def merge(self, name: str, body: dict[str, Any], query: str = "") -> Answer:
        return self.send("PATCH", f"{SECRETS}/{name}{query}", body, Content_Type=MERGE, User_Agent="editor/1.0")


@contextmanager
def connected(api: Address, token: str | None = "", context: ssl.SSLContext | None = None) -> Iterator[Client]:
    client = Client(api, token, context)
    try:
        yield client
    finally:
        client.connection.close()


def secret(name: str = "app", *, metadata: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    if "data" in fields:
        fields["data"] = {key: base64.b64encode(text.encode()).decode() for key, text in fields["data"].items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name} | (metadata or {})} | fields


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
