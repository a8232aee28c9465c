"""The demo: six moments on half a page, each true; with `--detail` all that the engine prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.aws.api import AwsApi
from sandbox.demo import read_parameter
from tests.support.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def show(*options: str) -> str:
    command = [sys.executable, "-m", "sandbox", "demo", "--engine", "sandbox", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_six_moments_on_half_a_page() -> None:
    shown = show()
    moments = re.split(r"\n\n(?=\d\. )", shown)
    assert len(moments) == 7
    for moment, what in zip(
        moments[1:],
        [
            '     api_token   : "/team-a/api-token, version 1"',
            "1 Secret written",
            '"friendslist, version 1, property name.first" => "friendslist, version 2, property name.first"',
            "key my_name edited in the cluster by kubectl-edit at ",
            'this statement allows it: {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:aws:ssm:',
            'create my-first-parameter"\n',
        ],
        strict=True,
    ):
        assert what in moment
    assert re.search(
        r"1 parameter written\n   \$ (aws ssm get-parameter|python: boto3\.).*\n     charmander\n", moments[6]
    )
    assert len(shown.splitlines()) < 60
    assert "   $ pulumi up --yes --skip-preview\n" in shown
    assert "urn:pulumi" not in shown
    assert re.search(
        r"In \d+ s: \d+ calls to AWS, 4 values decrypted, 3 Secrets written, 1 parameter written, 1 Secret deleted; "
        r"no value in Pulumi's state",
        shown,
    )
    assert not re.search(r"Tom\b|Roger|t0p-s3cret|Mallory", shown)


@pytest.mark.parametrize("works", [True, False])
def test_the_pushed_parameter_is_read_by_the_aws_cli_where_one_works(
    aws: AwsApi, tmp_path: Path, *, works: bool
) -> None:
    aws.put_parameter("my-first-parameter", "charmander")
    cli = tmp_path / "aws"
    cli.write_text(
        '#!/bin/sh\n[ "$2 $4" = "get-parameter my-first-parameter" ] && echo by-hand\n'
        if works
        else "#!/bin/sh\nexit 127\n"
    )
    cli.chmod(0o755)
    told, value = read_parameter("my-first-parameter", {"PATH": str(tmp_path)}, aws.client("ssm"))
    assert (told.partition(" ")[0], value) == (("aws", "by-hand") if works else ("python:", "charmander"))
    cli.unlink()
    assert read_parameter("my-first-parameter", {"PATH": str(tmp_path)}, aws.client("ssm"))[1] == "charmander"


def test_detail_shows_all_that_the_engine_prints() -> None:
    shown = show("--detail")
    assert "[urn=urn:pulumi:dev::parameter-store::parameterstore:index:SecretStore::team-a]" in shown
    assert "Resources:\n    + 5 created" in shown
