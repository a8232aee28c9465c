"""Every example runs as it stands, leaves what it says, and has nothing to do when it runs again.

None breaks a rule of the policy pack, but for those that it says, with the reason in its README.
"""

import re
from pathlib import Path

import pytest

from sandbox.engines import Engine, sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import EXAMPLES, PREVIEW, UP, ExampleFailedError, Run, examples
from tests.end_to_end.engines import ProjectEngine, PulumiCli
from tests.support.paths import ROOT

KNOWN = examples()


def test_they_are_numbered_and_listed() -> None:
    assert list(KNOWN) == [f"{at:02}" for at in range(1, len(KNOWN) + 1)]
    listed = re.findall(r"^\| \[(\d\d)\]\(([\w-]+)/?\) \| (.*) \|$", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert listed == [(number, each.folder.name, each.title) for number, each in KNOWN.items()]
    for number, each in KNOWN.items():
        assert f"python -m sandbox example {number}" in (each.folder / "README.md").read_text()
        assert each.after or each.written or each.made


@pytest.fixture
def chosen(engine: ProjectEngine) -> Engine:
    """The engine that the command line names."""
    return engine.cli if isinstance(engine, PulumiCli) else sandbox_engine()


def rules_broken(run: Run) -> tuple[str, list[str]]:
    """What a preview says under the policy pack, and the rules that it names."""
    try:
        said = run.operate("preview", "--stack", "dev", "--policy-pack", str(ROOT / "policies"))
    except ExampleFailedError as error:
        said = str(error)
    assert "pulumi-parameter-store@" in said, "the pack ran"
    return said, sorted(set(re.findall(r"^ +- \[.*\]  ([a-z-]+)  \(.*\)$", said, re.MULTILINE)))


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted(KNOWN))
def test_it_runs(number: str, chosen: Engine, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        run = Run(KNOWN[number], sandbox, chosen, tmp_path)
        run.operate(*UP)
        assert run.results()
        said, broken = rules_broken(run)
    assert broken == sorted(run.example.breaks), said
    assert not re.search(r"^ [-+~]", said, re.MULTILINE), said
    # Pulumi counts nothing in a preview that a mandatory rule refuses.
    assert "[mandatory]" in said or re.search(r"^Resources:\n +\d+ unchanged$", said, re.MULTILINE)
    readme = (run.example.folder / "README.md").read_text("utf-8")
    assert [rule for rule in broken if f"`{rule}`" not in readme] == []


@pytest.mark.slow
def test_pods_start_again_when_their_secret_changes_and_at_no_other_time(chosen: Engine, tmp_path: Path) -> None:
    """That they do is in test_getting_started.py, which has the same program; here is what preview foresees."""
    with Sandbox() as sandbox:
        run = Run(KNOWN["12"], sandbox, chosen, tmp_path)
        run.operate(*UP)
        assert run.results()
        run.request("DELETE", "secrets", "team-a/db")
        drift = run.operate(*PREVIEW)
        assert "Secret deleted from the cluster" in drift
        assert "Deployment" not in drift, "a repair rolls nothing"
        sandbox.aws.put_parameter("/prod/db/password", "rotated", "SecureString")
        rotation = run.operate(*PREVIEW)
        assert re.search(r"~ revision *: \"[0-9a-f]{16}\" => \[unknown\]", rotation)
        assert "kubernetes:apps/v1:Deployment: (update)" in rotation
