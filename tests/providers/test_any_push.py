"""Any sequence of operations of a PushSecret: what it declares is there, and what is another's is never touched."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.core.ssm.writing import ParameterWriting
from components.providers.operation.process import forget
from components.providers.push import PushProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, changes, entry, parameter, put_secret

KEYS, NAMES = ("a", "b"), ("one", "/two", "three")
Parameters = dict[str, tuple[str, dict[str, str]] | None]
PREVIEW = {"preview": True, "decrypt": False}
VALUES = ("", "1", "x" * 9, "ü\n")


@dataclass(frozen=True)
class Deed:
    """One operation.

    Attributes:
        values: what the Secret holds beforehand, by key.
        pushed: parameter -> key that is pushed to it; None for `destroy`.
        deletion: the deletionPolicy.
        update: the updatePolicy.
        strangers: parameters that somebody else creates beforehand, if they are not there, or edits.
        refreshes: whether a refresh comes first.
    """

    values: dict[str, str]
    pushed: dict[str, str] | None
    deletion: str
    update: str
    strangers: frozenset[str]
    refreshes: bool


deeds = st.builds(
    Deed,
    st.fixed_dictionaries(dict.fromkeys(KEYS, st.sampled_from(VALUES))),
    st.none() | st.dictionaries(st.sampled_from(NAMES), st.sampled_from(KEYS), min_size=1),
    st.sampled_from(["None", "Delete"]),
    st.sampled_from(["Replace", "Replace", "IfNotExists"]),
    st.just(frozenset[str]()) | st.frozensets(st.sampled_from(NAMES), max_size=1),
    st.booleans(),
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ParameterWriting, "writes_per_second", 10_000.0)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(deeds, min_size=1, max_size=5))
def test_what_is_declared_is_there_and_what_is_anothers_is_left_alone(
    aws: AwsApi, kubernetes: KubernetesApi, sequence: list[Deed]
) -> None:
    aws.reset()
    stack = PushStack()
    for deed in sequence:
        put_secret(kubernetes, {**deed.values})
        for name in deed.strangers:
            aws.put_parameter(name, "theirs", "String")
        if deed.refreshes and stack.outs:
            stack.refresh()
        before: Parameters = {name: parameter(aws, name) for name in NAMES}
        failed = False
        if deed.pushed is not None:
            failed = _push(stack, deed)
        elif stack.outs:
            stack.destroy()
        after: Parameters = {name: parameter(aws, name) for name in NAMES}
        if failed:
            assert after == before, "what is refused writes nothing"
        else:
            _check(deed, before, after)


def _check(deed: Deed, before: Parameters, after: Parameters) -> None:
    """Check what an operation that was not refused has made of the parameters."""
    pushed = deed.pushed or {}
    for name, found in before.items():
        if found is not None and OWNER not in found[1]:
            assert after[name] == found, "what is another's is left alone"
        elif name not in pushed:
            assert OWNER not in (after[name] or ("", {}))[1], "what is not declared bears no mark"
        elif deed.update == "Replace":
            assert _holds(after[name]) == (deed.values[pushed[name]], True)


def _push(stack: PushStack, deed: Deed) -> bool:
    """Declare what is to be pushed; returns whether that was refused."""
    stack.data = [entry(key, name) for name, key in sorted((deed.pushed or {}).items())]
    stack.more = {"deletionPolicy": deed.deletion, "updatePolicy": deed.update}
    told, done = stack.preview(), stack.up()
    assert (told.change == "failed") == (done.change == "failed"), "preview tells of what up refuses"
    if done.change == "failed":
        return True
    about = [
        {line.partition(":")[0] for line in changes(each) if not line.endswith(" unchanged")} for each in (told, done)
    ]
    assert about[1] <= about[0], "preview tells of each parameter that up changes"
    again = stack.preview()
    assert (again.change, again.failures) == ("same", []), "it has settled"
    return False


def _holds(found: tuple[str, dict[str, str]] | None) -> tuple[str, bool] | None:
    """A parameter's value, and whether it bears a mark."""
    return found and (found[0], OWNER in found[1])


@dataclass(frozen=True)
class Shift:
    """One operation of a program with two PushSecrets, all of one state.

    Attributes:
        pushed: parameter -> the PushSecret that pushes it; those that push nothing are removed from the program.
        value: what the Secret holds beforehand.
        adopt: whether both say `adopt`.
        deletion: the deletionPolicy of both.
        turned: whether the second one is checked and written first.
    """

    pushed: dict[str, str]
    value: str
    adopt: bool
    deletion: str
    turned: bool


shifts = st.builds(
    Shift,
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["one", "two"])),
    st.sampled_from(["v1", "v2"]),
    st.booleans(),
    st.sampled_from(["None", "Delete"]),
    st.booleans(),
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(shifts, min_size=2, max_size=5))
def test_what_moves_between_two_is_never_lost(aws: AwsApi, kubernetes: KubernetesApi, sequence: list[Shift]) -> None:
    aws.reset()
    stacks = {name: PushStack(name=name) for name in ("one", "two")}
    for shift in sequence:
        put_secret(kubernetes, {"a": shift.value})
        declared = [name for name in sorted(stacks, reverse=shift.turned) if name in shift.pushed.values()]
        for name in declared:
            stacks[name].data = [entry("a", each) for each, owner in sorted(shift.pushed.items()) if owner == name]
            stacks[name].more = {"deletionPolicy": shift.deletion, "adopt": shift.adopt}
        before = {name for name in NAMES if parameter(aws, name) is not None}
        forget()
        failed = ["failed" for name in declared if stacks[name].up(fresh=False).change == "failed"]
        for name, stack in stacks.items():
            if name not in declared and stack.outs:
                PushProvider().delete("id", stack.outs)
                stack.outs, stack.inputs = {}, {}
        after = {name: parameter(aws, name) for name in NAMES}
        assert {name for name in before & shift.pushed.keys() if after[name] is None} == set(), "it is never gone"
        if not failed:
            assert {name: _holds(after[name]) for name in shift.pushed} == dict.fromkeys(
                shift.pushed, (shift.value, True)
            )
            forget()
            assert {stacks[name]._run(apply=False, operation=PREVIEW, fresh=False).change for name in declared} <= {
                "same"
            }
