"""The pages' site is built without a network, in strict mode, and holds the reference."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.docs

MKDOCS = ROOT / ".venv-docs" / "bin" / "mkdocs"


def build(into: Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Build the site; a proxy that nobody serves stands for the network."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    command = [str(MKDOCS), "build", "--strict", "--site-dir", str(into)]
    return subprocess.run(command, cwd=cwd, env={**os.environ, **nowhere}, capture_output=True, text=True, check=False)


def test_it_builds_and_the_reference_says_what_arguments_mean(tmp_path: Path) -> None:
    done = build(tmp_path / "site")
    assert done.returncode == 0, done.stderr
    reference = (tmp_path / "site" / "reference.html").read_text()
    text = re.sub("<[^>]+>", "", reference)
    assert "requests_per_second" in text
    assert "AWS region, such as" in text
    pages = [page.read_text() for page in (tmp_path / "site").rglob("*.html")]
    loaded = {link for page in pages for link in re.findall(r'(?:src|<link[^>]* href)="(https?://[^"]+)"', page)}
    assert loaded == set(), "pages load nothing from elsewhere"


def test_a_broken_link_fails(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("mkdocs.yml", "components", "examples", "CHANGELOG.md"):
        (copy / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "docs", copy / "docs")
    (copy / "docs" / "index.md").write_text("# Home\n\n[gone](getting-started.md#no-such-heading)\n")
    done = build(tmp_path / "site", copy)
    assert done.returncode != 0
    assert "no-such-heading" in done.stderr
