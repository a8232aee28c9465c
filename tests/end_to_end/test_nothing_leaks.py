"""What is given, read or said wrongly is not printed and not stored: the scan at each test's end looks for it.

Every test lets something fail in which a value stands, so that errors, state and logs all have the occasion to show it.
"""

import base64
import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

TEXTS = (
    "user={{ %s }}",
    "{{ .user | %s }}",
    "{{ .%s }}",
    "{{ $%s }}",
    "{{ .user.%s }}",
    "{{ template %s }}",
    "{{ end %s }}",
    '{{ "a" | printf "%%d" | %s }}',
    '{{ fail "%s" }}',
    "{{ mustToDate `2006` `%s` }}",
    "{{ regexMatch `%s(` .user }}",
    "{{ .user }}\n  {{ `{%s` | mustFromJson }}",
)


@pytest.fixture
def canary(project: Project) -> str:
    """A value that reads like a name, so that nothing but care keeps it from being shown."""
    value = "S3cretPart" + secrets.token_hex(6)
    project.guard(value)
    project.put("/app/db", "user")
    return value


def uses_text(number: int) -> dict[str, Any]:
    data = [{"secretKey": "user", "remoteRef": {"key": "/app/db", "property": "user"}}]
    source = {"secret": {"name": f"tpl{number}", "items": [{"key": "t"}]}}
    target = {"template": {"templateFrom": [source]}}
    return {"name": f"uses{number}", "secretStoreRef": "team-a", "data": data, "target": target}


def keeps_text(number: int) -> dict[str, Any]:
    ref = {"key": f"/tpl/{number}", "decodingStrategy": "Base64"}
    return {"name": f"tpl{number}", "secretStoreRef": "team-a", "data": [{"secretKey": "t", "remoteRef": ref}]}


def test_template_texts_out_of_secrets(project: Project, canary: str) -> None:
    for number in range(len(TEXTS)):
        project.sandbox.aws.put_parameter(f"/tpl/{number}", base64.b64encode(b"{{ .user }}").decode())
        project.secrets += [keeps_text(number), uses_text(number)]
    assert project.up().result.exit_code == 0
    for number, text in enumerate(TEXTS):
        project.sandbox.aws.put_parameter(f"/tpl/{number}", base64.b64encode((text % canary).encode()).decode())
    first = project.up(continue_on_error=True)  # the texts are written; what was made of the old ones is updated next
    second = project.up(continue_on_error=True)
    assert second.result.exit_code == 1
    assert (
        "templateFrom[0] (Secret tpl0, key t), line 1, column 9: there is no function" in first.output + second.output
    )
    project.preview()


def test_a_kubeconfig_s_contents_that_stand_where_its_path_belongs(
    project: Project, canary: str, tmp_path: Path
) -> None:
    contents = {"apiVersion": "v1", "kind": "Config", "users": [{"name": "u", "user": {"token": canary}}]}
    project.write_program(
        "import os\n"
        "import pulumi\n"
        "from components.external_secret import ExternalSecret\n"
        "from components.parameter_store import Cluster, SecretStore\n"
        "cluster = Cluster(kubeconfig=pulumi.Output.secret(os.environ['CONTENTS']))\n"
        "store = SecretStore('team-a', namespace='team-a', region='eu-central-1', cluster=cluster)\n"
        "ExternalSecret('db', store=store, data={'user': '/app/db'})\n"
    )
    project.environment["CONTENTS"] = json.dumps(contents)
    outcomes = [project.preview(), project.up()]
    project.environment["CONTENTS"] = f"apiVersion: v1\nusers:\n- token: {canary}\n  password: *\n"
    for outcome in (*outcomes, project.preview()):
        assert outcome.result.exit_code != 0
        assert "Traceback" not in outcome.output
    for log in (tmp_path / "traces").glob("*.log"):
        log.unlink()  # with -v=9 the CLI itself writes down each input of a provider like ours, a secret one too


@pytest.mark.parametrize(
    "data", ['{"k": value}', '{"k": RemoteRef("/app/db", property=value)}', '{"k": RemoteRef(value, version=value)}']
)
def test_a_secret_that_stands_where_a_name_belongs(project: Project, canary: str, data: str) -> None:
    project.write_program(
        "import os\n"
        "import pulumi\n"
        "from components.external_secret import ExternalSecret, RemoteRef\n"
        "from components.parameter_store import SecretStore\n"
        "value = pulumi.Output.secret(os.environ['VALUE'])\n"
        "store = SecretStore('team-a', namespace='team-a', region='eu-central-1')\n"
        f"ExternalSecret('db', store=store, data={data})\n"
    )
    project.environment["VALUE"] = canary
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code != 0
        assert "Traceback" not in outcome.output
        assert "is a secret Output, but previews, errors and the state show what stands here" in outcome.output


def test_what_a_credential_process_prints(project: Project, canary: str, tmp_path: Path) -> None:
    project.declare("db", "/app/db", "user")
    script = tmp_path / "project" / "credentials"
    for line in (f"echo {canary} >&2; exit 1", f"echo {canary}", f'echo \'{{"Version": "{canary}"}}\''):
        # The value is put together by the script, so that it stands in no file by itself.
        script.write_text("#!/bin/sh\n" + line.replace(canary, f"{canary[:9]}''{canary[9:]}") + "\n")
        script.chmod(0o700)
        config = tmp_path / "aws-config"
        config.write_text(f"[profile odd]\ncredential_process = {script}\n")
        project.environment.update({"AWS_PROFILE": "odd", "AWS_CONFIG_FILE": str(config)})
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            project.environment.pop(name, None)
        outcome = project.preview()
        assert outcome.result.exit_code == 1
        assert "Traceback" not in outcome.output


def test_what_an_exec_plugin_prints(project: Project, canary: str, tmp_path: Path) -> None:
    project.declare("db", "/app/db", "user")
    hidden = f"{canary[:9]}''{canary[9:]}"
    config = json.loads(json.dumps(_kubeconfig(project.sandbox.kubernetes.url)))
    command = f"echo 'password of me is' {hidden} >&2; exit 3"
    block = {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "args": ["-c", command]}
    config["users"][0]["user"] = {"exec": {**block, "interactiveMode": "Never"}}
    (tmp_path / "exec-config").write_text(json.dumps(config))
    project.environment["KUBECONFIG"] = str(tmp_path / "exec-config")
    outcome = project.preview()
    assert outcome.result.exit_code == 1
    assert "exec plugin `/bin/sh` ended with exit code 3" in outcome.output
    assert "Run the command of the kubeconfig's exec block yourself" in outcome.output


def _kubeconfig(server: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": server, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "x", "user": {}}],
    }


def test_an_environment_that_wants_everything_logged(project: Project, canary: str, tmp_path: Path) -> None:
    project.declare("db", "/app/db", "user")
    project.secrets += [keeps_text(0), uses_text(0)]
    project.sandbox.aws.put_parameter("/tpl/0", base64.b64encode(f"{{{{ {canary} }}}}".encode()).decode())
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import logging, sys\nlogging.basicConfig(level=logging.DEBUG, stream=sys.stderr)\n"
        "logging.getLogger('botocore').setLevel(logging.DEBUG)\n"
    )
    project.environment.update(
        {
            "PYTHONPATH": str(folder),
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONDEVMODE": "1",
            "PYTHONWARNINGS": "default",
            "PYTHONFAULTHANDLER": "1",
            "AWS_DEBUG": "1",
            "GRPC_VERBOSITY": "debug",
        }
    )
    project.up(continue_on_error=True)
    outcome = project.up(continue_on_error=True)
    assert "urllib3" in outcome.output  # the level is low enough to show what is not held back
    assert project.secret("db") is not None


def test_urls_with_passwords(project: Project, canary: str) -> None:
    project.declare("db", "/app/db", "user")
    for name, value in (
        ("AWS_SSM_ENDPOINT", f"http://me:{canary}@127.0.0.1:1"),
        ("HTTPS_PROXY", f"socks5://me:{canary}@127.0.0.1:1"),
    ):
        before = dict(project.environment)
        project.environment[name] = value
        project.environment.pop("NO_PROXY", None)
        assert "Traceback" not in project.preview().output
        project.environment.clear()
        project.environment.update(before)
