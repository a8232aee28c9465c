"""What may be the contents of a kubeconfig is secret in the state and in no message; a path is not."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.parameter_store import Cluster, ClusterSecretStore, InvalidArgumentsError
from components.program.cluster import _bag
from tests.components.account_and_cluster.support import CONTENTS, REGION, told
from tests.components.support import declare


@pytest.mark.parametrize(
    ("cluster", "kind"),
    [
        ("TOPSECRET", ", got a string; a context's name goes into Cluster(context=...)"),
        (CONTENTS, ", got a string; a context's name goes into Cluster(context=...)"),
        ({"context": "TOPSECRET"}, ", got a mapping"),
        (7, ", got a number"),
        (Cluster, ", got the class Cluster"),
    ],
)
def test_what_is_no_cluster_is_not_shown(cluster: Any, kind: str) -> None:
    def program() -> None:
        ClusterSecretStore("s", cluster=cluster, **REGION)

    with pytest.raises(InvalidArgumentsError) as caught:
        declare(program)
    assert f"cluster: expected a Cluster or a pulumi_kubernetes.Provider{kind}" in str(caught.value)
    assert "TOPSECRET" not in str(caught.value)


def test_a_cluster_is_printed_without_its_kubeconfig() -> None:
    assert "TOPSECRET" not in repr(Cluster(CONTENTS))


@pytest.mark.parametrize("secret", [CONTENTS, "{}", "TOPSECRET"])
@pytest.mark.parametrize("wrap", [lambda text: text, pulumi.Output.from_input])
def test_contents_are_secret(secret: str, wrap: Callable[[str], Any]) -> None:
    async def program() -> None:
        assert await _bag({"kubeconfig": wrap(secret)})["kubeconfig"].is_secret()

    declare(lambda: pulumi.Output.from_input(program()))


@pytest.mark.parametrize("name", ["prod.yaml", "clusters/prod.kubeconfig", "a/b.c.json", "prod.conf"])
def test_the_name_of_a_file_that_is_not_there_is_not_secret(name: str) -> None:
    assert told(cluster=Cluster(name), **REGION)[1] == {"kubeconfig": name}


@pytest.mark.parametrize("text", ["eyJhbGciOi.eyJpc3Mi.c2ln", "token.abc", "a: b.yaml", "-BEGIN.yaml {}", "p w.yaml"])
def test_what_may_be_a_token_is_secret(text: str) -> None:
    async def program() -> None:
        assert await _bag({"kubeconfig": text})["kubeconfig"].is_secret()

    declare(lambda: pulumi.Output.from_input(program()))


def test_a_path_is_not_secret() -> None:
    assert told(cluster=Cluster("/home/ci/other", "a"), **REGION)[1] == {"kubeconfig": "/home/ci/other", "context": "a"}
