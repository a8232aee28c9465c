"""What answers without end, in other kinds than an API server, or not at all: one line within the limits."""

import sys
from pathlib import Path

import pytest

from tests.end_to_end.faults.support import Stack
from tests.support.slow_server import OK, SLOW, flood, slow_server
from tests.unit.kubernetes_client.support import SECRET, Received, Reply, Stub, refusal, reply

pytestmark = pytest.mark.slow

NO_API = "what answered is not a Kubernetes API. Check the server URL and the proxy."
NO_OBJECT = "the answer is not a Kubernetes object"
MALFORMED = {
    "a list of no items": (b'{"items": 5, "metadata": {}}', NO_OBJECT),
    "many levels": (b'{"metadata":' + b"[" * 100_000 + b"]" * 100_000 + b"}", NO_API),
    "a login page": (b"<html><body>Please log in</body></html>", NO_API),
    "other metadata": (b'{"items": [], "metadata": {"name": 5, "uid": "u", "labels": []}}', NO_OBJECT),
}


def through(stack: Stack, url: str) -> None:
    """Ask another server for the cluster."""
    kubeconfig = Path(stack.environment["KUBECONFIG"])
    other = kubeconfig.with_name("another-kubeconfig")
    other.write_text(kubeconfig.read_text().replace(stack.sandbox.kubernetes.url, url))
    stack.environment["KUBECONFIG"] = str(other)


@pytest.mark.parametrize(("body", "words"), MALFORMED.values(), ids=MALFORMED)
def test_a_cluster_whose_answers_are_of_other_kinds(stack: Stack, body: bytes, words: str) -> None:
    assert stack.up().result.exit_code == 0
    kubeconfig = stack.environment["KUBECONFIG"]
    with Stub([Reply(200, body)]) as server:
        through(stack, server.url)
        outcome = stack.preview()
    stack.environment["KUBECONFIG"] = kubeconfig
    assert len(server.requests) < 50
    stack.check_failure(outcome, words)


def test_a_cluster_whose_answers_trickle(stack: Stack) -> None:
    stack.shorten_kubernetes()
    kubeconfig = stack.environment["KUBECONFIG"]
    with slow_server(SLOW["a body that trickles"]) as server:
        through(stack, server.url)
        outcome = stack.preview()
    stack.environment["KUBECONFIG"] = kubeconfig
    stack.check_failure(outcome, "no answer within the time limit", "VPN, proxy, firewall")


def test_an_aws_whose_answers_trickle(stack: Stack) -> None:
    stack.shorten("clients/aws/retry.py", "DEFAULT_BUDGET = 60.0", "DEFAULT_BUDGET = 1.0")
    before = dict(stack.environment)
    with slow_server(SLOW["a body that trickles"]) as server:
        url = stack.sandbox.aws.url
        stack.environment.update({name: value.replace(url, server.url) for name, value in before.items()})
        stack.check_failure(stack.preview(), "it did not answer in time")
    stack.environment.update(before)


def test_a_credential_process_that_never_ends(stack: Stack, tmp_path: Path) -> None:
    stack.shorten("clients/programs.py", "TIME_LIMIT = 60.0", "TIME_LIMIT = 1.0")
    stack.shorten("clients/waiting.py", "TELL_EVERY = 5.0", "TELL_EVERY = 0.3")
    before = dict(stack.environment)
    config = tmp_path / "aws-config"
    program = f"{sys.executable} -IS -c 'import threading; threading.Event().wait()'"
    config.write_text(f"[profile slow]\ncredential_process = {program}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        stack.environment.pop(name, None)
    stack.environment.update(AWS_CONFIG_FILE=str(config), AWS_PROFILE="slow")
    stack.check_failure(
        stack.preview(), "waiting for the credential_process", "did not end within 1 s and was ended: run it by hand"
    )
    stack.environment.clear()
    stack.environment.update(before)


def test_a_huge_answer(stack: Stack) -> None:
    kubeconfig = stack.environment["KUBECONFIG"]
    with slow_server(flood(OK + b"Content-Length: 1073741824\r\n\r\n", b"A" * 65536, 1 << 30)) as server:
        through(stack, server.url)
        outcome = stack.preview()
    stack.environment["KUBECONFIG"] = kubeconfig
    stack.check_failure(outcome, "more than 8 MiB, which is more than the API server sends")


def test_a_list_that_never_ends(stack: Stack) -> None:
    """Some more Secrets than are looked at one by one, so that the namespace is listed."""
    for name in ("four", "five"):
        stack.put(f"/app/{name}", "user")
        stack.declare(name, f"/app/{name}", "user")
    kubeconfig = stack.environment["KUBECONFIG"]

    def answer(request: Received) -> Reply:
        if request.path.endswith("/secrets"):
            return reply(200, {"items": [], "metadata": {"continue": "abc"}})
        return reply(200, SECRET) if request.method == "PATCH" else missing(request)

    with Stub(answer) as server:
        through(stack, server.url)
        outcome = stack.preview()
    stack.environment["KUBECONFIG"] = kubeconfig
    assert len(server.requests) < 50
    stack.check_failure(outcome, "the server sends the same page again and again")


def missing(request: Received) -> Reply:
    name = request.path.rpartition("/")[2]
    return refusal(404, "NotFound", f'secrets "{name}" not found', name=name, kind="secrets")
