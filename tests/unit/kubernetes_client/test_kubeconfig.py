"""Which kubeconfig is read, how several are merged, and what is said when something in them is missing."""

import os
from pathlib import Path

import pytest
import yaml

from components.clients.kubernetes.cluster_errors import KubeconfigError
from components.clients.kubernetes.connection import load_cluster
from components.clients.kubernetes.credentials import TokenFile
from tests.unit.kubernetes_client.support import kubeconfig_text

A, B = "https://a.test:6443", "https://b.test:6443"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_explicit_path_wins_over_the_environment(tmp_path: Path) -> None:
    explicit = write(tmp_path / "a", kubeconfig_text(A))
    other = write(tmp_path / "b", kubeconfig_text(B))
    assert load_cluster(str(explicit), None, {"KUBECONFIG": str(other)}).server == A


def test_variable_wins_over_the_home_folder(tmp_path: Path) -> None:
    write(tmp_path / ".kube" / "config", kubeconfig_text(A))
    other = write(tmp_path / "b", kubeconfig_text(B))
    assert load_cluster(None, None, {"HOME": str(tmp_path), "KUBECONFIG": str(other)}).server == B
    assert load_cluster(None, None, {"HOME": str(tmp_path)}).server == A


def test_explicit_path_may_start_at_home(tmp_path: Path) -> None:
    write(tmp_path / "mine", kubeconfig_text(A))
    assert load_cluster("~/mine", None, {"HOME": str(tmp_path)}).server == A


def test_context_can_be_chosen(tmp_path: Path) -> None:
    first = write(tmp_path / "a", kubeconfig_text(A, name="a"))
    second = write(tmp_path / "b", kubeconfig_text(B, name="b"))
    environ = {"KUBECONFIG": os.pathsep.join([str(first), str(second)])}
    assert load_cluster(None, None, environ).server == A
    assert load_cluster(None, "b", environ).server == B


def test_first_file_wins_entry_by_entry_and_entries_are_not_mixed(tmp_path: Path) -> None:
    first = yaml.safe_load(kubeconfig_text(A))
    del first["current-context"]
    first["contexts"] = []
    second = kubeconfig_text(B, cluster={"tls-server-name": "other"})
    files = [write(tmp_path / "a", yaml.safe_dump(first)), write(tmp_path / "b", second)]
    connection = load_cluster(None, None, {"KUBECONFIG": os.pathsep.join(map(str, files))})
    # Context and current-context come from the second file, the cluster as a whole from the first.
    assert connection.server == A
    assert connection.trust.server_name is None


def test_missing_and_empty_files_in_the_variable_are_passed_over(tmp_path: Path) -> None:
    files = [tmp_path / "missing", write(tmp_path / "empty", ""), write(tmp_path / "b", kubeconfig_text(B))]
    assert load_cluster(None, None, {"KUBECONFIG": os.pathsep.join(map(str, files))}).server == B


def test_relative_paths_start_at_their_own_file(tmp_path: Path) -> None:
    path = write(tmp_path / "deep" / "config", kubeconfig_text(A, user={"tokenFile": "secrets/token"}))
    write(tmp_path / "deep" / "secrets" / "token", "from-file\n")
    credentials = load_cluster(str(path), None, {}).credentials
    assert isinstance(credentials, TokenFile)
    assert credentials.current().token == "from-file"


def test_context_namespace(tmp_path: Path) -> None:
    config = yaml.safe_load(kubeconfig_text(A))
    path = write(tmp_path / "a", yaml.safe_dump(config))
    assert load_cluster(str(path), None, {}).namespace == "default"
    config["contexts"][0]["context"]["namespace"] = "team-a"
    write(path, yaml.safe_dump(config))
    assert load_cluster(str(path), None, {}).namespace == "team-a"


def test_base_path_and_trailing_slash_of_the_server(tmp_path: Path) -> None:
    path = write(tmp_path / "a", kubeconfig_text("https://rancher.test/k8s/clusters/c-1/"))
    assert load_cluster(str(path), None, {}).server == "https://rancher.test/k8s/clusters/c-1"


def test_missing_explicit_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="nowhere does not exist"):
        load_cluster(str(tmp_path / "nowhere"), None, {})


def test_a_folder_in_place_of_a_file_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match=rf"The kubeconfig {tmp_path} is a folder\. Give the path of"):
        load_cluster(str(tmp_path), None, {})
    with pytest.raises(KubeconfigError, match=r"The kubeconfig prod\.yaml does not exist"):
        load_cluster("prod.yaml", None, {})


def test_nothing_configured_at_all_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="aws eks update-kubeconfig"):
        load_cluster(None, None, {"HOME": str(tmp_path)})


def test_unknown_context_lists_the_known_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "a", kubeconfig_text(A, name="prod"))
    with pytest.raises(KubeconfigError, match=r"no context 'staging' in .*Contexts: prod\."):
        load_cluster(str(path), "staging", {})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"current-context": ""}, "sets no current-context"),
        ({"clusters": []}, "refers to the cluster 'test'"),
        ({"users": []}, "refers to the user 'test'"),
        ({"clusters": "x"}, "is not a kubeconfig"),
        ({"users": [{"user": {}}]}, "An item of 'users' in the kubeconfig .* has no name"),
        ({"clusters": [{"name": "test", "cluster": {"server": "a.test:6443"}}]}, "must be an https:// URL"),
        ({"clusters": [{"name": "test", "cluster": {"server": "https://me:pw@a.test"}}]}, "holds a user name"),
        (
            {"users": [{"name": "test", "user": {"token": 5}}]},
            "'token' of user 'test' in the kubeconfig must be a string",
        ),
        ({"users": [{"name": "test", "user": {"client-key": "k"}}]}, "only one of client-certificate and client-key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, object], text: str) -> None:
    path = write(tmp_path / "a", yaml.safe_dump(yaml.safe_load(kubeconfig_text(A)) | change))
    with pytest.raises(KubeconfigError, match=text):
        load_cluster(str(path), None, {})


def test_broken_yaml_is_reported_by_line_without_its_content(tmp_path: Path) -> None:
    path = write(tmp_path / "a", "users:\n- name: x\n  user: {token: canary-token\n")
    with pytest.raises(KubeconfigError, match=r"not valid YAML \(line \d, column \d\)") as caught:
        load_cluster(str(path), None, {})
    assert "canary" not in str(caught.value)


def test_broken_base64_is_reported_without_its_content(tmp_path: Path) -> None:
    user = {"client-certificate-data": "canary!", "client-key-data": "canary!"}
    path = write(tmp_path / "a", kubeconfig_text(A, user=user))
    with pytest.raises(KubeconfigError, match="client-certificate-data") as caught:
        load_cluster(str(path), None, {})
    assert "canary" not in str(caught.value)


def test_no_credential_shows_in_a_repr(tmp_path: Path) -> None:
    path = write(tmp_path / "a", kubeconfig_text(A, user={"token": "canary-token"}))
    assert "canary" not in repr(load_cluster(str(path), None, {}))


@pytest.mark.parametrize("kind", ["cluster", "user", "context"])
def test_an_entry_that_stands_twice_is_refused_as_by_kubectl(tmp_path: Path, kind: str) -> None:
    document = yaml.safe_load(kubeconfig_text(A))
    other = yaml.safe_load(kubeconfig_text(B))
    document[f"{kind}s"].append(other[f"{kind}s"][0])
    path = write(tmp_path / "a", yaml.safe_dump(document))
    with pytest.raises(KubeconfigError, match=rf"has two entries of the {kind} '.*', which kubectl refuses\. Keep one"):
        load_cluster(str(path), None, {})


@pytest.mark.parametrize("head", [{"kind": "Secret"}, {"apiVersion": "v2"}, {"kind": "config"}, {"apiVersion": 1}])
def test_an_object_of_another_kind_is_no_kubeconfig(tmp_path: Path, head: dict[str, object]) -> None:
    path = write(tmp_path / "a", yaml.safe_dump({**yaml.safe_load(kubeconfig_text(A)), **head}))
    with pytest.raises(KubeconfigError, match="is not a kubeconfig"):
        load_cluster(str(path), None, {})


@pytest.mark.parametrize("name", ["apiVersion", "kind"])
def test_a_kubeconfig_may_leave_out_what_it_is(tmp_path: Path, name: str) -> None:
    document = yaml.safe_load(kubeconfig_text(A))
    document.pop(name, None)
    assert load_cluster(str(write(tmp_path / "a", yaml.safe_dump(document))), None, {}).server == A
