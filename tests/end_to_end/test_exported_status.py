"""The outputs that `status` reads are exported by nobody else: Pulumi would keep the last one without a word."""

import pytest

from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

PROGRAM = """
import pulumi
from components import ExternalSecret, RemoteRef, SecretStore, export_status

store = SecretStore("team", namespace="team-a", region="eu-central-1")
db = ExternalSecret("db", store=store, data={{"password": RemoteRef("/app/db", property="first")}})
{exports}
"""
OURS = 'export_status({"db": db})'
OWN = 'pulumi.export("externalSecrets", "mine")'
OTHER = 'pulumi.export("mine", db.secret_name)'


@pytest.fixture(autouse=True)
def value(project: Project) -> None:
    project.put("/app/db", "first")


@pytest.mark.parametrize("exports", [(OWN, OURS), (OURS, OWN)], ids=["before", "after"])
def test_another_output_of_the_name_is_refused(project: Project, exports: tuple[str, str]) -> None:
    project.write_program(PROGRAM.format(exports="\n".join(exports)))
    outcome = project.preview()
    assert outcome.result.exit_code == 1
    assert "the program exports another 'externalSecrets', of which Pulumi keeps only the last." in outcome.output
    assert "Traceback" not in outcome.output


def test_other_outputs_are_the_programs_own(project: Project) -> None:
    project.write_program(PROGRAM.format(exports=f"{OURS}\n{OTHER}"))
    assert project.up().result.exit_code == 0, project.history[-1]["output"]
    project.settle()
