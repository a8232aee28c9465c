"""The examples of README and docs run as they are when somebody pastes them."""

import re
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

import components.parameter_store
from tests.components.support import Engine, declare
from tests.components.test_identity import Cloud
from tests.support.paths import ROOT


def example(file: str, word: str) -> str:
    """The one Python example of a page that holds a word, with the name that the library has in this checkout."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / file).read_text(), re.DOTALL | re.MULTILINE)
    (found,) = [each for each in blocks if word in each]
    return str(found).replace("pulumi_parameter_store", "components")


def run(text: str, names: dict[str, Any]) -> Engine:
    return declare(lambda: exec(compile(text, "example.py", "exec"), names), engine=Cloud())  # noqa: S102


def test_the_readmes_example_runs_when_it_is_pasted() -> None:
    registered = run(example("README.md", "oidc_provider="), {"__name__": "__main__"}).registered
    assert registered["SecretSync", "db"]["data"].keys() == {"user", "password", "ca.crt"}
    assert registered["Snapshot", "team-a"]["references"] == ["/prod/ca", "/prod/db"]
    assert ("Role", "team-a") in registered


def test_the_simplest_example_runs_when_it_is_pasted() -> None:
    registered = run(example("README.md", '"/prod/db/password"'), {"__name__": "__main__"}).registered
    assert registered["SecretSync", "db"]["data"] == {"password": {"key": "/prod/db/password"}}
    assert registered["Snapshot", "team-a"]["store"] == {"region": "eu-central-1"}


def test_the_example_of_pushing_runs_when_it_is_pasted() -> None:
    registered = run(example("docs/pushing.md", 'SecretStore("pushed"'), {"__name__": "__main__"}).registered
    assert registered["SecretPush", "pokedex"]["data"] == [
        {"remoteKey": "my-first-parameter", "secretKey": "best-pokemon"}
    ]
    assert registered["Snapshot", "pushed"]["operation"]["pushed"] == ["my-first-parameter"]
    registered = run(example("docs/pushing.md", 'SecretStore("secrets"'), {"__name__": "__main__"}).registered
    assert registered["Snapshot", "secrets"]["operation"]["pushed"] == ["pokedex/best"]


def test_the_examples_of_cluster_wide_kinds_run_when_they_are_pasted() -> None:
    pushed = run(example("docs/pushing.md", "ClusterPushSecret("), {"__name__": "__main__"}).registered
    assert [each["prefixes"] for each in pushed["ClusterSecretPush", "copies"]["storesOf"]] == [
        {"team-a": "/team-a/"},
        {"team-b": "/team-b/"},
    ]
    synced = run(example("docs/configuration.md", "ClusterExternalSecret("), {"__name__": "__main__"}).registered
    assert synced["ClusterSecretSync", "registry"]["data"] == {".dockerconfigjson": {"key": "/shared/registry"}}


def test_what_the_pages_import_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    lines = [
        line for page in pages for line in re.findall(r"^from pulumi_parameter_store.*", page.read_text(), re.MULTILINE)
    ]
    assert len(lines) >= 4
    for line in lines:
        exec(line.replace("pulumi_parameter_store", "components"), {})  # noqa: S102


@pytest.mark.parametrize(("word", "kind"), [("ClusterSecretStore(", "shared"), ("oidc_provider=cluster", "team-a")])
def test_the_examples_of_stores_run(word: str, kind: str) -> None:
    key = "arn:aws-cn:kms:cn-north-1:123456789012:key/1"

    class Key:
        arn = pulumi.Output.from_input(key)

    def names() -> dict[str, Any]:
        cluster = aws.eks.Cluster("c", role_arn="arn:aws:iam::123456789012:role/r", vpc_config={"subnet_ids": ["s"]})
        return {**vars(components.parameter_store), "cluster": cluster, "key": Key}

    def program() -> None:
        exec(compile(example("docs/permissions.md", word), "example.py", "exec"), names())  # noqa: S102

    assert ("Snapshot", kind) in declare(program, engine=Cloud()).registered
