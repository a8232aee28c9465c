"""What a failing create answers to the engine, what a crash leaves behind, and what a library logs: never a value."""

import json
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from components.clients.kubernetes.metadata import parse_secret_metadata
from components.core.secret.extraction import assemble
from components.core.spec.specs import SecretSpec
from components.errors import WriteError
from components.golang.templates import json_text
from components.providers import sync
from components.providers.operation import plain_errors
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traceback, "format_exc", traceback.format_exc)
    plain_errors.install()


def _formatted(error: Exception) -> str:
    try:
        raise error  # noqa: TRY301  what is tested is the raising
    except Exception:  # noqa: BLE001  as Pulumi's dynamic provider catches everything
        return traceback.format_exc()


def test_our_own_error_is_its_text_alone() -> None:
    assert _formatted(WriteError("Secret team-a/db is in the way")) == "Secret team-a/db is in the way"


def test_an_error_of_somebody_else_keeps_its_traceback() -> None:
    text = _formatted(KeyError("lost"))
    assert text.startswith("Traceback (most recent call last):")
    assert text.endswith("KeyError: 'lost'\n")


def test_installing_it_again_changes_nothing() -> None:
    installed = traceback.format_exc
    plain_errors.install()
    assert traceback.format_exc is installed


CANARY = "S3cretPart-9f8a7b6c5d"


def _bugs() -> dict[str, Callable[[], Any]]:
    """Calls that no user can make, each of which quotes its argument in Python's own words."""
    return {
        "a bag without fields": lambda: SecretSpec.from_bag({"namespace": CANARY, "secretName": "x", "data": CANARY}),
        "a number that is none": lambda: parse_secret_metadata(
            {"metadata": {"name": "a", "uid": "b", "creationTimestamp": CANARY}}
        ),
        "a key that is missing": lambda: parse_secret_metadata({CANARY: 1})[CANARY],  # type: ignore[index]
        "a value of a kind that is not foreseen": lambda: json_text.from_plain({"a": {CANARY}}),
        "a spec that is none": lambda: assemble(CANARY, CANARY),  # type: ignore[arg-type]
        "what a provider gets": lambda: SyncProvider().create({"namespace": CANARY}),
        "what a provider reads": lambda: SnapshotProvider().read(CANARY, {"store": CANARY, "references": [CANARY]}),
        "what a provider checks": lambda: SyncProvider().check({}, {"data": CANARY, "target": CANARY}),
    }


@pytest.mark.parametrize("bug", _bugs())
def test_an_unforeseen_error_of_our_own_names_its_kind_and_place_and_quotes_nothing(bug: str) -> None:
    try:
        _bugs()[bug]()
    except Exception:  # noqa: BLE001  as Pulumi's dynamic provider catches everything
        told = traceback.format_exc()
    assert CANARY not in told
    assert "this is a bug" in told
    assert "if somebody edited this stack's state, restore it" in told
    assert "line " in told
    assert "\n" not in told


def test_nor_does_it_quote_its_causes() -> None:
    def broken(_: Any) -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise KeyError(CANARY) from error

    code: CodeType = compile("def called(broken, given):\n    return broken(given)\n", sync.__file__, "exec")
    scope: dict[str, Any] = {"__name__": sync.__name__}
    exec(code, scope)  # noqa: S102  a frame of our own that somebody else's error comes through
    try:
        scope["called"](broken, CANARY)
    except KeyError:
        told = traceback.format_exc()
    assert told.startswith("KeyError in providers.sync (sync.py, line 2)")
    assert CANARY not in told


def _process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("provider", ["sync.SyncProvider", "snapshot.SnapshotProvider"])
def test_a_provider_s_process_leaves_no_core_file(provider: str) -> None:
    module, _, name = provider.partition(".")
    code = f"""
import json, os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from pulumi.dynamic import Config, ConfigureRequest
from components.providers.{module} import {name}
{name}().configure(ConfigureRequest(Config({{}}, "shop")))
asked = "import resource; print(list(resource.getrlimit(resource.RLIMIT_CORE)))"
print(list(resource.getrlimit(resource.RLIMIT_CORE)), subprocess.check_output([sys.executable, "-c", asked], text=True))
"""
    assert _process(code).split("\n")[0] == "[0, 0] [0, 0]"


def test_no_core_file_is_left_by_a_process_that_dies(tmp_path: Path) -> None:
    code = f"""
import os, signal
from components.providers.operation.plain_errors import install
install()
os.chdir({str(tmp_path)!r})
if (child := os.fork()) == 0:
    os.kill(os.getpid(), signal.SIGABRT)
print(os.WCOREDUMP(os.waitpid(child, 0)[1]), os.listdir())
"""
    assert _process(code).strip() == "False []"


def test_libraries_that_talk_to_aws_stay_silent_when_the_environment_wants_their_debug_logs() -> None:
    code = """
import json, logging
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("botocore").setLevel(logging.DEBUG)
logging.getLogger("botocore.parsers").setLevel(logging.DEBUG)
from pulumi.dynamic import Config, ConfigureRequest
from components.providers.sync import SyncProvider
SyncProvider().configure(ConfigureRequest(Config({}, "shop")))
logging.getLogger().setLevel(logging.DEBUG)
names = ["botocore", "botocore.parsers", "botocore.endpoint", "botocore.a.new.one", "boto3", "boto3.resources"]
print(json.dumps([logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in names]))
"""
    assert json.loads(_process(code)) == [False] * 6


def test_a_logger_that_was_quieter_stays_so() -> None:
    code = """
import logging
from components.clients.logs import silence_debug_logs
silence_debug_logs()
print(logging.getLogger("botocore").isEnabledFor(logging.INFO))
"""
    assert _process(code).strip() == "False"


def test_an_import_of_a_resource_says_what_to_do_instead() -> None:
    """Pulumi's process of dynamic providers raises this where an import names no provider."""
    text = _formatted(KeyError("__provider"))
    assert "\n" not in text
    assert "Pulumi cannot import this resource" in text
    assert "set `adopt` on its target" in text
    assert "Traceback" in _formatted(KeyError("other"))
