"""Texts that are made to cost much, or to crash: each is refused, or read, in bounded time and memory."""

import subprocess
import sys
import time

import pytest

from components.golang.yaml.documents import read_document, read_documents
from components.golang.yaml.yaml_errors import YamlError
from components.golang.yaml.yaml_limits import MAX_BYTES, MAX_DEPTH, MAX_DOCUMENTS, MAX_VALUES

MERGES = "x:\n  m0: &m0 {a: b}\n" + "".join(
    f"  m{i}: &m{i} {{<<: [{','.join([f'*m{i - 1}'] * 10)}]}}\n" for i in range(1, 9)
)
LISTS = "l0: &l0 []\n" + "".join(f"l{i}: &l{i} [{','.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, 10))
CHAIN = "l0: &l0 [a]\n" + "".join(f"l{i}: &l{i} [*l{i - 1}]\n" for i in range(1, 5000))
BIG_MAP = "x: &x {" + ", ".join(f"k{i}: 1" for i in range(2000)) + "}\ny: [" + ", ".join(["{<<: *x}"] * 2000) + "]\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MERGES, "nearly all of the document is aliases"),
        (LISTS, "nearly all of the document is aliases"),
        (BIG_MAP, "nearly all of the document is aliases"),
        (CHAIN, f"nested deeper than {MAX_DEPTH} levels"),
        ("[" * 100_000 + "]" * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        ("a: " + "{a: " * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        ("- " * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        ("\n".join(" " * level + "a:" for level in range(1000)), f"nested deeper than {MAX_DEPTH} levels"),
        ('{"a": ' * 100_000 + "1" + "}" * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        ('{"a": ' + "[" * 300 + "]" * 300 + "}", f"nested deeper than {MAX_DEPTH} levels"),
        ("[" + "1," * (MAX_VALUES + 1) + "]", f"more than {MAX_VALUES} values"),
        ("---\n\n" * (MAX_DOCUMENTS + 1), f"more than {MAX_DOCUMENTS} documents"),
        ("{}" * (MAX_DOCUMENTS + 1), f"more than {MAX_DOCUMENTS} documents"),
        ("".join(f"%TAG !a{i}! x:{i}\n" for i in range(100_000)) + "---\na", "lines begin with %"),
        ("a" * (MAX_BYTES + 1), "larger than 8 MiB"),
    ],
)
def test_what_costs_too_much_is_refused(text: str, problem: str) -> None:
    began = time.process_time()
    with pytest.raises(YamlError) as caught:
        read_documents(text)
    assert problem in caught.value.problem
    assert time.process_time() - began < 20  # seconds; without limits: minutes, or never


@pytest.mark.parametrize("text", [MERGES, LISTS, CHAIN, BIG_MAP, "foo: " + "[" * 100_000 + "]" * 100_000])
def test_a_kubeconfig_is_bounded_too(text: str) -> None:
    with pytest.raises(YamlError):
        read_document(text, unique_keys=False)


@pytest.mark.parametrize(
    "digits", ["1" * 5000, "0x" + "f" * 5000, "0b" + "1" * 5000, "-" + "9" * 5000, "1." + "1" * 5000]
)
def test_numbers_of_many_digits_end(digits: str) -> None:
    (document,) = read_documents(f"a: {digits}")
    assert document.value["a"] in (digits, 1.1111111111111112)


def test_a_json_number_of_many_digits_is_refused_as_by_kubectl() -> None:
    with pytest.raises(YamlError, match="a number is too large"):
        read_documents('{"a": ' + "1" * 5000 + "}")


def test_deep_texts_do_not_crash_the_process() -> None:
    script = (
        "import sys\nfrom components.golang.yaml.documents import read_document\n"
        "from components.golang.yaml.yaml_errors import YamlError\n"
        "try:\n    read_document('foo: ' + '[' * 1000000)\nexcept YamlError as error:\n    print(error.problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"it is nested deeper than {MAX_DEPTH} levels\n")


def test_as_many_levels_and_aliases_as_people_need_are_read() -> None:
    assert read_documents("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    text = "x: &x {a: 1, b: [1, 2]}\nz: [" + ", ".join(["*x"] * 2000) + "]\n"
    (document,) = read_documents("pad: [" + ", ".join(["1"] * 400) + "]\n" + text)
    assert document.value["z"][-1] == {"a": 1, "b": [1, 2]}


def test_without_libyaml_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    with pytest.raises(YamlError, match=r"without libyaml.*pip install --force-reinstall --only-binary :all: PyYAML"):
        read_documents("a: b")
    (document,) = read_documents('{"a": "b"}')  # JSON needs no libyaml
    assert document.value == {"a": "b"}


def test_the_line_of_each_document_is_known() -> None:
    documents = read_documents("# c\na: 1\n---\n\n# d\nb: 2\n---\n---\n- 3\n")
    assert [(each.number, each.line, each.value) for each in documents] == [
        (1, 2, {"a": 1}),
        (2, 6, {"b": 2}),
        (3, 9, [3]),
    ]
    assert [each.line for each in read_documents('{"a": 1}\n\n{"b": 2}\n')] == [1, 3]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: b\r\nc: d\r\ne: [\r\n", 4, 1),
        ("\ufeffa: 'é\U0001f600' x", 1, 9),
        ("a: b\n---\nc: d\n---\n  e: \x0b\n", 5, 6),
        ("a: b\n--- c\n", 2, 1),
        ('{"a": 1}\n{"b": }\n{"c": 1}', 3, 1),
        ('{"a": 1,\n "b": 2,\n "a": 3}', 3, 2),
        ("a: b\n...\nc: d\n", 3, 1),
    ],
)
def test_line_and_column_are_those_of_the_file(text: str, line: int, column: int) -> None:
    with pytest.raises(YamlError) as caught:
        read_documents(text)
    assert (caught.value.line, caught.value.column) == (line, column)
