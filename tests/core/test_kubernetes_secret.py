"""What would be refused by the API server is refused here, and the body carries our marks and no stringData."""

import base64

import pytest

from components.core.errors import WriteError
from components.core.kubernetes_secret import (
    MAX_SECRET_BYTES,
    probe_body,
    secret_body,
    secret_key_problem,
    secret_name_problem,
)


@pytest.mark.parametrize("key", ["a", ".dockerconfigjson", "-", "A_b.c-1", "k" * 253])
def test_allowed_keys(key: str) -> None:
    assert secret_key_problem(key) is None


@pytest.mark.parametrize("key", ["", "a b", "/a", "ä", ".", "..", "..a", "k" * 254])
def test_refused_keys(key: str) -> None:
    assert secret_key_problem(key)


@pytest.mark.parametrize(
    ("name", "allowed"), [("db", True), ("a.b-c", True), ("UPPER", False), ("-a", False), ("", False)]
)
def test_names(name: str, allowed: bool) -> None:  # noqa: FBT001  a test's parameter
    assert (secret_name_problem(name) is None) is allowed


def test_the_body_holds_base64_data_and_says_whose_it_is() -> None:
    body = secret_body("team-a", "db", "p/dev/db", {"b": 2, "a": 1}, {"k": b"\x00v"})
    assert body["data"] == {"k": base64.b64encode(b"\x00v").decode()}
    assert body["metadata"]["annotations"] == {
        "pulumi-parameter-store/owner": "p/dev/db",
        "pulumi-parameter-store/versions": '{"a":1,"b":2}',
    }
    assert body["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "pulumi-parameter-store"}
    assert "stringData" not in body


def test_a_probe_has_the_same_keys_and_no_value() -> None:
    assert probe_body("team-a", "db", "o", {"k": 1})["data"] == {"k": ""}


def test_more_than_kubernetes_allows_is_refused_without_quoting_it() -> None:
    exact = {"a": b"x" * (MAX_SECRET_BYTES - 1), "b": b"y"}
    assert secret_body("n", "s", "o", {}, exact)["type"] == "Opaque"
    with pytest.raises(WriteError) as caught:
        secret_body("n", "s", "o", {}, {**exact, "c": b"z"})
    assert "1,048,577 bytes; Kubernetes allows 1,048,576" in str(caught.value)
