"""The policy pack over the library's own resources: one refusal, and silence about the identities that it creates."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from policies.rules.catalogue import RULES
from tests.end_to_end.engines import ProjectEngine, PulumiCli
from tests.end_to_end.support import NAMESPACE, Project
from tests.end_to_end.test_push import put_secret
from tests.support.paths import ROOT
from tests.support.policy_examples import PRELUDE, sections

pytestmark = pytest.mark.policy_pack
PROGRAM = """
from components.external_secret import *
from components.parameter_store import *

auth = ServiceAccountAuth(oidc_provider=PROVIDER)
store = SecretStore("team-a", namespace="team-a", region="eu-central-1", auth=auth)
pushes = SecretStore("pushing", namespace="team-a", region="eu-central-1", role=AssumedRole())
db = ExternalSecret("db", store=store, data={"user": RemoteRef("/app/db", property="user")}, data_from=[FIND])
PushSecret("out", stores=[pushes], secret=db.secret_name, data=[PushData("/out/user", "user")])
"""
PACK = (ROOT / "policies",)


def declare(project: Project, provider: str, find: str) -> None:
    project.write_program(PROGRAM.replace("PROVIDER", repr(provider)).replace("FIND", find))


def test_a_mandatory_rule_refuses_and_created_identities_are_fine(project: Project) -> None:
    values = project.put("/app/db", "user")
    iam = project.sandbox.aws.client("iam")
    issuer = {"Url": project.sandbox.kubernetes.issuer, "ClientIDList": ["sts.amazonaws.com"]}
    provider = iam.create_open_id_connect_provider(**issuer)["OpenIDConnectProviderArn"]
    declare(project, provider, "Find(name='db')")
    preview = project.preview(policy_packs=PACK)
    assert preview.result.exit_code == 1
    assert (
        "[mandatory] [severity: high]  find-scope  (pulumi-python:dynamic/parameterstore:SecretSync: db)"
        in preview.output
    )
    assert preview.output.count("[severity: ") == 1
    refused = project.up(policy_packs=PACK)
    assert refused.result.exit_code == 1
    assert "[mandatory] [severity: high]  find-scope" in refused.output
    assert project.cluster().get_secret(NAMESPACE, "db") is None

    declare(project, provider, "Find(path='/app', name='.*')")
    done = project.up(policy_packs=PACK)
    assert done.result.exit_code == 0, done.output
    assert "[severity: " not in done.output, done.output
    written = project.secret("db")
    assert written
    assert written["user"] == values["user"]


GROUPED = """
from components.external_secret import *
from components.parameter_store import *

store = SecretStore("team-a", namespace="team-a", region="eu-central-1", role=AssumedRole(), grouped=True)
ExternalSecret("db", store=store, data_from=[Find(name="db")])
ExternalSecret("more", store=store, data={"user": "/app/db"}, target=Target(adopt=True))
PushSecret("out", stores=[store], secret="db", data=[PushData("/out/user", "user", metadata=PushMetadata("String"))])
"""


def test_a_preview_that_does_not_know_the_role_yet_looks_at_each_of_a_group(project: Project) -> None:
    """No rule saw any of them, and others took what the store grants for a mistake."""
    project.put("/app/db", "user")
    project.write_program(GROUPED)
    preview = project.preview(policy_packs=PACK)
    found = re.findall(r"\[(\w+)\] \[severity: \w+\]  ([a-z-]+)  \(", preview.output)
    assert sorted(found) == [("advisory", "no-foreign-adopt"), ("mandatory", "find-scope"), ("mandatory", "plain-push")]


def test_one_program_breaks_each_rule_once(project: Project, tmp_path: Path) -> None:
    """The bad examples of docs/policies.md together, in a preview."""
    pages = sections()
    for number in range(3):
        project.put("/team-a/db", str(number))
    for name in ("/team-b/db", "/team-a/0", "/team-a/1"):
        project.put(name, "a")
    put_secret(project, "password", name="db")
    project.sandbox.kubernetes.create_namespace("platform")
    config = {rule: given for each in pages for rule, given in each.config.items()}
    config |= {"deletion": {"stacks": ["dev"]}, "cost": {"callsPerMonth": 0}}
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(config), "utf-8")
    shutil.copy(ROOT / "pyproject.toml", project.path)  # which tells the library's version
    project.write_program(PRELUDE + "".join(each.bad for each in pages).replace("range(600)", "range(2)"))
    preview = project.preview(policy_packs=PACK, policy_pack_configs=[file])
    assert preview.result.exit_code == 1
    found = re.findall(r"\[(\w+)\] \[severity: \w+\]  ([a-z-]+)  \(", preview.output)
    assert sorted(found) == sorted((rule.level, rule.name) for rule in RULES), preview.output


WIDE = "pulumi-python:dynamic/parameterstore:ClusterSecretSync"
KEPT = {"target": {"adopt": True}, "namespaces": {"team-a": {"__without": ["target"]}, "team-b": {}}}
STACK = {"urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", "type": "pulumi:pulumi:Stack"}


def test_pulumi_shows_rules_what_a_namespace_does_not_share(engine: ProjectEngine, tmp_path: Path) -> None:
    wide = {"urn": f"urn:pulumi:prod::shop::{WIDE}::wide", "type": WIDE, "custom": True, "id": "1", "outputs": KEPT}
    resources = [STACK, {**wide, "inputs": KEPT, "parent": STACK["urn"]}]
    state = {"version": 3, "deployment": {"manifest": {"time": "2026-11-29T02:00:00Z"}, "resources": resources}}
    (tmp_path / "state.json").write_text(json.dumps(state), "utf-8")
    done = analysed(engine, tmp_path, str(tmp_path / "state.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "namespaces.team-b: target.adopt takes over" in done.stdout


def analysed(engine: ProjectEngine, home: Path, state: str) -> subprocess.CompletedProcess[str]:
    """What `pulumi policy analyze` says of a state; the sandbox's engine has no such verb."""
    if not isinstance(engine, PulumiCli):
        pytest.skip("needs the pulumi CLI: make test-pulumi")
    return subprocess.run(
        [
            engine.cli.command[0],
            "policy",
            "analyze",
            "--policy-pack",
            "policies",
            "--file",
            state,
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": "file:///nowhere",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_pulumi_analyses_a_recorded_state(engine: ProjectEngine, tmp_path: Path) -> None:
    """tests/policies/test_runner.py asks the pack the same."""
    done = analysed(engine, tmp_path, "tests/recorded/policies.json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert sorted(re.findall(r"^ +- \[(\w+)\].*\]  ([a-z-]+)  \(.*: (\w+)\)$", done.stdout, re.MULTILINE)) == [
        ("advisory", "no-foreign-adopt", "one"),
        ("advisory", "no-foreign-adopt", "push"),
        ("mandatory", "plain-push", "push"),
    ]
