"""What --diff shows of properties and stack outputs, as the Pulumi CLI was seen to show them."""

import re

from sandbox.engine.objectdiff import narrowed, parse_path
from sandbox.engine.printer import Printer, visible_diff
from sandbox.engine.stack_outputs import render_outputs
from sandbox.engine.state import Resource
from sandbox.engine.steps import CREATE, Step
from tests.sandbox.engine.support import ProjectFactory

PROGRAM = """
import pulumi
from things import Thing

Thing("a", value="1", empty="", size="SIZE")
pulumi.export("value", "1")
pulumi.export("long_name", "")
"""


def test_an_empty_input_is_shown_and_an_empty_stack_output_is_not(make_project: ProjectFactory) -> None:
    project = make_project(PROGRAM)
    _, text = project.up(diff=True)
    inputs, _, outputs = text.partition("--outputs:--")
    assert re.search(r'^ +empty +: ""$', inputs, re.MULTILINE), text
    assert "long_name" not in outputs
    # What is left out still counts for the width of the names.
    assert re.search(r'^ +value    : "1"$', outputs, re.MULTILINE), text
    _, text = project.up(diff=True)  # when nothing changes, too
    outputs = text.partition("--outputs:--")[2]
    assert "long_name" not in outputs
    assert re.search(r'^ +value    : "1"$', outputs, re.MULTILINE), text


def test_outputs_that_differ_from_inputs_in_hidden_keys_alone_are_not_shown() -> None:
    urn = "urn:pulumi:dev::test::test:index:Thing::a"
    new = Resource(
        urn,
        "test:index:Thing",
        custom=True,
        inputs={"a": {"__b": "1"}, "c": "1"},
        outputs={"a": {"__b": "2"}, "c": "2"},
    )
    assert render_outputs(Step(CREATE, None, new), CREATE, 1, preview=False).split() == ["c:", '"2"']


def test_a_replacement_of_what_is_retained_says_so(make_project: ProjectFactory) -> None:
    retained = PROGRAM.replace("import Thing\n", "import Thing\n\nO = pulumi.ResourceOptions(retain_on_delete=True)\n")
    retained = retained.replace('size="SIZE"', 'size="SIZE", opts=O')
    project = make_project(retained.replace("SIZE", "1"))
    project.up()
    project.write("__main__.py", retained.replace("SIZE", "2"))
    _, text = project.run("preview", diff=True)
    assert "(replace[retain])" in text


def test_a_replacement_in_an_update_shows_what_its_outputs_became(make_project: ProjectFactory) -> None:
    project = make_project(PROGRAM.replace("SIZE", "1"))
    project.up()
    project.write("__main__.py", PROGRAM.replace("SIZE", "2"))
    _, text = project.up(diff=True)
    replaced = text.partition("(replace)")[2]
    assert re.search(r'~ size *: "1" => "2"', replaced), text


def shown(old: dict[str, object], new: dict[str, object], *paths: str) -> list[str]:
    diff = visible_diff(old, new)
    assert diff is not None
    printer = Printer()
    printer.diff(narrowed(diff, [parse_path(path) for path in paths]) if paths else diff, 1)
    return printer.text().splitlines()


def test_what_is_inside_of_an_item_of_a_list_is_written_two_levels_deeper() -> None:
    old: dict[str, object] = {"list": [{"a": 1, "b": 1}]}
    assert shown(old, {"list": [{"a": 1, "b": 2}, {"c": 3}]}) == [
        "  ~ list: [",
        "      ~ [0]: {",
        "                a: 1",
        "              ~ b: 1 => 2",
        "            }",
        "      + [1]: {",
        "              + c: 3",
        "            }",
        "    ]",
    ]


def test_where_a_provider_names_paths_only_those_are_shown() -> None:
    old: dict[str, object] = {"name": "x", "role": "y", "tags": {"a": "1", "b": "1", "c": "1"}}
    new: dict[str, object] = {"name": "x", "role": "z", "tags": {"a": "2", "b": "2", "c": "1"}}
    assert shown(old, new, "tags.b") == ["  ~ tags: {", '      ~ b: "1" => "2"', "    }"]
    assert shown(old, new, "role") == ['  ~ role: "y" => "z"']
    assert len(shown(old, new, "tags")) == len(shown(old, new)) - 2


def test_a_long_text_is_cut_as_the_cli_does_without_show_full_output() -> None:
    short, long, lines = "a" * 150, "a" * 151, "1\n2\n3\n4"
    assert shown({"x": "-"}, {"x": short}) == [f'  ~ x: "-" => "{short}"']
    assert shown({"x": "-"}, {"x": long}) == [f'  ~ x: "-" => "{short}..."']
    assert shown({}, {"y": lines}) == ['  + y: "1\\n2\\n3\\n..."']
