"""Where one ExternalSecret of a group fails, what was done to the others stands in the state, whatever comes next."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.end_to_end.support import NAMESPACE, Project
from tests.end_to_end.test_push import done, parameter, put_secret

pytestmark = pytest.mark.slow

PROGRAM = """
from components import ExternalSecret, RemoteRef, SecretStore, Target

store = SecretStore("team", namespace="team-a", region="eu-central-1", grouped=True)
for name, (parameter, key, target) in {declared}.items():
    made = Target(**target)
    ExternalSecret(name, store=store, data={{"password": RemoteRef(parameter, property=key)}}, target=made)
"""

A: Any = ("/app/a", "first", {})
B: Any = ("/app/b", "first", {})


def declare(project: Project, declared: Mapping[str, Any]) -> None:
    project.write_program(PROGRAM.format(declared=dict(declared)))


def there(project: Project) -> dict[str, str]:
    """Name -> value of every Secret that may be there."""
    found = {name: project.secret(name) for name in ("a", "b", "c")}
    return {name: data["password"] for name, data in found.items() if data}


@pytest.fixture
def values(project: Project) -> dict[str, dict[str, str]]:
    """Two ExternalSecrets in a group, and what their parameters hold."""
    made = {name: project.put(f"/app/{name}", "first", "second") for name in ("a", "b")}
    declare(project, {"a": A, "b": B})
    assert project.up().result.exit_code == 0
    return made


def test_a_secret_of_another_name_is_not_left_behind(project: Project, values: dict[str, dict[str, str]]) -> None:
    declare(project, {"a": ("/app/a", "first", {"name": "c"}), "b": ("/app/missing", "first", {})})
    assert project.up().result.exit_code == 1
    assert there(project) == {"c": values["a"]["first"], "b": values["b"]["first"]}
    declare(project, {"b": B})
    assert project.up().result.exit_code == 0
    assert there(project) == {"b": values["b"]["first"]}
    project.settle()


@pytest.mark.parametrize("entry", [("/app/a", "second", {}), ("/app/b", "first", {})], ids=["property", "parameter"])
def test_what_was_written_is_taken_back(project: Project, values: dict[str, dict[str, str]], entry: Any) -> None:
    declare(project, {"a": entry, "b": ("/app/missing", "first", {})})
    assert project.up().result.exit_code == 1
    assert there(project)["a"] == values[entry[0][-1]][entry[1]]
    declare(project, {"a": A, "b": B})
    assert project.up().result.exit_code == 0
    assert there(project) == {name: each["first"] for name, each in values.items()}
    project.settle()


def test_two_that_swap_their_secrets_after_a_refusal(project: Project, values: dict[str, dict[str, str]]) -> None:
    swapped = {"a": ("/app/a", "first", {"name": "b"}), "b": ("/app/b", "first", {"name": "a"})}
    declare(project, swapped)
    assert project.up().result.exit_code == 1
    declare(project, {name: (*entry[:2], {**entry[2], "adopt": True}) for name, entry in swapped.items()})
    assert project.up().result.exit_code == 0, project.history[-1]["output"]
    assert there(project) == {"b": values["a"]["first"], "a": values["b"]["first"]}
    project.settle()


def test_all_are_deleted(project: Project, values: dict[str, dict[str, str]]) -> None:
    declare(project, {"a": ("/app/a", "first", {"name": "c"}), "b": ("/app/missing", "first", {})})
    assert project.up().result.exit_code == 1
    assert there(project) == {"c": values["a"]["first"], "b": values["b"]["first"]}
    assert project.destroy().result.exit_code == 0
    assert there(project) == {}
    assert project.cluster().get_secret_metadata(NAMESPACE, "c") is None


PUSHES = """
from components import PushData, PushSecret, SecretStore

store = SecretStore("team", namespace="team-a", region="eu-central-1", grouped=True)
for name, (key, parameter) in {declared}.items():
    data = [PushData(parameter, key)]
    PushSecret(name, stores=[store], secret="source", data=data, deletion_policy="Delete")
"""


def test_a_parameter_of_another_name_is_not_left_behind(project: Project) -> None:
    values = put_secret(project, "first", "second", name="source")

    def declare_pushes(declared: Mapping[str, Any]) -> None:
        project.write_program(PUSHES.format(declared=dict(declared)))

    def pushed() -> dict[str, str]:
        found = {name: parameter(project, name) for name in ("/app/first", "/app/moved", "/app/second")}
        return {name: value for name, value in found.items() if value is not None}

    declare_pushes({"a": ("first", "/app/first"), "b": ("second", "/app/second")})
    done(project.up())
    declare_pushes({"a": ("first", "/app/moved"), "b": ("missing", "/app/second")})
    assert project.up().result.exit_code == 1
    assert pushed() == {"/app/moved": values["first"], "/app/second": values["second"]}
    declare_pushes({"b": ("second", "/app/second")})
    done(project.up())
    assert pushed() == {"/app/second": values["second"]}
    project.settle()


def test_what_was_done_to_a_hundred_others_is_recorded(project: Project) -> None:
    """The engine is told of it in the trailer of an error, which has limits of its own."""
    project.put("/app/a", "first")
    names = [f"s{number:03}" for number in range(100)]
    declare(project, {name: ("/app/a", "first", {}) for name in names} | {"s050": ("/app/missing", "first", {})})
    assert project.up().result.exit_code == 1
    assert "s050: " in project.history[-1]["output"]
    (group,) = (each for each in project.state() if each["type"].endswith(":SecretGroup"))
    assert len(group["outputs"]["secrets"]) == len(names) - 1
