"""A store that keeps its PushSecrets in one resource: what operations show and do, and the way in and out."""

from typing import Any

import pytest

from tests.end_to_end.support import Project
from tests.end_to_end.test_push import done, parameter, put_secret

PROGRAM = """
import pulumi
from components import PushData, PushSecret, SecretStore

store = SecretStore("team", namespace="team-a", region="eu-central-1", grouped={grouped})
pushes = {{
    key: PushSecret(key, stores=[store], secret="source", data=[PushData("/app/" + key, key)],
                    deletion_policy={policy!r})
    for key in {keys}
}}
pulumi.export("status", {{key: each.status for key, each in pushes.items()}})
pulumi.export("versions", {{key: each.synced_versions for key, each in pushes.items()}})
"""
pytestmark = pytest.mark.slow

KEYS = ("one", "three", "two")


def declare(project: Project, *, grouped: bool, keys: tuple[str, ...] = KEYS, policy: str = "Delete") -> None:
    project.write_program(PROGRAM.format(grouped=grouped, keys=keys, policy=policy))


def changing_calls(project: Project) -> list[Any]:
    """The calls to Parameter Store since the last operation began that are no reads."""
    ssm = [call for call in project.sandbox.aws.calls if call.service == "ssm"]
    return [call.operation for call in ssm if not call.operation.startswith(("Get", "Describe", "List"))]


def pushed(project: Project) -> dict[str, Any]:
    return {key: parameter(project, f"/app/{key}") for key in KEYS}


@pytest.mark.parametrize("policy", ["Delete", "None"])
def test_pushes_go_into_a_group_and_out_of_it_without_a_gap(project: Project, policy: str) -> None:
    values = put_secret(project, *KEYS, name="source")
    declare(project, grouped=False, policy=policy)
    done(project.up())
    declare(project, grouped=True, policy=policy)
    preview = done(project.preview())
    assert preview.changes == {"team": "create", **dict.fromkeys(KEYS, "delete")}
    done(project.up())
    assert changing_calls(project) == []
    assert pushed(project) == values
    assert project.outputs()["status"] == dict.fromkeys(KEYS, "Synced")
    assert project.preview().changes == {}

    values = put_secret(project, *KEYS, name="source")
    preview = done(project.preview())
    assert preview.changes == {"team": "update"}
    assert "/app/one: value may change (Secret edited since the last push)" in preview.output
    done(project.up())
    assert pushed(project) == values
    assert project.outputs()["versions"]["one"] == {"team": {"/app/one": 2}}
    assert project.preview().changes == {}

    declare(project, grouped=True, keys=("one", "two"), policy=policy)
    preview = done(project.preview())
    assert "not declared here any more" in preview.output
    done(project.up())
    assert parameter(project, "/app/three") == (None if policy == "Delete" else values["three"])
    declare(project, grouped=False, keys=("one", "two"), policy=policy)
    done(project.up())
    assert changing_calls(project) == []
    assert project.preview().changes == {}
    declare(project, grouped=True, keys=("one", "two"), policy=policy)
    done(project.up())
    assert project.refresh().result.exit_code == 0
    assert project.preview().changes == {}
    done(project.destroy())
    assert parameter(project, "/app/one") == (None if policy == "Delete" else values["one"])
