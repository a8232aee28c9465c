"""The engine does what the Pulumi CLI was recorded doing: 17 operations in a row on one program."""

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.engine.support import Project
from tests.support.paths import RECORDED as ALL

pytestmark = pytest.mark.slow

RECORDED = ALL / "engine"
TARGET = "urn:pulumi:dev::trace::demo:index:Group$pulumi-python:dynamic/demo:Thing::g-0"

# name, SCENARIO, remote version, operation, options, exit code
OPERATIONS: list[tuple[str, str, str, str, dict[str, Any], int]] = [
    ("01-first-preview", "basic", "1", "preview", {"diff": True}, 0),
    ("02-first-up", "basic", "1", "up", {}, 0),
    ("03-unchanged-preview", "basic", "1", "preview", {"diff": True}, 0),
    ("04-remote-changed-preview", "changed", "2", "preview", {"diff": True}, 0),
    ("05-remote-changed-up", "changed", "2", "up", {}, 0),
    ("06-refresh", "basic", "3", "refresh", {}, 0),
    ("07-after-refresh-preview", "basic", "3", "preview", {"diff": True}, 0),
    ("08-replace-up", "replace", "3", "up", {}, 0),
    ("09-removed-up", "removed", "3", "up", {}, 0),
    ("10-check-failure", "check_failure", "3", "preview", {"diff": True}, 1),
    ("11-create-failure-up", "create_failure", "3", "up", {}, 1),
    ("12-program-error-up", "program_error", "3", "up", {}, 1),
    ("13-refresh-gone", "removed", "gone", "refresh", {}, 0),
    ("14-after-gone-up", "removed", "4", "up", {}, 0),
    ("15-protect-up", "protect", "4", "up", {}, 0),
    ("16-protected-destroy", "protect", "4", "destroy", {}, 1),
    ("17-targeted-up", "basic", "4", "up", {"targets": (TARGET,)}, 1),
]
NAMES = [operation[0] for operation in OPERATIONS]
# Where a failure stops the operation, how far independent resources have come is a matter of luck (also in the CLI).
STOPPED = {"10-check-failure", "11-create-failure-up", "17-targeted-up"}

# In the recording the sibling's create had started when the other one failed; the copy makes that certain.
ORDERED_FAILURE = """
import threading
_started, _note = threading.Event(), calls
def calls(op, **more):
    _note(op, **more)
    if (op, more.get("name")) == ("create", "y"):
        _started.set()
    if (op, more.get("name")) == ("create", "x"):
        _started.wait(20)
"""


@dataclass(frozen=True)
class Run:
    """What one operation did."""

    exit_code: int
    text: str
    calls: list[str]
    resources: list[dict[str, Any]]
    pending: list[Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Run all operations once."""
    if not RECORDED.is_dir():
        pytest.fail(f"the recorded operations are missing: expected them in {RECORDED}")
    folder = tmp_path_factory.mktemp("trace")
    for name in ("__main__.py", "prov.py"):
        shutil.copyfile(RECORDED / name, folder / name)
    with (folder / "prov.py").open("a", encoding="utf-8") as provider:
        provider.write(ORDERED_FAILURE)
    project = Project(folder)
    project.write("Pulumi.yaml", "name: trace\nruntime: python\n")
    found = {}
    for name, scenario, remote, operation, options, _ in OPERATIONS:
        project.write("remote", remote)
        trace = project.write("calls.jsonl", "")
        env = {"SCENARIO": scenario, "REMOTE": str(folder / "remote"), "TRACE_CALLS": str(trace)}
        result, text = project.run(operation, env=env, **options)
        state = project.state()
        found[name] = Run(
            result.exit_code,
            text.replace(f"{folder}/", ""),
            trace.read_text(encoding="utf-8").splitlines(),
            state["resources"],
            state["pending_operations"],
        )
    return found


def recorded(name: str, kind: str) -> str:
    """Read a recorded file; operations without calls have none."""
    file = RECORDED / f"{name}.{kind}"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def masked_calls(lines: list[str]) -> Counter[str]:
    return Counter(re.sub(r"0x[0-9a-f]+", "0x", line) for line in lines)


@pytest.mark.parametrize(("name", "code"), [(operation[0], operation[5]) for operation in OPERATIONS])
def test_operation_ends_as_recorded(runs: dict[str, Run], name: str, code: int) -> None:
    assert runs[name].exit_code == code, runs[name].text


@pytest.mark.parametrize("name", NAMES)
def test_provider_gets_the_recorded_calls(runs: dict[str, Run], name: str) -> None:
    wanted = masked_calls(recorded(name, "calls.jsonl").splitlines())
    got = masked_calls(runs[name].calls)
    if name in STOPPED:
        assert got <= wanted
        optional = [line for line in wanted if '"g-0"' in line or '"id-g-0"' in line]
        assert {line for line in wanted if line not in optional} <= set(got)
    else:
        assert got == wanted


def test_checks_and_diffs_come_in_pairs_one_after_the_other(runs: dict[str, Run]) -> None:
    serial = [json.loads(line) for line in runs["05-remote-changed-up"].calls]
    ops = [(call["op"], call["news"]["name"]) for call in serial if call["op"] in ("check", "diff")]
    pairs = list(zip(ops[::2], ops[1::2], strict=True))
    assert [(first[0], second[0]) for first, second in pairs] == [("check", "diff")] * 4
    assert all(first[1] == second[1] for first, second in pairs)


def masked_resources(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mask as in the recording; the order of independent resources and of dependencies is a matter of luck."""
    text = json.dumps(resources)
    text = re.sub(r'"__provider": "[^"]+"', '"__provider": "<pickle>"', text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r'"ciphertext": "[^"]+"', '"ciphertext": "<encrypted>"', text)
    masked = []
    for resource in json.loads(text):
        kept = {key: value for key, value in resource.items() if key not in ("created", "modified")}
        masked.append({**kept, "dependencies": sorted(kept.get("dependencies", []))})
    return sorted(masked, key=lambda resource: resource["urn"])


@pytest.mark.parametrize("name", NAMES)
def test_state_is_as_recorded(runs: dict[str, Run], name: str) -> None:
    wanted = json.loads(recorded(name, "state.json"))
    assert masked_resources(runs[name].resources) == masked_resources(wanted["resources"])
    assert runs[name].pending == wanted["pending_operations"]


@pytest.mark.parametrize("name", NAMES)
def test_stored_resources_come_after_what_they_need(runs: dict[str, Run], name: str) -> None:
    seen: set[str] = set()
    for resource in runs[name].resources:
        needed = [*resource.get("dependencies", ()), *filter(None, [resource.get("parent")])]
        needed += [resource["provider"].rpartition("::")[0]] if "provider" in resource else []
        assert seen.issuperset(needed), resource["urn"]
        seen.add(resource["urn"])


def masked_text(text: str, *, stopped: bool) -> Counter[str]:
    """Mask times, paths and marks under source lines; lines of parallel work come in any order."""
    text = re.sub(r"\([0-9.]+s\)", "(…s)", text)
    text = re.sub(r"Duration: .*", "Duration: …", text)
    text = re.sub(r'"[^"]*/lib/python3\.\d+/', '".venv/lib/python3.11/', text)
    text = re.sub(r'"\.venv/lib/python3\.\d+/', '".venv/lib/python3.11/', text)
    text = re.sub(r"; \d+ messages", "", text)
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and line.strip(" ^~")]
    lines = [line for line in lines if line.strip() != "Traceback (most recent call last):"]
    return Counter(line for line in lines if not (stopped and line.endswith("unchanged")))


@pytest.mark.parametrize("name", NAMES)
def test_text_is_as_recorded(runs: dict[str, Run], name: str) -> None:
    stopped = name in STOPPED
    assert masked_text(runs[name].text, stopped=stopped) == masked_text(recorded(name, "txt"), stopped=stopped)


def test_no_secret_is_printed_or_stored(runs: dict[str, Run]) -> None:
    for name, done in runs.items():
        assert "hunter2" not in done.text, name
        assert "hunter2" not in json.dumps(done.resources), name
