"""Whatever pattern, text and replacement there are: a result in bounded work, or an error that quotes nothing."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.spec.rewrite_specs import RegexpRewrite
from components.core.spec.store_conditions import StoreCondition
from components.core.ssm.sources import Find
from components.errors import SpecError
from components.golang import regexp as regexps
from components.golang.regexp import PatternError, compile_pattern, find_all, replace_all, replace_expanded

PIECES = st.tuples(
    st.sampled_from(["a", "b", "ab", ".", "[ab]", "[^a]", "(a)", "(?:a|ab)"]),
    st.sampled_from(["", "", "*", "+", "?", "*?", "+?", "??", "{0,2}", "{2}"]),
).map("".join) | st.sampled_from(["^", "$", r"\b", "(b|)", "|"])
PATTERNS = st.lists(PIECES, max_size=5).map("".join)
ANY_PATTERN = st.text(alphabet="ab()[]{}|*+?.^$\\-,:!=<>P01kpLdCBé", max_size=25)


@settings(max_examples=300)
@given(PATTERNS, st.text(alphabet="abc \n", max_size=12))
def test_each_match_is_that_of_a_backtracking_engine_and_no_empty_one_is_right_behind_another(
    pattern: str, text: str
) -> None:
    theirs = re.compile(pattern.replace("$", r"\Z"))
    wanted: list[tuple[int, int]] = []
    position = 0
    while position <= len(text) and (found := theirs.search(text, position)):
        start, end = found.span()
        if end > start or not wanted or wanted[-1][1] != start:
            wanted.append((start, end))
        position = max(end, position + (end == position))
    assert find_all(pattern.encode(), text.encode()) == wanted


@settings(max_examples=300)
@given(ANY_PATTERN, st.text(max_size=30), st.text(alphabet="$1{}na_é", max_size=8))
def test_a_result_or_our_error(pattern: str, text: str, replacement: str) -> None:
    secret = "canary-4711" + text
    failure = None
    try:
        replace_expanded(pattern.encode(), secret.encode("utf-8", "replace"), replacement.encode()).decode()
    except PatternError as error:
        failure = error
    assert "canary" not in str(failure)
    assert failure is None or failure.__suppress_context__ or failure.__context__ is None


@settings(max_examples=200)
@given(ANY_PATTERN, st.text(max_size=20))
def test_a_text_that_is_replaced_by_its_matches_is_the_same(pattern: str, text: str) -> None:
    encoded = text.encode("utf-8", "replace")
    try:
        assert replace_expanded(pattern.encode(), encoded, b"$0") == encoded
    except PatternError:
        return
    spans = find_all(pattern.encode(), encoded)
    assert spans == sorted(spans)
    removed = replace_all(pattern.encode(), encoded, lambda _: b"")
    assert len(removed) == len(encoded) - sum(end - start for start, end in spans)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (b"(a+)+$", b"a" * 100_000 + b"!"),
        (b"(x+x+)+y", b"x" * 100_000),
        (b"(a|aa)*$|b", b"a" * 100_000),
        (b"a?" * 500 + b"a" * 500, b"a" * 500),
    ],
)
def test_patterns_that_explode_elsewhere_take_one_pass(pattern: bytes, text: bytes) -> None:
    assert len(find_all(pattern, text)) <= 1


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (b"(?:a.*b|a)", b"a" * 100_000),
        (b"(?:[ab]*a[ab]{900}c|([ab]))", b"abbaaabaabaab" * 1000),
        (b"|".join(b"a{%d}b" % count for count in range(1, 300)) + b"|a", b"a" * 14_000),
        (b"", b"a" * 200_000),
    ],
)
def test_a_search_that_starts_over_too_often_is_refused(pattern: bytes, text: bytes) -> None:
    with pytest.raises(PatternError, match=r"more work|more than 100,000 times"):
        find_all(pattern, text)


@pytest.mark.parametrize(
    "pattern", [b"(" * 5000 + b")" * 5000, b"()" * 101, b"a{1000}" * 1000, rb"[\pL]{1000}", b"((a{30}){30}){30}"]
)
def test_a_pattern_that_needs_much_memory_is_refused(pattern: bytes) -> None:
    with pytest.raises(PatternError, match=r"not valid|too large|more than 100 groups"):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["a?" * 40_000, "(a|b?)" * 1000, "x" * 4001, "[" * 10_000, "é" * 2001])
def test_a_long_pattern_is_refused_before_it_is_compiled_and_is_not_quoted_in_full(pattern: str) -> None:
    begun = time.monotonic()
    makers: list[Callable[[], object]] = [
        lambda: Find(name=pattern),
        lambda: RegexpRewrite(pattern, ""),
        lambda: StoreCondition(namespace_regexes=[pattern]),
    ]
    for make in makers:
        with pytest.raises(SpecError, match=r"too large: it has [\d,]+ bytes, and may have 4,000") as caught:
            make()
        assert len(str(caught.value)) < 300
    assert time.monotonic() - begun < 2


def test_a_long_pattern_that_is_not_valid_is_not_quoted_in_full() -> None:
    pattern = "x" * 3000 + "("
    for make in (lambda: Find(name=pattern), lambda: StoreCondition(namespace_regexes=[pattern])):
        with pytest.raises(SpecError, match=r"'x{100}'\.\.\.") as caught:
            make()
        assert len(str(caught.value)) < 300
    compile_pattern(b"x" * 4000)


def test_a_result_that_grows_too_long_is_refused() -> None:
    with pytest.raises(PatternError, match="longer than 4 MiB"):
        replace_expanded(b"a", b"a" * 5000, b"x" * 1000)
    assert len(replace_expanded(b"a", b"a" * 4000, b"x" * 1000)) == 4_000_000


def test_what_is_no_utf8_cannot_be_searched_and_is_not_quoted() -> None:
    with pytest.raises(PatternError, match="the string is not UTF-8") as caught:
        replace_expanded(b"a", b"secret\xff", b"")
    assert caught.value.__suppress_context__
    with pytest.raises(PatternError, match="not valid"):
        compile_pattern(b"\xff")
    assert replace_expanded(b"a", b"a", b"\xff$0") == b"\xffa"


def test_few_compiled_patterns_are_kept() -> None:
    assert regexps.compile_pattern.cache_info().maxsize == 32
