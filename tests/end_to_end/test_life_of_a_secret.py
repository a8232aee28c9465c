"""One stack from the first preview to destroy: what each operation says, does and asks of AWS and Kubernetes."""

import base64
import json

import pytest

from tests.end_to_end.support import NAMESPACE, Project


def test_first_preview_up_and_an_empty_second_preview(project: Project) -> None:
    values = project.put("/app/db", "user", "password")
    project.declare("db", "/app/db", "user", "password")
    preview = project.preview()
    assert preview.result.exit_code == 0
    assert preview.result.summary == {"create": 5}
    assert 'password: "/app/db, version 1, property password"' in preview.output
    assert (project.reads(decrypt=True), project.writes()) == ([], [])
    up = project.up()
    assert up.result.exit_code == 0
    assert project.secret("db") == values
    assert project.reads(decrypt=True) == [("/app/db",)]
    assert project.writes() == [("patch", "db")]
    again = project.preview()
    assert (again.changes, again.result.summary) == ({}, {"same": 5})
    assert (project.reads(decrypt=True), project.writes()) == ([], [])
    unchanged = project.up()
    assert unchanged.changes == {}
    assert (project.reads(decrypt=True), project.writes()) == ([], [])
    assert not any(call.service == "sts" for call in project.sandbox.aws.calls)


def test_a_rotation_shows_by_key_and_is_applied_to_that_secret_alone(project: Project) -> None:
    project.put("/app/db", "user", "password")
    other = project.put("/app/mail", "token")
    project.declare("db", "/app/db", "user", "password")
    project.declare("mail", "/app/mail", "token")
    project.up()
    rotated = project.put("/app/db", "user", "password")
    preview = project.preview()
    assert preview.changes == {"team-a": "update", "db": "update"}
    assert '"/app/db, version 1, property user" => "/app/db, version 2, property user"' in preview.output
    assert project.reads(decrypt=True) == []
    up = project.up()
    assert up.changes == {"team-a": "update", "db": "update"}
    assert project.reads(decrypt=False) == [("/app/db", "/app/mail")]
    assert project.reads(decrypt=True) == [("/app/db:2",)]
    assert project.writes() == [("patch", "db")]
    assert (project.secret("db"), project.secret("mail")) == (rotated, other)
    assert project.preview().changes == {}


def test_a_misspelt_setting_is_an_error_and_deletes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    values = project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.up()
    misspelt = {name.removesuffix("s"): value for name, value in project._settings().items()}
    monkeypatch.setattr(project, "_settings", lambda: misspelt)
    for outcome in (project.preview(), project.up()):
        assert (outcome.result.exit_code, outcome.changes) == (1, {})
        assert "parameter-store:externalSecret: there is no such setting; there are " in outcome.output
        assert "Traceback" not in outcome.output
    assert project.secret("db") == values


def test_a_misspelt_namespace_is_an_error_and_deletes_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.up()
    misspelt = {name.replace("parameter-store:", "parameterstore:"): each for name, each in project._settings().items()}
    monkeypatch.setattr(project, "_settings", lambda: misspelt)
    for outcome in (project.preview(), project.up()):
        assert (outcome.result.exit_code, outcome.changes) == (1, {})
        assert "parameterstore:externalSecrets: there is no such setting; there are " in outcome.output
        assert "Write parameter-store:externalSecrets" in outcome.output
        assert "Traceback" not in outcome.output
    assert project.secret("db") == values


def test_a_setting_that_is_a_bare_string_is_one_line(project: Project) -> None:
    project.put("/app/db", "user")
    project.config = {"parameter-store:manifests": "eso"}
    outcome = project.preview()
    assert outcome.result.exit_code == 1
    assert "parameter-store:manifests: expected a list, got a string; write a list" in outcome.output
    assert "Traceback" not in outcome.output


@pytest.mark.slow
def test_a_pinned_version_stays_until_the_pin_moves(project: Project) -> None:
    first = project.put("/app/db", "user")
    second = project.put("/app/db", "user")
    project.declare("db", "/app/db", "user", version=1)
    project.up()
    assert project.secret("db") == first
    project.put("/app/db", "user")
    assert project.preview().changes == {}
    project.declare("db", "/app/db", "user", version=2)
    project.up()
    assert project.secret("db") == second
    assert project.preview().changes == {}


def test_drift_is_shown_by_key_and_repaired(project: Project) -> None:
    values = project.put("/app/db", "user", "password")
    project.declare("db", "/app/db", "user", "password")
    project.up()
    edited = {"data": {"user": base64.b64encode(b"edited").decode()}}
    project.cluster("kubectl-edit").apply_secret(NAMESPACE, "db", edited, force=True)
    preview = project.preview()
    assert preview.changes == {"db": "update"}
    assert "key user edited in the cluster by kubectl-edit" in preview.output
    project.up()
    assert project.secret("db") == values
    live = project.cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    project.cluster().delete_secret(NAMESPACE, "db", uid=live.uid)
    assert "Secret deleted from the cluster" in project.preview().output
    project.up()
    assert project.secret("db") == values
    assert project.preview().changes == {}


@pytest.mark.slow
def test_a_renamed_target_is_written_before_the_old_one_goes(project: Project) -> None:
    values = project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.up()
    project.declare("db", "/app/db", "user", target="database")
    assert project.preview().result.exit_code == 0
    project.up()
    assert project.writes() == [("patch", "database"), ("delete", "db")]
    assert (project.secret("database"), project.secret("db")) == (values, None)
    assert project.preview().changes == {}


@pytest.mark.slow
def test_an_external_secret_that_gets_another_name_takes_its_secret_along_when_asked(project: Project) -> None:
    values = project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.up()
    (secret,) = project.secrets
    project.secrets = [{**secret, "name": "database", "target": {"name": "db"}}]
    refused = project.preview()
    assert refused.result.exit_code != 0
    assert "set `adopt` on the target, if that one got this name" in refused.output
    project.secrets[0]["target"] = {"name": "db", "adopt": True}
    assert project.preview().result.exit_code == 0
    assert project.up().result.exit_code == 0
    assert {verb for verb, _ in project.writes()} == {"patch"}
    assert project.secret("db") == values
    assert project.preview().changes == {}


@pytest.mark.slow
def test_a_removed_external_secret_takes_its_secret_along_and_nothing_else(project: Project) -> None:
    project.put("/app/db", "user")
    kept = project.put("/app/mail", "token")
    project.declare("db", "/app/db", "user")
    project.declare("mail", "/app/mail", "token")
    project.up()
    project.secrets = [secret for secret in project.secrets if secret["name"] == "mail"]
    up = project.up()
    assert up.result.exit_code == 0
    assert project.writes() == [("delete", "db")]
    assert (project.secret("db"), project.secret("mail")) == (None, kept)
    assert project.preview().changes == {}


@pytest.mark.slow
def test_refresh_sees_what_moved_and_destroy_removes_what_we_made(project: Project) -> None:
    project.put("/app/db", "user")
    project.declare("db", "/app/db", "user")
    project.up()
    project.put("/app/db", "user")
    live = project.cluster().get_secret_metadata(NAMESPACE, "db")
    assert live is not None
    project.cluster().delete_secret(NAMESPACE, "db", uid=live.uid)
    refreshed = project.refresh()
    assert refreshed.result.exit_code == 0
    assert refreshed.result.summary["delete"] == 1
    assert project.reads(decrypt=True) == []
    up = project.up()
    assert up.result.exit_code == 0
    assert project.secret("db") is not None
    assert project.destroy().result.exit_code == 0
    assert project.secret("db") is None


@pytest.mark.slow
def test_a_secret_of_somebody_else_fails_in_preview_and_is_left_alone(project: Project) -> None:
    project.put("/app/db", "user")
    theirs = {"data": {"x": base64.b64encode(b"theirs").decode()}}
    project.cluster("helm").apply_secret(NAMESPACE, "theirs", theirs, force=False)
    project.declare("db", "/app/db", "user", target="theirs")
    for outcome in (project.preview(), project.up()):
        assert outcome.result.exit_code == 1
        assert "was not created by this ExternalSecret (written by helm)" in outcome.output
        assert "Traceback" not in outcome.output
    assert project.secret("theirs") == {"x": "theirs"}


def test_the_state_holds_what_inputs_say_once_and_refresh_and_destroy_still_know_it(project: Project) -> None:
    """The engine writes all of the state after every step, so that its size is what many Secrets cost."""
    project.put("/app/db", "user", "password", "host")
    project.declare("db", "/app/db", "user", "password", "host")
    assert project.up().result.exit_code == 0

    def kept() -> int:
        entries = [each for each in project._state()["resources"] if each["urn"].endswith("::db")]
        assert len(entries) == 2
        return sum(len(json.dumps(each, separators=(",", ":"))) for each in entries)

    assert kept() < 2500
    refreshed = project.refresh()
    assert (refreshed.result.exit_code, refreshed.changes, kept() < 2500) == (0, {}, True)
    assert project.preview().changes == {}
    assert project.destroy().result.exit_code == 0
    assert project.cluster().get_secret(NAMESPACE, "db") is None
