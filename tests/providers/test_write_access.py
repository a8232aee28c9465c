"""Whether we may write is asked by a dry run: for each Secret that is refused, and admission may take the real one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from components.clients.kubernetes.cluster_errors import ForbiddenError, NotFoundError, RefusedError
from components.providers.operation.cluster_memory import ClusterMemory
from tests.unit.kubernetes_client.support import SECRET, Received, Reply, Stub, make_client, plain_connection, reply
from tests.unit.kubernetes_client.support import refusal as refused

Open = Callable[[Callable[[Received], Reply]], tuple[ClusterMemory, Stub]]


@pytest.fixture
def cluster() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(answer: Callable[[Received], Reply]) -> tuple[ClusterMemory, Stub]:
            stub = stack.enter_context(Stub(answer))
            client = make_client(plain_connection(stub.url))
            stack.callback(client.close)
            return ClusterMemory(lambda: client), stub

        yield opened


def taken(request: Received) -> Reply:
    name = request.path.rpartition("/")[2]
    return reply(200, {**SECRET, "metadata": {**SECRET["metadata"], "name": name}})  # type: ignore[dict-item]


def test_where_we_may_write_is_asked_once_in_a_namespace(cluster: Open) -> None:
    memory, stub = cluster(taken)
    for name in ("db", "web", "third"):
        assert memory.probe("team-a", name) is None
    (asked,) = stub.requests
    assert asked.query["dryRun"] == "All"


def test_a_role_for_some_secrets_refuses_the_others_alone(cluster: Open) -> None:
    """A Role with `resourceNames`: what one Secret was refused for was told of all others, too."""
    sentence = (
        'secrets "db" is forbidden: User "ci" cannot patch resource "secrets" in API group "" in the namespace "team-a"'
    )
    memory, _ = cluster(lambda asked: refused(403, "Forbidden", sentence) if "/db" in asked.path else taken(asked))
    with pytest.raises(ForbiddenError, match="apply Secret team-a/db"):
        memory.probe("team-a", "db")
    assert memory.probe("team-a", "web") is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(404, "NotFound", "x", kind="namespaces", name="team-a"), NotFoundError),
        (
            refused(403, "Forbidden", 'secrets "x" is forbidden: exceeded quota: q, requested: count/secrets=1'),
            ForbiddenError,
        ),
        (
            refused(403, "Forbidden", 'secrets "x" is forbidden: User "ci" cannot patch resource "secrets"'),
            ForbiddenError,
        ),
        (refused(415, "UnsupportedMediaType", "x"), RefusedError),
    ],
)
def test_what_no_secret_could_be_written_for_names_each(cluster: Open, answer: Reply, kind: type[Exception]) -> None:
    memory, _ = cluster(lambda _: answer)
    for name in ("db", "web"):
        with pytest.raises(kind, match=f"apply Secret team-a/{name} in"):
            memory.probe("team-a", name)


WORDS = {
    "Kyverno": 'admission webhook "validate.kyverno.svc-fail" denied the request: Secret/team-a/db was blocked',
    "Gatekeeper": 'admission webhook "validation.gatekeeper.sh" denied the request: [labels] you must provide labels',
    "a policy": "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'all' denied request: no",
    "a server error": 'Internal error occurred: admission webhook "w.test" denied the request: x',
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("code", [400, 403, 409, 422])
def test_admission_may_take_the_secret_itself(cluster: Open, words: str, code: int) -> None:
    """A policy that wants a label refuses the dry run, which has none, and no Secret could ever be written."""
    memory, stub = cluster(lambda _: refused(code, "Forbidden", words))
    for name in ("db", "web"):
        doubt = memory.probe("team-a", name)
        assert doubt is not None
        assert f"Secret team-a/{name}" in doubt
    assert len(stub.requests) == 2
