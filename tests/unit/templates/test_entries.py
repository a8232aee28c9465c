"""A rendered text becomes keys and values as with sigs.k8s.io/yaml; the results are recorded from Go."""

import pytest

from components.golang.templates import TemplateRenderError, entries

RECORDED = {
    "a: 1": "1", "a: 1.5": "1.5", "a: 16777217.5": "1.6777218e+07", "a: true": "true", "a: yes": "true", "a: null": "",
    "a:": "", "a: 'x'": "x", "a: 2001-01-01": "2001-01-01", "a: 0x10": "16", "a: 1e3": "1000", "a: .inf": "+Inf",
    "a: 12345678901234567890": "12345678901234567890", "a: 99999999999999999999999": "1e+23", "a: 010": "8",
    "a: |\n  l1\n  l2\n": "l1\nl2\n", "a: 1\na: 2": "2", "a: ~": "", "a: !!str 5": "5", "a: 1.0": "1",
    "a: 100000000.0": "1e+08", "a: 0.1": "0.1", "a: -0.0": "-0", "a: 1_000": "1000", "a: .5": "0.5",
    "a: 123456789": "123456789", "a: 1e-7": "1e-07", "a: 1234567.0": "1.234567e+06",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), RECORDED.items())
def test_scalars_become_strings(text: str, value: str) -> None:
    assert entries(text.encode(), "literal") == {"a": value.encode()}


@pytest.mark.parametrize(("text", "key"), [("1: x", "1"), ("true: x", "true"), ("1.5: x", "1.5"), ("'': x", "")])
def test_keys_become_strings(text: str, key: str) -> None:
    assert entries(text.encode(), "literal") == {key: b"x"}


@pytest.mark.parametrize("text", ["", "null", "# nothing"])
def test_nothing_is_no_keys(text: str) -> None:
    assert entries(text.encode(), "literal") == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("s3cr3t: [x]", "the value of key number 1 is a list or map"),
        ("a: [s3cr3t]", "the value of key number 1 is a list or map"),
        ("a: {s3cr3t: c}", "the value of key number 1 is a list or map"),
        ("- s3cr3t", "not a map"),
        ("s3cr3t", "not a map"),
        ("a: 's3cr3t", "not valid YAML"),
        ("a: s3cr3t: x", "not valid YAML"),
        ("~: s3cr3t", "a key in it is no text"),
    ],
)
def test_what_is_no_map_of_strings_is_refused_without_showing_it(text: str, reason: str) -> None:
    with pytest.raises(TemplateRenderError, match=reason) as caught:
        entries(text.encode(), "templateFrom[0].literal")
    assert str(caught.value).startswith("template templateFrom[0].literal: ")
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__suppress_context__
