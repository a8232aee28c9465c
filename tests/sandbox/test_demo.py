"""The demo: five moments on half a page, each true; with `--detail` all that the engine prints."""

import re
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def show(*options: str) -> str:
    command = [sys.executable, "-m", "sandbox", "demo", "--engine", "sandbox", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_five_moments_on_half_a_page() -> None:
    shown = show()
    moments = re.split(r"\n\n(?=\d\. )", shown)
    assert len(moments) == 6
    for moment, what in zip(
        moments[1:],
        [
            '     api_token   : "/team-a/api-token, version 1"',
            "1 Secret written",
            '"friendslist, version 1, property name.first" => "friendslist, version 2, property name.first"',
            "key my_name edited in the cluster by kubectl-edit at ",
            'this statement allows it: {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:',
        ],
        strict=True,
    ):
        assert what in moment
    assert len(shown.splitlines()) < 60
    assert "urn:pulumi" not in shown
    assert re.search(
        r"In \d+ s: \d+ calls to AWS, 4 values decrypted, 3 Secrets written; no value in Pulumi's state", shown
    )
    assert not re.search(r"Tom\b|Roger|t0p-s3cret|Mallory", shown)


def test_detail_shows_all_that_the_engine_prints() -> None:
    shown = show("--detail")
    assert "[urn=urn:pulumi:dev::parameter-store::parameterstore:index:SecretStore::team-a]" in shown
    assert "Resources:\n    + 5 created" in shown
