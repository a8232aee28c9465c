"""Small shared steps of the dynamic providers: the stripped operation, clean failures, unknown inputs."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult
from pulumi.runtime.rpc import contains_unknowns

from ...core.spec.refresh import is_forced
from ...core.spec.runner_specs import without_credentials
from ...core.spec.specs import Operation
from ...core.spec.spelling import spelled
from ...core.spec.store_specs import without_environment
from ...errors import IdentityError, ParameterStoreError, SpecError

OPERATION = "operation"
VERSIONS = "versions"
PROBLEM = "problem"
"""The input in which `check` notes, in `up`, what `create` and `update` raise."""
_STORES = ("store", "stores")
_ROLE_FIRST = "If this program is about to change that role, run `pulumi up --skip-preview`, which changes it first"


def take_operation(inputs: dict[str, Any]) -> tuple[Operation, bool]:
    """Take the operation and what the environment says out of the inputs, and say whether all inputs are known.

    In `up` they are not where a resource that they wait for has failed; the declared Secrets are told all the same.
    """
    inputs.update(_settled(inputs))
    if "store" in inputs:
        inputs["store"] = _settled(inputs["store"])
    if isinstance(others := inputs.get("stores"), Mapping):
        inputs["stores"] = {alias: _settled(store) for alias, store in others.items()}
    bag = inputs.pop(OPERATION, None) or {}
    if contains_unknowns(bag):
        told = bag.get("targets") if isinstance(bag, Mapping) else None  # a sync's is not known as a whole
        targets = () if contains_unknowns(told) else told or ()
        return Operation.from_bag({"preview": True, "targets": targets}), False
    return Operation.from_bag({**bag, "force": bag.get("force") or _is_forced()}), not contains_unknowns(inputs)


def _is_forced() -> bool:
    """Whether this process's environment asks to read everything: with an inline program it is not the program's."""
    with suppress(SpecError):  # which the stores raise
        return is_forced(os.environ)
    return False


def whole(state: Mapping[str, Any], *needed: str) -> Mapping[str, Any]:
    """A state as it is, if it holds what every version of this library writes.

    Raises:
        SpecError: it does not, as it was edited.
    """
    if missing := [name for name in needed if not state.get(name)]:
        raise SpecError(
            f"this stack's state of it has no {' and no '.join(missing)}, which every version of this library writes, "
            "so it was edited. Restore it from a backup (`pulumi stack import`), or remove this resource from it "
            "(`pulumi state delete`) and run `pulumi up`, which takes over what bears its mark"
        )
    return state


def take_cluster(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The cluster that inputs name, as this process sees it."""
    return _settled(inputs).get("cluster") or {}


def known_owner(bag: Any) -> Any:
    """The owner without an id that is not known yet: all else can be told without it."""
    if isinstance(bag, dict) and contains_unknowns(bag.get("id")):
        return {key: value for key, value in bag.items() if key != "id"}
    return bag


def _settled(bag: Any) -> Any:
    """A bag whose cluster does not say what this process, which reaches it, has of its environment."""
    cluster = bag.get("cluster") if isinstance(bag, Mapping) else None
    return {**bag, "cluster": without_environment(cluster, os.environ)} if isinstance(cluster, Mapping) else bag


def passed(inputs: Mapping[str, Any]) -> CheckResult:
    """The inputs as `check` passes them on, without what a preview would show to say nothing: empty maps and lists.

    Versions stay: others wait for them, and where they are empty it is known that there are none.
    """
    kept = {key for key in inputs if key == VERSIONS or key.startswith("__")}
    return CheckResult({key: value for key, value in inputs.items() if key in kept or not _is_empty(value)}, [])


def failure(inputs: dict[str, Any], error: ParameterStoreError, operation: Operation) -> CheckResult:
    """A clean line in preview and up. It names no property: the CLI would print that property's value."""
    line = worded(error, operation)
    if operation.preview and operation.fresh_role and isinstance(error, IdentityError):
        line = f"{line.rstrip('.')}. {_ROLE_FIRST}"
    return CheckResult(inputs, [CheckFailure("", line)])


def worded(error: ParameterStoreError, operation: Operation) -> str:
    """An error with the names of fields as they were written."""
    return str(error) if operation.python is None else spelled(str(error), python=operation.python)


def changed_keys(olds: Mapping[str, Any], news: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    """The compared keys that differ; an unknown always does, and credentials of stores, which are renewed, never.

    What is empty is as if it were left out, as it is where an earlier version wrote the state.
    """
    return [key for key in keys if _differ(key, olds.get(key), news.get(key)) or contains_unknowns(news.get(key))]


def _differ(key: str, old: Any, new: Any) -> bool:
    if key in _STORES:
        return bool(without_credentials(old) != without_credentials(new))
    return bool(old != new) and not (_is_empty(old) and _is_empty(new))


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping | list) and not value)
