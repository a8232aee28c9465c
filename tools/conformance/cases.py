"""Cases of recorded behaviour of External Secrets Operator: what was there and done, and what was observed.

A file holds `cases`: name -> a case. A case is one `objects` form (parameters, objects, observed), or a list of steps
(denied, put, drop, apply, edit, remove, forced_sync, observed).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.paths import RECORDED

FILES = (
    RECORDED / "external-secrets.json",
    RECORDED / "external-secrets-steps.json",
    RECORDED / "push.json",
    RECORDED / "push-steps.json",
    RECORDED / "secrets-manager.json",
    RECORDED / "secrets-manager-steps.json",
    RECORDED / "denied.json",
    RECORDED / "everyday.json",
    RECORDED / "everyday-steps.json",
    Path(__file__).with_name("on-purpose.json"),
    RECORDED / "recorded-here.json",
)
CREDENTIALS = "awssm-secret"
"""The Secret with access keys that every case may count on."""
_SUPPORTED = (
    "ExternalSecret",
    "PushSecret",
    "SecretStore",
    "ClusterSecretStore",
    "ClusterExternalSecret",
    "ClusterPushSecret",
    "Secret",
    "ConfigMap",
    "ServiceAccount",
    "Namespace",
)


_SECRETS = ("put_secrets", "drop_secrets", "restore_secrets", "move_stages", "retag_secrets")
"""What a step does to secrets of Secrets Manager, in this order."""


class CaseError(Exception):
    """A file of cases is not what it should be; the text says where."""


@dataclass(frozen=True)
class Condition:
    """Whether an ExternalSecret is ready, and what is said of it."""

    ready: bool
    reason: str
    message: str


@dataclass(frozen=True)
class Spread:
    """What a cluster-wide kind came to: whether it is ready, and the namespaces that have it and that failed."""

    ready: bool
    provisioned: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """What was there after a step.

    Attributes:
        conditions: ExternalSecret -> its condition.
        secrets: name of a Secret -> `data` (base64), `type`, `immutable`, and `labels` and `annotations` where they
            were recorded.
        warnings: texts of warning events; None where they were not recorded.
        pushes: PushSecret -> its condition.
        parameters: name -> `value`, `type`, `version`, `tier`, `key_id`, `description`, `tags`, `policies`; None where
            they were not recorded.
    """

    conditions: Mapping[str, Condition]
    secrets: Mapping[str, Mapping[str, Any]]
    warnings: tuple[str, ...] | None = None
    pushes: Mapping[str, Condition] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] | None = None
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    namespaces: Mapping[str, Observed] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What was done, in this order, and what was there afterwards.

    Attributes:
        put: parameters, a new version where the name exists.
        drop: parameters deleted.
        retag: parameter -> tags that are added, and keys of those that are removed.
        secrets: what is done to secrets of Secrets Manager: (field of a step, what it holds), in order.
        apply: objects.
        edit: (kind, name, merge patch) by somebody else.
        remove: (kind, name) of objects deleted.
        forced: whether a sync was forced.
        observed: what was observed.
        denied: operations of AWS that IAM refuses from here on; None where that stays as it was.
    """

    observed: Observed
    put: tuple[Mapping[str, Any], ...] = ()
    drop: tuple[str, ...] = ()
    retag: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: tuple[tuple[str, Any], ...] = ()
    apply: tuple[Mapping[str, Any], ...] = ()
    edit: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    remove: tuple[tuple[str, str], ...] = ()
    forced: bool = False
    denied: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        name: its name, unique among those that run together.
        steps: what was done.
        unsupported: why it cannot be run; None where it can.
    """

    name: str
    steps: tuple[Step, ...] = field(repr=False)
    unsupported: str | None = None

    @property
    def is_wide(self) -> bool:
        """Whether it is about a cluster-wide kind."""
        kinds = {each["kind"] for step in self.steps for each in step.apply}
        return not kinds.isdisjoint(("ClusterExternalSecret", "ClusterPushSecret"))

    @property
    def namespace(self) -> str:
        """The case's own namespace; it begins as those of the recordings do, which a condition of a store looks at."""
        return "rec-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower())[:50].strip("-")


def default_cases() -> list[Case]:
    """The cases that are run where no file is named."""
    return [case for path in FILES for case in read_cases(path)]


def may_run_together(case: Case) -> bool:
    """Whether a case is likely to come to the same beside others in one operation.

    That is one step that goes well, in its own namespace, without a look at what else AWS has. Where it does not come
    to the same, it is run again by itself.
    """
    (first, *more), kinds = case.steps, {each["kind"] for step in case.steps for each in step.apply}
    fine = first.observed.conditions and all(each.ready for each in first.observed.conditions.values())
    strange = first.denied or first.secrets or first.observed.parameters is not None
    alone = kinds & {"PushSecret", "ClusterSecretStore", "ClusterExternalSecret", "ClusterPushSecret", "Namespace"}
    return bool(fine) and not (more or strange or alone or '"find"' in json.dumps([*map(dict, first.apply)]))


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, in order.

    Raises:
        CaseError: there is no such file, or it is malformed.
    """
    if not path.is_file():
        raise CaseError(
            f"{path} is missing; name a file of recorded cases (make conformance CASES=path) or none, for those in "
            "tests/recorded/"
        )
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CaseError(f"{path}: it is not JSON ({error})") from None
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, dict) or not cases:
        raise CaseError(f"{path}: expected an object with `cases`, an object of cases by name")
    return [_case(name, case, f"{path}: {name}") for name, case in cases.items()]


def _case(name: str, value: Any, where: str) -> Case:
    own = Case(name, ()).namespace
    value = json.loads(json.dumps(value).replace("CASE_NAMESPACE", own).replace("CASE_NAME", own))
    if isinstance(value, list):
        steps = tuple(_step(each, f"{where}[{index}]") for index, each in enumerate(value))
    else:
        known = ("parameters", "objects", "observed", "secrets_manager", "denied")
        put, apply, observed, secrets, denied = _fields(value, where, known)
        step = {"put": put, "apply": apply, "observed": observed, "put_secrets": secrets, "denied": denied}
        steps = (_step(step, where),)
    kinds = {str(each.get("kind")) for step in steps for each in step.apply}
    strangers = sorted(kinds - set(_SUPPORTED))
    whole = value if isinstance(value, list) else [value]
    if "PushSecret" in kinds and '"service": "SecretsManager"' in json.dumps(whole):
        strangers.append("PushSecret to SecretsManager")
    return Case(name, steps, f"{', '.join(strangers)} is not supported yet" if strangers else None)


def _step(value: Any, where: str) -> Step:
    known = ("put", "drop", "apply", "edit", "remove", "forced_sync", "observed", "retag", "denied", *_SECRETS)
    put, drop, apply, edit, remove, forced, observed, retag, denied, *_ = _fields(value, where, known)
    try:
        return Step(
            put=tuple({"Type": "SecureString", "Tags": {}, **each} for each in put or ()),
            drop=tuple(drop or ()),
            retag=dict(retag or {}),
            secrets=tuple((name, value[name]) for name in _SECRETS if value.get(name)),
            apply=tuple(_object(each) for each in apply or ()),
            edit=tuple((str(kind).lower(), str(name), dict(patch)) for kind, name, patch in edit or ()),
            remove=tuple((str(kind).lower(), str(name)) for kind, name in remove or ()),
            forced=bool(forced),
            observed=_observed(observed or {}),
            denied=None if denied is None else _names(denied),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise CaseError(f"{where}: a field is not what it should be ({type(error).__name__}: {error})") from None


def _names(value: Any) -> tuple[str, ...]:
    if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        raise TypeError("denied is a list of names of operations")
    return tuple(value)


def _object(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if not (isinstance(value.get("kind"), str) and isinstance(value.get("metadata"), dict)):
        raise TypeError("an object needs a kind and metadata")
    return {**value, "metadata": {"name": str(value["metadata"]["name"]), **value["metadata"]}}


def _fields(value: Any, where: str, known: tuple[str, ...]) -> list[Any]:
    if not isinstance(value, dict):
        raise CaseError(f"{where}: expected an object with {', '.join(known)}")
    if strangers := sorted(value.keys() - set(known)):
        raise CaseError(f"{where}: unknown field {', '.join(strangers)}; there are {', '.join(known)}")
    return [value.get(name) for name in known]


def _observed(value: Mapping[str, Any]) -> Observed:
    warnings = value.get("warnings")
    return Observed(
        _conditions(value, "ExternalSecret/"),
        value.get("secrets") or {},
        None if warnings is None else tuple(warnings),
        _conditions(value, "PushSecret/"),
        value.get("parameters_after"),
        {name: _spread(each) for name, each in (value.get("cluster") or {}).items()},
        {name: _observed(each) for name, each in (value.get("namespaces") or {}).items()},
    )


def _spread(value: Mapping[str, Any]) -> Spread:
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in value.get("conditions") or ())
    failed = (each["namespace"] for each in value.get("failedNamespaces") or ())
    return Spread(ready, tuple(sorted(value.get("provisionedNamespaces") or ())), tuple(sorted(failed)))


def _conditions(value: Mapping[str, Any], prefix: str) -> dict[str, Condition]:
    return {
        name.removeprefix(prefix): Condition(each["status"] == "True", each.get("reason", ""), each.get("message", ""))
        for name, each in (value.get("conditions") or {}).items()
        if name.startswith(prefix) and each
    }
