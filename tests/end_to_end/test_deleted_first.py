"""A Secret that is deleted before it is created again, or whose options of Pulumi forbid that."""

import pytest

from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

HEAD = """
import pulumi
from components.external_secret import ExternalSecret, RemoteRef, Target, Template
from components.parameter_store import SecretStore
from things import Thing

store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
data = {"user": RemoteRef("/app/db", property="user")}
"""
THINGS = '''
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult("x", {"name": props["name"], "size": props["size"]})

    def diff(self, _id, olds, news):
        changed = ["size"] if olds["size"] != news["size"] else []
        return DiffResult(changes=bool(changed), replaces=changed, delete_before_replace=True)


class Thing(Resource, module="x", name="Thing"):
    """What is deleted before it is created again, with all whose inputs come from it."""

    name: object

    def __init__(self, size):
        super().__init__(Provider(), "thing", {"name": "db", "size": size})
'''
NOT_RECORDED = "though the state does not record it"


def write(project: Project, program: str) -> None:
    (project.path / "things.py").write_text(THINGS)
    project.write_program(HEAD + program)


def typed(kind: str, option: str) -> str:
    target = f'Target(template=Template(type="example.com/{kind}"))'
    return (
        f'ExternalSecret("db", store=store, data=data, target={target}, opts=pulumi.ResourceOptions({option}=True))\n'
    )


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("retain_on_delete", "the option retain_on_delete keeps it, or somebody else holds it"),
        ("protect", "unable to replace resource"),
    ],
)
def test_an_option_that_keeps_the_secret_ends_the_update_in_one_line(project: Project, option: str, said: str) -> None:
    values = project.put("/app/db", "user")
    write(project, typed("x", option))
    assert project.up().result.exit_code == 0
    write(project, typed("y", option))
    assert NOT_RECORDED not in project.preview().output
    for _ in range(2):
        up = project.up()
        assert up.result.exit_code != 0
        assert said in up.output
        assert "Traceback" not in up.output
        assert project.secret("db") == values
    for kind in ("x", "y"):  # the state keeps the option until an update without another change
        write(project, typed(kind, option).replace(f"{option}=True", ""))
        up = project.up()
        assert up.result.exit_code == 0, up.output
    live = project.cluster().get_secret(NAMESPACE, "db")
    assert live is not None
    assert live["type"] == "example.com/y"


def test_one_whose_name_comes_from_what_is_deleted_first_goes_with_it_and_comes_back(project: Project) -> None:
    values = project.put("/app/db", "user")
    program = 'ExternalSecret("db", store=store, data=data, target=Thing(SIZE).name)\n'
    write(project, program.replace("SIZE", "1"))
    assert project.up().result.exit_code == 0
    write(project, program.replace("SIZE", "2"))
    preview = project.preview()
    assert preview.changes["db"] == "create-replacement"
    assert NOT_RECORDED not in preview.output
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.secret("db") == values
    assert project.preview().changes == {}


def test_one_with_a_label_from_what_is_deleted_first_stays(project: Project) -> None:
    values = project.put("/app/db", "user")
    program = 'ExternalSecret("db", store=store, data=data, target=Target("db", labels={"a": Thing(SIZE).name}))\n'
    write(project, program.replace("SIZE", "1"))
    assert project.up().result.exit_code == 0
    write(project, program.replace("SIZE", "2"))
    assert project.preview().result.exit_code == 0
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.secret("db") == values
    assert {verb for verb, _ in project.writes()} <= {"patch"}
