"""The wheel: the same source under its own import name, typed, with its licence, its command, without the sandbox."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import components
from tests.support.distribution import build
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def test_it_holds_the_library_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"pulumi_parameter_store"}
    assert "pulumi_parameter_store/py.typed" in names
    assert "pulumi_parameter_store/external_secret.py" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_every_module_of_the_library_is_in_it(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    source = {path.relative_to(ROOT / "components").as_posix() for path in (ROOT / "components").rglob("*.py")}
    assert {f"pulumi_parameter_store/{path}" for path in source} <= packed


def test_the_policy_pack_is_in_it_as_it_is_here(wheel: Path) -> None:
    files = {"PulumiPolicy.yaml", "__main__.py", "requirements.in", "requirements.txt"}
    files |= {f"rules/{path.name}" for path in (ROOT / "policies/rules").glob("*.py")}
    packed = [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("pulumi_parameter_store/policies/")]
    assert {name.removeprefix("pulumi_parameter_store/policies/") for name in packed} == files


def test_it_imports_under_its_own_name(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "from pulumi_parameter_store.parameter_store import SecretStore;"
        "from pulumi_parameter_store.external_secret import ExternalSecret, RemoteRef;"
        "import sys; print([name for name in sys.modules if name.split('.')[0] == 'components'],"
        " SecretStore.__module__)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] pulumi_parameter_store.parameter_store"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the wheel."""
    into = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--no-index", "--no-deps", "--target", str(into), str(wheel)], check=True)
    return into


def test_every_public_name_is_exported_under_its_own_name_too(installed: Path) -> None:
    code = (
        "import json, pulumi_parameter_store as p;"
        "print(json.dumps({name: getattr(getattr(p, name), '__module__', None) for name in p.__all__}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=installed, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        name: module.replace("components.", "pulumi_parameter_store.", 1) if module else None
        for name in components.__all__
        for module in [getattr(getattr(components, name), "__module__", None)]
    }


def test_it_installs_a_command(installed: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(installed / "bin" / "pulumi-parameter-store"), *arguments]
        env = {**os.environ, "PYTHONPATH": str(installed)}
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    version = run("--version")
    assert (version.returncode, version.stdout) == (0, f"pulumi-parameter-store {components.__version__}\n")
    assert run("--help").stdout.startswith("usage: pulumi-parameter-store [-h] [--version] COMMAND ...\n")
    (tmp_path / "outputs.json").write_text('{"externalSecrets": {"db": {"namespace": "team-a"}}}', "utf-8")
    status = run("status", "--outputs", "outputs.json", "--check")
    assert (status.returncode, status.stdout.split()[:2]) == (1, ["NAMESPACE", "NAME"])
    (tmp_path / "state.json").write_text('{"deployment": {}}', "utf-8")
    assert run("cost", "--state", "state.json").stdout == "The stack has no stores whose calls are counted.\n"
    wrong = run("state")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("error: argument COMMAND: invalid choice: 'state'")
    assert wrong.stderr.endswith("; see `pulumi-parameter-store --help`\n")
    assert wrong.stderr.count("\n") == 1


def test_what_the_readme_links_to_is_in_the_source_archive(tmp_path: Path) -> None:
    archive = build("sdist", tmp_path)
    shutil.unpack_archive(archive, tmp_path, filter="data")
    source = archive.with_name(archive.name.removesuffix(".tar.gz"))
    links = {link for link in re.findall(r"\]\(([^)#\s]+)", (ROOT / "README.md").read_text()) if "://" not in link}
    assert len(links) > 10
    assert {link for link in links if not (source / link).exists()} == set()
