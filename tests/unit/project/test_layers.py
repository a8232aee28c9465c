"""Import layers hold: pure core < clients < dynamic providers < components, and nothing knows the sandbox."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.support.paths import ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def test_import_contracts_are_kept() -> None:
    done = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_provider_process_does_not_import_what_costs_seconds() -> None:
    code = (
        "import sys, components.providers.snapshot, components.providers.sync;"
        "print(sorted({'pulumi_aws', 'pulumi_kubernetes', 'boto3', 'botocore', 'moto'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_provider_process_starts_without_clients() -> None:
    code = (
        "import sys, components.providers.snapshot, components.providers.sync;"
        "print(sorted({'components.clients.aws', 'components.clients.kubernetes.client'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_two_modules_have_one_name() -> None:
    names = Counter(file.name for file in (ROOT / "components").rglob("*.py") if not file.name.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []
