"""No path and no value makes a lookup run away: work is counted, and what needs too much of it is refused."""

import inspect
import sys

import pytest

from components.golang.gjson import JsonDocument, UnsupportedPathError, get
from components.golang.gjson.evaluate import Evaluation
from components.golang.gjson.work import MAX_DEPTH, MAX_NESTING, MAX_STEPS, Work

DEEP = 20_000


def steps_of(text: str, path: str) -> int:
    """How many steps a lookup counts; a refused one counts as the most there can be."""
    work = Work(path)
    try:
        Evaluation(work).get(text, path)
    except UnsupportedPathError:
        return MAX_STEPS
    return MAX_STEPS - work.steps_left


@pytest.mark.parametrize("stars", [10, 100, 1000])
def test_stars_cost_no_more_than_the_lengths_of_pattern_and_value(stars: int) -> None:
    letters, pattern = "a" * 4000, "*a" * stars + "b"
    for text, path in (
        (f'["{letters}"]', f'#(%"{pattern}")'),
        (f'{{"{letters}":1}}', pattern),
    ):
        assert not get(text, path).exists
        assert steps_of(text, path) < 40 * (len(text) + len(path))


def test_a_pattern_still_matches_where_backtracking_would_be_needed() -> None:
    assert get('["aXbXcXd"]', '#(%"*X*X?X?X*")').exists is False
    assert get('["aXbXcXd"]', '#(%"a*X?X*d")').string == "aXbXcXd"
    assert get('["' + "ab" * 2000 + 'c"]', '#(%"' + "*a*b" * 500 + '*c")').exists


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a":1}', "|".join(["{a:@this,b:@this}"] * 100)),
        ('{"a":1}', "{a:" * 50 + "a" + "}" * 50),
        ("[" * DEEP + "]" * DEEP, "@pretty"),
        ("[" * DEEP, "@pretty"),
        ("[" * DEEP + "]" * DEEP, '@flatten:{"deep":true}'),
        ("[" * DEEP + "]" * DEEP, "@dig:a"),
        ("[" * DEEP + "]" * DEEP, "#." * 2000),
        ("[" * 60 + "]" * 60, "#.@dig:" * 40 + "a"),
        ('{"a":1}', "@this|" * 3000 + "a"),
        ("[" + "1," * 50_000 + "1]", "|".join(["#(>0)#"] * 50)),
        ("[" + "1," * 5_000 + "1]", "[" + "#(>2)," * 500 + "0]"),
    ],
)
def test_what_takes_too_much_is_refused_by_name(text: str, path: str) -> None:
    with pytest.raises(UnsupportedPathError, match="is not supported here: it ") as caught:
        get(text, path)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "path", "exists"),
    [
        ('{"a":' * DEEP + "1" + "}" * DEEP, ".".join(["a"] * 5000), True),
        ('{"a":' * DEEP + "1" + "}" * DEEP, ".".join(["*"] * 5000), True),
        ("[" * DEEP + "]" * DEEP, ".".join(["0"] * 5000), True),
        ('{"a":[' * DEEP, "a.0." * 5000, False),
        ("[1]", "9" * 10_000, False),
        ("[1]", "18446744073709551616", False),
        ('{"a":1}', "\\" * 10_000, False),
        ('{"a":1}', "[" * 10_000, False),
        ('{"a":1}', "a" + "." * 10_000, False),
        ("[1]", "#" * 10_000, False),
        ("[[1,2]]", "#(" * 5000, False),
        ('"' * 20_001, "@ugly", True),
        ('{"' * DEEP, "a.b", False),
    ],
)
def test_long_paths_and_deep_values_are_answered_with_little_work(text: str, path: str, exists: bool) -> None:  # noqa: FBT001 - the answer
    assert get(text, path).exists is exists
    assert steps_of(text, path) < 4 * (len(text) + len(path)) + 9 * DEEP


def test_the_deepest_lookup_that_is_allowed_stays_far_from_the_stack_limit() -> None:
    def deepest(nested: int) -> str:
        return get("[" * MAX_DEPTH + "]" * MAX_DEPTH, "#(" * nested + "@pretty" + ")" * nested).string

    limit = sys.getrecursionlimit()
    depth = len(inspect.stack(0))
    sys.setrecursionlimit(depth + 750)
    try:
        assert deepest(MAX_NESTING - 1)
        with pytest.raises(UnsupportedPathError, match="nests"):
            deepest(MAX_NESTING)
    finally:
        sys.setrecursionlimit(limit)


def test_steps_grow_with_the_value_and_not_faster() -> None:
    path = 'items.#(name=="none")#.id'
    item = '{"name":"n","id":1}'
    small, large = (steps_of('{"items":[' + ",".join([item] * count) + "]}", path) for count in (100, 1000))
    assert large < 11 * small


def test_100_kb_leave_room_for_ordinary_paths() -> None:
    token = "t" * 40
    items = ",".join(f'{{"id":{number},"name":"user{number}","token":"{token}"}}' for number in range(1300))
    text = f'{{"items":[{items}],"last":1}}'
    assert len(text) > 100_000
    for path in ("items.#.token", 'items.#(name=="user1299").id', "@pretty", "@dig:id", "items.#.{id,name}", "l*t"):
        assert steps_of(text, path) < MAX_STEPS // 2


@pytest.mark.parametrize(("option", "value"), [("indent", "[1]"), ("prefix", "[1]"), ("indent", "[[[[[1,2]]]]]")])
def test_blanks_before_each_line_count_as_work(option: str, value: str) -> None:
    blanks = " " * 20_000
    for text in ("[" + ",".join([value] * 1000) + "]", '{"a":' * 100 + "1" + "}" * 100):
        with pytest.raises(UnsupportedPathError, match="more work"):
            get(text, f'@pretty:{{"{option}":"{blanks if text.startswith("[") else blanks * 5}"}}')


def test_the_limit_can_be_set_lower() -> None:
    with pytest.raises(UnsupportedPathError):
        JsonDocument("[1,2,3]", max_steps=10).get("#(>2)")
