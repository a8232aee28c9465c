"""What our reader makes of texts, compared with what kubectl's decoders made of them."""

import json
from collections import Counter

import pytest

from components.golang.yaml.documents import read_documents
from components.golang.yaml.yaml_errors import YamlError
from tools.kubectl_yaml.comparing import ours, same
from tools.kubectl_yaml.corners import corners
from tools.kubectl_yaml.manifests import MANIFESTS
from tools.kubectl_yaml.records import records
from tools.kubectl_yaml.texts import Maker

RECORDS = tuple(records())

ON_PURPOSE = {
    # Go reads on without a word, where a part of the text is lost or changed.
    "this stands behind the end of a document, and kubectl would pass over it without a word",
    r"a \u escape is half of a pair (a lone surrogate), which is no character",
    "the value of !!binary is not UTF-8, and would be changed on its way",
    "it is not UTF-8 here; save it as UTF-8",
    "it is not UTF-16 here; save it as UTF-8",
    "JSON, and so Kubernetes, knows no infinity and no .nan; quote it if it is a word",  # the key comes a second time
    # libyaml parses these in another way.
    "for kubectl this : belongs to the word before it; write a space behind it",
    "a comma right after a tag is part of the tag for kubectl; write a space",
    "a byte order mark stands within a document; take it out",
    # Limits.
    "it is nested deeper than 200 levels",
}


def test_there_are_enough_records_of_both_kinds() -> None:
    taken = Counter((record.kind, record.values is not None) for record in RECORDS)
    assert len(RECORDS) >= 2000
    assert min(taken.values()) > 400
    assert len(taken) == 4


def test_every_text_that_kubectl_takes_has_the_same_values_or_is_refused_on_purpose() -> None:
    refused = set()
    for record in RECORDS:
        documents, problem = ours(record.kind, record.text)
        if record.values is not None and documents is None:
            refused.add(problem)
        elif record.values is not None:
            assert same(documents, record.values), record
    assert refused == ON_PURPOSE


def test_every_text_that_kubectl_refuses_is_refused() -> None:
    for record in RECORDS:
        if record.values is None:
            assert ours(record.kind, record.text)[0] is None, record


def test_refusing_keys_that_are_written_twice_changes_nothing_else() -> None:
    for record in RECORDS:
        documents, _ = ours(record.kind, record.text)
        strict, problem = ours(record.kind, record.text, unique_keys=True)
        if documents is not None and strict is None:
            assert "is written twice" in problem, record
        elif documents is not None:
            assert same(strict, documents), record


def test_every_refusal_names_a_place_in_the_text_and_quotes_nothing_of_it() -> None:
    for record in RECORDS:
        data = record.text.replace(b"a", b"canary")
        error = refusal(data)
        if error is None:
            continue
        assert "canary" not in error.problem
        assert "\n" not in error.problem
        if error.line is None:
            assert error.problem.startswith("it is written in UTF-")
            continue
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
        lines = [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]
        assert 1 <= error.line <= len(lines), record
        assert 1 <= (error.column or 0) <= len(lines[error.line - 1]) + 1, record


def refusal(data: bytes) -> YamlError | None:
    try:
        read_documents(data, unique_keys=False)
    except YamlError as error:
        return error
    return None


@pytest.mark.parametrize("seed", range(3))
def test_any_text_is_read_or_refused(seed: int) -> None:
    maker = Maker(1000 + seed, MANIFESTS)
    for _ in range(400):
        text = maker.text()
        try:
            documents = read_documents(text)
        except YamlError:
            continue
        # What was read is JSON, and can be stored as UTF-8.
        json.dumps([each.value for each in documents], allow_nan=False, ensure_ascii=False).encode()


def test_texts_are_the_same_each_time() -> None:
    first, second = (Maker(5, MANIFESTS) for _ in range(2))
    assert [first.text() for _ in range(50)] == [second.text() for _ in range(50)]
    assert corners() == corners()
