"""Who can read Secrets in a cluster, from its roles and bindings: the last hop of the map.

The verbs `get`, `list` and `watch` each show values. A name in a rule limits all three.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .access_map import ClusterReader
from .stack_state import mapping, mappings, text

_READING = ("get", "list", "watch")
_ADMINS = ClusterReader("", "", "Group system:masters", _READING, "the API server itself")
"""The group that no rule binds, as the API server lets it do everything."""


def cluster_readers(
    roles: Iterable[Mapping[str, Any]], secrets: Iterable[tuple[str, str]], context: str
) -> list[ClusterReader]:
    """Who can read some Secrets, sorted.

    Args:
        roles: Roles, ClusterRoles and their bindings, each with its `kind`.
        secrets: namespace and name of each Secret.
        context: what the map calls the cluster; empty where it has no name.
    """
    listed = list(roles)
    rules = {_key(each): list(_reading(each)) for each in listed if each.get("kind") in ("Role", "ClusterRole")}
    named: dict[str, set[str]] = {}
    for namespace, name in secrets:
        named.setdefault(namespace, set()).add(name)
    found = {
        ClusterReader(namespace, secret, subject, verbs, through, context)
        for binding in listed
        if str(binding.get("kind")).endswith("Binding")
        for namespace, names in named.items()
        for secret, subject, verbs, through in _by(binding, rules, namespace, names)
    }
    everybody = {
        ClusterReader(namespace, "", _ADMINS.subject, _ADMINS.verbs, _ADMINS.through, context) for namespace in named
    }
    return sorted(found | everybody)


def _key(role: Mapping[str, Any]) -> tuple[str, str, str]:
    metadata = mapping(role.get("metadata"))
    return str(role.get("kind")), text(metadata.get("namespace")) or "", text(metadata.get("name")) or ""


def _reading(role: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    """The verbs by which each rule of a role shows Secrets, and the names that it is limited to; none for all."""
    for rule in mappings(role.get("rules")):
        groups, resources, verbs = (_words(rule.get(part)) for part in ("apiGroups", "resources", "verbs"))
        reads = tuple(each for each in _READING if each in verbs or "*" in verbs)
        if reads and {"", "*"} & groups and {"secrets", "*"} & resources:
            yield reads, frozenset(_words(rule.get("resourceNames")))


def _words(value: Any) -> set[str]:
    return {each for each in value if isinstance(each, str)} if isinstance(value, list) else set()


def _by(
    binding: Mapping[str, Any],
    rules: Mapping[tuple[str, str, str], list[tuple[tuple[str, ...], frozenset[str]]]],
    namespace: str,
    names: set[str],
) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """The Secrets of a namespace that a binding shows (empty for all), to whom, and by what."""
    kind, within, title = _key(binding)
    if kind == "RoleBinding" and within != namespace:
        return
    ref = mapping(binding.get("roleRef"))
    of = str(ref.get("kind")), within if ref.get("kind") == "Role" else "", str(ref.get("name"))
    for verbs, limited in rules.get(of, ()):
        for secret in sorted(limited & names) if limited else [""]:
            for subject in mappings(binding.get("subjects")):
                yield secret, _subject(subject, within), verbs, f"{kind} {title}, {of[0]} {of[2]}"


def _subject(subject: Mapping[str, Any], within: str) -> str:
    kind, name = str(subject.get("kind")), str(subject.get("name"))
    if kind == "ServiceAccount":
        return f"{kind} {text(subject.get('namespace')) or within}/{name}"
    return f"{kind} {name}"
