"""Where no cluster is configured, the error names the places that were looked at, and what was wrong with each."""

from pathlib import Path

import pytest

from components.clients.kubernetes.cluster_errors import KubeconfigError
from components.clients.kubernetes.connection import load_cluster
from components.clients.kubernetes.kubeconfig import find_kubeconfig, why_none

TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6Ilg5"


def refusal(environ: dict[str, str], tmp_path: Path) -> str:
    with pytest.raises(KubeconfigError) as caught:
        load_cluster(None, None, environ, service_account=tmp_path / "none")
    text = str(caught.value)
    assert text.startswith("No Kubernetes cluster is configured: ")
    assert "\n" not in text
    return text


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = refusal({"KUBECONFIG": "/tmp/nope", "HOME": str(tmp_path)}, tmp_path)  # noqa: S108  never made
    assert "KUBECONFIG names no kubeconfig: /tmp/nope does not exist, and this is not a pod" in text


def test_each_of_several_paths_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.touch()
    text = refusal({"KUBECONFIG": f"{tmp_path}/a:{empty}:{tmp_path}/b.yaml"}, tmp_path)
    assert f"{tmp_path}/a does not exist, {empty} has no cluster in it, {tmp_path}/b.yaml does not exist, and" in text


def test_many_paths_are_counted(tmp_path: Path) -> None:
    text = refusal({"KUBECONFIG": ":".join(f"/none/{number}" for number in range(20))}, tmp_path)
    assert "/none/4 does not exist and 15 more files, and this is not a pod" in text


def test_the_default_place_is_named(tmp_path: Path) -> None:
    text = refusal({"HOME": str(tmp_path)}, tmp_path)
    assert f"KUBECONFIG is not set, and {tmp_path}/.kube/config does not exist" in text


def test_an_empty_file_in_the_default_place_is_named(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube/config").write_text("kind: Config\n", encoding="utf-8")
    assert f"{tmp_path}/.kube/config has no cluster in it" in refusal({"HOME": str(tmp_path)}, tmp_path)


def test_a_variable_of_separators_is_said(tmp_path: Path) -> None:
    assert "KUBECONFIG names no file, and this" in refusal({"KUBECONFIG": ":"}, tmp_path)


def test_an_environment_without_a_home_is_said(tmp_path: Path) -> None:
    assert "neither KUBECONFIG nor HOME is set" in refusal({}, tmp_path)


@pytest.mark.parametrize("content", [TOKEN, "token: TOPSECRET", f"/kube/config:{TOKEN}", "TOPSECRET"])
def test_what_may_be_a_credential_is_not_shown(tmp_path: Path, content: str) -> None:
    text = refusal({"KUBECONFIG": content}, tmp_path)
    assert TOKEN not in text
    assert "TOPSECRET" not in text
    assert "KUBECONFIG" in text


@pytest.mark.parametrize("path", ["./kube.yaml", "../kube/config.yaml", "kube.yaml", "./kubeconfig"])
def test_a_relative_path_is_said_to_begin_in_the_working_directory(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = str(Path(path))
    with pytest.raises(KubeconfigError) as raised:
        find_kubeconfig(path, {})
    assert str(raised.value) == f"The kubeconfig {named} does not exist in {tmp_path}, where relative paths begin."
    if path.endswith(".yaml"):
        assert f"{named} does not exist in {tmp_path}, where relative paths begin" in why_none({"KUBECONFIG": path})
    with pytest.raises(KubeconfigError, match=r"The kubeconfig /gone\.yaml does not exist\.$"):
        find_kubeconfig("/gone.yaml", {})
