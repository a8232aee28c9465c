"""What holds for any sequence of applies and edits by any managers."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes import kinds
from sandbox.kubernetes.apply import Applied, apply, members, update
from sandbox.kubernetes.managed_fields import Manager, Managers, decode, encode, fields_v1
from sandbox.kubernetes.status import Conflicts

SCHEMA = kinds.SECRET.schema
KEYS = st.text("abc", min_size=1, max_size=2)
VALUES = st.text("xy", max_size=2)
# Empty maps do not reach an apply twice: the server drops them when it stores an object.
MAPS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)
CONFIGS = st.fixed_dictionaries(
    {"metadata": st.fixed_dictionaries({"name": st.just("app")}, optional={"labels": MAPS, "annotations": MAPS})},
    optional={"data": MAPS, "immutable": st.booleans()},
)
MANAGERS = st.sampled_from(["ours", "helm", "kubectl"])
STEPS = st.lists(st.tuples(MANAGERS, st.sampled_from(["Apply", "Update"]), CONFIGS), max_size=6)
NOW = "2026-01-01T00:00:00Z"
LATER = "2026-01-01T00:01:00Z"
State = tuple[Any, Managers]


def applied(state: State, name: str, config: Any, now: str = NOW) -> Applied:
    result = apply(SCHEMA, state[0], config, state[1], Manager("Apply", name), force=True, now=now)
    assert isinstance(result, Applied)
    return result


def after(steps: list[tuple[str, str, Any]]) -> State:
    state: State = ({}, {})
    for name, operation, config in steps:
        if operation == "Apply":
            result = applied(state, name, config)
            state = result.value, result.managers
        elif state[0]:
            state = config, update(SCHEMA, state[0], config, state[1], Manager("Update", name), now=NOW)
    return state


def leaves(value: Any) -> dict[str, Any]:
    parts = {f"data.{key}": text for key, text in (value.get("data") or {}).items()}
    for name in ("labels", "annotations"):
        parts |= {f"{name}.{key}": text for key, text in (value["metadata"].get(name) or {}).items()}
    return parts | ({"immutable": value["immutable"]} if "immutable" in value else {})


@given(STEPS, MANAGERS, CONFIGS)
def test_applying_twice_is_applying_once(steps: list[tuple[str, str, Any]], name: str, config: Any) -> None:
    first = applied(after(steps), name, config)
    second = applied((first.value, first.managers), name, config, LATER)
    assert not second.changed
    assert leaves(second.value) == leaves(first.value)
    assert second.managers == first.managers


@given(STEPS, MANAGERS, CONFIGS)
def test_what_is_applied_is_there_and_owned(steps: list[tuple[str, str, Any]], name: str, config: Any) -> None:
    result = applied(after(steps), name, config)
    assert leaves(config).items() <= leaves(result.value).items()
    owned = result.managers.get(Manager("Apply", name))
    unowned = {("f:metadata", "f:name")}
    assert (owned.fields if owned else frozenset()) == members(SCHEMA, config) - unowned


@given(STEPS, MANAGERS, CONFIGS)
def test_without_force_nobody_else_loses_anything(steps: list[tuple[str, str, Any]], name: str, config: Any) -> None:
    value, managers = after(steps)
    manager = Manager("Apply", name)
    result = apply(SCHEMA, value, config, managers, manager, force=False, now=NOW)
    if isinstance(result, Conflicts):
        assert all(one.manager != str(manager) for one in result.found)
        return
    for other, owned in managers.items():
        if other != manager:
            assert result.managers[other].fields == owned.fields
            kept = members(SCHEMA, result.value)
            assert {path for path in owned.fields if path in members(SCHEMA, value)} <= kept


@given(STEPS, MANAGERS, CONFIGS, CONFIGS)
def test_what_is_no_longer_applied_goes_unless_others_own_it(
    steps: list[tuple[str, str, Any]], name: str, config: Any, then: Any
) -> None:
    first = applied(after(steps), name, config)
    second = applied((first.value, first.managers), name, then)
    manager = Manager("Apply", name)
    others = {path for other, owned in second.managers.items() if other != manager for path in owned.fields}
    left = members(SCHEMA, second.value)
    dropped = first.managers[manager].fields - members(SCHEMA, then) if manager in first.managers else frozenset()
    scalars = {path for path in dropped if path[-1] not in {"f:data", "f:labels", "f:annotations"}}
    assert {path for path in scalars if path in left} <= others


@given(STEPS)
def test_owners_survive_the_wire(steps: list[tuple[str, str, Any]]) -> None:
    managers = after(steps)[1]
    assert decode(encode(managers)) == managers


@given(
    st.frozensets(
        st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=3), min_size=1, max_size=3).map(
            lambda names: tuple(f"f:{name}" for name in names)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_set_of_fields_survives_fields_v1(fields: frozenset[tuple[str, ...]]) -> None:
    entry = {"operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields_v1(fields)}
    (owned,) = decode([entry]).values()
    assert owned.fields == fields
