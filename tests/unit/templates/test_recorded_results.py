"""Every result recorded from Go, with ESO's functions and `missingkey=error`, is the same here, byte for byte.

A line of golden.jsonl holds a template, its data and what Go made of it: `want`, or in `error` the step that fails.
Strings hold bytes, one character each (Latin-1), but for the template.
"""

import json
from pathlib import Path

import pytest

from components.golang.templates import TemplateRenderError, TemplateSyntaxError, parse
from components.golang.templates.functions import FUNCTIONS

GOLDEN = Path(__file__).parent / "golden.jsonl"
RECORDED = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def result(template: str, data: dict[str, str]) -> dict[str, str]:
    try:
        parsed = parse(template, "case")
    except TemplateSyntaxError:
        return {"error": "parse"}
    try:
        rendered = parsed.render({key: value.encode("latin-1") for key, value in data.items()})
    except TemplateRenderError:
        return {"error": "execute"}
    return {"want": rendered.decode("latin-1")}


@pytest.mark.parametrize("start", range(0, len(RECORDED), 100))
def test_results_are_those_of_go(start: int) -> None:
    for case in RECORDED[start : start + 100]:
        expected = {name: case[name] for name in ("want", "error") if name in case}
        assert (case["template"], result(case["template"], case["data"])) == (case["template"], expected)


def test_the_record_shows_nearly_every_function() -> None:
    assert len(RECORDED) > 1100
    rendered = " ".join(case["template"] for case in RECORDED if "want" in case)
    words = set(rendered.replace("(", " ").replace(")", " ").split())
    not_shown = {name for name, function in FUNCTIONS.items() if name not in words and not function.varies}
    # Those on keys and certificates have new keys in each test: see test_certificates.py.
    assert not_shown == {
        "certSANs", "filterCertChain", "jwkPrivateKeyPem", "jwkPublicKeyPem",
        "pkcs12cert", "pkcs12certPass", "pkcs12key", "pkcs12keyPass",
    }  # fmt: skip
