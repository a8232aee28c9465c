"""Whatever template and values are: a result or an error of the engine, with a place and without a value."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from components.golang.templates.functions import FUNCTIONS
from tools.fuzz.cases import WELL, outcome
from tools.fuzz.templates import case


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list(string.printable + 'é\ud800{{}}--  ..$$||((""``')), max_size=60))
def test_any_text(text: str) -> None:
    assert outcome(case("{{ " + text, {})) in WELL
    assert outcome(case(text + " }}", {})) in WELL


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(FUNCTIONS)),
    values=st.lists(st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode)), min_size=3, max_size=3),
)
def test_any_values_for_any_function(name: str, values: list[bytes]) -> None:
    data = dict(zip("abc", values, strict=True))
    for count in range(4):
        template = f"{{{{ {name} {' '.join(['.a', '.b', '.c'][:count])} }}}}"
        assert outcome(case(template, data)) in WELL
