"""Role, parameter and namespace that the program itself creates are not there in the first preview, and are in up."""

import base64

import pytest

from tests.end_to_end.support import Project

pytestmark = pytest.mark.slow

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import SecretStore

namespace = kubernetes.core.v1.Namespace("ns", metadata={"name": "made-here"})
def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})

role = aws.iam.Role("reader", assume_role_policy=document(Action="sts:AssumeRole", Principal={"AWS": "123456789012"}))
policy = aws.iam.RolePolicy("reader", role=role.name, policy=document(Action="ssm:GetParameters", Resource="*"))
parameter = aws.ssm.Parameter("db", name="/made/db", type="String", value=json.dumps({"user": "ann"}))
store = SecretStore("made", namespace=namespace.metadata["name"], region="eu-central-1", role=ROLE)
secret = ExternalSecret("db", store=store, data={"user": RemoteRef(parameter.name, property="user"), "old": "/app/old"})
ExternalSecret("by-name", store=store, data={"all": "/made/db"}, opts=pulumi.ResourceOptions(depends_on=[parameter]))
pulumi.export("secret", secret.secret_name)
pulumi.export("namespace", secret.namespace)
"""


def test_a_role_that_is_not_there_yet_is_said_in_preview(project: Project) -> None:
    project.put("/app/old", "x")
    project.write_program(PROGRAM.replace("ROLE", "policy.id.apply(lambda _: role.arn)"))
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    assert "values are read during up: an input is not known yet" in preview.output
    assert project.reads(decrypt=False) == []
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert [call.operation for call in project.sandbox.aws.calls if call.service == "sts"] == ["AssumeRole"]
    assert project.preview().changes == {}
    assert project.up().changes == {}


def test_a_parameter_and_a_namespace_that_are_not_there_yet_do_not_fail_the_preview(project: Project) -> None:
    project.put("/app/old", "x")
    project.write_program(PROGRAM.replace("ROLE", "None"))
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    assert "/made/db, version known during up, property user" in preview.output
    assert "/app/old, version 1" in preview.output
    up = project.up()
    assert up.result.exit_code == 0, up.output
    written = project.cluster().get_secret("made-here", "by-name")
    assert written is not None
    assert project.preview().changes == {}
    destroyed = project.destroy()
    assert destroyed.result.exit_code == 0, destroyed.output
    assert project.cluster().get_secret("made-here", "db") is None


GROUPED = """
import pulumi
import pulumi_kubernetes as kubernetes
from components import ExternalSecret, PushData, PushSecret, SecretStore

ns = kubernetes.core.v1.Namespace("ns", metadata={"name": "made-here"})
store = SecretStore("made", namespace=NAMESPACE, region="eu-central-1", grouped=GROUPED, opts=OPTIONS)
db = ExternalSecret("db", store=store, data={"all": "/app/old"})
PushSecret("push", stores=[store], secret="db", data=[PushData("/app/pushed", "all")],
           opts=pulumi.ResourceOptions(depends_on=[db]))
"""
BY_NAME = {"NAMESPACE": '"made-here"', "OPTIONS": "pulumi.ResourceOptions(depends_on=[ns])"}
BY_OUTPUT = {"NAMESPACE": 'ns.metadata["name"]', "OPTIONS": "None"}


@pytest.mark.parametrize("in_group", [True, False])
@pytest.mark.parametrize("named", [BY_NAME, BY_OUTPUT], ids=["by-name", "by-output"])
def test_a_namespace_that_the_store_waits_for_does_not_fail_the_preview(
    project: Project, named: dict[str, str], *, in_group: bool
) -> None:
    project.put("/app/old", "x")
    program = GROUPED.replace("GROUPED", str(in_group))
    for word, text in named.items():
        program = program.replace(word, text)
    project.write_program(program)
    preview = project.preview()
    assert preview.result.exit_code == 0, preview.output
    up = project.up()
    assert up.result.exit_code == 0, up.output
    assert project.cluster().get_secret("made-here", "db") is not None
    assert project.preview().changes == {}
    destroyed = project.destroy()
    assert destroyed.result.exit_code == 0, destroyed.output


def put_text(project: Project, text: str) -> None:
    """AWS takes no braces in a parameter."""
    project.sandbox.aws.put_parameter("/app/text", base64.b64encode(text.encode()).decode())


def test_texts_out_of_a_secret_of_the_same_settings_are_waited_for(project: Project) -> None:
    project.put("/app/db", "user")
    put_text(project, "{{ .user }}!")
    project.declare("z", "/app/db", "user")
    source = {"secret": {"name": "texts", "items": [{"key": "t"}]}}
    project.secrets[0]["target"] = {"template": {"templateFrom": [source]}}
    remote = {"secretKey": "t", "remoteRef": {"key": "/app/text", "decodingStrategy": "Base64"}}
    project.secrets.append({"name": "texts", "secretStoreRef": "team-a", "data": [remote]})
    assert project.preview().result.exit_code == 0
    for text in ("!", "?"):
        put_text(project, "{{ .user }}" + text)
        up = project.up()
        assert up.result.exit_code == 0, up.output
        assert (project.secret("z") or {})["t"].endswith(text)
        assert project.preview().changes == {}


def test_a_parameter_that_nobody_makes_fails_the_preview_in_one_line(project: Project) -> None:
    project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.declare("typo", "/app/dbb", "user")
    preview = project.preview()
    assert preview.result.exit_code == 1
    assert "resource 'typo'" in preview.output
    assert "key user:" in preview.output
    assert "/app/dbb" in preview.output
    assert "Traceback" not in preview.output
