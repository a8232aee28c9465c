"""What a plan asks before it is made, and what it needs no answer for."""

from dataclasses import replace
from typing import Any

import pytest

from components.core.spec.specs import Operation
from components.core.spec.store_conditions import StoreCondition, requirements
from components.errors import ClusterError, SpecError
from components.providers.secret import planner
from components.providers.secret.observation import FixedFields, Observation, Question
from tests.unit.plan.support import PREVIEW, cluster, declared, edited, live, news, planned, recorded, sources


def test_questions_come_in_order_and_end() -> None:
    secret = declared()
    assert planned(secret).question is Question.CLUSTER
    assert planned(secret, cluster=cluster()).question is Question.SOURCES
    assert planned(secret, cluster=cluster(), sources=sources(), writable=False).question is Question.ACCESS
    assert planned(secret, cluster=cluster(), sources=sources()).question is None


@pytest.mark.parametrize("olds", [{}, recorded(), recorded(data={"password": {"key": "/prod/other"}})])
def test_a_plan_that_goes_on_with_each_answer_is_the_plan_of_all_answers(olds: dict[str, Any]) -> None:
    secret = declared(olds=olds)
    answers: list[dict[str, Any]] = [{"cluster": cluster(live())}, {"sources": sources()}, {"writable": True}]
    (plan,) = planner.plan([Observation(secret)])
    for answer in answers:
        if plan.question is not None:
            plan = planner.resume(plan, replace(plan.seen, **answer))
    (whole,) = planner.plan([plan.seen])
    assert plan.question is None
    assert replace(plan, stage=0) == whole


def test_what_has_no_answer_is_the_refusal() -> None:
    problem = ClusterError("the cluster is gone")
    plan = planned(declared(), problem=problem)
    assert (plan.refusal, plan.question) == (problem, None)
    # What was answered before it is not asked again.
    assert planned(declared(), cluster=cluster(), problem=problem).refusal is problem


def test_a_template_that_cannot_be_used_is_refused_before_anything_is_asked() -> None:
    plan = planned(declared(news(target={"template": {"data": {"url": "{{ .password | nosuch }}"}}})))
    assert isinstance(plan.refusal, SpecError)
    assert plan.question is None


@pytest.mark.parametrize(("label", "admitted"), [("a", True), ("b", False)])
def test_labels_of_the_namespace_are_asked_only_where_its_name_does_not_tell(label: str, *, admitted: bool) -> None:
    by_name = Operation(preview=True, decrypt=False, conditions=((StoreCondition(namespaces=("team-a",)),),))
    assert planned(declared(operation=by_name)).question is Question.CLUSTER
    selector = StoreCondition(selector=requirements({"matchLabels": {"team": "a"}}))
    by_label = declared(operation=Operation(preview=True, decrypt=False, conditions=((selector,),)))
    assert planned(by_label).question is Question.NAMESPACE
    plan = planned(by_label, labels={"team": label})
    assert (plan.question is Question.CLUSTER, isinstance(plan.refusal, SpecError)) == (admitted, not admitted)


def test_sources_are_not_asked_before_their_time() -> None:
    refresh = {"refresh": {"policy": "CreatedOnce"}}
    plan = planned(declared(news(**refresh), recorded(**refresh)), cluster=cluster(live()))
    assert (plan.question, plan.refusal) == (None, None)
    assert plan.skipped is not None
    assert "last sync at 2026-07-01T11:00:00+00:00" in plan.skipped
    assert plan.inputs["__versions"] == {"/prod/db": 3}


def test_they_are_asked_before_their_time_where_somebody_edited_the_secret() -> None:
    refresh = {"refresh": {"policy": "CreatedOnce"}}
    drifted = cluster(live(edited("password")))
    assert planned(declared(news(**refresh), recorded(**refresh)), cluster=drifted).question is Question.SOURCES


def test_the_kind_of_a_secret_is_asked_only_where_others_made_it() -> None:
    adopting = declared(news(target={"adopt": True}))
    theirs = cluster(live(edited("password"), owner=None), written=False)
    assert planned(adopting, cluster=theirs, sources=sources()).question is Question.FIXED_FIELDS
    assert planned(adopting, cluster=theirs, sources=sources(), fixed=FixedFields()).question is None
    assert planned(adopting, cluster=cluster(live()), sources=sources()).question is None


def test_nobody_asks_whether_a_namespace_that_is_made_by_the_program_can_be_written_to() -> None:
    coming = Operation(preview=True, decrypt=False, pending_namespace=True)
    for operation, question in ((coming, None), (PREVIEW, Question.ACCESS)):
        secret = declared(operation=operation)
        assert planned(secret, cluster=cluster(), sources=sources(), writable=False).question is question
