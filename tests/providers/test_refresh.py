"""refreshPolicy and refreshInterval: a young sync is not read again, and that is said; changes and drift always are."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.core.spec.refresh import parse_duration
from components.errors import ParameterStoreError, SpecError
from components.providers.operation.process import forget
from components.providers.sync import SyncProvider
from sandbox.aws.api import AwsApi
from tests.providers.support import Stack, values

pytestmark = pytest.mark.usefixtures("aws", "kubernetes")

DATA = {"a": {"key": "/a"}}


@pytest.fixture(autouse=True)
def _parameters(aws: AwsApi) -> None:
    """AWS, named in the environment, with two parameters."""
    aws.put_parameter("/a", "1")
    aws.put_parameter("/b", "2")


def synced(aws: AwsApi, waits: float, **refresh: Any) -> Stack:
    """A stack that was synced once, before the parameter changed."""
    stack = Stack(DATA, refresh=refresh)
    stack.waits = {"/a": waits}
    stack.up()
    aws.put_parameter("/a", "changed")
    aws.clear_calls()
    return stack


def age(stack: Stack, **by: float) -> None:
    """Make the last sync older."""
    then = (datetime.now(UTC) - timedelta(**by)).isoformat(timespec="seconds")
    stack.sync_inputs["__syncedAt"] = then
    stack.snapshot_inputs["__readAt"] = {"/a": then}


RULES = [
    (3600.0, {"interval": "1h"}),
    (-1, {"interval": "0"}),
    (-1, {"policy": "CreatedOnce"}),
    (-1, {"policy": "OnChange"}),
]


def test_a_manifest_s_external_secret_is_named_with_its_namespace(capfd: pytest.CaptureFixture[str]) -> None:
    stack = Stack(DATA, name="db", refresh={"interval": "1h"})
    stack.owner, stack.waits = "shop/dev/team-a/db", {"/a": 3600.0}
    stack.up()
    assert stack.preview().change == "same"
    assert "ExternalSecret team-a/db is not read again" in capfd.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("1h30m", 5400.0), ("1.5s", 1.5), ("-1h", -3600.0), ("+0", 0.0)])
def test_durations_are_written_as_in_go(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["１h", "1", "h", "", "1d", "1h 2m", "٣s"])  # noqa: RUF001 - that is the point
def test_what_go_does_not_read_is_no_duration(text: str) -> None:
    with pytest.raises(SpecError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(("waits", "refresh"), RULES)
def test_a_young_sync_is_not_read_again_and_preview_says_so(
    aws: AwsApi, capfd: pytest.CaptureFixture[str], waits: float, refresh: dict[str, Any]
) -> None:
    stack = synced(aws, waits, **refresh)
    assert stack.preview().change == "same"
    assert "ExternalSecret db is not read again, last sync at 20" in capfd.readouterr().err
    assert stack.up().change == "same"
    assert aws.calls == []
    assert values() == {"a": "1"}


def test_one_line_is_told_for_all_that_is_not_read_again(capfd: pytest.CaptureFixture[str]) -> None:
    stacks = [Stack(DATA, name=f"db-{number}", refresh={"interval": "1h"}) for number in range(9)]
    for stack in stacks:
        stack.waits = {"/a": 3600.0}
        stack.up()
    capfd.readouterr()
    forget()
    for stack in stacks:
        assert stack._run(apply=False, operation={"preview": True, "decrypt": False}, fresh=False).change == "same"
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("ExternalSecret db-0 is not read again, last sync at 20")
    assert line.endswith(
        "(refreshInterval 3600s), nor are others whose time has not come; set PARAMETER_STORE_FORCE_SYNC=1, or the "
        "setting parameter-store:forceSync, to read all"
    )


@pytest.mark.parametrize(("waits", "refresh"), RULES)
def test_force_reads_it(aws: AwsApi, waits: float, refresh: dict[str, Any]) -> None:
    stack = synced(aws, waits, **refresh)
    assert stack.preview(force=True).change == "update"
    stack.up(force=True)
    assert values() == {"a": "changed"}


@pytest.mark.parametrize(("waits", "refresh"), RULES)
def test_force_in_the_providers_environment_reads_it(
    aws: AwsApi, monkeypatch: pytest.MonkeyPatch, waits: float, refresh: dict[str, Any]
) -> None:
    stack = synced(aws, waits, **refresh)
    monkeypatch.setenv("PARAMETER_STORE_FORCE_SYNC", "1")  # an inline program does not see it
    stack.up()
    assert values() == {"a": "changed"}


def test_what_is_neither_yes_nor_no_there_is_refused(aws: AwsApi, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = synced(aws, 3600.0, interval="1h")
    monkeypatch.setenv("PARAMETER_STORE_FORCE_SYNC", "yess")
    refused = ["PARAMETER_STORE_FORCE_SYNC is neither 1 nor 0; write 1 to read all, or unset it"]
    assert stack.preview().failures == refused


@pytest.mark.parametrize(("waits", "refresh"), RULES)
def test_a_changed_declaration_is_always_applied(aws: AwsApi, waits: float, refresh: dict[str, Any]) -> None:
    stack = synced(aws, waits, **refresh)
    stack.data = {**DATA, "b": {"key": "/b"}}
    assert stack.up().change == "update"
    assert values() == {"a": "changed", "b": "2"}


@pytest.mark.parametrize(("waits", "refresh"), RULES)
def test_drift_is_always_repaired(aws: AwsApi, edit: Any, waits: float, refresh: dict[str, Any]) -> None:
    stack = synced(aws, waits, **refresh)
    edit({"data": {"a": base64.b64encode(b"hacked").decode()}})
    assert stack.preview().change == "update"
    stack.up()
    assert values() == {"a": "changed"}


def test_an_old_sync_is_read_again(aws: AwsApi) -> None:
    stack = synced(aws, 3600.0, interval="1h")
    age(stack, minutes=59)
    assert stack.preview().change == "same"
    age(stack, minutes=61)
    assert stack.preview().change == "update"
    stack.up()
    assert values() == {"a": "changed"}
    assert stack.preview().change == "same"


@pytest.mark.parametrize("refresh", [{"interval": "0"}, {"policy": "CreatedOnce"}, {"policy": "OnChange"}])
def test_what_is_read_once_never_gets_old(aws: AwsApi, refresh: dict[str, Any]) -> None:
    stack = synced(aws, -1, **refresh)
    age(stack, days=4000)
    assert stack.up().change == "same"


def test_an_unchanged_read_makes_the_sync_young_again(aws: AwsApi) -> None:
    stack = Stack(DATA, refresh={"interval": "1h"})
    stack.waits = {"/a": 3600.0}
    stack.up()
    age(stack, hours=2)
    assert stack.up().change == "same"
    aws.put_parameter("/a", "changed")
    assert stack.preview().change == "same"


def test_a_source_that_another_secret_reads_at_every_apply_is_read(aws: AwsApi) -> None:
    stack = Stack(DATA, refresh={"interval": "1h"})
    stack.waits = {}
    stack.up()
    aws.clear_calls()
    assert stack.up().change == "same"
    assert len(aws.calls) == 1


@pytest.mark.parametrize("lost", ["owner", "namespace", "secretName"])
@pytest.mark.parametrize("method", ["read", "delete", "update"])
def test_a_state_that_was_edited_is_one_clear_error(lost: str, method: str) -> None:
    stack = Stack(DATA)
    stack.up()
    edited = {key: value for key, value in stack.sync.items() if key != lost}
    forget()
    given = (edited, stack.sync_inputs) if method == "update" else (edited,)
    with pytest.raises(ParameterStoreError, match=rf"this stack's state of it has no {lost}.*pulumi stack import"):
        getattr(SyncProvider(), method)("id", *given)
