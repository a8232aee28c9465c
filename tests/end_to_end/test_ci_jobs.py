"""The jobs of docs/ci, their shell steps as they stand, do what they say with the roles of examples/13-ci-roles."""

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import urllib3
import yaml
from botocore.exceptions import ClientError

from sandbox.engines import sandbox_engine
from sandbox.environment import Sandbox
from sandbox.examples import EXAMPLES, LIBRARY, UP, Example, Run
from sandbox.kubernetes.kubeconfig import kubeconfig_text
from sandbox.kubernetes.tokens import TokenIssuer
from tests.support.canary import leaks
from tests.support.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CI = ROOT / "docs" / "ci"
INSTALL = "python -m venv .venv && .venv/bin/pip install --quiet --requirement requirements.txt"
"""The one step that is not run here, as it needs a package index."""
VALUE = "canary-of-the-first-version"
PROGRAM = """
import pulumi
from pulumi_parameter_store import OUTPUT, ExternalSecret, SecretStore, status_output

store = SecretStore("team-a", namespace="team-a")
db = ExternalSecret("db", store=store, data={"password": "/team-a/db"})
pulumi.export(OUTPUT, status_output({"db": db}))
"""
PULUMI = """#!/bin/sh
if [ "$1 $2" = "stack history" ]; then cat "$HOME/history.json"; exit; fi
PYTHONPATH={root} {python} -c '
import argparse, sys
from sandbox.engine.cli import add_commands
parser = argparse.ArgumentParser()
add_commands(parser.add_subparsers(required=True))
asked = parser.parse_args()
sys.exit(asked.run(asked))' "$@"
code=$?
if [ "$1" = up ]; then
  [ $code = 0 ] && result=succeeded || result=failed
  echo '[{{"kind": "update", "result": "'$result'"}}]' > "$HOME/history.json"
fi
exit $code
"""
AWS = """#!/bin/sh
[ "$1 $2 $3 $4" = "eks update-kubeconfig --name main" ] || {{ echo "no such command: $*" >&2; exit 1; }}
mkdir -p "$HOME/.kube" && cp "$HOME/ci.kubeconfig" "$HOME/.kube/config"
"""
# Keeps comments in a file: `gh api [--paginate] URL --jq ...`; with --field a new one or, by its URL, a changed one.
GH = """#!{python}
import json, os, pathlib, re, sys
assert os.environ["GH_TOKEN"]
kept = pathlib.Path(os.environ["HOME"], "comments.json")
comments = json.loads(kept.read_text()) if kept.exists() else []
said = sys.argv[1:]
url = next(each for each in said if each.startswith("repos/acme/infrastructure/issues/"))
if "--jq" in said:
    first = re.search(r'startswith\\("(.*)"\\)', said[said.index("--jq") + 1])[1]
    print(*[comment["id"] for comment in comments if comment["body"].startswith(first)], sep="\\n")
else:
    name, _, file = said[said.index("--field") + 1].partition("=@")
    body = pathlib.Path(file).read_text()
    if "--method" in said:
        assert (said[said.index("--method") + 1], name) == ("PATCH", "body")
        (comment,) = [each for each in comments if str(each["id"]) == url.rpartition("/")[2]]
        comment["body"] = body
    else:
        comments.append({{"id": len(comments) + 1, "body": body}})
    kept.write_text(json.dumps(comments))
"""


@dataclass
class Repository:
    """A user's repository in a CI's workspace, with the programs that a runner has.

    Attributes:
        sandbox: AWS and the cluster.
        path: the checkout.
        home: the runner's home folder.
        printed: all that jobs printed.
    """

    sandbox: Sandbox
    path: Path
    home: Path
    printed: list[str] = field(default_factory=list)

    def run(self, script: str, environment: Mapping[str, str]) -> int:
        """Run a step."""
        done = subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.path,
            env={**self._environment(), **environment, "PULUMI_BACKEND_URL": f"file://{self.home}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.printed.append(done.stdout)
        return done.returncode

    def _environment(self) -> dict[str, str]:
        own = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "KUBECONFIG", "AWS_REGION", "AWS_DEFAULT_REGION"}
        kept = {key: value for key, value in self.sandbox.environment().items() if key not in own}
        return {**kept, "HOME": str(self.home), "PATH": f"{self.home / 'bin'}:{kept['PATH']}"}

    def act_as(self, name: str) -> None:
        """Be in the cluster who the role is: in the group of its access entry, with that group's rights."""
        shutil.copy(self.home / f"{name}.kubeconfig", self.home / "ci.kubeconfig")

    def put(self, value: str, key: str) -> None:
        """Write the parameter."""
        self.sandbox.aws.put_parameter("/team-a/db", value, KeyId=key)


def make_runner(sandbox: Sandbox, issuer: str, settings: Mapping[str, Any], tmp_path: Path) -> Repository:
    """Have an administrator run the example of the roles, and set up a runner and a repository."""
    example = tmp_path / "example"
    shutil.copytree(EXAMPLES / "13-ci-roles", example)
    stack = yaml.safe_load((example / "Pulumi.dev.yaml").read_text())
    other, key = (sandbox.aws.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    mine = {"stateKey": other, "parameterKey": key, "issuer": issuer, **settings}
    stack["config"] |= {f"ci-roles:{name}": value for name, value in mine.items()}
    (example / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stack))
    admin = tmp_path / "admin"
    admin.mkdir()
    run = Run(Example.read(example), sandbox, sandbox_engine(), admin)
    run.operate(*UP)
    made = Repository(sandbox, tmp_path / "repository", tmp_path / "home")
    sandbox.kubernetes.create_namespace("ci")
    (made.home / "bin").mkdir(parents=True)
    for name in ("preview", "up"):
        accounts = "/api/v1/namespaces/ci/serviceaccounts"
        assert ask(sandbox, "POST", accounts, {"metadata": {"name": name}})
        token = ask(sandbox, "POST", f"{accounts}/{name}/token", {"spec": {}})
        role = ask(sandbox, "GET", f"/apis/rbac.authorization.k8s.io/v1/clusterroles/pulumi-{name}")
        sandbox.kubernetes.grant(f"system:serviceaccount:ci:{name}", role, "team-a")
        config = kubeconfig_text(sandbox.kubernetes.url, {"token": token["status"]["token"]})
        (made.home / f"{name}.kubeconfig").write_text(config)
    for name, text in {"pulumi": PULUMI, "aws": AWS, "gh": GH}.items():
        (made.home / "bin" / name).write_text(text.format(root=ROOT, python=sys.executable))
        (made.home / "bin" / name).chmod(0o755)
    made.path.mkdir()
    (made.path / "__main__.py").write_text(PROGRAM)
    (made.path / "Pulumi.yaml").write_text((example / "Pulumi.yaml").read_text().replace("ci-roles", "infra"))
    (made.path / "Pulumi.dev.yaml").write_text("config: {aws:region: eu-central-1}\n")
    (made.path / "ci").mkdir()
    shutil.copy(CI / "preview.sh", made.path / "ci")
    shutil.copytree(ROOT / "components", made.path / LIBRARY)
    shutil.copytree(ROOT / ".venv/bin", made.path / ".venv/bin", symlinks=True)
    shutil.copy(ROOT / ".venv/pyvenv.cfg", made.path / ".venv")
    (made.path / ".venv/lib").symlink_to((ROOT / ".venv/lib").resolve())
    command = made.path / ".venv/bin/pulumi-parameter-store"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m {LIBRARY} "$@"\n')
    command.chmod(0o755)
    made.put(VALUE, key)
    (made.home / "key").write_text(key)
    return made


def ask(sandbox: Sandbox, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Ask the cluster as its administrator; None where it does not do so."""
    with urllib3.PoolManager(headers={"Authorization": f"Bearer {sandbox.kubernetes.token}"}) as http:
        answer = http.request(method, f"{sandbox.kubernetes.url}{path}", json=body)
    return answer.json() if answer.status < 300 else None


def token_of(issuer: TokenIssuer, subject: str, audience: str) -> str:
    now = int(time.time())
    return issuer.sign(
        {"iss": issuer.issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + 600}
    )


class GitHub:
    """Runs a job of the workflow for the stack dev; only what `uses` an action is played."""

    def __init__(self, sandbox: Sandbox, repository: Repository, issuer: TokenIssuer) -> None:
        self._workflow = yaml.safe_load((CI / "github-actions.yml").read_text())
        self._sandbox, self._repository, self._issuer = sandbox, repository, issuer

    def job(self, name: str, subject: str) -> int:
        """Run a job; returns 1 if a step failed."""
        job = self._workflow["jobs"][name]
        stack = {**job["strategy"]["matrix"]["include"][0], "account": "123456789012", "cluster": "main"}
        known = {
            **{f"matrix.{key}": value for key, value in stack.items()},
            "github.token": "token",
            "github.repository": "acme/infrastructure",
            "github.event.pull_request.number": "7",
            "inputs.force && '1' || ''": "",
        }

        def filled(text: str) -> str:
            return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], text)

        environment = {key: filled(value) for key, value in job["env"].items()}
        code = 0
        for step in job["steps"]:
            if code and "!cancelled()" not in step.get("if", ""):
                continue
            if "configure-aws-credentials" in step.get("uses", ""):
                environment |= self.session(filled(step["with"]["role-to-assume"]), subject)
            elif "run" in step and step["run"] != INSTALL:
                own = {key: filled(value) for key, value in step.get("env", {}).items()}
                code = self._repository.run(filled(step["run"]), environment | own) or code
        return min(code, 1)

    def session(self, role: str, subject: str) -> dict[str, str]:
        token = token_of(self._issuer, subject, "sts.amazonaws.com")
        asked = {"RoleArn": role, "RoleSessionName": "ci", "WebIdentityToken": token}
        keys = self._sandbox.aws.client("sts").assume_role_with_web_identity(**asked)["Credentials"]
        self._repository.act_as(role.rpartition("pulumi-")[2])
        names = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY"}
        return {variable: keys[name] for name, variable in {**names, "SessionToken": "AWS_SESSION_TOKEN"}.items()}


PULL_REQUEST, MAIN, DEV = (
    f"repo:acme/infrastructure:{rest}" for rest in ("pull_request", "ref:refs/heads/main", "environment:dev")
)


def test_github_s_jobs(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        issuer = TokenIssuer("https://token.actions.githubusercontent.com")
        sandbox.aws.publish_keys(issuer.issuer, issuer.jwks)
        repository = make_runner(sandbox, issuer.issuer.removeprefix("https://"), {}, tmp_path)
        github = GitHub(sandbox, repository, issuer)

        def secret() -> Any:
            return ask(sandbox, "GET", "/api/v1/namespaces/team-a/secrets/db")

        # A pull request: the comment says the reasons and who will read what; a push to it changes the comment.
        sandbox.aws.clear_calls()
        assert github.job("preview", PULL_REQUEST) == 0, repository.printed[-1]
        assert not any(call.decrypt for call in sandbox.aws.calls)
        (comment,) = json.loads((repository.home / "comments.json").read_text())
        assert comment["body"].startswith("<!-- preview of dev -->\n### Preview of `dev`\n~~~~text\ndb:\n")
        assert 'password: "/team-a/db, version 1"' in comment["body"]
        access = comment["body"].partition("<details>")[0].rpartition("~~~~")[2]
        assert "/team-a/db" in access
        assert "team-a/db" in access
        assert secret() is None
        (repository.path / "__main__.py").write_text(PROGRAM.replace('"/team-a/db"', '"/team-a/missing"'))
        assert github.job("preview", PULL_REQUEST) == 1
        (comment,) = json.loads((repository.home / "comments.json").read_text())
        assert "### Preview of `dev`: failed" in comment["body"]
        assert "parameter '/team-a/missing' does not exist" in comment["body"]
        (repository.path / "__main__.py").write_text(PROGRAM)

        # The role of pull requests cannot do what `up` does, and nobody else gets that one.
        for subject in (PULL_REQUEST, MAIN):
            with pytest.raises(ClientError, match="AccessDenied"):
                github.job("up", subject)
        session = github.session("arn:aws:iam::123456789012:role/pulumi-preview", PULL_REQUEST)
        up = "pulumi up --yes --skip-preview --non-interactive --stack dev"
        assert repository.run(up, {**session, "AWS_REGION": "eu-central-1"}) == 1
        assert "kms:Decrypt" in repository.printed[-1]
        assert secret() is None
        # What no customer key guards, it can read: IAM does not tell a version from a value.
        sandbox.aws.put_parameter("/team-a/plain", VALUE)
        ssm = sandbox.aws.client("ssm", **{name.lower(): value for name, value in session.items()})
        assert ssm.get_parameters(Names=["/team-a/plain"], WithDecryption=True)["Parameters"][0]["Value"] == VALUE
        with pytest.raises(ClientError, match="AccessDenied"):
            ssm.get_parameters(Names=["/team-a/db"], WithDecryption=True)

        # Merged: the Secret is written. Then somebody rotates the parameter.
        assert github.job("up", DEV) == 0, repository.printed[-2]
        first = secret()
        assert first
        repository.put("canary-of-the-second-version", (repository.home / "key").read_text())
        assert github.job("drift", MAIN) == 1
        assert '"/team-a/db, version 1" => "/team-a/db, version 2"' in repository.printed[-2]
        assert "no changes were expected" in repository.printed[-2]
        # The schedule takes it.
        assert github.job("up", DEV) == 0
        second = secret()
        assert second
        assert second["data"] != first["data"]
        assert not leaks([VALUE, "canary-of-the-second-version"], {"printed": "".join(repository.printed).encode()})


@contextmanager
def gitlab_api() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """GitLab's notes of one merge request: its URL and the notes."""
    notes: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, document: Any) -> None:
            assert self.headers["PRIVATE-TOKEN"] == "project-token"
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> str:
            return parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["body"][0]

        def do_GET(self) -> None:
            self._answer(notes if self.path == "/projects/5/merge_requests/7/notes?per_page=100" else [])

        def do_POST(self) -> None:
            assert self.path == "/projects/5/merge_requests/7/notes"
            notes.append({"id": len(notes) + 1, "body": self._body()})
            self._answer(notes[-1])

        def do_PUT(self) -> None:
            notes[int(self.path.rpartition("/")[2]) - 1]["body"] = self._body()
            self._answer({})

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", notes
        finally:
            server.shutdown()
            thread.join()


def gitlab_job(repository: Repository, name: str, token: str, **variables: str) -> int:
    """Run a job of the pipeline for the stack dev."""
    pipeline = yaml.safe_load((CI / "gitlab-ci.yml").read_text())
    job, stacks = pipeline[name], pipeline[".stacks"]
    known = {**stacks["parallel"]["matrix"][0], "ACCOUNT": "123456789012", "CLUSTER": "main"}
    known |= {
        **job["variables"],
        "CI_PROJECT_DIR": str(repository.path),
        "CI_JOB_ID": "1",
        "AWS_TOKEN": token,
        **variables,
    }
    for key, value in stacks["variables"].items():
        known[key] = re.sub(r"\$(\w+)", lambda found: known[found[1]], value)
    repository.act_as(known["ROLE"].removeprefix("pulumi-"))
    before = [line for line in stacks["before_script"] if line != INSTALL]
    code = repository.run("\n".join([*before, *job["script"]]), known)
    return code or repository.run("\n".join(stacks["after_script"]), known)


def test_gitlab_s_jobs(tmp_path: Path) -> None:
    if not all(map(shutil.which, ("curl", "jq"))):
        pytest.skip("needs curl and jq, as the image of these jobs does")
    host = "gitlab.example.com"
    branch = "project_path:acme/infrastructure:ref_type:branch:ref"
    with Sandbox() as sandbox, gitlab_api() as (url, notes):
        issuer = TokenIssuer(f"https://{host}")
        sandbox.aws.publish_keys(issuer.issuer, issuer.jwks)
        settings = {"audience": issuer.issuer, "previews": [f"{branch}:change"], "ups": [f"{branch}:main"]}
        repository = make_runner(sandbox, host, settings, tmp_path)
        change = token_of(issuer, f"{branch}:change", issuer.issuer)
        request = {"CI_API_V4_URL": url, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "7"}
        assert gitlab_job(repository, "preview", change, **request) == 0, repository.printed
        assert "There is no COMMENT_TOKEN" in repository.printed[-2]
        assert notes == []
        (_, comment, _) = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["preview"]["script"]
        for text in ("first", "second"):
            with (repository.path / "comment.md").open("a") as file:
                file.write(text)
            assert repository.run(comment, {**request, "COMMENT_TOKEN": "project-token"}) == 0, repository.printed[-1]
        (note,) = notes
        assert 'password: "/team-a/db, version 1"' in note["body"]
        assert note["body"].endswith("firstsecond")
        assert gitlab_job(repository, "up", change) == 1
        assert "cannot take role arn:aws:iam::123456789012:role/pulumi-up with the token" in repository.printed[-1], (
            repository.printed[-1]
        )
        main = token_of(issuer, f"{branch}:main", issuer.issuer)
        assert gitlab_job(repository, "up", main) == 0, repository.printed[-2]
        assert not Path(f"{repository.path}.tmp/aws-token").exists()
        assert gitlab_job(repository, "drift", change) == 0, repository.printed[-2]
