"""Whatever template and values are: a result or an error of the engine, with a place and without a value."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.templates.functions import FUNCTIONS

from .fuzz import Maker, main, outcome

WELL = {"rendered", "failed", "refused"}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list(string.printable + 'é\ud800{{}}--  ..$$||((""``')), max_size=60))
def test_any_text(text: str) -> None:
    assert outcome("{{ " + text, {}) in WELL
    assert outcome(text + " }}", {}) in WELL


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(FUNCTIONS)),
    values=st.lists(st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode)), min_size=3, max_size=3),
)
def test_any_values_for_any_function(name: str, values: list[bytes]) -> None:
    data = dict(zip("abc", values, strict=True))
    for count in range(4):
        assert outcome(f"{{{{ {name} {' '.join(['.a', '.b', '.c'][:count])} }}}}", data) in WELL


@pytest.mark.parametrize("seed", range(4))
def test_made_up_templates(seed: int) -> None:
    maker = Maker(random.Random(seed), sorted(FUNCTIONS))  # noqa: S311 - a case has to come again
    found = [outcome(maker.template(), maker.values()) for _ in range(150)]
    assert set(found) <= WELL
    assert found.count("rendered") > 15


def test_the_fuzzer_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", "30", "--seed", "5"]) == 0
    assert "of 30" in capsys.readouterr().out
