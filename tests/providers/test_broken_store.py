"""A store that cannot be read ends that store: `check` fails in preview alone, and nothing that was known is lost."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.core.spec.specs import Operation
from components.core.spec.store_specs import StoreSpec
from components.providers.operation.process import forget, process_memory
from components.providers.snapshot import SnapshotProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {"a": {"key": "/a"}}
KEYS = {"namespace": NAMESPACE, "name": "aws-keys"}
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no ServiceAccount": (
        {"serviceAccountRef": {"namespace": NAMESPACE, "name": "not-there"}},
        "it does not exist. Create it, correct its name, or give oidc_provider, which has the store create it.",
    ),
    "ServiceAccount without a role": (
        {"serviceAccountRef": {"namespace": NAMESPACE, "name": "default"}},
        "ServiceAccount team-a/default",
    ),
    "no Secret with access keys": (
        {
            "secretRef": {
                "accessKeyIDSecretRef": {**KEYS, "key": "id"},
                "secretAccessKeySecretRef": {**KEYS, "key": "x"},
            }
        },
        "Secret team-a/aws-keys, which does not exist",
    ),
    "a role that cannot be assumed": ({"role": "arn:aws:iam::123456789012:role/not-there"}, "role/not-there"),
    "a role in the chain that cannot be assumed": (
        {"additionalRoles": ["arn:aws:iam::123456789012:role/also-not"]},
        "role/also-not",
    ),
    "no such region": ({"region": "eu-nowhere"}, "'eu-nowhere' is not an AWS region"),
    "a region of no partition": ({"region": "xx-central-1"}, "no AWS partition has a region 'xx-central-1'"),
    "a context that the kubeconfig does not have": (
        {
            "serviceAccountRef": {"namespace": NAMESPACE, "name": "default"},
            "cluster": {"context": "not-there"},
        },
        "not-there",
    ),
}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with a parameter."""
    aws.put_parameter("/a", "1")


@pytest.mark.parametrize("case", BROKEN)
def test_up_fails_where_the_store_is_written_and_the_next_one_goes_on(aws: AwsApi, case: str) -> None:
    broken, why = BROKEN[case]
    stack = Stack(DATA)
    stack.up()
    aws.put_parameter("/a", "2")
    known, stored, whole = dict(stack.snapshot_inputs), dict(stack.snapshot), dict(stack.store)
    stack.store.update(broken)
    preview = stack.preview()
    assert preview.change == "failed"
    assert why in preview.failures[0]

    up = stack.up(secrets=["ExternalSecret 'db'"])
    assert up.change == "failed"
    (text,) = up.failures
    assert why in text
    assert text.endswith(". What reads from this store is left as it is: ExternalSecret 'db'")
    assert "\n" not in text
    assert (stack.snapshot_inputs, stack.snapshot) == (known, stored)
    assert values() == {"a": "1"}

    stack.store.clear()
    stack.store.update(whole)
    assert stack.up().change == "update"
    assert values() == {"a": "2"}


def test_a_first_up_that_fails_stores_nothing() -> None:
    stack = Stack(DATA)
    stack.store["role"] = "arn:aws:iam::123456789012:role/not-there"
    assert stack.up().change == "failed"
    assert (stack.snapshot_inputs, stack.sync_inputs, values()) == ({}, {}, None)
    del stack.store["role"]
    assert stack.up().change == "create"


def test_what_is_shown_of_a_store_that_fails_is_what_was_known() -> None:
    stack = Stack(DATA)
    stack.up()
    broken = {**stack.store, "role": "arn:aws:iam::123456789012:role/not-there"}
    operation = {"preview": False, "decrypt": True, "waits": {}}
    inputs = SnapshotProvider().check(
        {**stack.snapshot_inputs, "store": broken}, {"store": broken, "references": ["/a"], "operation": operation}
    )
    assert inputs.failures == []
    assert inputs.inputs["versions"] == {"/a": 1}
    assert SnapshotProvider().diff("id", stack.snapshot, inputs.inputs).changes


def test_many_that_are_left_alone_are_named_up_to_ten() -> None:
    stack = Stack(DATA)
    stack.store["role"] = "arn:aws:iam::123456789012:role/not-there"
    (text,) = stack.up(secrets=[f"ExternalSecret 'db-{number:02}'" for number in range(12)]).failures
    assert text.endswith("'db-08', ExternalSecret 'db-09' and 2 more")


@pytest.mark.alone("the engine skips the check, too")
def test_nothing_more_is_asked_of_a_store_that_failed(aws: AwsApi) -> None:
    """The engine checks what depends on a failed resource, too, before it skips it."""
    stack = Stack(DATA)
    stack.store["role"] = "arn:aws:iam::123456789012:role/not-there"
    stack.up()
    asked = len(aws.calls)
    memory = process_memory().store(StoreSpec.from_bag(stack.store), Operation(preview=False, decrypt=True))
    outcome = stack._sync(
        {
            "namespace": NAMESPACE,
            "secretName": "db",
            "owner": stack.owner,
            "store": stack.store,
            "cluster": {},
            "data": DATA,
        },
        apply=True,
    )
    assert outcome.change == "failed"
    assert "role/not-there" in outcome.failures[0]
    assert len(aws.calls) == asked
    assert memory.seen.versions == {}


@pytest.mark.parametrize("where", ["no such context", "nothing listens"])
def test_a_secret_s_own_cluster_ends_that_secret(
    kubernetes: KubernetesApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr("components.clients.kubernetes.backoff.RetryPolicy.budget", 0.1, raising=False)
    monkeypatch.setattr("components.providers.operation.clients.FIRST_CONTACT", 0.1)
    kubeconfig = yaml.safe_load(kubernetes.kubeconfig(tmp_path / "other").read_text())
    kubeconfig["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:1"
    (tmp_path / "other").write_text(yaml.safe_dump(kubeconfig))
    cluster = {"context": "prod"} if where == "no such context" else {"kubeconfig": str(tmp_path / "other")}
    stack = Stack(DATA)
    stack.more["cluster"] = cluster
    preview, up = stack.preview(), stack.up()
    assert (preview.change, up.change) == ("failed", "failed")
    assert preview.failures == up.failures or where == "nothing listens"
    assert stack.snapshot_inputs["versions"] == {"/a": 1}, "the store went on"
    assert stack.sync_inputs == {}
    del stack.more["cluster"]
    assert stack.up().change == "create"


@pytest.mark.parametrize("case", BROKEN)
def test_a_refresh_keeps_what_is_recorded_of_a_store_that_cannot_be_read(
    aws: AwsApi, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    broken, why = BROKEN[case]
    stack = Stack(DATA)
    stack.waits = {"/a": 3600.0}
    stack.up()
    aws.put_parameter("/a", "2")
    props = {**stack.snapshot, "store": {**stack.store, **broken}, "__provider": "x"}
    forget()
    got = SnapshotProvider().read("parameters/eu-central-1", props)
    kept = {key: value for key, value in props.items() if key != "__provider"}
    assert "__readAt" in kept
    assert (got.id, got.outs, got.inputs) == ("parameters/eu-central-1", kept, kept)
    said = capsys.readouterr().err
    assert said.startswith("warning: a store in ")
    assert why in said
    whole = SnapshotProvider().read("parameters/eu-central-1", stack.snapshot)
    assert whole.outs is not None
    assert whole.outs["versions"] == {"/a": 2}
