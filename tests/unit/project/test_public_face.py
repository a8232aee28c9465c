"""What programs import from the package itself: every public name, loaded when it is first used."""

import ast
import pkgutil
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, assert_type

import pytest

import components
from components import ExternalSecret, RemoteRef, __version__
from components.external_secret import RemoteRef as SameRef
from tests.support.paths import ROOT

if TYPE_CHECKING:
    # `make lint` fails if a checker takes this for a name that exists: mypy refuses an `ignore` that nothing needs.
    from components import RemoteReference  # type: ignore[attr-defined]  # noqa: F401

FACES = (
    *("external_secret", "cluster_external_secret", "cluster_push_secret"),
    *("manifests", "parameter_store", "status"),
)


def test_all_names_of_the_public_modules_are_exported_and_nothing_else() -> None:
    of_faces = {name for face in FACES for name in import_module(f"components.{face}").__all__}
    assert sorted(components.__all__) == sorted({*of_faces, "__version__"})


@pytest.mark.parametrize("face", FACES)
def test_an_exported_name_is_that_of_its_module(face: str) -> None:
    module = import_module(f"components.{face}")
    assert [name for name in module.__all__ if getattr(components, name) is not getattr(module, name)] == []


def test_type_checkers_are_told_of_every_name() -> None:
    tree = ast.parse((ROOT / "components" / "__init__.py").read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    declared = [alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    declared += [ast.unparse(node.target) for node in block.body if isinstance(node, ast.AnnAssign)]
    assert sorted(declared) == sorted(components.__all__)
    assert_type(RemoteRef("/prod/db"), SameRef)
    assert issubclass(assert_type(ExternalSecret, type[ExternalSecret]), object)


def test_names_can_be_listed_and_misspelt_ones_are_told() -> None:
    assert {*components.__all__} <= {*dir(components)}
    with pytest.raises(AttributeError, match=r"^module 'components' has no attribute 'SecretStor'$"):
        _ = components.SecretStor  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="cannot import name 'SecretStor' from 'components'"):
        import_from("SecretStor")


def test_no_name_hides_a_module() -> None:
    assert {each.name for each in pkgutil.iter_modules(components.__path__)}.isdisjoint(components.__all__)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert __version__ == project["version"]


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        ("import pulumi.dynamic, components.providers.sync, components.providers.snapshot", []),
        ("import components.providers.sync, components.providers.snapshot", []),
        ("from components import __version__", []),
        ("from components import SecretStore", ["parameter_store", "program"]),
    ],
)
def test_nothing_is_loaded_before_it_is_used(statement: str, loaded: list[str]) -> None:
    parts = {*FACES, "program", "settings"}
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = {*done.stdout.split()}
    assert sorted(part for part in parts if f"components.{part}" in modules) == loaded
    assert modules.isdisjoint({"pulumi_aws", "pulumi_kubernetes"})


def test_what_a_provider_is_given_is_noted_before_a_name_is_used() -> None:
    code = """
import pulumi
import pulumi_aws as aws

import components
from tests.components.support import declare
from tests.support.paths import ROOT


def program():
    provider = aws.Provider("prod", region="eu-central-1")
    components.SecretStore("team-a", namespace="team-a", opts=pulumi.ResourceOptions(provider=provider))


print(declare(program).registered["Snapshot", "team-a"]["store"]["region"])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "eu-central-1\n"


def import_from(name: str) -> None:
    exec(f"from components import {name}", {})  # noqa: S102


@pytest.mark.parametrize("name", ["components", "renamed"])
@pytest.mark.parametrize(
    "beside", [None, '[project]\nname = "shop"\nversion = "7"\n', "[tool.x]\n", "project = 1", "no TOML"]
)
def test_a_copy_of_the_folder_alone_has_an_unknown_version(tmp_path: Path, name: str, beside: str | None) -> None:
    (tmp_path / name).mkdir()
    shutil.copy(Path(str(components.__file__)), tmp_path / name)
    if beside is not None:
        (tmp_path / "pyproject.toml").write_text(beside)
    program = f"import {name}; print({name}.__version__)"
    # -S: no metadata of an installed one either
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("unknown\n", "")
