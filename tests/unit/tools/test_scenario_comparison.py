"""The comparison of two runs finds what differs and lets pass what is luck."""

import copy
import json
from typing import Any

import pytest

from tools.scenarios.compare import differences

HISTORY: list[dict[str, Any]] = [
    {
        "operation": "up",
        "exit_code": 0,
        "summary": {"create": 2},
        "steps": [["create", "urn:a", False], ["create", "urn:b", False]],
        "output": "Updating (dev):\n    + thing created (0.10s)\n    id: 0b1c2d3e-0000-4000-8000-000000000001\n"
        '        resourceVersion  : "7"\n        entry: "fc001c6b"\n',
        "resources": [
            {
                "urn": "urn:a",
                "created": "2026-11-24T12:00:00Z",
                "parent": "urn:stack",
                "inputs": {
                    "name": "db",
                    "__writtenAt": {"/app/db": 1795763748925},
                    "__written": {"team-a": {"/app/db": [1, 1795763748925]}},
                    "__sources": {"Secret db": "0b1c2d3e-0000-4000-8000-000000000001 7"},
                },
                "outputs": {
                    "arn": "role/reader-0123abc",
                    "policy": "team-a-1-1d3e7bf",
                    "policyId": "AHA1LWTUGR5XXXYY5DCWU",
                    "resourceVersion": "7",
                    "owner": {"entry": "fc001c6b"},
                    "revision": "fedcba9876543210",
                },
                "dependencies": ["urn:b", "urn:c"],
            },
        ],
        "aws": [
            {"operation": "GetParameters", "names": ["/app/db"], "access_key_id": "ASIARZPUZDIK00000000"},
            {"operation": "GetParameters", "names": ["/app/db"], "error": "ThrottlingException"},
        ],
        "kubernetes": [
            {"verb": "patch", "name": "db", "path": "/db", "dry_run": False, "metadata_only": False},
            {"verb": "get", "name": "db", "path": "/db", "dry_run": False, "metadata_only": True},
        ],
    },
    {"operation": "export", "resources": [{"urn": "urn:a", "inputs": {"name": "db"}}]},
]


def change(path: list[Any], value: Any) -> list[dict[str, Any]]:
    """The history with one thing in it changed."""
    changed: Any = copy.deepcopy(HISTORY)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed  # type: ignore[no-any-return]


def test_a_history_is_the_same_as_itself() -> None:
    assert differences(HISTORY, json.loads(json.dumps(HISTORY))) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([0, "resources", 0, "created"], "2026-11-24T12:00:09.5Z"),
        ([0, "resources", 0, "dependencies"], ["urn:c", "urn:b"]),
        ([0, "resources", 0, "outputs", "arn"], "role/reader-9876fed"),
        ([0, "resources", 0, "outputs", "policy"], "team-a-1-9876fed"),
        ([0, "resources", 0, "outputs", "policyId"], "AZZZZWTUGR5XXXYY5DCWU"),
        ([0, "steps"], [["create", "urn:b", False], ["create", "urn:a", False]]),
        ([0, "output"], HISTORY[0]["output"].replace("0.10s", "2s").replace("0b1c2d3e", "ffffffff")),
        ([0, "output"], HISTORY[0]["output"].replace('"7"', '"285"')),
        ([0, "output"], f"@ previewing update....\n{HISTORY[0]['output']}@ updating......\n"),
        ([0, "aws"], [*HISTORY[0]["aws"], HISTORY[0]["aws"][1]]),
        ([0, "aws", 1, "names"], ["/app/mail"]),  # of a throttled call
        ([0, "resources", 0, "outputs", "resourceVersion"], "285"),
        ([0, "resources", 0, "inputs", "__writtenAt"], {"/app/db": 1795763111578}),
        ([0, "resources", 0, "inputs", "__written", "team-a", "/app/db"], [1, 1795763111578]),
        ([0, "resources", 0, "inputs", "__sources", "Secret db"], "0b1c2d3e-0000-4000-8000-000000000002 220"),
        ([0, "resources", 0, "outputs", "owner", "entry"], "0fd83520"),
        ([0, "resources", 0, "outputs", "revision"], "0123456789abcdef"),
        ([0, "output"], HISTORY[0]["output"].replace("fc001c6b", "0fd83520")),
        ([0, "aws", 0, "access_key_id"], "ASIARZPUZDIK99999999"),
        ([0, "kubernetes", 1, "name"], "mail"),
    ],
)
def test_times_names_made_at_random_and_order_do_not_count(path: list[Any], value: Any) -> None:
    assert differences(HISTORY, change(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ([0, "exit_code"], 1, "1 up: exit_code: ours 0, theirs 1"),
        ([0, "summary", "create"], 3, "1 up: summary: create: ours 2, theirs 3"),
        ([0, "steps", 0, 0], "update", '1 up: steps: only ours: ["create", "urn:a", false]'),
        ([0, "output"], "Updating (dev):\n", "1 up: output: only ours:     + thing created"),
        ([0, "resources", 0, "parent"], "urn:b", "urn:a: parent: ours"),
        ([0, "resources", 0, "dependencies"], ["urn:b"], "urn:a: dependencies: ours"),
        ([0, "resources", 0, "inputs", "name"], "mail", 'urn:a: inputs: name: ours "db", theirs "mail"'),
        (
            [0, "resources", 0, "inputs", "__writtenAt"],
            {"/app/x": 1795763748925},
            "__writtenAt: /app/x: ours",
        ),
        ([0, "resources", 0, "outputs"], {}, "urn:a: outputs: arn: ours"),
        ([0, "aws", 0, "names"], ["/app/mail"], "1 up: aws: only ours"),
        ([0, "aws"], HISTORY[0]["aws"][:1], "1 up: aws: only ours"),
        ([0, "kubernetes", 0, "name"], "mail", "1 up: kubernetes: only theirs"),
        ([1, "resources"], [], "2 export: resources: urn:a: ours"),
        ([1, "operation"], "preview", "the operations are not the same"),
    ],
)
def test_everything_else_counts(path: list[Any], value: Any, said: str) -> None:
    found = differences(HISTORY, change(path, value))
    assert any(said in line for line in found), found


@pytest.mark.parametrize("failed", [0, 1])
def test_what_was_written_before_a_failure_is_luck(failed: int) -> None:
    one, other = change([0, "exit_code"], failed), change([0, "exit_code"], failed)
    for history, note in ((one, None), (other, "the Secret is there and bears our mark, though nothing records it")):
        history.append({"operation": "up", "exit_code": 0})
        drift = {"drift": ["Secret in the cluster was not made of the recorded parameter versions"]} if note else {}
        owner = {"id": "1", **({"entry": "fc001c6b"} if note else {}), "urn": "u"}
        history.append(
            {"operation": "export", "resources": [{"urn": "urn:a", "inputs": {"note": note, "owner": owner, **drift}}]}
        )
    assert bool(differences(one, other)) == (not failed)


@pytest.mark.parametrize("repaired", [True, False])
def test_after_a_failure_only_exit_codes_and_a_good_end_count(*, repaired: bool) -> None:
    failed, other = change([0, "exit_code"], 1), change([0, "exit_code"], 1)
    for history in (failed, other):
        history.insert(1, {**HISTORY[0], "exit_code": 0 if repaired else 1})
    other[0]["output"] = "something else"
    assert differences(failed, other) == []
    other[2]["resources"] = []
    found = [line.partition(" {")[0] for line in differences(failed, other)]
    assert found == ["3 export: resources: urn:a: ours"] * repaired
