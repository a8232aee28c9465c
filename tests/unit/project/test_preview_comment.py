"""The comment that docs/ci/preview.sh writes begins with what matters, and has no traceback that says nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

TRACEBACK = """\
    Traceback (most recent call last):
      File "/bin/pulumi-language-python-exec", line 232, in <module>
        loop.run_until_complete(coro)

    KeyboardInterrupt
    During handling of the above exception, another exception occurred:
    Traceback (most recent call last):
      File "/bin/pulumi-language-python-exec", line 244, in <module>
        executor.shutdown(wait=True)
           ^^^^^^^^^^^^^^
    KeyboardInterrupt
"""
OWN = """\
    Traceback (most recent call last):
      File "/repository/__main__.py", line 2, in <module>
    ZeroDivisionError: division by zero
"""
FAILED = f"""\
Previewing update (dev):
  pulumi:pulumi:Stack: (same)
Diagnostics:
  pulumi:pulumi:Stack (infra-dev):
{TRACEBACK}
{OWN}
  pulumi-python:dynamic/parameterstore:SecretSync (db):
    error: resource 'db' has a problem: parameter '/prod/db' does not exist

Resources:
    2 errored
"""
CHANGED = """\
Previewing update (dev):
  pulumi:pulumi:Stack: (same)
    [urn=urn:pulumi:dev::infra::pulumi:pulumi:Stack::infra-dev]
    ~ aws:iam/role:Role: (update)
        [urn=urn:pulumi:dev::infra::aws:iam/role:Role::other]
      ~ keys: {
          ~ a: "not ours"
        }
    ~ pulumi-python:dynamic/parameterstore:SecretSync: (update)
        [id=team-a/db]
        [urn=urn:pulumi:dev::infra::parameterstore:index:ExternalSecret$pulumi-python:dynamic/parameterstore:SecretSync::db]
      + drift : [
      +     [0]: "key user edited in the cluster by kubectl-edit"
        ]
      ~ keys  : {
          ~ password: "/prod/db, version 1" => "/prod/db, version 2"
        }
        other : {
            thing: 1
        }
Resources:
    ~ 2 to update
"""
PULUMI = """#!/bin/sh
case "$*" in
  *--json*) echo '{}' ;;
  *) cat printed; exit "$(cat code)" ;;
esac
"""
COMMAND = '#!/bin/sh\necho "ACCESS"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in {"bin/pulumi": PULUMI, ".venv/bin/pulumi-parameter-store": COMMAND}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
        file.chmod(0o755)
    return tmp_path


def preview(repository: Path, printed: str, code: int, **environment: str) -> "subprocess.CompletedProcess[str]":
    (repository / "printed").write_text(printed)
    (repository / "code").write_text(str(code))
    kept = {name: value for name, value in os.environ.items() if name not in {"PULUMI_STACK", "POLICIES"}}
    return subprocess.run(
        ["/bin/bash", str(ROOT / "docs" / "ci" / "preview.sh")],
        cwd=repository,
        env={**kept, "PATH": f"{repository / 'bin'}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_errors_come_first_and_the_interrupt_of_the_program_is_left_out(repository: Path) -> None:
    assert preview(repository, FAILED, 255, PULUMI_STACK="dev").returncode == 255
    comment = (repository / "comment.md").read_text()
    assert comment.startswith(
        "<!-- preview of dev -->\n### Preview of `dev`: failed\n~~~~text\n"
        "    error: resource 'db' has a problem: parameter '/prod/db' does not exist\n~~~~\n"
        "Who may read what is not compared"
    )
    assert "KeyboardInterrupt" not in comment
    assert "another exception" not in comment
    assert OWN in comment, "a traceback of the program itself stays"
    assert "2 errored" in comment.partition("<details>")[2]


def test_what_rules_refuse_comes_first(repository: Path) -> None:
    found = "Policies:\n    - [mandatory]  static-keys  (x)\n      they never expire\n\n"
    assert (
        preview(repository, FAILED.replace("Resources:", f"{found}Resources:"), 1, PULUMI_STACK="dev").returncode == 1
    )
    first = (repository / "comment.md").read_text().partition("<details>")[0]
    assert "static-keys" in first
    assert "they never expire" in first


def test_reasons_come_first_and_the_rest_is_folded(repository: Path) -> None:
    done = preview(repository, CHANGED, 0, PULUMI_STACK="dev")
    assert done.returncode == 0, done.stderr
    first, _, rest = (repository / "comment.md").read_text().partition("<details>")
    assert first.splitlines()[2:] == [
        "~~~~text",
        "db:",
        "      + drift : [",
        '      +     [0]: "key user edited in the cluster by kubectl-edit"',
        "        ]",
        "      ~ keys  : {",
        '          ~ password: "/prod/db, version 1" => "/prod/db, version 2"',
        "        }",
        "~~~~",
        "ACCESS",
        "",
    ]
    assert CHANGED in rest


def test_a_preview_without_a_stack_leaves_no_comment_of_an_earlier_run(repository: Path) -> None:
    assert preview(repository, CHANGED, 0, PULUMI_STACK="dev").returncode == 0
    done = preview(repository, CHANGED, 0)
    assert done.returncode != 0
    assert "PULUMI_STACK: set it to the name of the stack" in done.stderr
    assert not (repository / "comment.md").exists()


def test_a_long_preview_fits_in_a_comment(repository: Path) -> None:
    rows = "".join(f'          ~ key{at}: "/prod/db, version 1" => "/prod/db, version 2"\n' for at in range(2000))
    long = CHANGED.replace("          ~ password", f"{rows}          ~ password")
    assert preview(repository, long, 0, PULUMI_STACK="dev").returncode == 0
    comment = (repository / "comment.md").read_text()
    assert len(comment) < 65_536
    assert comment.count("the rest is in the log of the job") == 2
