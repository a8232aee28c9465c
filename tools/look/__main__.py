"""`make look`: the access map's page in a real browser, in light and dark: console, requests, search, accessibility."""

# ruff: noqa: T201 - a command

import base64
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from components.__main__ import main as command
from tests.support.access_stacks import MANAGER, PushPlan, SecretPlan, StorePlan, state
from tests.support.paths import ROOT
from tools.look.browser import NAMES, Browser, complaints

NOT_RUN = 77  # what automake's test harness, too, takes for "skipped"
HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / ".sandbox" / "look"
_AT_ONCE = 250.0
"""Milliseconds in which a search among 5,000 references is to answer."""
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def main() -> int:
    """Look; 0 all is well, 1 something is not, 77 there is no browser or no axe-core."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        print("look: NOT RUN: there is no Chromium on PATH. Install it, as by `apt-get install chromium`.")
        return NOT_RUN
    npm = shutil.which("npm")
    if not AXE.is_file() and (
        npm is None or subprocess.run([npm, "ci", "--silent"], cwd=HERE, check=False).returncode != 0
    ):
        print("look: NOT RUN: axe-core is not there, and npm cannot install it.")
        return NOT_RUN
    PICTURES.mkdir(parents=True, exist_ok=True)
    small, large = _page("small", _small()), _page("large", _large())
    try:
        wrong = [each for theme in ("light", "dark") for each in _look(program, small, theme)]
        wrong += _search(program, large)
    except (OSError, RuntimeError) as error:
        wrong = [f"{program}: {error}"]
    for each in wrong:
        print(f"look: {each}")
    print(f"look: {'FAILED' if wrong else 'no complaint'}; pictures are in {PICTURES.relative_to(ROOT)}")
    return int(bool(wrong))


def _small() -> list[StorePlan]:
    hostile = "</script><img src=x onerror=alert(1)>\"'&\u202e"
    data: dict[str, dict[str, Any]] = {
        "user": {"key": "/prod/db", "property": hostile},
        "password": {"key": "/prod/db", "version": 1},
    }
    everywhere = 'find {"name": {"regexp": "."}}'
    return [
        StorePlan("shop", [SecretPlan("db", data)], ["/prod/out"]),
        StorePlan(
            "wide",
            [SecretPlan("web", {}, [{"name": {"regexp": "."}}], namespace="team-b")],
            paths=["/prod"],
            found={everywhere: {"/prod/found": 7}},
        ),
        StorePlan(
            "vault",
            [SecretPlan("kept", {"a": {"key": "prod/=.@!+key", "version": "AWSPREVIOUS"}}, wide=["team-a", "team-b"])],
            [PushPlan("out", {"replicationLocations": ["eu-west-1"]}), PushPlan("each", wide=["team-a", "team-b"])],
            kind=MANAGER,
            batches=True,
        ),
    ]


def _large() -> list[StorePlan]:
    secrets = [
        SecretPlan(f"s{at:03}", {f"key-{key}": {"key": f"/production/s{at:03}/{key}"} for key in range(10)})
        for at in range(500)
    ]
    return [StorePlan(f"store-{number}", secrets[number::10]) for number in range(10)]


def _page(name: str, stores: list[StorePlan]) -> Path:
    """A page on disk, made by the command."""
    file, page = PICTURES / f"{name}.json", PICTURES / f"{name}.html"
    file.write_text(json.dumps(state(stores)), "utf-8")
    line = [sys.executable, "-m", command.__module__.rpartition(".")[0], "access", "--state", str(file)]
    done = subprocess.run([*line, "--format", "html"], cwd=ROOT, check=True, capture_output=True)
    page.write_bytes(done.stdout)
    return page


def _opened(browser: Browser, page: Path, theme: str, width: int = 1400) -> None:
    for domain in ("Page", "Network", "Log", "Runtime"):
        browser.call(f"{domain}.enable")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)
    browser.call("Page.navigate", url=page.as_uri())
    browser.wait_for("Page.loadEventFired")


def _look(program: str, page: Path, theme: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="look-") as profile, Browser(program, Path(profile)) as browser:
        _opened(browser, page, theme)
        told = complaints(browser.events)
        picture = browser.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        (PICTURES / f"{theme}.png").write_bytes(base64.b64decode(picture))
        browser.run(AXE.read_text("utf-8"))
        options = json.dumps({"runOnly": _STANDARDS})
        found: Any = browser.run(f"axe.run(document, {options}).then(done => done.violations)")
        told += [f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:120]})" for each in found]
        told += _narrow(browser)
    return [f"{theme}: {each}" for each in told]


def _narrow(browser: Browser) -> list[str]:
    """At 320 pixels the page itself does not scroll sideways; its tables do, each in a region of its own."""
    browser.call("Emulation.setDeviceMetricsOverride", width=320, height=1000, deviceScaleFactor=1, mobile=False)
    wide = browser.run("document.documentElement.scrollWidth")
    return [f"the page is {wide} pixels wide where there are 320"] if wide > 320 else []


def _search(program: str, page: Path) -> list[str]:
    script = """
    new Promise(done => {
      const box = document.getElementById('search'), from = performance.now();
      box.value = 's123';
      box.dispatchEvent(new Event('input'));
      requestAnimationFrame(() => done([performance.now() - from, document.getElementById('count').textContent]))
    })
    """
    with tempfile.TemporaryDirectory(prefix="look-") as profile, Browser(program, Path(profile)) as browser:
        _opened(browser, page, "light")
        searches = [browser.run(script.replace("s123", word)) for word in ("s321", "s231", "s123")]
        took, says = min(took for took, _ in searches), searches[-1][1]  # a busy machine is no slow page
        print(f"look: a search among 5,000 references took {took:.0f} ms and says '{says}'")
        button = "document.querySelector('#parameters').parentNode.querySelector('thead button')"
        browser.run(f"{button}.click()")
        sorted_by = browser.run(f"{button}.parentNode.getAttribute('aria-sort')")
        told = complaints(browser.events)
    told += [] if says.startswith("31 of ") else [f"the search says {says!r}"]
    told += [] if sorted_by == "ascending" else [f"sorting says {sorted_by!r}"]
    return told + ([f"a search took {took:.0f} ms"] if took > _AT_ONCE else [])


if __name__ == "__main__":
    sys.exit(main())
