"""Access keys out of a Kubernetes Secret: what editors and `echo` add is taken off, and what cannot be one is named."""

import base64
import json
from typing import Any

import pytest

from components.clients.kubernetes.api_refusals import Call
from components.clients.kubernetes.transport import Request
from sandbox.aws.api import AwsApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

GOOD = {"id": b"AKIASANDBOX000000000", "secret": b"canary-secret-key"}
FIELDS = {"id": "accessKeyIDSecretRef", "secret": "secretAccessKeySecretRef", "token": "sessionTokenSecretRef"}


def stack(keys: dict[str, bytes]) -> Stack:
    """A store whose access keys are in a Secret."""
    data = {key: base64.b64encode(value).decode() for key, value in keys.items()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "aws"}, "data": data}
    path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
    request = Request("POST", path, {}, content_type="application/json", body=json.dumps(body).encode())
    cluster().send(request, Call("create", "aws", "the test"))
    made = Stack({"a": {"key": "/a"}})
    where: dict[str, Any] = {"namespace": NAMESPACE, "name": "aws"}
    made.store["secretRef"] = {FIELDS[key]: {**where, "key": key} for key in keys}
    return made


@pytest.mark.parametrize("added", [(b"", b"\n"), (b"", b"\r\n"), (b" ", b"\t\n\n"), (b"\xef\xbb\xbf", b"\n")])
@pytest.mark.parametrize("key", ["id", "secret"])
def test_line_breaks_around_a_key_are_taken_off(aws: AwsApi, added: tuple[bytes, bytes], key: str) -> None:
    aws.put_parameter("/a", "1")
    before, after = added
    assert stack({**GOOD, key: before + GOOD[key] + after}).up().change == "create"
    assert values() == {"a": "1"}
    assert {call.access_key_id for call in aws.calls if call.operation == "GetParameters"} == {GOOD["id"].decode()}


@pytest.mark.parametrize("key", ["id", "secret", "token"])
@pytest.mark.parametrize("value", [b"AKIA\nSANDBOX", b"AK IA", b"AKIA\x00", "AKIÄ".encode(), b"", b" \n"])
def test_what_cannot_be_one_is_one_line_and_nothing_is_asked_of_aws(aws: AwsApi, key: str, value: bytes) -> None:
    (text,) = stack({**GOOD, "token": b"canary-token", key: value}).preview().failures
    why = (
        "holds a blank, a line break or another character that AWS credentials do not have"
        if value.strip()
        else "is empty"
    )
    assert text == f"key '{key}' of Secret team-a/aws {why}; write it again, in one line"
    assert aws.calls == []


@pytest.mark.parametrize("key", ["id", "secret"])
@pytest.mark.parametrize(
    ("form", "why"),
    [
        ('"{}"', "has quotes around it"),
        ("'{}'", "has quotes around it"),
        ("`{}`", "has quotes around it"),
        ("AWS_ACCESS_KEY_ID={}", "begins with a variable's name and '='"),
        ("aws_secret_access_key={}", "begins with a variable's name and '='"),
    ],
)
def test_what_is_pasted_with_a_key_is_named(aws: AwsApi, key: str, form: str, why: str) -> None:
    (text,) = stack({**GOOD, key: form.format(GOOD[key].decode()).encode()}).preview().failures
    assert text == f"key '{key}' of Secret team-a/aws {why}; write it again, in one line"
    assert aws.calls == []


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (
            {"id": GOOD["secret"], "secret": GOOD["id"]},
            "the secret access key is an access key ID; are the two swapped?",
        ),
        ({"id": GOOD["id"], "secret": GOOD["id"]}, "the secret access key is an access key ID; are the two swapped?"),
        ({**GOOD, "id": b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, "is it the secret access key?"),
        (
            {**GOOD, "id": b"ASIASANDBOX000000000"},
            "is that of temporary keys (ASIA...), which need a session token; name it in sessionTokenSecretRef",
        ),
    ],
    ids=["swapped", "twice the ID", "twice the secret", "temporary"],
)
def test_keys_that_are_no_pair_are_one_line_and_nothing_is_asked_of_aws(
    aws: AwsApi, keys: dict[str, bytes], why: str
) -> None:
    (text,) = stack(keys).preview().failures
    assert text.startswith("the store's access keys in Secret team-a/aws: the ")
    assert text.endswith(why)
    assert not any(value.decode() in text for value in keys.values())
    assert aws.calls == []
