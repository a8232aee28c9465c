"""Exec plugins such as `aws eks get-token`: what they are told, when they run, and that their failure is ours."""

import functools
import json
import sys
import textwrap
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes import exec_plugin
from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import CredentialsError, UnauthorizedError
from components.clients.waiting import Waiting
from tests.unit.kubernetes_client.support import OK, Authority, FakeTime, Received, Reply, Stub, b64, load, refusal

Serve = Callable[..., Stub]
Connect = Callable[..., KubernetesClient]

V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"
UNAUTHORIZED = refusal(401, "Unauthorized", "Unauthorized")

# Prints answer.json with %N% replaced by the number of the run; `stderr.txt`, if there, makes it fail.
PLUGIN = """
    import json, os, pathlib, sys
    here = pathlib.Path(sys.argv[1])
    with open(here / "runs", "a") as runs:
        runs.write(json.dumps({"info": os.environ.get("KUBERNETES_EXEC_INFO"), "env": os.environ.get("PLUGIN_ENV"),
                               "inherited": os.environ.get("INHERITED"), "args": sys.argv[2:]}) + "\\n")
    number = len((here / "runs").read_text().splitlines())
    if (here / "stderr.txt").exists():
        sys.stderr.write((here / "stderr.txt").read_text())
        sys.exit(255)
    print((here / "answer.json").read_text().replace("%N%", str(number)))
"""


@dataclass
class Plugin:
    """A plugin in a folder of its own."""

    folder: Path
    version: str = V1

    def answer(self, status: Mapping[str, Any] | None = None, **changes: Any) -> None:
        document = {"kind": "ExecCredential", "apiVersion": self.version, "status": status or {"token": "token-%N%"}}
        (self.folder / "answer.json").write_text(json.dumps(document | changes))

    def fail(self, stderr: str) -> None:
        (self.folder / "stderr.txt").write_text(stderr)

    def recover(self) -> None:
        (self.folder / "stderr.txt").unlink()

    @property
    def runs(self) -> list[dict[str, Any]]:
        file = self.folder / "runs"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def user(self, **changes: Any) -> dict[str, Any]:
        args = ["-IS", str(self.folder / "plugin.py"), str(self.folder)]
        block = {"apiVersion": self.version, "command": sys.executable, "args": args, "interactiveMode": "IfAvailable"}
        return {"exec": block | changes}


@pytest.fixture(params=[V1, V1BETA1])
def any_plugin(tmp_path: Path, request: pytest.FixtureRequest) -> Plugin:
    return make_plugin(tmp_path, request.param)


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return make_plugin(tmp_path, V1)


def make_plugin(tmp_path: Path, version: str) -> Plugin:
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "plugin.py").write_text(textwrap.dedent(PLUGIN))
    plugin = Plugin(folder, version)
    plugin.answer()
    return plugin


def tokens(stub: Stub) -> list[str]:
    return [request.headers["Authorization"].removeprefix("Bearer ") for request in stub.requests]


def rejecting(*rejected: str) -> Callable[[Received], Reply]:
    return lambda request: UNAUTHORIZED if request.headers["Authorization"].endswith(rejected) else OK


def expires(time: FakeTime, seconds: float) -> dict[str, str]:
    moment = datetime.fromtimestamp(time.seconds + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"token": "token-%N%", "expirationTimestamp": moment}


def test_token_is_used_and_kept(tmp_path: Path, serve: Serve, connect: Connect, any_plugin: Plugin) -> None:
    stub = serve()
    client = connect(load(tmp_path, stub.url, user=any_plugin.user()))
    assert any_plugin.runs == []  # neither loading nor constructing runs it
    client.get_secret("team-a", "db")
    client.get_secret("team-a", "db")
    assert tokens(stub) == ["token-1", "token-1"]
    assert len(any_plugin.runs) == 1


def test_what_the_plugin_is_told(tmp_path: Path, serve: Serve, connect: Connect, any_plugin: Plugin) -> None:
    stub = serve()
    user = any_plugin.user(env=[{"name": "PLUGIN_ENV", "value": "yes"}])
    user["exec"]["args"] += ["--cluster", "prod"]
    connect(load(tmp_path, stub.url, user=user, environ={"INHERITED": "too"})).get_secret("team-a", "db")
    (run,) = any_plugin.runs
    assert json.loads(run["info"]) == {
        "kind": "ExecCredential",
        "apiVersion": any_plugin.version,
        "spec": {"interactive": False},
    }
    assert (run["env"], run["inherited"], run["args"]) == ("yes", "too", ["--cluster", "prod"])


def test_cluster_is_told_where_the_plugin_asks_for_it(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, authority: Authority
) -> None:
    stub = serve(context=authority.server_context(tmp_path, "kubernetes.internal"))
    (tmp_path / "ca.pem").write_text(authority.pem)
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}
    cluster = {
        "certificate-authority": "ca.pem",
        "tls-server-name": "kubernetes.internal",
        "extensions": [{"name": "other", "extension": 1}, extension],
    }
    connection = load(tmp_path, stub.url, cluster=cluster, user=plugin.user(provideClusterInfo=True))
    connect(connection).get_secret("team-a", "db")
    assert json.loads(plugin.runs[0]["info"])["spec"]["cluster"] == {
        "server": stub.url,
        "tls-server-name": "kubernetes.internal",
        "certificate-authority-data": b64(authority.pem),
        "config": {"audience": "x"},
    }


def test_client_certificate_from_the_plugin_and_its_renewal(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, authority: Authority, time: FakeTime
) -> None:
    stub = serve(context=authority.server_context(tmp_path, "127.0.0.1", client_certificates=True))
    cluster = {"certificate-authority-data": b64(authority.pem)}
    client = connect(load(tmp_path, stub.url, cluster=cluster, user=plugin.user(), clock=time.clock))
    for name in ("jane", "joan"):
        issued = authority.issue(name)
        status = {"clientCertificateData": issued.chain, "clientKeyData": issued.key}
        plugin.answer(status | {"expirationTimestamp": expires(time, 900)["expirationTimestamp"]})
        client.get_secret("team-a", "db")
        time.sleep(1000)
    assert [request.peer_certificate for request in stub.requests] == ["jane", "joan"]


def test_failure_is_an_error_with_the_plugins_words_and_never_anonymous(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin
) -> None:
    stub = serve()
    plugin.fail("Error when retrieving token from sso: Token has expired and refresh failed\n")
    client = connect(load(tmp_path, stub.url, user=plugin.user()))
    with pytest.raises(CredentialsError, match="exit code 255: Error when retrieving token from sso: Token has exp"):
        client.get_secret("team-a", "db")
    assert stub.requests == []


def test_failure_of_aws_advises_a_login_for_its_profile(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin
) -> None:
    plugin.fail("expired")
    aws = plugin.folder / "aws"
    aws.symlink_to(sys.executable)
    user = plugin.user(command=str(aws), env=[{"name": "AWS_PROFILE", "value": "prod"}])
    with pytest.raises(CredentialsError, match="run `aws sso login --profile prod`"):
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")


def test_arguments_are_not_shown(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    plugin.fail("no")
    user = plugin.user()
    user["exec"]["args"] += ["--client-secret", "canary"]
    with pytest.raises(CredentialsError) as caught:
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")
    assert "canary" not in str(caught.value)


def test_failure_is_shared_for_a_moment_and_then_tried_again(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, time: FakeTime
) -> None:
    stub = serve()
    plugin.fail("expired")
    client = connect(load(tmp_path, stub.url, user=plugin.user(), clock=time.clock))
    for _ in range(3):
        with pytest.raises(CredentialsError, match="expired"):
            client.get_secret("team-a", "db")
    assert len(plugin.runs) == 1
    plugin.recover()
    time.sleep(10)
    client.get_secret("team-a", "db")
    assert tokens(stub) == ["token-2"]


def test_missing_program_shows_the_install_hint(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    user = plugin.user(command="no-such-program", installHint="Install it from example.com")
    with pytest.raises(CredentialsError, match=r"no-such-program.*cannot be run.*Install it from example.com"):
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")


@pytest.mark.parametrize("before", [250, 270, 280, 285, 290])
def test_a_long_install_hint_is_cut_without_a_password(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, before: int
) -> None:
    hint = f"{'x' * before} https://me:canary@example.com/install"
    user = plugin.user(command="no-such-program", installHint=hint)
    with pytest.raises(CredentialsError) as raised:
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")
    assert "can" not in str(raised.value).partition("xxx")[2]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("aws", "exec plugin `aws` cannot be run: it is not on PATH. Install it, or name its full path"),
        ("aws-iam-authenticator", "it is not on PATH. Install it"),
        ("gke-gcloud-auth-plugin", "it is not on PATH. Install it"),
        ("/no/such/aws", "exec plugin `/no/such/aws` cannot be run: it does not exist. Install it"),
        ("./aws", "cannot be run: Permission denied. Check that it is an executable of this machine"),
        ("./script", "cannot be run: No such file or directory. Check that it is an executable of this machine"),
    ],
)
def test_a_plugin_that_cannot_be_started_is_not_a_session_that_has_expired(
    tmp_path: Path,
    serve: Serve,
    connect: Connect,
    plugin: Plugin,
    command: str,
    why: str,
) -> None:
    (tmp_path / "aws").write_text("")
    (tmp_path / "script").write_text("#!/no/such/interpreter\n")
    (tmp_path / "script").chmod(0o700)
    user = plugin.user(command=command, env=[{"name": "PATH", "value": str(tmp_path / "empty")}])
    with pytest.raises(CredentialsError) as caught:
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")
    assert why in str(caught.value)
    assert "log in" not in str(caught.value)
    assert "sso" not in str(caught.value)


def test_plugin_that_hangs_is_stopped(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exec_plugin, "_TIME_LIMIT", 0.3)
    user = plugin.user(args=["-IS", "-c", "import threading; threading.Event().wait()"])
    with pytest.raises(CredentialsError, match="did not end within"):
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")


def test_plugin_that_takes_long_is_told_of(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(exec_plugin, "_TIME_LIMIT", 0.4)
    monkeypatch.setattr(exec_plugin, "Waiting", functools.partial(Waiting, every=0.1))
    user = plugin.user(args=["-IS", "-c", "import threading; threading.Event().wait()", "--secret", "canary"])
    with pytest.raises(CredentialsError, match="was ended"):
        connect(load(tmp_path, serve().url, user=user, progress=told.append)).get_secret("team-a", "db")
    assert told[0] == f"waiting for the kubeconfig's exec plugin `{sys.executable}` (0 s so far)"
    assert "canary" not in "".join(told)


def test_plugin_that_prints_without_end(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    user = plugin.user(args=["-IS", "-c", "while True: print('canary' * 10000)"])
    with pytest.raises(CredentialsError, match="printed more than any credentials can be") as caught:
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")
    assert "canary" not in str(caught.value)


def test_argument_with_a_nul_character(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    user = plugin.user(args=["can\x00ary"])
    with pytest.raises(CredentialsError, match="NUL character"):
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")


def test_variable_whose_name_no_environment_takes(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin
) -> None:
    user = plugin.user(env=[{"name": "A=B", "value": "canary"}])
    with pytest.raises(CredentialsError, match="or a variable's name '='") as caught:
        connect(load(tmp_path, serve().url, user=user)).get_secret("team-a", "db")
    assert "canary" not in str(caught.value)


def test_relative_program_starts_at_the_kubeconfig(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin
) -> None:
    (plugin.folder / "python").symlink_to(sys.executable)
    stub = serve()
    connect(load(tmp_path, stub.url, user=plugin.user(command="./plugin/python"))).get_secret("team-a", "db")
    assert tokens(stub) == ["token-1"]


def test_answer_too_deep_to_read(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    (plugin.folder / "answer.json").write_text("[" * 100_000)
    with pytest.raises(CredentialsError, match="did not print an ExecCredential"):
        connect(load(tmp_path, serve().url, user=plugin.user())).get_secret("team-a", "db")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": None}, "did not print an ExecCredential"),
        ({"status": {"token": ""}}, "neither a token nor a client certificate"),
        ({"status": {"clientCertificateData": "canary"}}, "neither a token nor a client certificate"),
        ({"status": {"token": "can ary"}}, "is not a token"),
        ({"status": {"token": "canary", "expirationTimestamp": "soon"}}, "did not print an ExecCredential"),
        ({"status": {"token": "canary", "expirationTimestamp": 5}}, "did not print an ExecCredential"),
        (
            {"status": {"token": "canary", "expirationTimestamp": "0001-01-01T00:00:00+14:00"}},
            "did not print an ExecCredential",
        ),
        ({"status": {"token": 5}}, "did not print an ExecCredential"),
        ({"status": {"token": ["canary"]}}, "did not print an ExecCredential"),
        ({"status": {"clientCertificateData": {"canary": 1}, "clientKeyData": 5}}, "did not print an ExecCredential"),
        ({"status": ["canary"]}, "did not print an ExecCredential"),
        ({"apiVersion": ["canary"]}, "answered in another version, but"),
        ({"apiVersion": V1BETA1}, "answered in .*v1beta1, but the kubeconfig asks for .*v1"),
    ],
)
def test_useless_answer_is_an_error_and_is_not_shown(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, changes: dict[str, Any], text: str
) -> None:
    stub = serve()
    plugin.answer(**changes) if "status" not in changes else (plugin.folder / "answer.json").write_text(
        json.dumps({"apiVersion": V1, "kind": "ExecCredential"} | changes)
    )
    with pytest.raises(CredentialsError, match=text) as caught:
        connect(load(tmp_path, stub.url, user=plugin.user())).get_secret("team-a", "db")
    assert stub.requests == []
    assert "ary" not in str(caught.value)


def test_token_of_the_user_entry_wins(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    stub = serve()
    connect(load(tmp_path, stub.url, user=plugin.user() | {"token": "fixed"})).get_secret("team-a", "db")
    assert tokens(stub) == ["fixed"]


def test_rejected_token_runs_it_again_once(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    stub = serve(rejecting("token-1"))
    client = connect(load(tmp_path, stub.url, user=plugin.user()))
    client.get_secret("team-a", "db")
    client.get_secret("team-a", "db")
    assert tokens(stub) == ["token-1", "token-2", "token-2"]


def test_rejected_twice_is_unauthorized(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, time: FakeTime
) -> None:
    stub = serve([UNAUTHORIZED])
    client = connect(load(tmp_path, stub.url, user=plugin.user(), clock=time.clock))
    for _ in range(2):
        with pytest.raises(UnauthorizedError):
            client.get_secret("team-a", "db")
    # The second call comes at once and does not run it a third time.
    assert tokens(stub) == ["token-1", "token-2", "token-2"]
    assert len(plugin.runs) == 2


def test_renewed_a_minute_before_it_expires(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, time: FakeTime
) -> None:
    stub = serve()
    plugin.answer(expires(time, 900))
    client = connect(load(tmp_path, stub.url, user=plugin.user(), clock=time.clock))
    client.get_secret("team-a", "db")
    time.sleep(839)
    client.get_secret("team-a", "db")
    time.sleep(2)
    client.get_secret("team-a", "db")
    assert tokens(stub) == ["token-1", "token-1", "token-2"]


def test_short_lived_token_is_not_fetched_for_every_request(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, time: FakeTime
) -> None:
    plugin.answer(expires(time, 30))
    client = connect(load(tmp_path, serve().url, user=plugin.user(), clock=time.clock))
    for _ in range(10):
        client.get_secret("team-a", "db")
    assert len(plugin.runs) == 1
    time.sleep(16)
    plugin.answer(expires(time, 30))
    client.get_secret("team-a", "db")
    assert len(plugin.runs) == 2


def test_token_that_seems_expired_when_it_comes_is_left_to_the_server(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, time: FakeTime
) -> None:
    plugin.answer(expires(time, -3600))
    client = connect(load(tmp_path, serve().url, user=plugin.user(), clock=time.clock))
    for _ in range(3):
        client.get_secret("team-a", "db")
    assert len(plugin.runs) == 1


def test_sixteen_threads_share_one_run_at_first_at_expiry_and_after_a_rejection(
    tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin, time: FakeTime
) -> None:
    barrier = threading.Barrier(16)

    def together(client: KubernetesClient) -> None:
        barrier.wait()
        client.get_secret("team-a", "db")

    stub = serve(rejecting("token-2"))
    plugin.answer(expires(time, 900))
    client = connect(load(tmp_path, stub.url, user=plugin.user(), clock=time.clock))
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(together, [client] * 16))
        assert set(tokens(stub)) == {"token-1"}
        assert len(plugin.runs) == 1
        time.sleep(900)
        plugin.answer()
        list(threads.map(together, [client] * 16))  # token-2 at expiry, rejected for all, then token-3
    assert len(plugin.runs) == 3
    assert tokens(stub).count("token-3") == 16


def test_sixteen_threads_share_one_failure(tmp_path: Path, serve: Serve, connect: Connect, plugin: Plugin) -> None:
    plugin.fail("expired")
    client = connect(load(tmp_path, serve().url, user=plugin.user()))

    def attempt(_: int) -> str:
        with pytest.raises(CredentialsError) as caught:
            client.get_secret("team-a", "db")
        return str(caught.value)

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(attempt, range(16)))) == 1
    assert len(plugin.runs) == 1
