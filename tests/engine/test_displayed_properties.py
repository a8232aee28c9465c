"""What --diff shows of properties and stack outputs, as the Pulumi CLI was seen to show them."""

import re

from tests.engine.support import ProjectFactory

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


def test_a_replacement_in_an_update_shows_what_its_outputs_became(make_project: ProjectFactory) -> None:
    project = make_project(PROGRAM.replace("SIZE", "1"))
    project.up()
    project.write("__main__.py", PROGRAM.replace("SIZE", "2"))
    _, text = project.up(diff=True)
    replaced = text.partition("(replace)")[2]
    assert re.search(r'~ size *: "1" => "2"', replaced), text
