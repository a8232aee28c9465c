"""A clone needs nothing beside it: no tracked file names a folder of the workplace where the project was made."""

import subprocess

from tests.support.paths import ROOT

BESIDE = ("../" + "shared", "shared/" + "conformance", "shared/" + "reference", "shared/" + "faults")


def test_no_tracked_file_names_what_stands_beside_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    texts = {name: (ROOT / name).read_text("utf-8", "replace") for name in listed.stdout.split("\0") if name}
    assert [(name, words) for name, text in texts.items() for words in BESIDE if words in text] == []
