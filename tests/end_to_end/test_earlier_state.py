"""State and Secrets that an earlier version wrote go on: the first update renews the marks and nothing else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.managed_fields import parse_managed_fields
from components.core.secret.kubernetes_secret import Marks
from tests.end_to_end.engines import ProjectEngine
from tests.end_to_end.support import NAMESPACE, Project
from tests.support.paths import RECORDED

pytestmark = pytest.mark.slow

STATE = RECORDED / "state-of-3296be3.json"
SYNC = "pulumi-python:dynamic/parameterstore:SecretSync"


@dataclass(frozen=True)
class Earlier:
    """What an earlier version left.

    Attributes:
        program: the program.
        secrets: name -> the Secret, as it is now.
        checkpoint: the state.
    """

    program: str
    secrets: dict[str, dict[str, Any]]
    checkpoint: dict[str, Any]


@pytest.fixture
def earlier(project: Project) -> Iterator[Earlier]:
    """The recorded parameters, Secrets and state, with the times and uids of this run."""
    recorded = json.loads(STATE.read_text())
    client = project.sandbox.aws
    for name, value in recorded["parameters"].items():
        client.put_parameter(name, value)
    project._canaries += recorded["parameters"].values()
    uids = {secret["metadata"]["uid"]: _write(project, secret) for secret in recorded["secrets"]}
    text = json.dumps(recorded["state"])
    for old, new in uids.items():
        text = text.replace(old, new)
    checkpoint = json.loads(text)
    written = int(datetime.now(UTC).timestamp() * 1000)
    for resource in checkpoint["checkpoint"]["latest"]["resources"]:
        for bag in (resource.get("inputs", {}), resource.get("outputs", {})):
            if "__syncedAt" in bag:
                bag["__syncedAt"] = datetime.now(UTC).isoformat(timespec="seconds")
            read = bag.get("__readAt", {})
            read.update(dict.fromkeys(read, datetime.now(UTC).isoformat(timespec="seconds")))
            for times in bag.get("__writtenAt", {}).values():
                times.update(dict.fromkeys(times, written))
    project.write_program(recorded["program"])
    _store(project, checkpoint)
    secrets = {secret["metadata"]["name"]: secret for secret in recorded["secrets"]}
    yield Earlier(recorded["program"], {name: _live(project, name) for name in secrets}, checkpoint)
    version = _live(project, "typed")["metadata"]["resourceVersion"]
    # A real API server serves the next test, too, and would wait for the finalizer.
    project.cluster().patch_secret(NAMESPACE, "typed", {"metadata": {"finalizers": None}}, resource_version=version)


def _store(project: Project, checkpoint: dict[str, Any]) -> None:
    project.state_file.parent.mkdir(parents=True, exist_ok=True)
    project.state_file.write_text(json.dumps(checkpoint, indent=4))


def _live(project: Project, name: str) -> dict[str, Any]:
    secret = project.cluster().get_secret(NAMESPACE, name)
    assert secret is not None
    return secret


def _write(project: Project, secret: dict[str, Any]) -> str:
    """Have every field manager apply what it owns of a recorded Secret; the uid of the new one."""
    metadata = secret["metadata"]
    uid = ""
    for entry in parse_managed_fields(metadata["managedFields"]):
        body: dict[str, Any] = {"metadata": {"name": metadata["name"], "namespace": NAMESPACE}, "data": {}}
        for path in entry.fields:
            if path[:1] == ("data",) and len(path) > 1:
                body["data"][path[1]] = secret["data"][path[1]]
            elif path[:2] in (("metadata", "labels"), ("metadata", "annotations")) and path[2:]:
                body["metadata"].setdefault(path[1], {})[path[2]] = metadata[path[1]][path[2]]
            elif path[:2] == ("metadata", "finalizers"):
                body["metadata"]["finalizers"] = metadata["finalizers"]
            elif path in (("type",), ("immutable",)):
                body[path[0]] = secret[path[0]]
        uid = project.cluster(entry.manager).apply_secret(NAMESPACE, metadata["name"], body, force=True).uid
    return uid


def _marks(secret: dict[str, Any]) -> list[str]:
    annotations = secret["metadata"]["annotations"]
    return sorted(text for name, text in annotations.items() if name.startswith("pulumi-parameter-store/owner"))


def _urns(project: Project) -> dict[str, str]:
    """Secret name and resource name -> the ExternalSecret's URN."""
    return {
        f"{each['inputs']['secretName']}/{each['urn'].rpartition('::')[2]}": each["parent"]
        for each in project._state()["resources"]
        if each["type"] == SYNC
    }


def test_the_first_update_renews_the_marks_and_nothing_else(project: Project, earlier: Earlier) -> None:
    assert {mark for secret in earlier.secrets.values() for mark in _marks(secret)} >= {"parameter-store/dev/owner"}
    project.sandbox.aws.put_parameter("/app/c", "recorded-c-again")  # of those that are not to be read again
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    assert set(preview.changes.values()) == {"update"}
    assert "drift" not in preview.output
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert set(up.changes.values()) == {"update"}
    assert project.reads(decrypt=True) == []
    assert {verb for verb, _ in project.writes()} == {"patch"}
    state_id = next(each["outputs"]["stateId"] for each in project._state()["resources"] if "Snapshot" in each["type"])
    urns = _urns(project)
    for name, before in earlier.secrets.items():
        now = _live(project, name)
        assert now["metadata"]["uid"] == before["metadata"]["uid"]
        for field in ("data", "type", "immutable"):
            assert now.get(field) == before.get(field), name
        for field in ("labels", "finalizers"):
            assert now["metadata"].get(field) == before["metadata"].get(field)
        mine = [urn for place, urn in urns.items() if place.startswith(f"{name}/")]
        if name == "theirs":
            mine = [urns["theirs/merge"]]
        assert _marks(now) == sorted(f"{state_id} {urn}" for urn in mine)
        managers = {each["manager"] for each in now["metadata"]["managedFields"]} - {"kubectl"}
        shared = name in ("both", "theirs")
        assert managers == {Marks.of(f"{state_id} {urn}", shared=shared).manager for urn in mine}
    assert {each["outputs"]["revision"] for each in project.state() if each["type"] == SYNC} == {"0"}
    assert project.preview().changes == {}


def test_an_update_that_was_cut_off_after_the_marks_were_renewed_goes_on(project: Project, earlier: Earlier) -> None:
    assert project.up().result.exit_code == 0
    renewed = {each["urn"]: each for each in project._state()["resources"] if "Snapshot" in each["type"]}
    latest = earlier.checkpoint["checkpoint"]["latest"]
    latest["resources"] = [renewed.get(each["urn"], each) for each in latest["resources"]]
    _store(project, earlier.checkpoint)
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    assert set(preview.changes.values()) == {"update"}
    assert project.up().result.exit_code == 0
    assert "delete" not in {verb for verb, _ in project.writes()}


def test_of_two_backends_with_that_state_the_first_update_decides(
    project: Project, earlier: Earlier, tmp_path_factory: pytest.TempPathFactory, engine: ProjectEngine
) -> None:
    other = Project(project.sandbox, Path(tmp_path_factory.mktemp("other")), engine)
    other.write_program(earlier.program)
    _store(other, earlier.checkpoint)
    assert project.up().result.exit_code == 0
    for outcome in (other.preview(), other.up(continue_on_error=True)):
        assert outcome.result.exit_code != 0
        assert "so it is not touched" in outcome.output
    assert "which another state keeps, so it is not touched. It was taken over from here." in outcome.output
    assert other.writes() == []
    assert other.destroy().result.exit_code == 0
    for name, before in earlier.secrets.items():
        assert _live(project, name)["data"] == before["data"]


def test_a_state_with_properties_that_said_nothing_goes_on_without_a_difference(project: Project) -> None:
    """Earlier versions wrote `problems: {}` and `cluster: {}`, which previews showed."""
    project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    assert "{}" not in project.preview().output
    assert project.up().result.exit_code == 0
    checkpoint = json.loads(project.state_file.read_text())
    for resource in checkpoint["checkpoint"]["latest"]["resources"]:
        nothing = {"Snapshot": "problems", "SecretSync": "cluster"}.get(resource["type"].rpartition(":")[2])
        for bag in (resource.get("inputs", {}), resource.get("outputs", {})) if nothing else ():
            assert nothing not in bag
            bag[nothing] = {}
            bag.pop("revision", None)
    _store(project, checkpoint)
    for outcome in (project.preview(), project.up()):
        assert (outcome.result.exit_code, outcome.changes) == (0, {}), outcome.output
        assert "problems" not in outcome.output
    project.put("/app/db", "user")
    assert project.up().result.exit_code == 0
    assert project.preview().changes == {}
