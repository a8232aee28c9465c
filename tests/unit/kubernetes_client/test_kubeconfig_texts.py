"""Kubeconfigs are read as client-go reads them; what it does not read is one line that shows nothing of the file."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.clients.kubernetes.cluster_errors import KubeconfigError
from components.clients.kubernetes.kubeconfig import find_kubeconfig, parse_kubeconfig
from tests.unit.kubernetes_client.support import kubeconfig_text

FILE = Path("/x/config")
MERGES = "x:\n  m0: &m0 {a: b}\n" + "".join(
    f"  m{i}: &m{i} {{<<: [{','.join([f'*m{i - 1}'] * 10)}]}}\n" for i in range(1, 9)
)


@pytest.mark.parametrize(
    "text",
    [
        "token: !!int canary",
        "token: !!bool canary",
        "token: !!float canary",
        "token: !!timestamp canary",
        "token: !!binary canary",
        "token: canary: canary",
        "token: 'canary",
        'token: "canary\\q"',
        'token: "canary\\uD800"',
        "token: @canary",
        "token: *canary",
        "canary: &canary [*canary]",
        "? [canary]\n: canary",
        "~: canary",
        "token: canary\x0b",
        "token: [canary",
        "\tcanary: canary",
        "token: {{ canary }}",
        "<<: canary",
        "a: canary\n...\nb: canary\n",
        "a: canary\n---\nb: canary\n",
        "%YAML 1.2\n---\ntoken: canary",
        "token: canary # " + "[" * 10 + "\n]",
        '{"token": "canary\\/"}',
        '{"token": "canary\\ud83d\\ude00"}',
        "1: canary\n'1': canary\n",
        "foo: " + "[" * 100_000 + "]" * 100_000,
        MERGES,
    ],
)
def test_what_client_go_refuses_or_loses_is_one_line_without_a_word_of_the_file(text: str) -> None:
    began = time.process_time()
    with pytest.raises(KubeconfigError) as caught:
        parse_kubeconfig(text, FILE)
    said = str(caught.value)
    assert said.startswith("The kubeconfig /x/config is not valid YAML (line ")
    assert "\n" not in said
    assert "canary" not in said
    assert time.process_time() - began < 20


@pytest.mark.parametrize("text", ["a: " + "1" * 5000, "a: 0x_", "a: 22:30", "a: .infx", "", "# nothing", "---\n---"])
def test_what_client_go_takes_is_taken(text: str) -> None:
    assert parse_kubeconfig(text, FILE).contexts == {}


@pytest.mark.parametrize("text", ["text", "- a", "5", "clusters: x", "current-context: 5", "current-context: [a]"])
def test_what_is_yaml_but_no_kubeconfig_is_said(text: str) -> None:
    with pytest.raises(KubeconfigError, match=r"/x/config is not a kubeconfig\."):
        parse_kubeconfig(text, FILE)


def test_a_deep_kubeconfig_does_not_kill_the_process() -> None:
    script = (
        "from pathlib import Path\nfrom components.clients.kubernetes.cluster_errors import KubeconfigError\n"
        "from components.clients.kubernetes.kubeconfig import parse_kubeconfig\n"
        "try:\n    parse_kubeconfig('foo: ' + '[' * 100000 + ']' * 100000, Path('/x/c'))\n"
        "except KubeconfigError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("The kubeconfig /x/c is not valid YAML (line 1, column 205): it is nested deeper")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_with_a_byte_order_mark_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "config"
    path.write_bytes(kubeconfig_text("https://a.test:6443", name="é").encode(encoding))
    read = find_kubeconfig(str(path), {})
    assert read is not None
    assert list(read.clusters) == ["é"]


def test_other_encodings_and_huge_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    for data, problem in (
        (
            "a: canary".encode("utf-16-le"),
            "not valid YAML: it is written in UTF-16 without a byte order mark",
        ),
        (b"a: b\nc: canary\xff", r"not valid YAML \(line 2, column 10\): it is not UTF-8 here; save it as UTF-8\."),
        (b"#" * (9 * 1024 * 1024), "Cannot read the kubeconfig .*: it is larger than 8 MiB"),
    ):
        path.write_bytes(data)
        with pytest.raises(KubeconfigError, match=problem) as caught:
            find_kubeconfig(str(path), {})
        assert "canary" not in str(caught.value)


def test_values_and_later_keys_are_those_of_client_go() -> None:
    text = (
        "contexts: [{name: test, context: {cluster: a, user: on, namespace: '007'}}]\n"
        "clusters:\n- name: a\n  cluster: {server: https://a.test, server: https://b.test}\n"
        "current-context: x\ncurrent-context: test\n"
        "users: [{name: 'on', user: {tokenFile: it\\'s, extra: {NO: a, on: b}}}]\n"
    )
    read = parse_kubeconfig(text, FILE)
    assert read.current_context == "test"
    assert read.clusters["a"].fields == {"server": "https://b.test"}
    assert read.users["on"].fields["extra"] == {"false": "a", "true": "b"}
