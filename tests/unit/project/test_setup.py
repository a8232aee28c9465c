"""`make setup`: uv installs what the lock file pins, pip where uv cannot; the lock files name hashes and no address."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

LOCKS = ("requirements.lock", "requirements-uv.lock")
PACK = "policies/requirements.txt"
DOCS = "docs/requirements.txt"

# Stands in for Python: its `venv` makes programs that note how they were called, and fail where the test says so.
PYTHON = """#!/bin/sh
case "$*" in
  "-c "*) exit 0 ;;
  "-m venv --clear "*) made=$4; mkdir -p $made/bin ;;
esac
cat > $made/bin/uv <<'EOF'
#!/bin/sh
echo "uv $* index=$UV_DEFAULT_INDEX" >> calls
test -z "$UV_FAILS"
EOF
cat > $made/bin/python <<'EOF'
#!/bin/sh
case "$*" in "-m pip config "*) exit 1 ;; esac
echo "python $*" >> calls
case "$*" in *requirements-uv.lock) test -z "$NO_UV" ;; *) test -z "$PIP_FAILS" ;; esac
EOF
chmod +x $made/bin/*
"""


def set_up(folder: Path, verb: str = "setup", **environment: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a verb with programs that only note their calls, and return what it said and the calls."""
    for name in ("policies", "docs"):
        (folder / name).mkdir()
    for name in ("Makefile", *LOCKS, PACK, DOCS):
        shutil.copy(ROOT / name, folder / name)
    python = folder / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if key not in {"PIP_INDEX_URL", "MAKEFLAGS"}}
    done = subprocess.run(
        ["make", verb, "PYTHON=./python"],  # noqa: S607 - the one on PATH
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    calls = (folder / "calls").read_text().splitlines()
    return done, [re.sub(r"^(\w+) .*--requirement (\S+)", r"\1 \2", call) for call in calls]


def test_uv_installs_from_the_lock_file(tmp_path: Path) -> None:
    done, calls = set_up(tmp_path)
    assert done.returncode == 0, done.stderr
    assert calls == ["python requirements-uv.lock", "uv requirements.lock index="]
    assert (tmp_path / ".venv/.installed-from-lock").exists()


def test_the_policy_pack_has_a_virtualenv_and_a_lock_file_of_its_own(tmp_path: Path) -> None:
    done, calls = set_up(tmp_path, "policies")
    assert done.returncode == 0, done.stderr
    assert calls == ["python requirements-uv.lock", f"uv {PACK} index="]
    assert (tmp_path / "policies/.venv/.installed-from-lock").exists()
    assert not (tmp_path / ".venv").exists()


def test_the_pages_have_a_virtualenv_and_a_lock_file_of_their_own(tmp_path: Path) -> None:
    done, calls = set_up(tmp_path, ".venv-docs/.installed-from-lock")
    assert done.returncode == 0, done.stderr
    assert calls == ["python requirements-uv.lock", f"uv {DOCS} index="]
    assert not (tmp_path / ".venv").exists()


def test_uv_uses_the_index_of_pip(tmp_path: Path) -> None:
    _, calls = set_up(tmp_path, PIP_INDEX_URL="https://index.test/simple")
    assert calls[-1] == "uv requirements.lock index=https://index.test/simple"


@pytest.mark.parametrize("fault", ["UV_FAILS", "NO_UV"])
def test_where_uv_cannot_install_pip_does(fault: str, tmp_path: Path) -> None:
    done, calls = set_up(tmp_path, **{fault: "1"})
    assert done.returncode == 0, done.stderr
    assert calls[-1] == "python requirements.lock"
    assert "uv could not install; pip tries" in done.stdout


def test_what_cannot_be_installed_fails(tmp_path: Path) -> None:
    done, _ = set_up(tmp_path, UV_FAILS="1", PIP_FAILS="1")
    assert done.returncode != 0
    assert not (tmp_path / ".venv/.installed-from-lock").exists()


@pytest.mark.parametrize("name", [*LOCKS, PACK, DOCS])
def test_every_package_is_pinned_by_hash_and_no_address_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = [each for each in re.split(r"\n(?=\S)", text.strip()) if not each.startswith("#")]
    assert packages
    assert [
        package for package in packages if not re.match(r"[\w.-]+==\S+ (?:; .+ )?\\\n +--hash=sha256:", package)
    ] == []
    assert "://" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tets"], "There is no 'make tets'; 'make help' lists the verbs."),
        (["demo", "detail=1"], "Write DETAIL=1 and RULES=1 in capitals"),
    ],
)
def test_a_misspelt_verb_or_variable_is_told(words: list[str], said: str) -> None:
    done = subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
