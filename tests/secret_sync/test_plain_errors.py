"""What a failing create answers to the engine: our own errors as their text, anybody else's with a traceback."""

import traceback

import pytest

from components.core.errors import WriteError
from components.providers import plain_errors


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


def test_an_import_of_a_resource_says_what_to_do_instead() -> None:
    """Pulumi's process of dynamic providers raises this where an import names no provider."""
    text = _formatted(KeyError("__provider"))
    assert "\n" not in text
    assert "Pulumi cannot import this resource" in text
    assert "set `adopt` on its target" in text
    assert "Traceback" in _formatted(KeyError("other"))
