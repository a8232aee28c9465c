"""The CI examples preview a change, apply the main branch, and hold no static key; an absent linter is not a pass."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.environment import ROOT
from tools.ci_examples.__main__ import EXAMPLES, NOT_RUN

GITHUB, GITLAB = EXAMPLES / "github-actions.yml", EXAMPLES / "gitlab-ci.yml"
WRITES = re.compile(r"pulumi (up|destroy|refresh|import|state|cancel)\b")


def read(path: Path) -> dict[str, Any]:
    # BaseLoader keeps GitHub's key `on`, which YAML 1.1 reads as True.
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - reads text only
    return document


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=lambda path: path.stem)
def test_no_static_keys(path: Path) -> None:
    text = path.read_text("utf-8").lower()
    for word in ("access_key", "access-key", "secrets.", "password", "passphrase", "session_token"):
        assert word not in text


def steps(workflow: dict[str, Any], job: str) -> list[str]:
    return [step["run"] for step in workflow["jobs"][job]["steps"] if "run" in step]


def test_github_previews_pull_requests_of_its_own_and_applies_main() -> None:
    workflow = read(GITHUB)
    crons = [each["cron"] for each in workflow["on"]["schedule"]]
    assert workflow["on"] | {"schedule": []} == {
        "pull_request": "",
        "push": {"branches": ["main"]},
        "schedule": [],
        "workflow_dispatch": workflow["on"]["workflow_dispatch"],
    }
    preview, up, drift = (workflow["jobs"][name] for name in ("preview", "up", "drift"))
    assert "github.event_name == 'pull_request'" in preview["if"]
    assert "head.repo.full_name == github.repository" in preview["if"]
    # Each schedule is one job's, and pull requests never run `up`.
    assert [cron for cron in crons if f"github.event.schedule == '{cron}'" in up["if"]] == crons[:1]
    assert drift["if"] == f"github.event.schedule == '{crons[1]}'"
    assert "pull_request" not in up["if"]
    assert workflow["permissions"] == {"contents": "read"}
    assert preview["permissions"] == {"contents": "read", "id-token": "write", "pull-requests": "write"}
    assert up["permissions"] == drift["permissions"] == {"contents": "read", "id-token": "write"}
    assert up["environment"] == "${{ matrix.stack }}"
    assert up["concurrency"] == {"group": "pulumi-${{ matrix.stack }}", "cancel-in-progress": "false"}
    for job, role in ((preview, "pulumi-preview"), (up, "pulumi-up"), (drift, "pulumi-preview")):
        [login] = [step["with"] for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
        assert login["role-to-assume"] == f"arn:aws:iam::${{{{ matrix.account }}}}:role/{role}"
        assert len(job["strategy"]["matrix"]["include"]) > 1
        assert job["strategy"]["fail-fast"] == "false"
    assert not any(WRITES.search(step) for job in ("preview", "drift") for step in steps(workflow, job))
    assert len([step for step in steps(workflow, "up") if WRITES.search(step)]) == 1


def test_gitlab_previews_merge_requests_and_applies_the_default_branch() -> None:
    pipeline = read(GITLAB)
    preview, up, drift = (pipeline[name] for name in ("preview", "up", "drift"))
    scheduled = '$CI_PIPELINE_SOURCE == "schedule" && $TASK == "drift"'
    assert preview["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert up["rules"] == [{"if": scheduled, "when": "never"}, {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
    assert drift["rules"] == [{"if": scheduled}]
    assert up["resource_group"] == "pulumi-$PULUMI_STACK"
    assert [job["variables"]["ROLE"] for job in (preview, up, drift)] == [
        "pulumi-preview",
        "pulumi-up",
        "pulumi-preview",
    ]
    for job in (preview, up, drift):
        assert job["extends"] == ".stacks"
    assert len(pipeline[".stacks"]["parallel"]["matrix"]) > 1
    assert list(pipeline[".stacks"]["id_tokens"]) == ["AWS_TOKEN"]
    assert not any(WRITES.search(line) for job in (preview, drift) for line in job["script"])
    assert len([line for line in up["script"] if WRITES.search(line)]) == 1


@pytest.mark.parametrize("path", [GITHUB, GITLAB, EXAMPLES / "preview.sh"], ids=lambda path: path.stem)
def test_no_verb_of_this_repository_s_own(path: Path) -> None:
    assert not re.search(r"^\s*(- |run: )?make\b", path.read_text("utf-8"), re.MULTILINE)


def test_the_comment_fits_whatever_it_holds(tmp_path: Path) -> None:
    """GitHub refuses a comment of more than 65,536 characters, and one that is not UTF-8."""
    command = tmp_path / ".venv" / "bin" / "pulumi-parameter-store"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\ncase "$*" in *--diff*) head -c 50000 /dev/zero | tr "\\0" a ;; esac\n')
    (tmp_path / "pulumi").write_text(
        '#!/bin/sh\ncase "$*" in *--json*) ;; *) yes "a\u00fcb\u00df line" | head -n 4000 ;; esac\n'
    )
    for program in (command, tmp_path / "pulumi"):
        program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PULUMI_STACK": "dev"}
    script = ["/bin/bash", str(EXAMPLES / "preview.sh")]
    done = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    comment = (tmp_path / "comment.md").read_text("utf-8")
    assert len(comment) < 65_000
    assert "... (the rest is in the log of the job)" in comment
    assert "**More changes to who may read what than fit here" in comment


def lint(tmp_path: Path, **scripts: str) -> "subprocess.CompletedProcess[str]":
    """Run `make lint-ci` with a PATH that holds these commands alone."""
    for name, script in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    return subprocess.run(
        [sys.executable, "-m", "tools.ci_examples"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_absent_linter_is_not_a_pass(tmp_path: Path) -> None:
    done = lint(tmp_path)
    assert done.returncode == NOT_RUN
    assert "NOT RUN: actionlint" in done.stdout


def test_a_complaint_counts_for_more_than_an_absent_linter(tmp_path: Path) -> None:
    done = lint(tmp_path, actionlint='echo "no good: $1"; exit 3')
    assert done.returncode == 1
    assert f"no good: {GITHUB}" in done.stdout
    assert "FAILED: actionlint" in done.stdout
