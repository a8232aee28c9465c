"""What a group's state holds once is the whole of each member again."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.core.shared_bags import unfold
from components.providers.operation.member_bags import changes_of, fold, with_inputs, without_inputs

BAGS = st.dictionaries(st.sampled_from(("name", "keys", "namespace", "data", "uid")), st.integers(0, 2))
KEPT = st.frozensets(st.sampled_from(("keys", "uid")))


def read_again(
    outs: Mapping[str, Any], inputs: Mapping[str, Any], shared: Mapping[str, Any], before: Any, kept: frozenset[str]
) -> dict[str, Any]:
    """Outputs as they are stored beside inputs and read again; both share something, but not the same."""
    beside = fold(before, inputs)
    return unfold(shared, with_inputs(without_inputs(fold(shared, outs), beside, kept), beside))


@given(outs=BAGS, inputs=BAGS, shared=BAGS, before=BAGS, kept=KEPT)
def test_outputs_are_read_as_they_were_written(
    outs: dict[str, int], inputs: dict[str, int], shared: dict[str, int], before: dict[str, int], kept: frozenset[str]
) -> None:
    assert read_again(outs, inputs, shared, before, kept) == outs


def test_a_member_whose_input_names_another_secret_keeps_its_own() -> None:
    shared = {"name": "db"}
    assert read_again(shared, {"name": "other"}, shared, shared, frozenset()) == shared


def test_a_problem_in_the_inputs_is_none_of_the_outputs() -> None:
    assert read_again({"uid": 1}, {"uid": 1, "problem": "why"}, {}, {}, frozenset()) == {"uid": 1}


def test_a_version_is_shown_as_a_whole_number() -> None:
    before, now = {"a": {"versions": {"/x": 1.0, "/y": 2.0}}}, {"a": {"versions": {"/x": 3.0}}}
    assert changes_of(before, now) == {"a": {"versions": {"/x": "1 => 3", "/y": "2 => (left out)"}}}
