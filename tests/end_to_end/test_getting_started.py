"""The commands of docs/getting-started.md, run in the sandbox as they stand on the page."""

import base64
import shlex
from pathlib import Path

import pytest

from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import Example, Run
from tests.support.pages import blocks, commands
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "getting-started.md"
ONLY_REAL = (
    "mkdir ",
    "python3 -m venv ",
    ".venv/bin/",
    "pulumi login ",
    "pulumi stack init ",
    "pulumi config ",
    "kubectl ",
)
"""What needs a package index, the real CLIs or a cluster that runs Pods."""


def run_aws(sandbox: Sandbox, words: list[str]) -> None:
    """A command of the aws CLI, which a machine need not have: the same call by its SDK."""
    service, operation, *options = words
    given: dict[str, object] = {}
    for at, word in enumerate(options):
        if word.startswith("--"):
            name = "".join(part.capitalize() for part in word.removeprefix("--").split("-"))
            following = options[at + 1] if at + 1 < len(options) else "--"
            given[name] = True if following.startswith("--") else following
    getattr(sandbox.aws.client(service), operation.replace("-", "_"))(**given)


def test_every_command_that_can_run_here_does_what_the_page_says(tmp_path: Path) -> None:
    program, folder = tmp_path / "page", tmp_path / "run"
    program.mkdir()
    folder.mkdir()
    (program / "__main__.py").write_text(blocks(PAGE, "python")[0])
    (program / "Pulumi.yaml").write_text(blocks(PAGE, "yaml")[0])
    with Sandbox() as sandbox:
        run = Run(Example(program, namespaces=("team-a",)), sandbox, sandbox_engine(), folder)
        printed: list[str] = []
        revisions: list[str] = []
        for command in commands(PAGE):
            words = shlex.split(command)
            if words[0] == "aws":
                run_aws(sandbox, words[1:])
            elif words[0] == "pulumi" and not command.startswith(ONLY_REAL):
                printed.append(run.operate(*words[1:]))
                deployment = run.request("GET", "deployments", "team-a/api")
                if deployment:
                    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
                    revisions.append(annotations["example.com/db-revision"])
                    secret = run.request("GET", "secrets", "team-a/db")
                    assert secret is not None
                    value = base64.b64decode(secret["data"]["password"]).decode()
                    assert value == ("change-me" if len(printed) < 4 else "another-one")
            else:
                assert command.startswith(ONLY_REAL), (
                    f"{command}: neither run here, nor known as for real clusters only"
                )
        first, up, rotation, rotated, again, destroyed = printed
        assert 'password: "/prod/db/password, version 1"' in first
        assert '"/prod/db/password, version 1" => "/prod/db/password, version 2"' in rotation
        assert "Deployment api updated" in rotated
        assert "unchanged" in again
        assert "updated" not in again
        assert "deleted" in destroyed
        assert "created" in up
        assert len(revisions) == 4
        assert revisions[0] == revisions[1] != revisions[2] == revisions[3]
        assert run.request("GET", "secrets", "team-a/db") is None


def test_the_page_s_other_programs_compile() -> None:
    for text in blocks(PAGE, "python"):
        compile(text, str(PAGE), "exec")
