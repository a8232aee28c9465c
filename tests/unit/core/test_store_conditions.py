"""Which namespaces a ClusterSecretStore's conditions admit: by name, by Go's regular expressions, by labels."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.spec.store_conditions import LabelRequirement, StoreCondition, admits, requirements
from components.errors import SpecError

LABELS = {"team": "a", "env": "prod"}


def selecting(**selector: object) -> StoreCondition:
    return StoreCondition(selector=requirements(selector))


def test_without_conditions_every_namespace_is_admitted() -> None:
    assert admits((), "any") is True


def test_any_name_or_regex_of_any_condition_admits() -> None:
    conditions = (StoreCondition(namespaces=("a", "b")), StoreCondition(namespace_regexes=("^prod-", "x$")))

    assert [admits(conditions, name) for name in ("b", "prod-1", "box", "c", "my-prod-1")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_regex_is_found_anywhere_and_in_go_s_syntax() -> None:
    assert admits((StoreCondition(namespace_regexes=("od",)),), "prod-1")
    assert admits((StoreCondition(namespace_regexes=(r"\Aprod\z",)),), "prod")
    with pytest.raises(SpecError, match=r"namespaceRegexes: .* is not a regular expression"):
        StoreCondition(namespace_regexes=("(?=prod)",))  # Python's re takes it, Go's does not


def test_a_hostile_regex_takes_no_time() -> None:
    assert admits((StoreCondition(namespace_regexes=("^(a+)+$",)),), "a" * 62 + "-") is False


def test_where_labels_decide_the_name_leaves_it_open() -> None:
    conditions = (StoreCondition(namespaces=("a",)), selecting(matchLabels={"team": "a"}))

    assert (admits(conditions, "a"), admits(conditions, "b")) == (True, None)


@pytest.mark.parametrize(
    ("operator", "values", "admitted"),
    [
        ("In", ["a", "b"], True),
        ("In", ["b"], False),
        ("NotIn", ["b"], True),
        ("NotIn", ["a"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_expressions(operator: str, values: list[str], admitted: bool) -> None:  # noqa: FBT001  a test's parameter
    condition = selecting(matchExpressions=[{"key": "team", "operator": operator, "values": values}])

    assert condition.admits_labels(LABELS) is admitted


def test_a_missing_label_is_not_in_anything() -> None:
    for operator, admitted in (("In", False), ("NotIn", True)):
        condition = selecting(matchExpressions=[{"key": "gone", "operator": operator, "values": ["a"]}])
        assert condition.admits_labels(LABELS) is admitted


def test_all_requirements_must_be_met_and_none_admit_every_namespace() -> None:
    assert not selecting(matchLabels={"team": "a", "env": "dev"}).admits_labels(LABELS)
    assert selecting(matchLabels={"team": "a", "env": "prod"}).admits_labels(LABELS)
    assert selecting().admits_labels({})
    assert not StoreCondition(namespaces=("a",)).admits_labels(LABELS)


@pytest.mark.parametrize(
    ("operator", "values", "message"),
    [("In", (), "needs values"), ("Exists", ("a",), "takes no values"), ("Equals", ("a",), "write one of In, NotIn")],
)
def test_requirements_that_kubernetes_refuses(operator: str, values: tuple[str, ...], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        LabelRequirement("team", operator, values)  # type: ignore[arg-type]  # that is what is refused


NAMES = st.lists(st.text("ab", min_size=1, max_size=4), max_size=3).map(tuple)
REGEXES = st.lists(st.text("ab-", min_size=1, max_size=4), max_size=3).map(tuple)


@given(NAMES, REGEXES, st.none() | st.dictionaries(st.sampled_from("xyz"), st.sampled_from("ab")))
def test_a_condition_survives_its_bag(
    names: tuple[str, ...], regexes: tuple[str, ...], labels: dict[str, str] | None
) -> None:
    selector = None if labels is None else requirements({"matchLabels": labels})
    condition = StoreCondition(names, regexes, selector)

    assert StoreCondition.from_bag(condition.to_bag()) == condition


def test_only_regexes_cost_the_import_of_their_library() -> None:
    check = (
        "import sys; from components.core.spec.store_conditions import StoreCondition; "
        "StoreCondition(namespaces=('a',)); sys.exit('re2' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
