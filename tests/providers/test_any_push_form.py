"""Any Secrets, any two PushSecrets in any form, any edits by others between two `up`.

The second preview is empty and the second `up` writes nothing; what is not ours stays as it is; and what preview
refuses `up` refuses, too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.core.ssm.writing import ParameterWriting
from components.providers.operation.process import forget
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.push_support import OWNER, PushStack, entry, label, operations, parameter, put_secret
from tests.providers.support import NAMESPACE, cluster

KEYS = ("k", "l")
NAMES = ("one", "/two", "/to/k", "/to/l", "/p/one", "/p/two")
WRITING = ("PutParameter", "AddTagsToResource", "RemoveTagsFromResource", "DeleteParameter")
FINE = st.sampled_from(["1", "2", "sensitive", '{"p": 1, "z": [ 2 ]}', "ü\n"])
ODD = FINE | st.sampled_from(["", b"\xff"])
WHOLE = st.fixed_dictionaries(dict.fromkeys(KEYS, FINE))
SECRET = WHOLE | WHOLE | WHOLE | st.dictionaries(st.sampled_from(KEYS), ODD) | st.none()
METADATA = st.fixed_dictionaries(
    {"secretType": st.sampled_from(["String", "SecureString"])},
    optional={
        "tags": st.dictionaries(st.sampled_from(["team", "env"]), st.sampled_from(["a", "b"])),
        "description": st.sampled_from(["d1", "d2"]),
        "encodeAsDecoded": st.booleans(),
    },
)
ENTRY = st.builds(
    lambda key, name, part, metadata: entry(key, name, part, **metadata),
    st.sampled_from([*KEYS, None]),
    st.sampled_from(NAMES[:4]),
    st.sampled_from([None, None, "p", "q.r"]),
    METADATA,
)
ALL_KEYS = st.builds(
    lambda more, metadata: {"store": "s", "metadata": metadata, **more},
    st.sampled_from([{"rewrite": [{"regexp": {"source": "^", "target": "/to/"}}]}, {"remoteKey": "/two"}]),
    METADATA,
)
Found = dict[str, tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class Push:
    """What one PushSecret declares.

    Attributes:
        source: name of the Secret; None for those with the label.
        data: its entries.
        data_to: all keys.
        prefixed: it is pushed to a second store with a prefix, too.
        more: its policies.
    """

    source: str | None
    data: list[dict[str, Any]]
    data_to: list[dict[str, Any]]
    prefixed: bool
    more: dict[str, Any]

    def declare(self, stack: PushStack) -> None:
        """Have a stack declare it."""
        stack.secret, stack.data = self.source or "", self.data
        stack.stores = {"s": {"region": "eu-central-1"}, **({"t": {"region": "eu-central-1"}} if self.prefixed else {})}
        labels = [{"key": "push", "operator": "In", "values": ["yes"]}]
        prefixes = {"s": "", "t": "/p/"} if self.prefixed else None
        told = {**self.more, "dataTo": self.data_to, "prefixes": prefixes, "selector": None if self.source else labels}
        stack.more = {name: value for name, value in told.items() if value}


PUSH = st.builds(
    Push,
    st.sampled_from(["a", "a", "b", None]),
    st.lists(ENTRY, max_size=3),
    st.lists(ALL_KEYS, max_size=1),
    st.booleans(),
    st.fixed_dictionaries(
        {
            "deletionPolicy": st.sampled_from(["", "Delete"]),
            "updatePolicy": st.sampled_from(["", "", "", "IfNotExists"]),
            "adopt": st.sampled_from([False, False, False, True]),
        }
    ),
).filter(lambda push: push.data or push.data_to)


@dataclass(frozen=True)
class Turn:
    """One operation, and what others do before it.

    Attributes:
        secrets: Secret -> its values; None for one that is deleted.
        labelled: the Secrets with the label.
        pushes: PushSecret -> what it declares; one that is not there is removed from the program.
        edits: parameter -> what somebody does to it.
        refreshes: whether a refresh comes first.
    """

    secrets: Mapping[str, Mapping[str, Any] | None]
    labelled: frozenset[str]
    pushes: Mapping[str, Push]
    edits: Mapping[str, str]
    refreshes: bool


TURNS = st.builds(
    Turn,
    st.fixed_dictionaries({"a": SECRET, "b": SECRET}),
    st.frozensets(st.sampled_from("ab")),
    st.dictionaries(st.sampled_from(["one", "two"]), PUSH, min_size=1) | st.just({}),
    st.dictionaries(
        st.sampled_from(NAMES), st.sampled_from(["write", "write", "delete", "tag", "unmark", "unmanage"]), max_size=3
    ),
    st.booleans(),
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ParameterWriting, "writes_per_second", 10_000.0)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TURNS, min_size=1, max_size=4))
def test_it_settles_and_what_is_not_ours_stays(aws: AwsApi, kubernetes: KubernetesApi, turns: list[Turn]) -> None:
    aws.reset()
    stacks = {name: PushStack(name=name) for name in ("one", "two")}
    for turn in turns:
        _others(turn, aws, kubernetes)
        _operate(turn, stacks, aws)


def _operate(turn: Turn, stacks: Mapping[str, PushStack], aws: AwsApi) -> None:
    """Preview, `up`, and both again."""
    declared = [stacks[name] for name in sorted(turn.pushes)]
    for name, push in turn.pushes.items():
        push.declare(stacks[name])
    for stack in stacks.values():
        if turn.refreshes and stack.outs:
            stack.refresh()
    before = _found(aws)
    told = _each(declared, preview=True)
    assert _found(aws) == before, "a preview writes nothing"
    done = _each(declared, preview=False)
    for name, stack in stacks.items():
        if name not in turn.pushes and stack.outs:
            stack.destroy()
    after = _found(aws)
    assert all(up == "failed" for preview, up in zip(told, done, strict=True) if preview == "failed")
    _check_foreign(turn, before, after)
    if "failed" in done:
        return
    assert set(_each(declared, preview=True)) <= {"same"}, "the second preview is empty"
    aws.clear_calls()
    assert set(_each(declared, preview=False)) <= {"same"}
    assert not [each for each in operations(aws) if each.startswith(WRITING)]


def _each(declared: list[PushStack], *, preview: bool) -> list[str]:
    """What becomes of each PushSecret in one operation."""
    forget()
    operation = {"preview": preview, "decrypt": not preview}
    return [each._run(apply=not preview, operation=operation, fresh=False).change for each in declared]


def _check_foreign(turn: Turn, before: Found, after: Found) -> None:
    adopts = any(push.more["adopt"] for push in turn.pushes.values())
    for name, (value, tags) in before.items():
        if OWNER not in tags and not adopts:
            assert after.get(name) == (value, tags), f"{name} is not ours"
        elif name in after and "theirs" in tags:
            assert after[name][1].get("theirs") == "x", f"{name} loses the tag of somebody else"


def _found(aws: AwsApi) -> Found:
    return {name: found for name in NAMES if (found := parameter(aws, name)) is not None}


def _others(turn: Turn, aws: AwsApi, kubernetes: KubernetesApi) -> None:
    """What others do to Secrets and parameters."""
    for name, values in turn.secrets.items():
        live = cluster().get_secret_metadata(NAMESPACE, name)
        if values is None:
            if live is not None:
                cluster().delete_secret(NAMESPACE, name, uid=live.uid)
        else:
            put_secret(kubernetes, {**values}, name)
            label(kubernetes, name, "yes" if name in turn.labelled else None)
    ssm = aws.client("ssm")
    for name, edit in turn.edits.items():
        if edit == "write":
            kind = ssm.get_parameters(Names=[name])["Parameters"]
            ssm.put_parameter(
                Name=name, Value=json.dumps({"theirs": 1}), Overwrite=True, Type=kind[0]["Type"] if kind else "String"
            )
        elif parameter(aws, name) is not None:
            told = {"ResourceType": "Parameter", "ResourceId": name}
            match edit:
                case "delete":
                    ssm.delete_parameter(Name=name)
                case "tag":
                    ssm.add_tags_to_resource(Tags=[{"Key": "theirs", "Value": "x"}], **told)
                case "unmark":
                    ssm.remove_tags_from_resource(TagKeys=[OWNER], **told)
                case _:
                    ssm.remove_tags_from_resource(TagKeys=["managed-by"], **told)
