"""`make lint-ci`: the CI examples in docs/ci under their linters; one that is absent is named, not passed over."""

# ruff: noqa: T201 - a command

import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.environment import ROOT

EXAMPLES = ROOT / "docs" / "ci"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
NOT_RUN = 77


def linters(folder: Path = EXAMPLES) -> dict[str, list[str] | None]:
    """Linter -> its command line, or None where it is not installed."""
    actionlint, go = shutil.which("actionlint"), shutil.which("go")
    beside = ROOT / ".venv-docs" / "bin" / "check-jsonschema"
    check = str(beside) if beside.exists() else shutil.which("check-jsonschema")
    github, gitlab = str(folder / "github-actions.yml"), str(folder / "gitlab-ci.yml")
    command = [actionlint] if actionlint else [go, "run", ACTIONLINT] if go else None

    def schema(name: str, file: str) -> list[str] | None:
        return [check, "--builtin-schema", name, file] if check else None

    return {
        "actionlint (needs actionlint or go)": command and [*command, github],
        "GitHub's schema (needs check-jsonschema)": schema("vendor.github-workflows", github),
        "GitLab's schema (needs check-jsonschema)": schema("vendor.gitlab-ci", gitlab),
    }


def main() -> int:
    """Run what there is; 0 all passed, 1 one complained, 77 one is not there."""
    codes = []
    for name, command in linters().items():
        code = NOT_RUN if command is None else min(subprocess.run(command, cwd=ROOT, check=False).returncode, 1)
        print(f"lint-ci: {({0: 'passed', NOT_RUN: 'NOT RUN'}).get(code, 'FAILED')}: {name}", flush=True)
        codes.append(code)
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main())
