"""What an operation writes grows with the number of resources, not with its square."""

import pytest

from tests.engine.support import ProjectFactory

MANY = """
    import os
    from things import Thing
    for number in range(int(os.environ["COUNT"])):
        Thing(f"thing-{number:04}", value="x" * 50)
"""


@pytest.mark.parametrize("operation", ["up", "destroy"])
def test_bytes_written_are_linear(make_project: ProjectFactory, operation: str) -> None:
    project = make_project(MANY)
    written = {}
    for count in (40, 80):
        project.run("destroy")
        created, _ = project.up(env={"COUNT": str(count)})
        written[count] = created.bytes_written
        if operation == "destroy":
            destroyed, _ = project.run("destroy")
            written[count] = destroyed.bytes_written
    assert 0 < written[80] < 2.2 * written[40]


def test_unchanged_resources_write_nothing(make_project: ProjectFactory) -> None:
    project = make_project(MANY)
    project.up(env={"COUNT": "5"})
    before = project.state_file.read_bytes()
    result, _ = project.up(env={"COUNT": "5"})
    assert result.bytes_written == 0
    assert project.state_file.read_bytes() == before
