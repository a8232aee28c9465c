"""A store that keeps its ExternalSecrets in one resource: what operations show and do, and the way in and out."""

import json
import re
from typing import Any

import pytest

from components.__main__ import main
from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

NAMES = ("a", "b", "c")

PROGRAM = """
import pulumi
from components import ExternalSecret, RemoteRef, SecretStore
from components.status import OUTPUT, status_output

store = SecretStore("team", namespace="team-a", region="eu-central-1", grouped={grouped})
secrets = {{
    name: ExternalSecret(name, store=store, data={{"password": RemoteRef("/app/" + name, property="password")}})
    for name in {names}
}}
late = ExternalSecret("late", store=store, data={{"password": RemoteRef("/app/a", property="password")}},
                      opts=pulumi.ResourceOptions(depends_on=[secrets["a"]]))
pulumi.export(OUTPUT, status_output({{**secrets, "late": late}}))
pulumi.export("names", {{name: each.secret_name for name, each in secrets.items()}})
pulumi.export("revisions", {{name: each.revision for name, each in secrets.items()}})
pulumi.export("status", {{name: each.status for name, each in secrets.items()}})
"""


def declare(project: Project, *, grouped: bool, names: tuple[str, ...] = NAMES) -> None:
    project.write_program(PROGRAM.format(grouped=grouped, names=names))


def uids(project: Project, names: tuple[str, ...] = (*NAMES, "late")) -> dict[str, str | None]:
    found = {name: project.cluster().get_secret_metadata(NAMESPACE, name) for name in names}
    return {name: live.uid if live else None for name, live in found.items()}


def told(project: Project, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What status, the access map and the estimate say of the stack."""
    rows = project.outputs()["externalSecrets"]
    said: dict[str, Any] = {
        "status": {name: {k: v for k, v in row.items() if k != "refreshTime"} for name, row in rows.items()}
    }
    for command in ("access", "cost"):
        assert main([command, "--state", str(project.state_file), "--format", "json"]) == 0
        said[command] = json.loads(capsys.readouterr().out)
    assert main(["access", "--state", str(project.state_file)]) == 0
    said["table"] = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)", "<time>", capsys.readouterr().out)
    assert "<time>" in said["table"]
    return said


def test_secrets_go_into_a_group_and_out_of_it_without_a_gap(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        project.put(f"/app/{name}", "password")
    declare(project, grouped=False)
    assert project.up().result.exit_code == 0
    before, alone = uids(project), told(project, capsys)
    declare(project, grouped=True)
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    assert preview.changes == {"team": "create", **dict.fromkeys(NAMES, "delete")}
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert {verb for verb, _ in project.writes()} == {"patch"}
    assert uids(project) == before
    assert told(project, capsys) == alone
    assert project.preview().changes == {}

    rotated = project.put("/app/b", "password")
    preview = project.preview()
    assert preview.changes == {"team": "update"}
    assert '"/app/b, version 1, property password => /app/b, version 2, property password"' in preview.output
    assert "/app/c, version" not in preview.output, preview.output
    assert project.up().result.exit_code == 0
    assert project.writes() == [("patch", "b")]
    assert project.secret("b") == rotated
    project.cluster("kubectl").apply_secret(NAMESPACE, "c", {"data": {"password": "eA=="}}, force=True)
    preview = project.preview()
    assert "key password edited in the cluster by kubectl" in preview.output
    assert project.up().result.exit_code == 0
    assert project.writes() == [("patch", "c")]
    refreshed = project.refresh()
    assert (refreshed.result.exit_code, refreshed.changes) == (0, {})
    assert project.preview().changes == {}

    declare(project, grouped=False)
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert up.changes == {"team": "delete", **dict.fromkeys(NAMES, "create")}
    assert {verb for verb, _ in project.writes()} == {"patch"}
    assert uids(project) == before
    assert project.preview().changes == {}
    declare(project, grouped=True, names=("a", "b"))
    assert project.up().result.exit_code == 0
    assert uids(project) == {**before, "c": None}
    assert project.destroy().result.exit_code == 0
    assert set(uids(project).values()) == {None}


def test_each_of_a_group_fails_alone_and_the_next_up_does_the_rest(project: Project) -> None:
    values = {name: project.put(f"/app/{name}", "password") for name in ("a", "b")}
    project.put("/app/c", "user")
    declare(project, grouped=True)
    up = project.up()
    assert up.result.exit_code != 0
    assert up.output.count("ExternalSecret c:") == 1, up.output
    assert {name: project.secret(name) for name in values} == values
    kept = uids(project)
    assert kept["c"] is None
    declare(project, grouped=False)  # from a group that failed in part
    assert project.up(continue_on_error=True).result.exit_code != 0
    assert {name: each for name, each in uids(project).items() if name in values} == {n: kept[n] for n in values}
    declare(project, grouped=True)
    fixed = project.put("/app/c", "password")
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert {name: project.secret(name) for name in NAMES} == {**values, "c": fixed}
    assert {name: each for name, each in uids(project).items() if name in values} == {n: kept[n] for n in values}
    assert project.preview().changes == {}
