"""What the resource options of a program mean for its resources."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.engine.support import ProjectFactory

pytestmark = pytest.mark.slow

Calls = Callable[[], list[dict[str, Any]]]
IMPORTS = "import pulumi\nfrom things import Thing\nfrom pulumi import ResourceOptions as O\n"


def called(calls: list[dict[str, Any]], *ops: str) -> list[tuple[str, str]]:
    return [(call["op"], call["name"]) for call in calls if call["op"] in ops]


def test_replacement_creates_first_by_default(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(IMPORTS + "Thing('a', size=1)")
    project.up()
    project.write("__main__.py", IMPORTS + "Thing('a', size=2)")
    result, text = project.up()
    assert called(calls(), "create", "delete") == [("create", "a"), ("create", "a"), ("delete", "a")]
    assert result.summary == {"same": 1, "replace": 1}
    assert [event.op for event in result.steps] == ["same", "create-replacement", "replace", "delete-replaced"]
    assert "[diff: ~size]" in text
    assert len(project.names()) == 1


def test_delete_before_replace(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(IMPORTS + "Thing('a', size=1)")
    project.up()
    project.write("__main__.py", IMPORTS + "Thing('a', size=2, opts=O(delete_before_replace=True))")
    project.up()
    assert called(calls(), "create", "delete") == [("create", "a"), ("delete", "a"), ("create", "a")]


def test_children_inherit_whether_they_are_retained(make_project: ProjectFactory, calls: Calls) -> None:
    program = (
        "class Parent(pulumi.ComponentResource):\n"
        "    def __init__(self, opts):\n"
        "        super().__init__('test:index:Parent', 'parent', {}, opts)\n"
        "parent = Parent(O(retain_on_delete=True))\n"
        "Thing('kept', opts=O(parent=parent))\nThing('gone', opts=O(parent=parent, retain_on_delete=False))\n"
    )
    project = make_project(IMPORTS + program)
    project.up()
    project.write("__main__.py", IMPORTS)
    project.up()
    assert called(calls(), "delete") == [("delete", "gone")]


def test_failed_creation_after_an_early_delete_is_made_up_for(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(IMPORTS + "Thing('a', size=1)")
    project.up()
    broken = "Thing('a', size=2, fail=True, opts=O(delete_before_replace=True))"
    project.write("__main__.py", IMPORTS + broken)
    result, _ = project.run("up")
    assert result.exit_code == 1
    assert project.resource("a")["pendingReplacement"] is True
    project.write("__main__.py", IMPORTS + "Thing('a', size=2, opts=O(delete_before_replace=True))")
    project.up()
    assert called(calls(), "create", "delete") == [("create", "a"), ("delete", "a"), ("create", "a"), ("create", "a")]
    assert "pendingReplacement" not in project.resource("a")


def test_failed_deletion_of_a_replaced_resource_is_tried_again(make_project: ProjectFactory) -> None:
    project = make_project(IMPORTS + "Thing('a', size=1)")
    project.up()
    things = (project.root / "things.py").read_text()
    refusing = things.replace('note("delete", name=props["name"])', 'raise Exception("in use")')
    project.write("things.py", refusing)
    project.write("__main__.py", IMPORTS + "Thing('a', size=2)")
    result, _ = project.run("up")
    assert result.exit_code == 1
    assert [item.get("delete", False) for item in project.state()["resources"] if item["urn"].endswith("::a")] == [
        False,
        True,
    ]
    project.write("things.py", things)
    project.up()
    assert len(project.names()) == 1


def test_protected_resources_are_not_replaced(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(IMPORTS + "Thing('a', size=1, opts=O(protect=True))")
    project.up()
    project.write("__main__.py", IMPORTS + "Thing('a', size=2, opts=O(protect=True))")
    result, text = project.run("up")
    assert result.exit_code == 1
    assert "unable to replace resource" in text
    assert called(calls(), "delete") == []


def test_protection_is_lifted_by_an_unchanged_resource(make_project: ProjectFactory) -> None:
    project = make_project(IMPORTS + "Thing('a', opts=O(protect=True))")
    project.up()
    project.write("__main__.py", IMPORTS + "Thing('a')")
    _, text = project.up()
    assert "[diff: ~protect]" in text
    assert "protect" not in project.resource("a")


def test_retained_resources_and_those_deleted_with_another_are_only_forgotten(
    make_project: ProjectFactory, calls: Calls
) -> None:
    program = (
        "a = Thing('a')\nThing('b', opts=O(deleted_with=a))\nThing('kept', opts=O(retain_on_delete=True))\n"
        "c = pulumi.ComponentResource('t:i:C', 'c', opts=O(deleted_with=a))\nThing('inherits', opts=O(parent=c))"
    )
    project = make_project(IMPORTS + program)
    project.up()
    result, text = project.run("destroy")
    assert result.exit_code == 0
    assert "[retain]" in text
    assert called(calls(), "delete") == [("delete", "a")]
    assert project.names() == []


def test_ignored_changes_stay_and_additional_outputs_are_secret(make_project: ProjectFactory, calls: Calls) -> None:
    project = make_project(IMPORTS + "Thing('a', value='one', nested={'x': 1, 'y': 1})")
    project.up()
    options = "opts=O(ignore_changes=['value', 'nested.x'], additional_secret_outputs=['value'])"
    project.write("__main__.py", IMPORTS + f"Thing('a', value='two', nested={{'x': 2, 'y': 2}}, {options})")
    project.up()
    checked = [call["news"] for call in calls() if call["op"] == "check"][-1]
    assert (checked["value"], checked["nested"]) == ("one", {"x": 1, "y": 2})
    assert "ciphertext" in project.resource("a")["outputs"]["value"]


@pytest.mark.parametrize(
    "alias", ["pulumi.Alias(name='old')", "'urn:pulumi:dev::test::pulumi-python:dynamic/test:Thing::old'"]
)
def test_aliased_resources_are_the_same(make_project: ProjectFactory, calls: Calls, alias: str) -> None:
    project = make_project(IMPORTS + "Thing('old', label='x')")
    project.up()
    project.write(
        "__main__.py", IMPORTS + f"Thing('new', label='x', opts=O(aliases=[{alias}], ignore_changes=['name']))"
    )
    result, _ = project.up()
    assert result.summary == {"same": 2}
    assert called(calls(), "create", "delete") == [("create", "old")]
    assert project.names() == ["new"]


def test_children_follow_the_alias_of_their_parent(make_project: ProjectFactory, calls: Calls) -> None:
    group = "class Group(pulumi.ComponentResource):\n    def __init__(self, rn, opts=None):\n"
    group += "        super().__init__('t:i:Group', rn, {}, opts)\n"
    group += "        Thing(rn + '-x', value='v', name='fixed', opts=O(parent=self))\n"
    project = make_project(IMPORTS + group + "Group('old')")
    project.up()
    project.write("__main__.py", IMPORTS + group + "Group('new', opts=O(aliases=[pulumi.Alias(name='old')]))")
    result, _ = project.up()
    assert result.summary == {"same": 3}
    assert called(calls(), "create", "delete") == [("create", "fixed")]


def test_removed_resources_are_deleted_dependents_first(make_project: ProjectFactory, calls: Calls) -> None:
    program = "a = Thing('a')\nb = Thing('b', value=a.name)\nThing('c', opts=O(depends_on=[b]))"
    project = make_project(IMPORTS + program)
    project.up()
    project.write("__main__.py", IMPORTS)
    project.up()
    assert called(calls(), "delete") == [("delete", "c"), ("delete", "b"), ("delete", "a")]


def test_duplicate_names_are_refused(make_project: ProjectFactory) -> None:
    project = make_project(IMPORTS + "Thing('a')\nThing('a')")
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "Duplicate resource URN" in text


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("Thing('a', opts=O(import_='x'))", "the resource option 'import'"),
        ("pulumi.runtime.register_resource_transform(lambda args: None)", "stack transforms"),
        ("Thing('a', opts=O(transforms=[lambda args: None]))", "resource transforms"),
        ("pulumi.ResourceHook('h', lambda args: None)", "resource hooks"),
    ],
)
def test_what_only_the_cli_can_do_is_refused_in_one_line(make_project: ProjectFactory, program: str, what: str) -> None:
    project = make_project(IMPORTS + program)
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert f"error: the sandbox engine does not support {what}" in text
    assert "use the pulumi CLI" in text
    assert "Traceback" not in text
