"""`python -m components status` shows a stack's ExternalSecrets as kubectl would, and says clearly why it cannot."""

import io
import itertools
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

import components
from components import __main__ as command_line
from components.__main__ import main
from components.core.stack_updates import unfinished_update
from components.core.status_table import age, read_rows, table
from components.errors import SpecError
from components.manifests import declare, read_manifests
from components.push_secret import PushSecret
from components.status import push_status_output, status_output
from tests.components.manifest_objects import secret, store
from tests.components.support import declare as run_program
from tests.components.support import resolved
from tests.support.paths import ROOT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DB = {
    "secret": "db",
    "namespace": "team-a",
    "store": "team-a/store",
    "status": "SecretSynced",
    "message": "secret synced",
    "refreshTime": "2026-11-24T10:00:00+00:00",
    "versions": {"/prod/db": 3.0, "a": 1.0, "b": 2.0, "c": 1.0},
}
UNKNOWN: str = rpc.UNKNOWN
LOST = {"namespace": "team-b", "store": "store"} | dict.fromkeys(("secret", "status", "message", "versions"), UNKNOWN)
OUTPUTS = {
    "externalSecrets": {"lost": LOST, "team-a/db": DB, "api": {"namespace": "team-0", "store": "shared"}},
    "other": 1,
}


def test_the_table_is_in_kubectl_s_style() -> None:
    assert table(read_rows(OUTPUTS), NOW) == [
        "NAMESPACE   NAME   STORE    SECRET   STATUS              READY     LAST SYNC   VERSIONS",
        "team-0      api    shared   <none>   <none>              Unknown   <none>      <none>",
        "team-a      db     store    db       SecretSynced        True      120m        /prod/db:3,a:1,b:2 + 1 more...",
        "team-b      lost   store    <none>   SecretSyncedError   False     <none>      <none>",
    ]


def test_a_cluster_wide_kind_has_a_row_for_each_namespace_or_one_that_says_that_it_failed() -> None:
    told = {
        "secret": "db",
        "store": "all",
        "status": {"team-a": "SecretSynced", "team-b": "SecretSynced"},
        "message": {"team-a": "secret synced", "team-b": "secret synced"},
        "refreshTime": dict.fromkeys(("team-a", "team-b"), "2026-11-24T10:00:00+00:00"),
        "versions": {"team-a": {"/prod/db": 3.0}, "team-b": {"/prod/db": 3.0}},
    }
    lost = {"secret": "x", "store": "all"} | dict.fromkeys(("status", "message", "refreshTime", "versions"), UNKNOWN)
    none = {"secret": "y", "store": "all", "status": {}, "message": {}, "refreshTime": {}, "versions": {}}
    wide = {"dbs": told, "lost": lost, "none": none}
    outputs = {"clusterExternalSecrets": wide, "externalSecrets": {"team-a/db": DB}}
    assert table(read_rows(outputs), NOW) == [
        "NAMESPACE   NAME   STORE   SECRET   STATUS         READY   LAST SYNC   VERSIONS",
        "team-a      db     store   db       SecretSynced   True    120m        /prod/db:3,a:1,b:2 + 1 more...",
        "",
        "NAMESPACE   NAME   STORE   SECRET   STATUS              READY   LAST SYNC   VERSIONS",
        "<none>      lost   all     x        SecretSyncedError   False   <none>      <none>",
        "team-a      dbs    all     db       SecretSynced        True    120m        /prod/db:3",
        "team-b      dbs    all     db       SecretSynced        True    120m        /prod/db:3",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (45, "45s"),
        (119, "119s"),
        (120, "2m"),
        (150, "2m30s"),
        (1800, "30m"),
        (3 * 3600, "3h"),
        (3.5 * 3600, "3h30m"),
        (20 * 3600, "20h"),
        (50 * 3600, "2d2h"),
        (30 * 86400, "30d"),
        (800 * 86400, "2y70d"),
    ],
)
def test_ages_are_those_of_kubectl(seconds: float, text: str) -> None:
    assert age(timedelta(seconds=seconds)) == text


def test_json_holds_messages_and_all_versions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(OUTPUTS)))
    assert main(["status", "--json", "--outputs", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told[1] == {
        **DB,
        "name": "team-a/db",
        "ready": True,
        "versions": {"/prod/db": 3, "a": 1, "b": 2, "c": 1},
    }
    assert (told[0]["ready"], told[0]["refreshTime"]) == (False, None)
    assert (told[2]["ready"], told[2]["message"]) == (
        False,
        "the last `pulumi up` could not see to it; `pulumi preview` says why",
    )


def test_a_stack_s_outputs_are_asked_of_pulumi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = tmp_path / "outputs.json"
    said.write_text(json.dumps(OUTPUTS) + "\n", encoding="utf-8")
    answer = f'while read -r line; do echo "$line"; done < "{said}"'
    fake_pulumi(tmp_path, f'echo "$@" >> "{tmp_path}/asked"; if [ $2 = history ]; then echo "[]"; else {answer}; fi')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status", "--stack", "prod", "--cwd", "infra"]) == 0
    assert "SecretSynced" in capsys.readouterr().out
    assert (tmp_path / "asked").read_text().splitlines() == [
        "stack output --non-interactive --cwd infra --stack prod --json",
        "stack history --non-interactive --cwd infra --stack prod --json --page-size 10 --page 1",
        "stack export --non-interactive --cwd infra --stack prod",
    ]


@pytest.mark.parametrize(
    ("updates", "warned"),
    [
        ([("refresh", "succeeded"), ("update", "failed"), ("update", "succeeded")], True),
        ([("update", "succeeded"), ("update", "failed")], False),
        ([("refresh", "failed"), ("update", "succeeded")], False),
        ([], False),
    ],
)
def test_that_the_last_update_failed_is_told_and_checked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    updates: list[tuple[str, str]],
    warned: bool,  # noqa: FBT001 - one of the parameters
) -> None:
    time = "2026-11-27T06:00:00.000Z"
    history = json.dumps([{"kind": kind, "result": result, "startTime": time} for kind, result in updates])
    fake_pulumi(tmp_path, f"if [ $2 = history ]; then echo '{history}'; else echo '{json.dumps(OUTPUTS)}'; fi")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 0
    told = capsys.readouterr()
    assert "SecretSynced" in told.out
    assert (f"warning: the last `pulumi up` ({time}) failed; what is shown as ready may be" in told.err) == warned
    assert main(["status", "--check"]) == 1, "not all are ready"
    fake_pulumi(
        tmp_path,
        f"if [ $2 = history ]; then echo '{history}'; else echo '{json.dumps({'externalSecrets': {'db': DB}})}'; fi",
    )
    assert main(["status"]) == 0
    assert main(["status", "--check"]) == int(warned)


STALE = "what is shown as ready may be as an earlier one left it"
TIME = "2026-11-27T06:00:00.000Z"


def entry(kind: str, result: str = "succeeded") -> dict[str, str]:
    """An entry of a stack's history."""
    return {"kind": kind, "result": result, "startTime": TIME, "endTime": TIME}


def entries(kind: str, count: int) -> list[dict[str, str]]:
    """Many of them, each at another time."""
    return [{**entry(kind), "startTime": f"{TIME}-{number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ([*entries("refresh", 11), entry("update", "failed")], "the last `pulumi up` (%s) failed"),
        ([*entries("refresh", 250), entry("update", "failed")], "the last `pulumi up` (%s) failed"),
        ([*entries("refresh", 250), entry("update"), entry("update", "failed")], None),
        (entries("refresh", 250), None),
        ([*entries("destroy", 12), entry("update", "failed")], "the last `pulumi up` (%s) failed"),
        ([entry("destroy", "failed"), entry("update")], "the last `pulumi destroy` (%s) failed"),
        ([entry("update", "in-progress")], "the last `pulumi up` (%s) still runs, or was interrupted"),
        (
            [entry("refresh"), entry("update", "not-started")],
            "the last `pulumi up` (%s) still runs, or was interrupted",
        ),
        ([{"kind": "update"}], "the last `pulumi up` (at an unknown time) still runs, or was interrupted"),
    ],
)
def test_the_last_update_is_looked_for_as_far_back_as_it_is(history: list[dict[str, str]], told: str | None) -> None:
    found = unfinished_update(history[first : first + 100] for first in itertools.count(0, 100))
    assert found is None if told is None else found is not None and found.startswith(told.replace("%s", TIME))


def test_pages_of_the_history_are_asked_of_pulumi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = json.dumps({"externalSecrets": {"db": DB}})
    refreshes, more = json.dumps(entries("refresh", 10)), json.dumps(entries("refresh", 100))
    failed = json.dumps([entry("update", "failed")])
    fake_pulumi(
        tmp_path,
        f"""echo "$@" >> "{tmp_path}/asked"
        case "$*" in *history*"--page-size 100 --page 2") echo '{failed}';; *"--page-size 100"*) echo '{more}';;
        *history*) echo '{refreshes}';;
        *) echo '{outputs}';; esac""",
    )
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert main(["status", "--check"]) == 1
    assert f"warning: the last `pulumi up` ({TIME}) failed; {STALE}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("deployment", "told"),
    [
        (
            {"pending_operations": [{"type": "creating", "resource": {"urn": "urn:pulumi:dev::p::t::team-a/db"}}]},
            "an update was interrupted, or runs: the state has pending operations (creating team-a/db)",
        ),
        (
            {"pending_operations": [{}] * 5},
            "(changing a resource, changing a resource, changing a resource and 2 more)",
        ),
        ({"pending_operations": [1]}, "(changing a resource)"),
        (
            {"manifest": {"time": "2026-11-27T06:01:30.123456789+00:00"}},
            "the state was written at 2026-11-27T06:01:30.123456+00:00, after the last one in the history ended",
        ),
        ({"manifest": {"time": "2026-11-27T07:00:30.123456789+01:00"}, "pending_operations": []}, None),
        ({"manifest": {"time": "?"}}, None),
        ({"manifest": {"time": "2026-11-27T09:00:00"}, "pending_operations": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_an_update_that_was_killed_is_told_and_checked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    deployment: Any,
    told: str | None,
) -> None:
    answers = {
        "output": {"externalSecrets": {"db": DB}},
        "history": [entry("refresh"), entry("update")],
        "export": {"version": 3, "deployment": deployment},
    }
    fake_pulumi(
        tmp_path, "case $2 in " + "".join(f"{k}) echo '{json.dumps(v)}';; " for k, v in answers.items()) + "esac"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 0
    err = capsys.readouterr().err
    assert err == "" if told is None else f"{told}; {STALE}; if none runs, run `pulumi up`" in err
    assert main(["status", "--check"]) == int(told is not None)


@pytest.mark.parametrize(
    ("row", "ready", "why"),
    [
        (DB, True, None),
        ({**DB, "problem": ""}, True, None),
        (LOST, False, "the last `pulumi up` could not see to it; `pulumi preview` says why"),
        ({**LOST, "problem": "key a: no such property"}, False, "key a: no such property"),
        ({**LOST, "problem": ""}, False, "the last `pulumi up` could not see to it; `pulumi preview` says why"),
        ({**LOST, "problem": UNKNOWN}, False, "the last `pulumi up` could not see to it; `pulumi preview` says why"),
        ({"namespace": "team-a"}, False, "no `pulumi up` has reached it yet"),
    ],
)
def test_check_fails_for_what_is_not_ready_and_says_why(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    row: dict[str, Any],
    ready: bool,  # noqa: FBT001 - one of the parameters
    why: str | None,
) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"externalSecrets": {"one": row}}), encoding="utf-8")
    asked = ["status", "--json", "--outputs", str(file)]
    assert main(asked) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["ready"] is ready
    assert main([*asked, "--check"]) == int(not ready)
    assert capsys.readouterr().err == ("" if why is None else f"warning: one is not ready: {why}\n")


def test_a_pulumi_that_cannot_be_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_pulumi(tmp_path, "")
    (tmp_path / "pulumi").write_bytes(b"\x7fELF is all that there is")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'pulumi'} cannot be run (Exec format error); give")


def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    fake_pulumi(tmp_path, "kill -INT $PPID\nexec sleep 60\n")
    done = subprocess.run(
        [sys.executable, "-m", "components", "status"],
        env={"PATH": f"{tmp_path}:/bin:/usr/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_pulumi_that_does_not_end_is_told_and_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_pulumi(tmp_path, "exec sleep 600")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(command_line, "_TOLD_AFTER", 0.1)
    monkeypatch.setattr(command_line, "_TIME_LIMIT", 0.2)
    assert main(["status", "--check"]) == 1
    told, error = capsys.readouterr().err.splitlines()
    assert told == "waiting for `pulumi stack output` ..."
    assert error.startswith("error: `pulumi stack output` did not end in time; see what it waits for by running it")


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: python -m components [-h] [--version] COMMAND" in told.err
    assert "show a stack's ExternalSecrets" in told.err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"pulumi-parameter-store {components.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stat"], "argument COMMAND: invalid choice: 'stat' (choose from"),
        (["status", "--stack"], "argument --stack/-s: expected one argument; see `python -m components status --help`"),
        (["status", "https://me:pass@host/\x1b"], "unrecognized arguments: https://***@host/\\x1b; see `python -m"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {message}")
    assert told.count("\n") == 1


def test_what_pulumi_says_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_pulumi(tmp_path, "echo 'error: no stack named dev' >&2; exit 255")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 1
    assert capsys.readouterr().err == "error: `pulumi stack output` failed: no stack named dev\n"


def test_without_pulumi_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 1
    assert "there is no `pulumi` on PATH; install it, or give the outputs with --outputs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ("{", "is not JSON, as `pulumi stack output --json` prints it"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "the outputs are not a JSON object"),
        ('{"url": 1}', "the stack has no output 'externalSecrets' (there are: url). Run `pulumi up`. A program"),
        ('{"externalSecrets": {}}', "the stack has no ExternalSecrets"),
        ('{"externalSecrets": "[secret]"}', "externalSecrets: expected a mapping with named fields, got a string"),
        ('{"externalSecrets": {"a": {"refreshTime": "now"}}}', "externalSecrets.a.refreshTime: 'now' is not a time"),
        (
            '{"externalSecrets": {"a": {"refreshTime": "2026-11-24T10:00:00"}}}',
            "externalSecrets.a.refreshTime: '2026-11-24T10:00:00' has no offset from UTC",
        ),
        (
            '{"externalSecrets": {"a": {"versions": {"/p": NaN}}}}',
            "externalSecrets.a.versions./p: expected a number that",
        ),
        ('{"externalSecrets": {"a": {"versions": {"/p": 1e400}}}}', "a.versions./p: expected a number that is finite"),
        (
            '{"externalSecrets": {"a": {"versions": {"/p": 1' + "0" * 400 + "}}}}",
            "a.versions./p: expected a number that",
        ),
        (None, "it cannot be read"),
    ],
)
def test_what_cannot_be_shown_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], outputs: str | None, message: str
) -> None:
    file = tmp_path / "outputs.json"
    if outputs is not None:
        file.write_text(outputs, encoding="utf-8")
    assert main(["status", "--outputs", str(file)]) == 1
    assert message in capsys.readouterr().err


def test_any_program_can_export_what_it_shows() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        declared = declare(read_manifests([store(), secret()]))
        resolved(pulumi.Output.all(**status_output(declared)["team-a/db"]), told, "team-a/db")

    run_program(program)
    (row,) = read_rows({"externalSecrets": told})
    assert (row.namespace, row.store, row.secret, row.ready) == ("team-a", "team-a/store", "db", True)


PUSHED = {
    "secret": "pokedex",
    "namespace": "team-a",
    "store": "a, b",
    "status": "Synced",
    "message": "PushSecret synced successfully",
    "refreshTime": "2026-11-24T10:00:00+00:00",
    "versions": {"my-first-parameter": 2.0},
}


def test_push_secrets_have_a_table_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pushes = {
        "team-a/pokedex": PUSHED,
        "team-a/gone": {**PUSHED, "status": "SourceDeleted", "message": "its Secret is gone", "versions": {}},
        "team-a/lost": {**PUSHED, **dict.fromkeys(("status", "message", "versions"), UNKNOWN), "refreshTime": ""},
    }
    outputs = {"externalSecrets": {"team-a/db": DB}, "pushSecrets": pushes}
    assert table(read_rows(outputs), NOW)[2:] == [
        "",
        "NAMESPACE   NAME      STORE   SECRET    STATUS          READY   LAST SYNC   VERSIONS",
        "team-a      gone      a, b    pokedex   SourceDeleted   False   120m        <none>",
        "team-a      lost      a, b    pokedex   Errored         False   <none>      <none>",
        "team-a      pokedex   a, b    pokedex   Synced          True    120m        my-first-parameter:2",
    ]
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(outputs), encoding="utf-8")
    assert main(["status", "--check", "--json", "--outputs", str(file)]) == 1
    told = capsys.readouterr()
    assert [row.get("kind") for row in json.loads(told.out)] == [None, "PushSecret", "PushSecret", "PushSecret"]
    assert "team-a/gone is not ready: its Secret is gone" in told.err


def test_a_program_exports_its_push_secrets_too() -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        stores = [components.SecretStore(name, namespace="team-a", region="eu-central-1") for name in ("a", "b")]
        data = [components.PushData("my-first-parameter", "best-pokemon")]
        push = PushSecret("pokedex", stores=stores, secret="pokedex-credentials", data=data)
        resolved(pulumi.Output.all(**push_status_output({"pokedex": push})["pokedex"]), told, "pokedex")

    run_program(program)
    (row,) = read_rows({"pushSecrets": told})
    assert (row.namespace, row.store, row.secret, row.ready) == ("team-a", "a, b", "pokedex-credentials", True)


def test_it_starts_without_pulumi_s_sdk() -> None:
    code = "import sys, components.__main__; print(sorted({'pulumi', 'boto3'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def fake_pulumi(folder: Path, script: str) -> None:
    """A command in the place of the CLI."""
    command = folder / "pulumi"
    command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    command.chmod(0o700)


HOSTILE = "\x1b[2Jevil\u202e\u2066\u200b\r\n\x7f\x9b"


def test_names_that_a_terminal_would_obey_are_escaped_in_the_table_and_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {**DB, "secret": HOSTILE, "store": HOSTILE, "status": HOSTILE, "message": HOSTILE, "versions": {HOSTILE: 1.0}}
    outputs = {"externalSecrets": {HOSTILE: {**row, "namespace": HOSTILE}, "team-a/db": DB}}
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(outputs))
    for arguments in (["status", "--outputs", str(file)], ["status", "--json", "--outputs", str(file)]):
        assert main(arguments) == 0
        told = capsys.readouterr().out
        assert all(line.isprintable() for line in told.split("\n")), told
    assert [each["secret"] for each in json.loads(told) if each["name"] == HOSTILE] == [HOSTILE]
    assert len(table(read_rows(outputs), NOW)) == 3


def test_names_and_reasons_are_escaped_in_the_warnings_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "outputs.json"
    row = {**DB, "status": "SecretSyncedError", "message": HOSTILE}
    file.write_text(json.dumps({"externalSecrets": {HOSTILE: row, "lost": {**LOST, "problem": HOSTILE}}}))
    assert main(["status", "--outputs", str(file), "--check"]) == 1
    lines = capsys.readouterr().err.removesuffix("\n").split("\n")
    assert len(lines) == 2
    assert all(line.startswith("warning: ") and line.isprintable() for line in lines), lines


def test_what_the_terminal_s_encoding_lacks_is_escaped() -> None:
    outputs = json.dumps({"externalSecrets": {"f\u00fcr": DB}})
    line = [sys.executable, "-m", "components", "status", "--outputs", "-"]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(line, cwd=ROOT, env=environ, input=outputs, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "f\\xfcr" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_traceback() -> None:
    outputs = json.dumps({"externalSecrets": {f"db-{number}": DB for number in range(3000)}})
    line = [sys.executable, "-m", "components", "status", "--outputs", "-", "--check"]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(outputs)
        process.stdin.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_names_in_an_error_of_status_are_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "outputs.json"
    for outputs in ({HOSTILE: 1}, {"externalSecrets": {"a": {HOSTILE: 1, "refreshTime": HOSTILE}}}):
        file.write_text(json.dumps(outputs))
        assert main(["status", "--outputs", str(file)]) == 1
        assert capsys.readouterr().err.removesuffix("\n").isprintable()


def test_what_pulumi_says_is_one_line_without_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi_ = tmp_path / "pulumi"
    pulumi_.write_text(
        "#!/bin/sh\necho 'error: cannot open postgres://me:can/ary@db/state:' >&2\necho '  \033[31mno' >&2\nexit 1\n"
    )
    pulumi_.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert main(["status"]) == 1
    told = capsys.readouterr().err
    assert told == "error: `pulumi stack output` failed: cannot open postgres://***@db/state:; \\x1b[31mno\n"


@pytest.mark.parametrize("command", ["status", "access", "cost"])
def test_outside_of_a_project_it_says_where_to_run_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_pulumi(tmp_path, "echo 'error: no Pulumi.yaml project file found' >&2; exit 255")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    elsewhere, project = tmp_path / "elsewhere", tmp_path / "project"
    (project / "below").mkdir(parents=True)
    elsewhere.mkdir()
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    advice = "; run this in the project's folder, or give --cwd\n"
    assert main([command, "--cwd", str(elsewhere)]) == 1
    assert capsys.readouterr().err.endswith(f"no Pulumi.yaml project file found{advice}")
    assert main([command, "--cwd", str(project / "below")]) == 1
    assert "--cwd" not in capsys.readouterr().err


@pytest.mark.parametrize("given", ["/dev/zero", "-"])
def test_outputs_without_end_are_not_read_to_it(
    given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/zero").open(encoding="utf-8") as endless:
        monkeypatch.setattr("sys.stdin", endless)
        assert main(["status", "--outputs", given]) == 1
    where = "standard input" if given == "-" else given
    assert f"{where} is longer than 64 MB; give what `pulumi stack output --json` prints" in capsys.readouterr().err


def test_what_the_error_says_to_export_can_be_pasted() -> None:
    with pytest.raises(SpecError) as refused:
        read_rows({})
    imported, exported = re.findall(r"`((?:from|pulumi\.export)[^`]+)`", str(refused.value))
    assert imported.startswith("from pulumi_parameter_store import ")
    made: dict[str, Any] = {}

    def program() -> None:
        store = components.SecretStore("team-a", namespace="team-a", region="eu-central-1")
        db = components.ExternalSecret("db", store=store, data={"password": "/prod/db"})
        names = {"pulumi": SimpleNamespace(export=made.__setitem__), "db": db}
        exec(f"{imported.replace('pulumi_parameter_store', 'components')}\n{exported}", names)  # noqa: S102

    run_program(program)
    assert made["externalSecrets"].keys() == {"db"}
