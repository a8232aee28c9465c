"""The CI examples preview a change, apply the main branch, and hold no static key; an absent linter is not a pass."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.environment import ROOT
from tools.ci_examples.__main__ import EXAMPLES, NOT_RUN

GITHUB, GITLAB = EXAMPLES / "github-actions.yml", EXAMPLES / "gitlab-ci.yml"
PREVIEW, UP = "pulumi preview --diff --non-interactive", "pulumi up --yes --non-interactive"


def read(path: Path) -> dict[str, Any]:
    # BaseLoader keeps GitHub's key `on`, which YAML 1.1 reads as True.
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - reads text only
    return document


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=lambda path: path.stem)
def test_no_static_keys(path: Path) -> None:
    text = path.read_text("utf-8").lower()
    for word in ("access_key", "access-key", "secrets.", "password", "passphrase", "session_token"):
        assert word not in text


def test_github_previews_pull_requests_of_its_own_and_applies_main() -> None:
    workflow = read(GITHUB)
    assert workflow["on"] == {"pull_request": "", "push": {"branches": ["main"]}}
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    preview, up = workflow["jobs"]["preview"], workflow["jobs"]["up"]
    assert "github.event_name == 'pull_request'" in preview["if"]
    assert "head.repo.full_name == github.repository" in preview["if"]
    assert up["if"] == "github.event_name == 'push'"
    for job, command, role in ((preview, PREVIEW, "pulumi-preview"), (up, UP, "pulumi-up")):
        assert [step["run"] for step in job["steps"] if "pulumi " in step.get("run", "")] == [command]
        [login] = [step["with"] for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
        assert login["role-to-assume"].endswith(f":role/{role}")


def test_gitlab_previews_merge_requests_and_applies_the_default_branch() -> None:
    pipeline = read(GITLAB)
    preview, up = pipeline["preview"], pipeline["up"]
    assert (preview["script"], up["script"]) == ([PREVIEW], [UP])
    assert preview["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert up["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
    assert up["resource_group"] == "pulumi"
    for job in (preview, up):
        assert job["extends"] == ".pulumi"
        assert job["variables"]["AWS_ROLE_ARN"].startswith("arn:aws:iam::")
    assert list(pipeline[".pulumi"]["id_tokens"]) == ["AWS_TOKEN"]


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
