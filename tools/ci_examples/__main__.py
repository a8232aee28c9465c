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


def linters() -> dict[str, list[str] | None]:
    """Linter -> its command line, or None where it is not installed."""
    actionlint, go = shutil.which("actionlint"), shutil.which("go")
    beside = Path(sys.executable).with_name("check-jsonschema")
    schema = str(beside) if beside.exists() else shutil.which("check-jsonschema")
    workflow = str(EXAMPLES / "github-actions.yml")
    command = [actionlint] if actionlint else [go, "run", ACTIONLINT] if go else None
    return {
        "actionlint (needs actionlint or go)": command and [*command, workflow],
        "GitLab's schema (needs check-jsonschema)": schema
        and [schema, "--builtin-schema", "vendor.gitlab-ci", str(EXAMPLES / "gitlab-ci.yml")],  # type: ignore[dict-item]
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
