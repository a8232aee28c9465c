"""The wheel: the same source under its own import name, typed, with its licence and without the sandbox."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = into.glob("pulumi_parameter_store-*.whl")
    return built


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
