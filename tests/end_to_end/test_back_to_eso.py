"""The way back to External Secrets Operator, as docs/moving-from-eso.md has it: nothing is missing for a moment."""

from pathlib import Path

import pytest

from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import UP, Example, Run

pytestmark = pytest.mark.slow

PROGRAM = """
import pulumi
from pulumi_parameter_store import ExternalSecret, PushData, PushSecret, SecretStore

kept = pulumi.ResourceOptions(retain_on_delete=RETAIN)
store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
ExternalSecret("db", store=store, data={"password": "/prod/db"}, opts=kept)
push = [PushData("/prod/out", "key")]
PushSecret("out", stores=[store], secret="given", data=push, deletion_policy="Delete", opts=kept)
"""


def test_what_is_retained_stays_when_it_leaves_the_program_and_after_destroy(tmp_path: Path) -> None:
    program, folder = tmp_path / "program", tmp_path / "run"
    program.mkdir()
    folder.mkdir()
    main = folder / "project" / "__main__.py"
    (program / "__main__.py").write_text(PROGRAM.replace("RETAIN", "False"))
    (program / "Pulumi.yaml").write_text(
        "name: infra\nruntime: {name: python, options: {toolchain: pip, virtualenv: .venv}}\n"
    )
    before = Example(
        program, namespaces=("team-a",), parameters={"/prod/db": "value"}, secrets={"team-a/given": {"key": "value"}}
    )
    with Sandbox() as sandbox:
        run = Run(before, sandbox, sandbox_engine(), folder)
        run.operate(*UP)
        made = run.request("GET", "secrets", "team-a/db")
        assert made
        main.write_text(PROGRAM.replace("RETAIN", "True"))
        run.operate(*UP)
        main.write_text("")
        removed = run.operate("preview", "--diff", "--stack", "dev")
        assert "retain" in removed
        run.operate(*UP)
        run.operate("destroy", "--yes", "--stack", "dev")
        there = run.request("GET", "secrets", "team-a/db")
        assert there
        assert (there["metadata"]["uid"], there["data"]) == (made["metadata"]["uid"], made["data"])
        marks = {name for name in there["metadata"]["annotations"] if name.startswith("pulumi-parameter-store/")}
        assert marks == {"pulumi-parameter-store/owner", "pulumi-parameter-store/versions"}, "those that the page names"
        assert there["metadata"]["labels"].keys() == {"app.kubernetes.io/managed-by"}
        asked = sandbox.aws.client("ssm").get_parameters(Names=["/prod/out"])
        assert len(asked["Parameters"]) == 1
