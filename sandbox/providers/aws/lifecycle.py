"""The generic half of every AWS resource type: validation, names, previews, and what is known, unknown or secret."""

import json
from collections.abc import Iterable
from typing import Any

from sandbox.engine.values import UNKNOWN, Secret, annotate_secrets, has_secrets, has_unknowns, unwrap
from sandbox.providers.changes import Changes, compare
from sandbox.providers.naming import unique_name
from sandbox.providers.provider import Checked, Properties, State

from .resource_type import AutoName, Plain, ResourceType

DEFAULTS_KEY = "__defaults"  # which inputs the provider filled in; kept in state as the real provider does


def checked(kind: ResourceType, name: str, olds: Properties, news: Properties, seed: bytes) -> Checked:
    """Validate inputs and fill in what the program left out."""
    inputs = {key: value for key, value in news.items() if value is not None and not key.startswith("__")}
    failures = [(key, f"unexpected argument {key!r} of {kind.label}") for key in sorted(inputs.keys() - kind.inputs)]
    failures += [(key, f"missing required argument {key!r}") for key in kind.required if key not in inputs]
    for key in kind.documents:
        if key in inputs:
            inputs[key] = _document(inputs[key])
    filled = [key for key in kind.defaults if key not in inputs]
    inputs.update({key: kind.defaults[key] for key in filled})
    if kind.auto_name and "name" not in inputs:
        inputs["name"] = _auto_name(kind.auto_name, name, olds, inputs.get("namePrefix"), seed)
        filled.append("name")
    if not has_unknowns(inputs):
        failures += kind.check(plain(inputs))
    return Checked({**inputs, DEFAULTS_KEY: sorted(filled)}, failures)


def diff(kind: ResourceType, old_inputs: Properties, news: Properties) -> Changes:
    """Compare checked inputs; what came back by refresh and means the same is no change."""
    changed = compare(old_inputs, news, kind.sameness())
    replaces = frozenset(path for path in changed if path.partition(".")[0].partition("[")[0] in kind.replaces)
    # Two of one name cannot be there at once; a made-up name is made up again for the replacement.
    named = "name" in news and "name" not in (news.get(DEFAULTS_KEY) or [])
    same_name = named and unwrap(old_inputs.get("name")) == unwrap(news["name"])
    return Changes(changed, replaces, delete_first=bool(replaces) and same_name)


def foretold(kind: ResourceType, inputs: Properties) -> State:
    """Return what a create will give, as far as it is known before."""
    known = _without_marks(inputs)
    return State("", _sealed(kind, dict.fromkeys(kind.computed, UNKNOWN) | known, inputs))


def foretold_update(kind: ResourceType, old: State, news: Properties, changed: Iterable[str]) -> State:
    """Return what an update will give, as far as it is known before."""
    changed = set(changed)
    kept = {key: value for key, value in old.outputs.items() if key in kind.computed or key not in kind.inputs}
    as_answered = {key: old.outputs[key] for key in kind.same if key not in changed and key in old.outputs}
    moving = {key: UNKNOWN for key, causes in kind.volatile.items() if causes & changed}
    if "tags" in changed and "tagsAll" in kind.computed:
        moving["tagsAll"] = news.get("tags", {})
    return State(old.id, _sealed(kind, kept | _without_marks(news) | as_answered | moving, news))


def state_of(kind: ResourceType, id: str, live: Plain, inputs: Properties) -> State:  # noqa: A002 - Pulumi's name
    """Join what AWS says with the inputs: outputs, and the inputs that would lead there (all of them in an import)."""
    sameness = kind.sameness()
    read: Plain = {}
    for key, value in live.items():
        old = inputs.get(key)
        keep_text = key in kind.documents and old is not None and sameness[key](old, value)
        read[key] = unwrap(old) if keep_text else value
    if not inputs:
        imported = {**kind.defaults, **{key: read[key] for key in sorted(kind.inputs) if key in read}}
        return State(id, _sealed(kind, read, {}), _sealed(kind, {**imported, DEFAULTS_KEY: []}, {}))
    # AWS does not tell an empty list of tags from none.
    unread = {
        key: value
        for key, value in _without_marks(inputs).items()
        if key in kind.write_only or (key not in read and unwrap(value) in ({}, [], ""))
    }
    refreshed: Properties = {DEFAULTS_KEY: inputs.get(DEFAULTS_KEY, [])}
    for key, value in _without_marks(inputs).items():
        if key in unread:
            refreshed[key] = value
        elif key in read:
            same = unwrap(value) == read[key] or (key in sameness and sameness[key](value, read[key]))
            refreshed[key] = value if same else read[key]
    return State(id, _sealed(kind, unwrap(unread) | read, inputs), _sealed(kind, refreshed, inputs))


def plain(inputs: Properties) -> Plain:
    """Return inputs without secret marks and without the provider's own keys, as AWS gets them."""
    return {key: unwrap(value) for key, value in _without_marks(inputs).items()}


def _without_marks(inputs: Properties) -> Properties:
    return {key: value for key, value in inputs.items() if not key.startswith("__")}


def _sealed(kind: ResourceType, outputs: Properties, inputs: Properties) -> Properties:
    """Mark as secret what was secret as an input, and what always is."""
    sealed = dict(outputs)
    for key in kind.secrets & sealed.keys():
        if not isinstance(sealed[key], Secret):
            sealed[key] = Secret(sealed[key])
    annotate_secrets(sealed, inputs)
    return sealed


def _document(value: Any) -> Any:
    """A JSON document may come as an object, which becomes text; a part unknown or secret makes the whole so."""
    if isinstance(value, dict | list):
        text = UNKNOWN if has_unknowns(value) else json.dumps(unwrap(value))
        return Secret(text) if has_secrets(value) else text
    if isinstance(value, Secret) and isinstance(value.value, dict | list):
        return Secret(_document(unwrap(value)))
    return value


def _auto_name(rule: AutoName, name: str, olds: Properties, prefix: Any, seed: bytes) -> Any:
    if (
        "name" in (olds.get(DEFAULTS_KEY) or [])
        and olds.get("name")
        and unwrap(olds.get("namePrefix")) == unwrap(prefix)
    ):
        return olds["name"]
    if has_unknowns(prefix):
        return UNKNOWN
    return unique_name(unwrap(prefix) if prefix else f"{rule.prefix}{name}-", seed, limit=rule.limit)
