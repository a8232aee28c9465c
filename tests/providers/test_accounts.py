"""Values of another AWS account, or of another region, are other values, though names and versions are the same."""

from typing import Any

import pytest

from components.core.spec.specs import Operation
from components.core.spec.store_specs import StoreSpec
from components.providers.operation.process import process_memory
from components.providers.snapshot import SnapshotProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import Stack, values
from tests.support.two_accounts import OTHER, role, user_keys

DATA = {"a": {"key": "/a"}}
pytestmark = pytest.mark.usefixtures("kubernetes", "keys")


@pytest.fixture
def keys(aws: AwsApi) -> dict[str, str]:
    aws.put_parameter("/a", "ours")
    aws.put_parameter("/a", "theirs", account=OTHER)
    return user_keys()


def use(monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]) -> None:
    for name, each in keys.items():
        monkeypatch.setenv(name.upper(), each)


def test_the_account_is_recorded_without_a_call_for_it(aws: AwsApi) -> None:
    stack = Stack(DATA)
    aws.clear_calls()
    stack.up()
    assert [call.operation for call in aws.calls] == ["GetParameters"]
    assert stack.snapshot["account"] == aws.account
    assert stack.sync["__accounts"] == {"": aws.account}


def test_a_store_that_reads_nothing_records_no_account_that_another_one_learnt(aws: AwsApi) -> None:
    """Which of the two comes first is luck, and the state must not depend on it."""
    stack = Stack(DATA)
    stack.up()
    known = {"stateId": stack.snapshot["stateId"]}
    checked = SnapshotProvider().check(known, {"store": stack.store, "references": [], "operation": {}})
    memory = process_memory().store(StoreSpec.from_bag(stack.store), Operation(preview=True, decrypt=False))
    assert (memory.account, checked.inputs.get("account")) == (aws.account, None)


def test_another_account_of_the_environment(aws: AwsApi, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(DATA)
    stack.up()
    use(monkeypatch, keys)
    preview = stack.preview()
    assert preview.change == "update"
    assert preview.drift == [f"the store reads in AWS account {OTHER}, and read in {aws.account} before"]
    assert stack.up().change == "update"
    assert values() == {"a": "theirs"}
    assert stack.preview().change == "same"
    assert stack.snapshot["account"] == OTHER


def test_another_account_is_seen_though_a_refresh_interval_has_not_passed(
    keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(DATA, refresh={"interval": "1h"})
    stack.waits = {"/a": 3600.0}
    stack.up()
    stack.others = ["/b"]  # something else of the store is read
    use(monkeypatch, keys)
    stack.up(force=False)
    assert values() == {"a": "ours"}, "nothing was read, so nothing tells"
    stack.others = ["/a"]
    stack.waits = {}
    assert stack.preview().change == "update"
    stack.up()
    assert values() == {"a": "theirs"}


def test_another_role(aws: AwsApi, keys: dict[str, str]) -> None:
    stack = Stack(DATA)
    stack.up()
    arn = role(aws, "reader", trusts=aws.account, keys=keys)
    stack.store = {**stack.store, "aws": {"roles": [{"roleArn": arn}]}}
    assert stack.preview().change == "update"
    stack.up()
    assert (values(), stack.preview().change) == ({"a": "theirs"}, "same")


def test_another_region(aws: AwsApi) -> None:
    stack = Stack(DATA)
    stack.up()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "region", "eu-west-1")
        aws.put_parameter("/a", "in Ireland")
    stack.store = {"region": "eu-west-1"}
    assert stack.preview().change == "update"
    stack.up()
    assert values() == {"a": "in Ireland"}


def test_renewed_credentials_change_nothing(aws: AwsApi, keys: dict[str, str]) -> None:
    def temporary() -> dict[str, Any]:
        arn = role(aws, f"session-{len(made)}", trusts=OTHER, keys=keys)
        answer = aws.client("sts", **keys).assume_role(RoleArn=arn, RoleSessionName="ci")["Credentials"]
        made.append(arn)
        return {
            "accessKey": answer["AccessKeyId"],
            "secretKey": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
        }

    made: list[str] = []
    stack = Stack(DATA)
    stack.store = {**stack.store, "aws": temporary()}
    stack.up()
    stack.store = {**stack.store, "aws": temporary()}
    aws.clear_calls()
    assert stack.preview().change == "same"
    assert not [call for call in aws.calls if call.decrypt]
    assert values() == {"a": "theirs"}


def test_a_parameter_that_another_account_shares_does_not_name_the_account(aws: AwsApi) -> None:
    shared = f"arn:aws:ssm:eu-central-1:{aws.account}:parameter/a"
    stack = Stack({"a": {"key": shared}})
    stack.up()
    assert "account" not in stack.snapshot


def test_older_state_learns_the_account_without_a_change(aws: AwsApi) -> None:
    stack = Stack(DATA)
    stack.up()
    for bag in (stack.snapshot, stack.snapshot_inputs):
        bag.pop("account", None)
    for bag in (stack.sync, stack.sync_inputs):
        bag.pop("__accounts", None)
    preview = stack.preview()
    assert (preview.change, preview.drift) == ("same", [])
    stack.up()
    assert stack.sync_inputs["__accounts"] == {"": aws.account}


def test_both_account_and_cluster_move_at_once(keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with KubernetesApi(namespaces=["team-a"]) as other:
        stack = Stack(DATA)
        stack.up()
        use(monkeypatch, keys)
        stack.cluster = {"kubeconfig": other.kubeconfig_text()}
        assert stack.preview().change == "replace"
        stack.up()
        assert values() is None
        stack.destroy()
