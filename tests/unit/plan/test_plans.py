"""Out of an observation: what becomes of a Secret, why, what is refused and what is recorded."""

from dataclasses import replace
from typing import Any

import pytest

from components.core.spec.specs import Operation
from components.errors import WriteError
from components.providers.operation.claims import Rival
from components.providers.secret.observation import FixedFields, Location, Observation
from components.providers.secret.plan import Action, Outcome, Plan
from components.providers.secret.planner import conclude, plan
from components.providers.secret.reasons import Cause, Reason
from components.providers.secret.source_versions import Reading
from tests.unit.plan.support import (
    OTHER,
    PREVIEW,
    READ,
    SOMEBODY,
    UP,
    applied,
    cluster,
    declared,
    edited,
    live,
    news,
    planned,
    recorded,
    sources,
)


def refusal(planned: Plan) -> str:
    assert isinstance(planned.refusal, WriteError)
    return str(planned.refusal)


def test_an_unchanged_secret_stays_and_records_what_it_did() -> None:
    same = planned(declared(olds=recorded(), operation=UP), cluster=cluster(live()), sources=sources())
    assert (same.action, same.drift.reasons, same.refusal) == (Action.NOTHING, (), None)
    assert (same.keeps, same.claims) == (True, frozenset({"password"}))
    assert same.inputs == {"__versions": {"/prod/db": 3}, "keys": {"password": "/prod/db, version 3"}}


@pytest.mark.parametrize(("operation", "action"), [(PREVIEW, Action.WRITE), (UP, Action.BUILD)])
def test_a_new_secret_is_built_only_where_values_may_be_read(operation: Operation, action: Action) -> None:
    new = planned(declared(operation=operation), cluster=cluster(written=False), sources=sources())
    assert (new.action, new.refusal) == (action, None)


def test_a_new_version_is_written_and_a_value_that_did_not_change_is_not_decrypted_again() -> None:
    two = {"data": {"password": {"key": "/prod/db"}, "user": {"key": "/prod/user"}}}
    versions = {"__versions": {"/prod/db": 3, "/prod/user": 1}}
    mark = live(applied("password", "user"))
    mark = replace(
        mark, annotations={**mark.annotations, "pulumi-parameter-store/versions": '{"/prod/db":3,"/prod/user":1}'}
    )
    moved = planned(
        declared(news(**two), recorded(**two, **versions), UP),
        cluster=cluster(mark),
        sources=sources({"__versions": {"/prod/db": 4, "/prod/user": 1}}),
    )
    assert (moved.action, moved.reusable) == (Action.BUILD, frozenset({"user"}))
    assert moved.inputs["__versions"] == {"/prod/db": 4, "/prod/user": 1}


def test_an_edited_key_is_a_reason_with_its_key_and_manager() -> None:
    seen = cluster(live(applied(), edited("password", "extra")))
    drifted = planned(declared(olds=recorded()), cluster=seen, sources=sources())
    by = "kubectl-edit at 2026-07-01T12:00:00+00:00"
    assert drifted.drift.reasons == (Reason(Cause.KEY_EDITED, "password", by), Reason(Cause.KEY_ADDED, "extra", by))
    assert drifted.inputs["drift"] == [
        f"key password edited in the cluster by {by}",
        f"key extra added in the cluster by {by}",
    ]
    assert drifted.action is Action.WRITE


def test_a_reason_that_was_given_last_time_is_worded_otherwise() -> None:
    olds = recorded(drift=["Secret deleted from the cluster"])
    gone = planned(declared(olds=olds), cluster=cluster(), sources=sources())
    assert gone.inputs["drift"] == ["Secret deleted from the cluster (again)"]


def test_another_account_is_a_reason_and_nothing_is_reused() -> None:
    olds = recorded(__accounts={"": "111111111111"})
    answer = sources({**READ, "__accounts": {"": "222222222222"}})
    moved = planned(declared(olds=olds, operation=UP), cluster=cluster(live()), sources=answer)
    assert moved.drift.reasons == (Reason(Cause.ACCOUNT_CHANGED, "the store", was="111111111111", now="222222222222"),)
    assert moved.reusable == frozenset()


def test_a_parameter_that_was_created_again_is_a_reason_though_its_version_is_the_same() -> None:
    olds = recorded(__writtenAt={"/prod/db": {"/prod/db": 1_000}})
    answer = sources({**READ, "__writtenAt": {"/prod/db": 9_000}})
    moved = planned(declared(olds=olds), cluster=cluster(live()), sources=answer)
    assert moved.drift.reasons == (Reason(Cause.PARAMETER_RECREATED, "/prod/db"),)


def test_where_only_the_owner_changes_the_marks_alone_are_renewed() -> None:
    olds = recorded(owner={"id": "1" * 32, "urn": SOMEBODY.text})
    renewed = planned(declared(olds=olds, operation=UP), cluster=cluster(live()), sources=sources())
    assert renewed.action is Action.RENEW
    assert renewed.inputs["note"] == "the marks on the Secret are renewed; its data stay"


def test_a_secret_of_somebody_else_is_refused_and_not_kept() -> None:
    theirs = planned(declared(), cluster=cluster(live(owner=SOMEBODY), written=False), sources=sources())
    assert "was not created by this ExternalSecret" in refusal(theirs)
    assert not theirs.keeps


def test_adopt_takes_it_and_says_so() -> None:
    seen = cluster(live(owner=SOMEBODY), written=False)
    taken = planned(declared(news(target={"adopt": True})), cluster=seen, sources=sources(), fixed=FixedFields())
    assert (taken.refusal, taken.keeps) == (None, True)
    assert [each.cause for each in taken.taken_over] == [Cause.TAKEN_OVER]
    assert taken.inputs["takenOver"] == [f"the Secret from ExternalSecret {SOMEBODY.full_title}"]


@pytest.mark.parametrize(
    ("fixed", "cause"),
    [(FixedFields(immutable=True), Cause.WAS_IMMUTABLE), (FixedFields(type="Opaque"), Cause.WAS_OF_TYPE)],
)
def test_what_cannot_be_changed_of_an_adopted_secret_has_it_deleted_first(fixed: FixedFields, cause: Cause) -> None:
    target = {"adopt": True, "immutable": True, "replaceImmutable": True, "template": {"type": "example.com/own"}}
    seen = cluster(live(owner=None), written=False)
    replaced = planned(declared(news(target=target)), cluster=seen, sources=sources(), fixed=fixed)
    assert (replaced.deletes_first, [each.cause for each in replaced.drift.reasons]) == (True, [cause])


def test_an_immutable_target_is_refused_where_its_keys_surely_change() -> None:
    olds = recorded(target={"immutable": True})
    more = news(target={"immutable": True}, data={"password": {"key": "/prod/db"}, "user": {"key": "/prod/db"}})
    text = refusal(planned(declared(more, olds), cluster=cluster(live()), sources=sources()))
    assert "the target is immutable, and its data would change" in text
    replacing = news(target={"immutable": True, "replaceImmutable": True}, data=more["data"])
    replaced = planned(declared(replacing, olds), cluster=cluster(live()), sources=sources())
    assert (replaced.refusal, replaced.replaces) == (None, True)


def test_another_external_secret_of_the_program_is_in_the_way() -> None:
    seen = cluster(rival=Rival(OTHER, None))
    assert "the target is owned by another ExternalSecret, shop/dev/other" in refusal(planned(declared(), cluster=seen))


def test_a_secret_that_is_surely_in_another_cluster_is_a_new_one_here() -> None:
    location = Location({"context": "b", "server": "https://b"}, "id-b", moved=True, gone=True)
    seen = cluster(location=location, written=False)
    elsewhere = planned(declared(olds=recorded()), cluster=seen, sources=sources())
    assert (elsewhere.previous, elsewhere.action, elsewhere.drift.reasons) == (None, Action.WRITE, ())
    assert elsewhere.inputs["writtenTo"] == {"context": "b", "server": "https://b"}
    assert elsewhere.inputs["__there"] == {"uid": ""}


def test_a_refused_plan_records_what_was_known_by_then() -> None:
    location = Location({"context": "a", "server": "https://a"}, "id-a")
    seen = cluster(live(owner=SOMEBODY), written=False, location=location)
    theirs = planned(declared(), cluster=seen, sources=sources())
    assert theirs.refusal is not None
    assert theirs.inputs["clusterId"] == "id-a"


def built(outcome: Outcome, target: Any = None) -> Plan:
    new = declared(news(target=target), operation=UP)
    return conclude(planned(new, cluster=cluster(written=False), sources=sources()), outcome)


def test_what_building_told_of_the_keys_is_recorded() -> None:
    assert "__keys" not in built(Outcome(frozenset({"password"}))).inputs, "as declared"
    assert built(Outcome(frozenset({"b", "a"}))).inputs["__keys"] == ["a", "b"]
    assert built(Outcome(frozenset(), nothing=True)).inputs["__nothing"] is True
    rendered = {"template": {"templateFrom": [{"target": "Data", "literal": "a: {{ .password }}"}]}}
    counted = built(Outcome(frozenset({"a"})), rendered).inputs
    assert (counted["__keyCount"], "__keys" in counted) == (1, False), "a value may have become a name"


def test_a_key_that_another_one_writes_too_is_refused_when_it_is_known() -> None:
    text = refusal(built(Outcome(frozenset({"a"}), rival=Rival(OTHER, "a"))))
    assert "key 'a' is written by another ExternalSecret, shop/dev/other" in text


def test_an_immutable_secret_with_the_same_values_stays_as_it_is() -> None:
    target = {"immutable": True}
    moved = declared(news(target=target), recorded(target=target), UP)
    draft = planned(moved, cluster=cluster(live()), sources=sources({"__versions": {"/prod/db": 4}}))
    assert conclude(draft, Outcome(frozenset({"password"}), same_data=True)).refusal is None
    assert "its data would change" in refusal(conclude(draft, Outcome(frozenset({"password"}))))


def test_many_secrets_are_planned_at_once_and_one_refusal_stops_no_other() -> None:
    answers: dict[str, Any] = {"sources": sources(), "writable": True}
    seen = [
        Observation(declared(olds=recorded()), cluster=cluster(live()), **answers),
        Observation(declared(), cluster=cluster(live(owner=SOMEBODY), written=False), **answers),
        Observation(declared(), cluster=cluster(written=False), **answers),
    ]
    plans = plan(seen)
    assert [each.action for each in plans] == [Action.NOTHING, Action.WRITE, Action.WRITE]
    assert [each.refusal is None for each in plans] == [True, False, True]


def test_planning_changes_nothing_and_gives_the_same_again() -> None:
    seen = Observation(
        declared(olds=recorded()), cluster=cluster(live(edited("password"))), sources=sources(), writable=True
    )
    assert plan([seen]) == plan([seen])


def test_a_reason_is_one_line_whatever_its_subject_holds() -> None:
    assert Reason(Cause.KEY_REMOVED, "a\nb\x1b[31m").line == r"key a\nb\x1b[31m removed in the cluster"
    assert Reading().account_changes(Reading(accounts={"": "1"})) == ()
