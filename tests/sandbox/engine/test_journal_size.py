"""What an operation writes grows with the number of resources, not with its square."""

from tests.sandbox.engine.support import ProjectFactory

MANY = """
    import os
    from things import Thing
    for number in range(int(os.environ["COUNT"])):
        Thing(f"thing-{number:04}", value="x" * 50)
"""


def test_bytes_written_are_linear(make_project: ProjectFactory) -> None:
    project = make_project(MANY)
    created, destroyed = {}, {}
    for count in (30, 60):
        created[count] = project.up(env={"COUNT": str(count)})[0].bytes_written
        destroyed[count] = project.run("destroy")[0].bytes_written
    assert 0 < created[60] < 2.2 * created[30]
    assert 0 < destroyed[60] < 2.2 * destroyed[30]


def test_unchanged_resources_write_nothing(make_project: ProjectFactory) -> None:
    project = make_project(MANY)
    project.up(env={"COUNT": "5"})
    before = project.state_file.read_bytes()
    result, _ = project.up(env={"COUNT": "5"})
    assert result.bytes_written == 0
    assert project.state_file.read_bytes() == before
