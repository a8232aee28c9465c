"""Compares what came of the same scenario in two runs, operation by operation; masks what differs from run to run."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

Operation = dict[str, Any]

_THROTTLED = "ThrottlingException"
# Aliases are those of the last program; the CLI forgets them when it exports.
_WHEN_AND_WHERE = ("created", "modified", "sourcePosition", "stackTrace", "aliases")
_MASKS = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\b[0-9a-f]{4}(…|\\u2026)[0-9a-f]{4}\b"), "<version>"),  # of a secret, shortened
    (re.compile(r"\b[0-9a-f]{32}\b"), "<state>"),  # the id of a state, see providers/memory.py
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"),
    (re.compile(r"(?<=-)[0-9a-f]{10}\b"), "<sharer>"),  # of a field manager and marks, see Marks.of
    (re.compile(r'(?<=")[A-Za-z0-9/+]{40}(?=\\")'), "<secret key>"),
    # Which is the first that is not read again is a matter of luck.
    (re.compile(r"ExternalSecret \S+ is not read again, last sync at \S+ \([^)]*\)"), "ExternalSecret <any>"),
    (re.compile(r"pulumi-kubernetes-[0-9a-f]{8}"), "pulumi-kubernetes-<manager>"),
    (re.compile(r"(?<=[a-z0-9]-)[0-9a-f]{7}\b"), "<name>"),
    (re.compile(r"\ba-[0-9a-f]{17}\b"), "<association>"),
    (re.compile(r"\b(ASIA|AROA|AKIA)[A-Z0-9]{12,}"), r"\1<id>"),
    (re.compile(r"(?<=[:,] )1\d{12}\b"), "0"),  # milliseconds since 1970
    (re.compile(r"(?<=<uuid> )\d+\b"), "<version>"),  # of the Secret that is pushed, see parameter/push_sources.py
    (re.compile(r'("ciphertext": )"[^"]*"'), r'\1"<encrypted>"'),
    (re.compile(r'(policyId"?\s*: \\?")[A-Z0-9]{21}\b'), r"\1<id>"),  # in a property, and as it is shown
    (re.compile(r'(?<=")[0-9a-f]{16}(?=\\?")'), "<revision>"),
    (re.compile(r'(\bentry"?\s*: \\?")[0-9a-f]{8}\b'), r"\1<entry>"),  # of a mark, see providers/secret/standing.py
    (re.compile(r'(resourceVersion"?\s*: \\?")\d+'), r"\1<version>"),
]

# An interrupted operation may have written a Secret of which the state does not know: the next one takes it over, or
# makes it again of the versions that the state knows.
_TAKEN_OVER = [
    (re.compile(r'\["Secret in the cluster was not made of the recorded [a-z]+ versions"\]'), "null"),
    (re.compile(r'"the Secret is there and bears our mark, though[^"]*"'), "null"),
    (re.compile(r'"entry": "[^"]*", |, "entry": "[^"]*"'), ""),
]


def differences(ours: list[Operation], theirs: list[Operation]) -> list[str]:
    """Where two histories differ, each as a line that says which operation and what; empty where they agree.

    How far independent resources come when an operation fails is a matter of luck, under one engine as under two. So
    from the first failure on only exit codes are compared, and the resources at the end if that was good.
    """
    if [operation["operation"] for operation in ours] != [operation["operation"] for operation in theirs]:
        return ["the operations are not the same"]
    found: list[str] = []
    lucky = False
    well = [one["exit_code"] for one in ours if "exit_code" in one][-1:] == [0]
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True), 1):
        lucky = lucky or bool(one.get("exit_code"))
        last = number == len(ours)
        aspects = (
            ["exit_code", *(["resources"] if last and well else [])] if lucky else sorted(one.keys() | other.keys())
        )
        for name in aspects:
            lines = _compare(masked(name, one, lucky=lucky), masked(name, other, lucky=lucky))
            found += [f"{number} {one['operation']}: {name}: {line}" for line in lines]
    return found


def masked(aspect: str, operation: Operation, *, lucky: bool = False) -> Any:
    """One aspect of an operation without what differs from run to run.

    Args:
        aspect: which one.
        operation: the operation.
        lucky: whether an operation before it failed.
    """
    text = json.dumps(operation.get(aspect))
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    for pattern, mask in _TAKEN_OVER if lucky else ():
        text = pattern.sub(mask, text)
    return _ORDERLY.get(aspect, lambda value: value)(json.loads(text))


def _resources(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """By URN, without when and where in the program; in which order dependencies stand is a matter of luck."""
    kept = {}
    for resource in resources:
        document = {key: value for key, value in resource.items() if key not in _WHEN_AND_WHERE}
        document["dependencies"] = sorted(document.get("dependencies") or [])
        needed = document.get("propertyDependencies") or {}
        document["propertyDependencies"] = {key: sorted(urns or []) for key, urns in needed.items()}
        kept[resource["urn"]] = document
    return kept


def _calls(calls: list[dict[str, Any]]) -> Counter[str]:
    """The calls in any order.

    Which Secrets of a namespace are checked first is a matter of luck: those that are looked at one by one, before the
    rest is listed, and the one that the rehearsal is made for. How often a call is throttled depends on the time, and
    which of several calls at once, on luck.
    """
    any_secret = {"name": "<any>", "path": "<any>"}
    lucky = ("dry_run", "metadata_only")
    looked = {"status": "<any>"}  # of those looks one finds its Secret and another does not
    any_name = {"names": "<any>", "path": "<any>"}
    throttled = {json.dumps({**call, **any_name}, sort_keys=True) for call in calls if call.get("error") == _THROTTLED}
    return Counter(throttled) + Counter(
        json.dumps(
            {
                **call,
                **(any_secret if any(map(call.get, lucky)) else {}),
                **(looked if call.get("metadata_only") and call.get("verb") == "get" else {}),
            },
            sort_keys=True,
        )
        for call in calls
        if call.get("error") != _THROTTLED
    )


def _lines(text: str) -> Counter[str]:
    text = re.sub(r"\([0-9.]+s\)|Duration: .*", "…", text)
    text = re.sub(r"<\{%.*?%\}>", "", text)  # the CLI forgets to take these out of `N errored`
    text = re.sub(r"^@ [a-z ]+\.+$", "", text, flags=re.MULTILINE)  # told again and again while something takes long
    return Counter(line.rstrip() for line in text.splitlines() if line.strip())


_ORDERLY: dict[str, Any] = {
    "resources": _resources,
    "aws": _calls,
    "kubernetes": _calls,
    "output": _lines,
    "steps": lambda steps: Counter(json.dumps(step) for step in steps),
}


def _compare(one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, Counter) and isinstance(other, Counter):
        yield from (f"only ours: {item} ({count} times)" for item, count in (one - other).items())
        yield from (f"only theirs: {item} ({count} times)" for item, count in (other - one).items())
    elif isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from (f"{key}: {line}" for line in _compare(one.get(key), other.get(key)))
    elif one != other:
        yield f"ours {json.dumps(one)}, theirs {json.dumps(other)}"
