"""Every example runs as it stands, leaves what it says, and has nothing to do when it runs again."""

import re
from pathlib import Path

import pytest

from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import EXAMPLES, PREVIEW, UP, Run, examples

KNOWN = examples()


def test_they_are_numbered_and_listed() -> None:
    assert list(KNOWN) == [f"{at:02}" for at in range(1, len(KNOWN) + 1)]
    listed = re.findall(r"^\| \[(\d\d)\]\(([\w-]+)/?\) \| (.*) \|$", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    assert listed == [(number, each.folder.name, each.title) for number, each in KNOWN.items()]
    for number, each in KNOWN.items():
        assert f"python -m sandbox example {number}" in (each.folder / "README.md").read_text()
        assert each.after or each.written or each.made


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted(KNOWN.keys() - {"12"}))
def test_it_runs(number: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        run = Run(KNOWN[number], sandbox, sandbox_engine(), tmp_path)
        run.operate(*UP)
        assert run.results()
        assert re.search(r"^Resources:\n +\d+ unchanged$", run.operate(*PREVIEW), re.MULTILINE)


@pytest.mark.slow
def test_pods_start_again_when_their_secret_changes_and_at_no_other_time(tmp_path: Path) -> None:
    """That they do is in test_getting_started.py, which has the same program; here is what preview foresees."""
    with Sandbox() as sandbox:
        run = Run(KNOWN["12"], sandbox, sandbox_engine(), tmp_path)
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
