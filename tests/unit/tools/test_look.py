"""`make look`: it says so where it cannot run, its lock names no address, and it passes nothing over."""

import json
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools.look import __main__ as look
from tools.look import browser
from tools.look.browser import complaints


def test_without_a_browser_it_is_not_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    assert look.main() == 77
    assert "NOT RUN" in capsys.readouterr().out


@pytest.mark.parametrize("program", ["exit 1", "exec sleep 60 <&3"])
def test_a_browser_that_does_not_work_is_one_line(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chromium").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "chromium").chmod(0o755)
    (tmp_path / "axe.js").write_text("")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(look, "AXE", tmp_path / "axe.js")
    monkeypatch.setattr(look, "PICTURES", tmp_path)
    monkeypatch.setattr(look, "ROOT", tmp_path)
    monkeypatch.setattr(look, "_page", lambda name, _stores: tmp_path / name)
    monkeypatch.setattr(browser, "_PATIENCE", 0.2)
    assert look.main() == 1
    assert "/chromium: " in (said := capsys.readouterr().out)
    assert said.count("\n") == 2


def test_the_lock_names_no_address() -> None:
    text = (ROOT / "tools" / "look" / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(each["integrity"] for name, each in packages.items() if name)


def test_whatever_the_console_says_or_asks_for_is_a_complaint() -> None:
    own = ("Network.requestWillBeSent", {"request": {"url": "file:///page.html"}})
    assert complaints([own, ("Page.loadEventFired", {})]) == []
    assert complaints([own, own]) == ["2 files were loaded"]
    for event, says in (
        (("Log.entryAdded", {"entry": {"text": "refused by policy"}}), "console: refused by policy"),
        (("Runtime.consoleAPICalled", {"type": "error"}), "console: error"),
        (("Runtime.exceptionThrown", {"exceptionDetails": {"text": "Uncaught"}}), "exception: Uncaught"),
    ):
        assert complaints([own, event]) == [says]
    away = ("Network.requestWillBeSent", {"request": {"url": "http://127.0.0.1/x"}})
    assert "request: http://127.0.0.1/x" in complaints([own, away])
