"""What Pulumi's own YAML reader refuses in a project or stack file is one line here too, with file, line and reason."""

from pathlib import Path

import pytest

from sandbox.engine.errors import ProjectError
from sandbox.engine.yaml_files import load_yaml
from tests.sandbox.engine.support import ProjectFactory

REPEATED = {
    "a setting": ("config:\n  a: 1\n  b: 2\n  a: 3\n", 4, "a", 2),
    "a field of an entry": (
        "config:\n  shop:externalSecrets:\n    - name: db\n      data: []\n      name: other\n",
        5,
        "name",
        3,
    ),
    "config itself": ("config:\n  a: 1\nconfig:\n  b: 2\n", 3, "config", 1),
    "in quotes": ("config:\n  a: 1\n  'a': 2\n", 3, "a", 2),
    "in braces": ("config: {aws:region: a, aws:region: b}\n", 1, "aws:region", 1),
    "below an anchor": ("config:\n  a: &x {k: 1, k: 2}\n  b: *x\n", 2, "k", 2),
    "merged twice": ("x: &x {a: 1}\nconfig:\n  <<: *x\n  <<: *x\n", 4, "<<", 3),
    "a number and its text": ("config:\n  1: a\n  '1': b\n", 3, "1", 2),
    "empty": ("config:\n  a:\n  a:\n", 3, "a", 2),
}
INVALID = {
    "config: [a\n": "(line 2, column 1): expected ',' or ']', but got '<stream end>'",
    "config:\n\ta: 1\n": "(line 2, column 1): found character '\\t' that cannot start any token",
    "config:\n  a: *TOPSECRET\n": "(line 2, column 6): found undefined alias",
    "config:\n  a: !TOPSECRET\n": "(line 2, column 6): could not determine a constructor for the tag",
    "config:\n  a: !TOP!SECRET x\n": "(line 2, column 6): found undefined tag handle",
    "config:\n  a: TOPSECRET: b\n": "(line 2, column 15): mapping values are not allowed here",
    "config:\n  a: 2024-13-45\n": "something looks like a date or a number and is none; put it in quotes",
    "config:\n  a: x\0y\n": "special characters are not allowed",
    "config: " + "[" * 4000: "it is nested too deeply",
    "config:\n  a: 'TOPSECRET\n": "found unexpected end of stream",
}


@pytest.mark.parametrize("case", REPEATED)
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, case: str) -> None:
    text, line, key, first = REPEATED[case]
    assert refusal(tmp_path, text.encode()) == (
        f"{tmp_path}/Pulumi.dev.yaml (line {line}): the key {key!r} stands twice, first in line {first}; "
        "remove one of the two"
    )


@pytest.mark.parametrize("text", INVALID)
def test_other_faults_are_said_with_place_and_reason(tmp_path: Path, text: str) -> None:
    found = refusal(tmp_path, text.encode())
    assert found.startswith(f"{tmp_path}/Pulumi.dev.yaml: not valid YAML")
    assert INVALID[text] in found
    assert "SECRET" not in found
    assert "\n" not in found


@pytest.mark.parametrize("content", [b"config: {a: \xff}\n", "config: {a: b}\n".encode("utf-16")])
def test_a_file_in_another_encoding_is_named(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == (
        f"{tmp_path}/Pulumi.dev.yaml: not valid YAML: it is not in UTF-8; save it as UTF-8"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        ("a: {k: 1}\nb: {k: 2}\n", {"a": {"k": 1}, "b": {"k": 2}}),
        ("a: [{k: 1}, {k: 2}]\n", {"a": [{"k": 1}, {"k": 2}]}),
        ("a: &x {k: 1}\nb: *x\nc: {<<: *x, k: 2}\n", {"a": {"k": 1}, "b": {"k": 1}, "c": {"k": 2}}),
        ("\ufeffa: 1\n", {"a": 1}),
    ],
)
def test_what_is_not_repeated_is_read(tmp_path: Path, text: str, value: object) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_yaml(file) == value


def test_an_operation_ends_with_it(make_project: ProjectFactory) -> None:
    project = make_project("import pulumi\npulumi.export('ran', True)")
    project.write("Pulumi.dev.yaml", "config:\n  test:a: one\n  test:a: two\n")
    with pytest.raises(ProjectError, match=r"Pulumi\.dev\.yaml \(line 3\): the key 'test:a' stands twice"):
        project.run("preview")


def refusal(folder: Path, content: bytes) -> str:
    file = folder / "Pulumi.dev.yaml"
    file.write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        load_yaml(file)
    return str(caught.value)
