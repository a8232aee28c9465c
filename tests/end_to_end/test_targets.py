"""`--target`: the component alone changes nothing, the pattern that docs name repairs its Secret and no other."""

import pytest

from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow


def test_a_target_that_holds_the_resource_below_the_component_is_repaired(project: Project) -> None:
    for name in ("db", "mail"):
        project.put(f"/app/{name}", "user")
        project.declare(name, f"/app/{name}", "user")
    assert project.up().result.exit_code == 0
    for name in ("db", "mail"):
        project.put(f"/app/{name}", "user")
    edited = {name: project.secret(name) for name in ("db", "mail")}

    alone = project.up(targets=["**ExternalSecret::db"])
    assert (alone.result.exit_code, project.writes()) == (0, []), "as docs say, the component is no Secret"

    with_child = project.up(targets=["**ExternalSecret**::db"])
    assert with_child.result.exit_code == 0, with_child.output
    assert project.writes() == [("patch", "db")]
    assert project.secret("db") != edited["db"]
    assert project.secret("mail") == edited["mail"]

    project.put("/app/db", "user")
    dependents = project.up(targets=["**ExternalSecret::db"], target_dependents=True)
    assert (dependents.result.exit_code, project.writes()) == (0, [("patch", "db")]), dependents.output
    assert project.up().result.exit_code == 0
