"""Secrets that a group and resources of their own take over from each other, whatever the engine does first."""

import contextlib
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.core.secret.kubernetes_secret import OWNER_ANNOTATION
from components.core.spec.specs import ExpectedTarget
from components.errors import ParameterStoreError
from components.providers.operation.process import forget, process_memory
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.group_support import PREFIX, STATE_ID, Grouped
from tests.providers.support import NAMESPACE, Stack, cluster

NAMES = ("a", "b", "c")


class CutOffError(Exception):
    """The process was killed."""


def alone(name: str) -> Stack:
    return Stack({"password": {"key": f"/app/{name}"}}, name=name)


@pytest.fixture(autouse=True)
def parameters(aws: AwsApi, kubernetes: KubernetesApi) -> None:  # noqa: ARG001  the environment
    for name in NAMES:
        aws.put_parameter(f"/app/{name}", f"value-{name}")


def uids() -> dict[str, str | None]:
    found = {name: cluster().get_secret_metadata(NAMESPACE, name) for name in NAMES}
    return {name: live.uid if live else None for name, live in found.items()}


def singles() -> dict[str, Stack]:
    stacks = {name: alone(name) for name in NAMES}
    for each in stacks.values():
        assert each.up().failures == []
    return stacks


def group() -> Grouped:
    made = Grouped()
    forget()
    assert made.up(*NAMES)
    return made


def test_a_group_takes_over_what_resources_of_their_own_wrote() -> None:
    stacks = singles()
    before = uids()
    made = group()
    for each in stacks.values():
        each.destroy(fresh=False)  # at the end of the same operation
    assert uids() == before
    forget()
    assert not made.up(*NAMES)
    forget()
    made.delete()
    assert set(uids().values()) == {None}


def test_what_an_interrupted_operation_left_in_the_state_is_deleted_later_and_takes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As with `--target` of the group: the old resources stay in the state, and go with the next update."""
    stacks = singles()
    before = uids()
    made = group()
    forget()
    assert not made.up(*NAMES)
    for each in stacks.values():
        each.destroy(fresh=False)
    assert uids() == before
    assert "stays" not in capsys.readouterr().err


@pytest.mark.parametrize("first", ["group", "resource"])
def test_one_that_leaves_the_group_is_taken_over_whatever_comes_first(first: str) -> None:
    made = group()
    before = uids()
    forget()
    stack = alone("b")
    if first == "resource":
        assert stack.up(fresh=False).failures == []
        assert made.up("a", "c")
    else:
        memory = process_memory()

        memory.targets.expect([ExpectedTarget("b", NAMESPACE, "b")])
        assert made.up("a", "c")
        assert uids() == before
        assert stack.up(fresh=False).failures == []
    assert uids() == before
    forget()
    assert stack.up(fresh=False).change == "same"
    assert not made.up("a", "c")  # the next preview is empty
    forget()
    assert made.up("c")
    assert uids() == {**before, "a": None}
    stack.destroy()
    assert uids() == {**before, "a": None, "b": None}


def test_a_group_that_is_deleted_leaves_alone_what_was_taken_over_and_what_waits_for_it() -> None:
    made = group()
    before = uids()
    forget()
    stacks = {name: alone(name) for name in NAMES}
    for name in ("a", "b"):
        assert stacks[name].up(fresh=False).failures == []

    process_memory().targets.expect([ExpectedTarget("c", NAMESPACE, "c")])
    with pytest.raises(ParameterStoreError, match="ExternalSecret c: Secret team-a/c is not deleted"):
        made.delete()
    assert uids() == before
    forget()
    for each in stacks.values():
        assert each.up(fresh=False).failures == []
    made.delete()
    assert uids() == before


def test_what_fails_in_a_first_update_is_told_in_sentences() -> None:
    for name in ("a", "b"):
        somebodys = {"metadata": {"name": name, "namespace": NAMESPACE}}
        cluster("kubectl").apply_secret(NAMESPACE, name, somebodys, force=True)
    with pytest.raises(ParameterStoreError) as failed:
        Grouped().up("a", "b")
    assert "\\n" not in str(failed.value)
    assert ". ExternalSecret b: Secret team-a/b exists already" in str(failed.value)


def test_what_fails_in_a_deletion_is_told_in_sentences() -> None:
    made = group()
    forget()
    for name in ("a", "b"):
        process_memory().targets.expect([ExpectedTarget(name, NAMESPACE, name)])
    with pytest.raises(ParameterStoreError) as failed:
        made.delete()
    assert "\\n" not in str(failed.value)
    assert ". ExternalSecret b: Secret team-a/b is not deleted" in str(failed.value)


def cut_off_after(writes: int, monkeypatch: pytest.MonkeyPatch) -> Grouped:
    """A takeover that ends after some writes, before the state is saved."""
    left = [writes]
    apply = KubernetesClient.apply_secret

    def cut(self: Any, *args: Any, **named: Any) -> Any:
        if not named.get("dry_run"):
            if not left[0]:
                raise CutOffError
            left[0] -= 1
        return apply(self, *args, **named)

    forget()
    made = Grouped()
    monkeypatch.setattr(made.provider.__class__, "writers", 1)
    with monkeypatch.context() as patch:
        patch.setattr(KubernetesClient, "apply_secret", cut)
        with contextlib.suppress(CutOffError):
            made.up(*NAMES)
    return Grouped()


@pytest.mark.parametrize("writes", range(4))
def test_a_takeover_that_is_cut_off_anywhere_goes_on(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = singles()
    before = uids()
    made = cut_off_after(writes, monkeypatch)
    assert uids() == before
    forget()
    assert made.up(*NAMES)
    for each in stacks.values():
        each.destroy(fresh=False)
    assert uids() == before
    forget()
    made.delete()
    assert set(uids().values()) == {None}


@pytest.mark.parametrize("writes", range(4))
def test_a_takeover_that_is_cut_off_anywhere_goes_back(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = singles()
    before = uids()
    cut_off_after(writes, monkeypatch)
    for each in stacks.values():
        assert each.preview().failures == []
        assert each.up().failures == []
        assert each.up().change == "same"
    assert uids() == before
    for each in stacks.values():
        each.destroy()
    assert set(uids().values()) == {None}


def test_one_below_a_parent_is_marked_with_its_own_urn() -> None:
    forget()
    made, urn = Grouped(), f"{PREFIX}SecretStore$parameterstore:index:ExternalSecret::a"
    assert made.up("a", owner={"urn": urn})
    live = cluster().get_secret_metadata(NAMESPACE, "a")
    assert live is not None
    assert live.annotations[OWNER_ANNOTATION] == f"{STATE_ID} {urn}"
    forget()
    assert not made.up("a", owner={"urn": urn})


def test_one_that_gets_another_target_has_one_new_revision_in_inputs_and_outputs() -> None:
    """A preview of others' changes shows the inputs' one."""
    made = group()
    before = made.outs["secrets"]["__a"]["revision"]
    forget()
    assert made.up("a", secretName="elsewhere")
    revisions = {bag["secrets"]["__a"]["revision"] for bag in (made.inputs, made.outs)}
    assert len(revisions - {before}) == len(revisions) == 1


def test_what_a_group_of_a_store_of_another_name_meets_says_how_to_take_it_along() -> None:
    """The new store's state has another id, and nothing tells that it is the old one."""
    group()
    forget()
    renamed = Grouped()
    news = renamed.news(*NAMES, preview=True)
    news["owner"] = {"id": "f" * 32, "urn": f"{PREFIX}SecretStore::renamed"}
    lines = [each.reason for each in renamed.provider.check({}, news).failures]
    assert [line.split(":")[0] for line in lines] == [f"ExternalSecret {name}" for name in NAMES]
    assert all("if a store with `grouped` got another name" in line.lower() for line in lines)


def test_what_edited_secrets_are_written_from_is_decrypted_ten_a_call(aws: AwsApi) -> None:
    made, names = Grouped(), [f"n{number:02}" for number in range(12)]
    for name in names:
        aws.put_parameter(f"/app/{name}", f"value-{name}")
    assert made.up(*names)
    for name in names:
        cluster("kubectl").apply_secret(NAMESPACE, name, {"data": {"password": "eA=="}}, force=True)
    forget()
    before = len(aws.calls)
    assert made.up(*names)
    assert [(call.decrypt, len(call.names)) for call in aws.calls[before:]] == [(False, 6)] * 2 + [(True, 6)] * 2
    forget()
    assert made.is_settled(*names)
