"""Whose a Secret is: conflicts name the other owner; adoption is asked for; ESO lets go without a missing moment."""

import base64
from typing import Any

import pytest

from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Stack, cluster, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

OPERATOR = "externalsecrets.external-secrets.io/es"
DATA = {"a": {"key": "/a"}}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with one parameter."""
    aws.put_parameter("/a", "1")
    aws.put_parameter("/json", '{"a": "1"}')


def theirs(manager: str = "helm", kind: str = "", api_version: str = "external-secrets.io/v1", **metadata: Any) -> None:
    """A Secret of somebody else's, controlled by an object of a kind where one is named."""
    owner = {"apiVersion": api_version, "kind": kind, "name": "es", "uid": "1", "controller": True}
    if kind:
        metadata["ownerReferences"] = [owner]
    data = {"a": base64.b64encode(b"old").decode(), "extra": base64.b64encode(b"x").decode()}
    cluster(manager).apply_secret(NAMESPACE, "db", {"metadata": metadata, "data": data}, force=True)


def live() -> dict[str, Any]:
    secret = cluster().get_secret(NAMESPACE, "db")
    assert secret is not None
    return secret


def test_a_foreign_secret_is_adopted_only_when_asked() -> None:
    theirs()
    stack = Stack(DATA)
    assert "exists already" in stack.up().failures[0]
    assert values() == {"a": "old", "extra": "x"}
    stack.more["target"] = {"adopt": True}
    assert stack.preview().inputs["takenOver"] == [
        "the Secret, so far written by helm",
        "key extra is removed, as it is not declared; it was written by helm",
    ]
    assert stack.up().failures == []
    assert values() == {"a": "1"}
    assert stack.preview().change == "same"


def test_an_adopted_secret_keeps_its_uid_and_type(kubernetes: KubernetesApi) -> None:
    body = {"type": "example.com/x", "data": {"a": base64.b64encode(b"old").decode()}}
    before = cluster("helm").apply_secret(NAMESPACE, "db", body, force=False)
    kubernetes.clear_calls()
    assert Stack(DATA, target={"adopt": True}).up().failures == []
    assert live()["metadata"]["uid"] == before.uid
    assert live()["type"] == "example.com/x"
    assert not [call for call in kubernetes.calls if call.verb == "delete"]


def test_it_keeps_them_when_adopt_is_taken_away_again(aws: AwsApi) -> None:
    body = {"type": "example.com/x", "data": {"a": base64.b64encode(b"old").decode()}}
    cluster("helm").apply_secret(NAMESPACE, "db", body, force=False)
    stack = Stack(DATA, target={"adopt": True})
    stack.up()
    stack.more["target"] = {}
    aws.put_parameter("/a", "2")
    assert stack.up().change == "update"
    assert values() == {"a": "2"}
    assert live()["type"] == "example.com/x"


def test_the_operator_lets_go_of_a_shared_secret_too_and_its_keys_stay() -> None:
    theirs("externalsecrets.external-secrets.io/es", "ExternalSecret", **ESO)
    stack = Stack(DATA, target={"adopt": True, "creationPolicy": "Merge"})
    assert stack.up().failures == []
    assert live()["metadata"].get("ownerReferences") is None
    assert values() == {"a": "1", "extra": "x"}
    assert stack.preview().change == "same"


ESO: dict[str, Any] = {
    "labels": {"reconcile.external-secrets.io/managed": "true", "reconcile.external-secrets.io/created-by": "x"},
    "annotations": {"reconcile.external-secrets.io/data-hash": "y"},
}


@pytest.mark.parametrize("policy", ["Owner", "Orphan", "Merge", "CreateOrMerge"])
def test_a_secret_of_the_operator_is_not_touched(policy: str) -> None:
    theirs("externalsecrets.external-secrets.io/es", "ExternalSecret", **ESO)
    (line,) = Stack(DATA, target={"creationPolicy": policy}).up().failures
    assert "owned by another ExternalSecret, 'es' of External Secrets Operator" in line
    assert "adopt" in line
    assert values() == {"a": "old", "extra": "x"}


def test_the_operator_lets_go_of_an_adopted_secret_which_is_there_all_the_time(kubernetes: KubernetesApi) -> None:
    theirs("externalsecrets.external-secrets.io/es", "ExternalSecret", **ESO)
    uid = live()["metadata"]["uid"]
    stack = Stack(DATA, target={"adopt": True})
    assert stack.preview().inputs["takenOver"] == [
        "the Secret from ExternalSecret 'es' of External Secrets Operator",
        f"key extra is removed, as it is not declared; it was written by {OPERATOR}",
    ]
    assert stack.up().failures == []
    metadata = live()["metadata"]
    assert (metadata["uid"], metadata.get("ownerReferences")) == (uid, None)
    assert not [key for key in {**metadata["labels"], **metadata["annotations"]} if "external-secrets.io" in key]
    assert values() == {"a": "1"}
    assert not [call for call in kubernetes.calls if call.verb == "delete"]
    assert stack.preview().change == "same"
    theirs("externalsecrets.external-secrets.io/es", "ExternalSecret", **ESO)
    assert any("taken over by ExternalSecret 'es' of External Secrets Operator" in why for why in stack.preview().drift)
    stack.more["target"] = {}
    for run in (stack.preview, stack.up):
        (line,) = run().failures
        assert "was taken over by ExternalSecret 'es' of External Secrets Operator" in line
        assert "Set `adopt` on the target, run `pulumi up`, and then delete that ExternalSecret in the cluster" in line
        assert "another target name" not in line
    stack.more["target"] = {"adopt": True}
    stack.up()
    assert values() == {"a": "1"}
    assert live()["metadata"].get("ownerReferences") is None


def test_keys_that_may_come_of_what_is_read_are_not_said_to_go() -> None:
    theirs()
    stack = Stack({}, dataFrom=[{"extract": {"key": "/json"}}], target={"adopt": True})
    assert stack.preview().inputs["takenOver"] == [
        "the Secret, so far written by helm",
        "key a, written by helm, is removed unless what is read gives it again",
        "key extra, written by helm, is removed unless what is read gives it again",
    ]
    assert stack.up().inputs["takenOver"][1:] == ["key extra is removed, as it is not declared; it was written by helm"]
    assert stack.preview().change == "same"


def test_the_operator_lets_go_of_a_shared_secret_and_preview_says_so() -> None:
    theirs("externalsecrets.external-secrets.io/es", "ExternalSecret", **ESO)
    taken = Stack(DATA, target={"adopt": True, "creationPolicy": "Merge"}).preview().inputs["takenOver"]
    assert taken == ["the Secret from ExternalSecret 'es' of External Secrets Operator", f"key a from {OPERATOR}"]


@pytest.mark.parametrize("adopt", [True, False])
def test_a_secret_that_another_controller_keeps_is_not_taken(adopt: bool) -> None:  # noqa: FBT001  a parameter
    theirs("cert-manager", "Certificate", "cert-manager.io/v1")
    (line,) = Stack(DATA, target={"adopt": adopt}).up().failures
    assert "controlled by Certificate 'es'" in line
    assert Stack(DATA, target={"creationPolicy": "Merge"}).up().failures == []
    assert values() == {"a": "1", "extra": "x"}


def test_another_stacks_secret_is_not_shared_even_with_adopt() -> None:
    Stack(DATA).up()
    rival = Stack(DATA, target={"adopt": True, "creationPolicy": "Merge"})
    rival.owner = "shop/prod/db"
    assert "owned by another ExternalSecret" in rival.preview().failures[0]


def test_two_external_secrets_of_one_program_do_not_write_one_secret() -> None:
    one, two = Stack(DATA), Stack(DATA)
    two.owner = "shop/dev/two"
    outcomes = one.previewed_with(two)
    assert outcomes[0].failures == []
    assert "the target is owned by another ExternalSecret, shop/dev/db, of this program" in outcomes[1].failures[0]
    assert one.up().failures == []
    assert "owned by another ExternalSecret" in two.up().failures[0]
    assert values() == {"a": "1"}


@pytest.mark.parametrize("policy", ["Owner", "Orphan"])
def test_one_that_got_another_name_takes_its_secret_along_when_asked(policy: str, kubernetes: KubernetesApi) -> None:
    old = Stack({**DATA, "b": DATA["a"]})
    old.up()
    uid = live()["metadata"]["uid"]
    new = Stack(DATA, target={"creationPolicy": policy})
    new.owner = "shop/dev/renamed"
    assert "set `adopt` on the target, if that one got this name" in new.preview().failures[0]
    new.more["target"]["adopt"] = True
    assert any("owned by another ExternalSecret" in each for each in old.previewed_with(new)[1].failures)
    assert new.preview().failures == []
    kubernetes.clear_calls()
    assert new.up().failures == []
    old.destroy()
    assert not [call for call in kubernetes.calls if call.verb == "delete"]
    assert live()["metadata"]["uid"] == uid
    assert values() == {"a": "1"}
    assert new.preview().change == "same"
