"""A program that Python runs by itself says what to do."""

import subprocess
import sys

from tests.support.paths import ROOT

PROGRAM = """
from components import ExternalSecret, SecretStore
store = SecretStore("team-a", namespace="team-a", region="eu-central-1")
ExternalSecret("db", store=store, data={"password": "/prod/db"})
"""


def test_it_names_the_command() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith(
        "this is a Pulumi program, and Pulumi does not run it; run `pulumi preview`"
    )
