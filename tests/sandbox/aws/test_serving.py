"""How it is served: one per process, empty at start, kept-alive connections, and as a process of its own."""

import os
import subprocess
import sys

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError

from sandbox.aws import AwsApi


def test_second_one_in_a_process_is_refused(aws: AwsApi) -> None:
    assert aws.url.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="another AwsApi"), AwsApi():
        pass


def test_reset_forgets_resources_and_calls(aws: AwsApi) -> None:
    aws.put_parameter("/db", "v")
    aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    aws.reset()
    assert aws.calls == []
    assert aws.client("iam").list_roles()["Roles"] == []
    assert aws.client("ssm").get_parameters(Names=["/db"])["InvalidParameters"] == ["/db"]


@pytest.mark.parametrize("region", ["eu-central-9", "mars-north-1"])
def test_a_region_that_does_not_exist_is_an_answer(aws: AwsApi, capfd: pytest.CaptureFixture[str], region: str) -> None:
    client = boto3.client(
        "ssm", region, endpoint_url=aws.url, aws_access_key_id="AKIASANDBOX000000000", aws_secret_access_key="sandbox"
    )
    with pytest.raises(ClientError, match=f"UnknownRegion.*AWS has no region {region}"):
        client.get_parameters(Names=["/db"])
    assert capfd.readouterr().err == ""


def test_connection_is_kept_alive(aws: AwsApi) -> None:
    with urllib3.HTTPConnectionPool("127.0.0.1", int(aws.url.rpartition(":")[2]), maxsize=1) as pool:
        for _ in range(5):
            assert pool.request("GET", "/sandbox/calls").status == 200
        assert pool.num_connections == 1


def test_environment_configures_an_sdk(aws: AwsApi) -> None:
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = {"PATH": os.environ["PATH"], **aws.environment()}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == aws.account


def test_own_process_prints_its_url_and_stops_when_told() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.aws", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with urllib3.PoolManager() as http:
            assert http.request("GET", f"{url}/sandbox/calls").json() == []
        process.terminate()
        stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (0, "", "")


def test_help_explains_itself() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "sandbox.aws", "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "/sandbox/faults" in run.stdout
