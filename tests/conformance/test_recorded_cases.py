"""Recorded cases of External Secrets Operator give its results here, and the runner finds what does not."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import RECORDED
from tools.conformance.__main__ import main
from tools.conformance.cases import (
    Case,
    CaseError,
    Condition,
    Observed,
    Spread,
    Step,
    default_cases,
    may_run_together,
    read_cases,
)
from tools.conformance.causes import cause_problem
from tools.conformance.comparing import Comparison, compare
from tools.conformance.judging import groups, judge, run_share
from tools.conformance.on_purpose import DOCUMENT, read_rows

TOGETHER = ("property_query", "decoding", "extract_map")
HANDFUL = (
    "seed_friendslist",
    "push_cluster_push_secret",
    "immutable_rotated",
    "sm_string_becomes_binary",
    "denied_get_parameter",
    "push_two_pushsecrets_one_key",
)
DONE = Observed(
    {"es": Condition(True, "SecretSynced", "secret synced")},
    {"es": {"data": {"a": "MQ=="}, "type": "Opaque", "immutable": False, "labels": {}, "annotations": {}}},
)
DENIED = "operation error SSM: PutParameter, https response error: api error AccessDeniedException: (its text)"
FAILED = Observed({"es": Condition(False, "SecretSyncedError", "key a: parameter x does not exist")}, {})


def test_a_handful_agrees_or_differs_on_purpose() -> None:
    cases = {case.name: case for case in default_cases()}
    outcomes = run_share([cases[name] for name in HANDFUL], read_rows(DOCUMENT.read_text(encoding="utf-8")))
    wanted = dict.fromkeys(HANDFUL, "agrees") | {"immutable_rotated": "on purpose"}
    wanted |= {"push_two_pushsecrets_one_key": "on purpose"}
    assert {each.case: each.verdict for each in outcomes} == wanted, outcomes


def test_what_a_group_keeps_agrees_too() -> None:
    names = ("sm_string_becomes_binary", "push_source_secret_recreated", "push_missing_secret")
    outcomes = run_share([case for case in default_cases() if case.name in names], [], grouped=True)
    assert {each.case: each.verdict for each in outcomes} == dict.fromkeys(names, "agrees"), outcomes


def test_cases_that_may_be_run_together_come_to_the_same_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """What does not agree beside others is run by itself, and judged by that."""
    ours = [case for case in default_cases() if may_run_together(case) and case.name in TOGETHER]
    wrong = dataclasses.replace(ours[0], name="wrong", steps=(dataclasses.replace(ours[0].steps[0], observed=DONE),))
    assert [len(some) for some in groups(ours)] == [len(TOGETHER)]
    outcomes = run_share([*ours, wrong], [])
    assert {each.case: each.verdict for each in outcomes} == dict.fromkeys(TOGETHER, "agrees") | {"wrong": "differs"}
    assert capsys.readouterr().out.count("\n") == len(outcomes)


def test_every_case_of_a_supported_kind_is_run() -> None:
    cases = default_cases()
    assert len(cases) >= 460
    for name in ("external-secrets", "push", "push-steps", "everyday", "everyday-steps", "denied"):
        assert not {each.name for each in read_cases(RECORDED / f"{name}.json")} - {each.name for each in cases}
    assert {case.name for case in cases if case.unsupported and not case.name.startswith("denied_sm_push_")} == set()
    assert {case.name for case in cases if case.is_wide} == {
        *("cluster_external_secret_basic", "cluster_external_secret_no_match", "cluster_external_secret_name_taken"),
        *("ces_namespace_gains_label", "ces_name_changed", "ces_spec_and_metadata_changed"),
        *("ces_created_externalsecret_edited", "push_cluster_push_secret"),
    }


def test_what_a_cluster_wide_kind_came_to_is_compared() -> None:
    theirs = dataclasses.replace(DONE, spreads={"ClusterExternalSecret/c": Spread(True, ("a", "b"))})
    for other in (Spread(False, ("a", "b")), Spread(True, ("a",)), Spread(True, ("a",), ("b",)), None):
        ours = dataclasses.replace(DONE, spreads={"ClusterExternalSecret/c": other} if other else {})
        assert compare(one(theirs), [ours]).differences == (
            f"ClusterExternalSecret/c: expected {theirs.spreads['ClusterExternalSecret/c']}, got {other}",
        )


def test_the_secrets_of_other_namespaces_are_compared() -> None:
    theirs = dataclasses.replace(DONE, namespaces={"other": DONE})
    assert compare(one(theirs), [theirs]).differences == ()
    ours = dataclasses.replace(DONE, namespaces={"other": Observed({}, {})})
    assert compare(one(theirs), [ours]).differences == (
        "namespace other: ExternalSecret es: expected, but it is not there",
        "namespace other: Secret es: expected, but not there: Opaque {'a': '1'}",
    )


def test_what_is_denied_stays_so_until_a_step_says_otherwise() -> None:
    (recorded,) = [case for case in read_cases(RECORDED / "denied.json") if case.name == "denied_push_put"]
    (step,) = recorded.steps
    pushed = Observed({}, {}, pushes={"ps": Condition(True, "Synced", "")}, parameters={"/a": {"value": "bob"}})
    steps = (step, dataclasses.replace(step, denied=None), Step(pushed, denied=()))
    (outcome,) = run_share([dataclasses.replace(recorded, steps=steps)], [])
    assert outcome.verdict == "agrees", outcome


def one(observed: Observed, **more: Any) -> Case:
    return Case("one", (Step(observed, **more),))


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"data": {"a": "Mg=="}}, "Secret es: key a: expected '1' (MQ==), got '2' (Mg==)"),
        ({"data": {}}, "Secret es: key a: expected '1' (MQ==), got none"),
        ({"type": "kubernetes.io/tls"}, "Secret es: type: expected 'Opaque', got 'kubernetes.io/tls'"),
        ({"immutable": True}, "Secret es: immutable: expected False, got True"),
        ({"labels": {"a": "b"}}, "Secret es: labels: expected {}, got {'a': 'b'}"),
        ({"annotations": {"a": "b"}}, "Secret es: annotations: expected {}, got {'a': 'b'}"),
    ],
)
def test_every_field_of_a_secret_is_compared(change: dict[str, Any], difference: str) -> None:
    ours = dataclasses.replace(DONE, secrets={"es": {**DONE.secrets["es"], **change}})
    assert compare(one(DONE), [DONE]).differences == ()
    assert compare(one(DONE), [ours]).differences == (difference,)


def test_outcomes_are_compared_for_each_external_secret() -> None:
    (condition, secret) = compare(one(DONE), [FAILED]).differences
    assert condition.startswith("ExternalSecret es: expected Ready True (SecretSynced, secret synced), got False")
    assert secret.startswith("Secret es: expected, but not there")
    assert compare(one(Observed({}, DONE.secrets)), [DONE]).differences == (
        "ExternalSecret es: expected to be refused, but it is ready",
    )


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        ("err: key nope does not exist in secret j", "parameter j: it has no JSON property 'nope'", True),
        ("err: key nope does not exist in secret j", "parameter j: it has no JSON property 'other'", False),
        ("(key: x), err: Secret does not exist", "parameter x does not exist in this account", True),
        ("(key: x), err: Secret does not exist", "somebody denied it", False),
        ("target is owned by another ExternalSecret", "the target is owned by another ExternalSecret, b", True),
        ("(key: a b), err: Secret does not exist", "key x: 'a b' cannot be a parameter's name", True),
        ("(key: v), err: Secret does not exist", "parameter 'v' has no label 'prod'", True),
        ("(key: v), err: Secret does not exist", "parameter 'v' was denied", False),
        ("err: key a|b does not exist in secret j", "parameter j: it has no JSON property 'a'", False),
        (DENIED, "identity x may not call ssm:PutParameter", True),
        (DENIED, "identity x may not call ssm:GetParameters", False),
        ('could not get SecretStore "s", it was not found', "SecretStore team/s: spec.provider: unknown field", True),
        ('SecretStore "s" is not ready', "whatever the store itself says", True),
    ],
)
def test_a_failure_names_the_same_cause(theirs: str, ours: str, same: bool) -> None:  # noqa: FBT001
    assert (cause_problem(theirs, [ours]) is None) is same


def test_a_cause_that_the_runner_does_not_know_is_told_and_not_guessed() -> None:
    theirs = dataclasses.replace(FAILED, warnings=("something new",))
    told = compare(one(theirs), [FAILED])
    assert (told.differences, told.uncompared) == ((), ("key a: parameter x does not exist", "something new"))


def row(case: str, check: str) -> Any:
    (read,) = read_rows(f"| `{case}` | theirs | ours | why | `{check}` |")
    return read


def test_a_difference_is_on_purpose_only_where_the_table_says_what_is_so() -> None:
    case = one(DONE)
    differs = compare(case, [FAILED])
    agrees = compare(case, [DONE])
    assert judge(case, differs, []).verdict == "differs"
    assert judge(case, differs, [row("one", "says does not exist")]).verdict == "on purpose"
    assert judge(case, differs, [row("*", "says does not exist")]).verdict == "on purpose"
    assert judge(case, differs, [row("one", "says it is denied")]).verdict == "differs"
    assert judge(case, differs, [row("other", "says does not exist")]).verdict == "differs"
    assert judge(case, agrees, [row("one", "says does not exist")]).verdict == "differs"
    assert judge(case, agrees, [row("*", "says does not exist")]).verdict == "agrees"


def test_the_keys_of_a_secret_can_be_stated() -> None:
    more = {"es": {**DONE.secrets["es"], "data": {"a": "MQ==", "b": "Mg=="}}}
    comparison = Comparison((dataclasses.replace(DONE, secrets=more),), ("it differs",), ())
    assert row("one", "keys es a b").holds(one(DONE), comparison)
    assert not row("one", "keys es a").holds(one(DONE), comparison)
    assert not row("one", "step 2: keys es a b").holds(one(DONE), comparison)


def spec(kind: str = "ExternalSecret", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "external-secrets.io/v1", "kind": kind, "metadata": {"name": "es"}, "spec": fields}


def differs(steps: int, *differences: str, message: str = "") -> Comparison:
    ours = Observed({name: Condition(not message, "", message) for name in ("es", "other")}, {})
    return Comparison((ours,) * steps, differences, ())


def case_of(*steps: Step) -> Case:
    return Case("one", steps)


EDITED: dict[str, Any] = {"edit": (("secret", "es", {}),)}
LABELS = "step 2: Secret es: labels: expected {}, got {'a': 'b'}"
VALUE = "step 2: Secret es: key a: expected none, got '1' (MQ==)"
NOT_READY = "step 2: ExternalSecret es: expected Ready False (SecretSyncedError, could not update secret), got True"
TYPE = "step 2: Secret es: type: expected 'Opaque', got 'kubernetes.io/tls'"


@pytest.mark.parametrize(
    ("statement", "steps", "comparison", "holds"),
    [
        ("applies external-secrets.io/v1", (Step(DONE, apply=(spec(),)),), differs(1, "x"), True),
        ("applies external-secrets.io/v1beta1", (Step(DONE, apply=(spec(),)),), differs(1, "x"), False),
        ("edited before the next sync", (Step(DONE), Step(DONE, **EDITED)), differs(2, LABELS), True),
        ("edited before the next sync", (Step(DONE), Step(DONE, **EDITED, forced=True)), differs(2, LABELS), False),
        ("edited before the next sync", (Step(DONE), Step(DONE)), differs(2, LABELS), False),
        ("edited before the next sync", (Step(DONE), Step(DONE, **EDITED)), differs(2, VALUE), False),
        (
            "edited before the next sync",
            (Step(DONE, apply=(spec(target={"creationPolicy": "Orphan"}),)), Step(DONE, **EDITED)),
            differs(2, VALUE),
            True,
        ),
        (
            "read once",
            (Step(DONE, apply=(spec(refreshInterval="0"),)), Step(DONE, forced=True)),
            differs(2, VALUE),
            True,
        ),
        ("read once", (Step(DONE, apply=(spec(refreshInterval="0"),)), Step(DONE)), differs(2, VALUE), False),
        ("read once", (Step(DONE, apply=(spec(),)), Step(DONE, forced=True)), differs(2, VALUE), False),
        ("another type", (Step(DONE), Step(DONE)), differs(2, NOT_READY, TYPE), True),
        ("another type", (Step(DONE), Step(DONE)), differs(2, NOT_READY, TYPE, VALUE), False),
        ("another type", (Step(DONE), Step(DONE)), differs(2, NOT_READY), False),
        ("immutable no more", (Step(DONE),), differs(1, "Secret es: immutable: expected True, got False"), True),
        ("immutable no more", (Step(DONE),), differs(1, "Secret es: immutable: expected False, got True"), False),
        ("names another", (Step(DONE),), differs(1, "x", message="ExternalSecret rec-one/other: no"), True),
        ("names another", (Step(DONE),), differs(1, "x", message="ExternalSecret rec-one/es: no"), False),
    ],
)
def test_what_the_table_may_say_of_a_case(
    statement: str, steps: tuple[Step, ...], comparison: Comparison, *, holds: bool
) -> None:
    assert row("*", statement).holds(case_of(*steps), comparison) is holds


def test_one_of_several_statements_may_be_enough() -> None:
    case, comparison = one(DONE), compare(one(DONE), [FAILED])
    either = "| `*` | theirs | ours | why | `says it is denied` or `says does not exist` |"
    (read,) = read_rows(either)
    assert read.holds(case, comparison)
    (read,) = read_rows(either.replace("or", "and"))
    assert not read.holds(case, comparison)


def test_a_statement_that_cannot_be_checked_is_an_error() -> None:
    with pytest.raises(ValueError, match="is no list of statements"):
        row("one", "is better")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("[]", "expected an object with `cases`"),
        ('{"cases": {"a": 1}}', "a: expected an object with parameters, objects, observed"),
        ('{"cases": {"a": [{"steal": []}]}}', "a[0]: unknown field steal; there are put, drop"),
        ('{"cases": {"a": [{"apply": [{"kind": "Secret"}]}]}}', "a[0]: a field is not what it should be"),
        ('{"cases": {"a": {"denied": "GetParameter"}}}', "a: a field is not what it should be"),
        ('{"cases": {"a": [{"edit": [["secret"]]}]}}', "a[0]: a field is not what it should be"),
    ],
)
def test_a_malformed_file_is_named_with_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    file = tmp_path / "cases.json"
    file.write_text(text, encoding="utf-8")
    assert main([str(file)]) == 2
    assert message in capsys.readouterr().err
    with pytest.raises(CaseError):
        read_cases(file)


def test_what_a_case_may_leave_out(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    step = {"remove": [["Secret", "es"]], "observed": {"conditions": {"ExternalSecret/es": None}, "secrets": None}}
    file.write_text(json.dumps({"cases": {"A case, with odd words: Ünï_": [step]}}), encoding="utf-8")
    (case,) = read_cases(file)
    assert case.namespace == "rec-a-case-with-odd-words-n"
    assert case.steps[0].remove == (("secret", "es"),)
    assert case.steps[0].observed == Observed({}, {})


def test_kinds_that_are_not_supported_are_told_and_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.json"
    case = {
        "objects": [{"kind": kind, "metadata": {"name": "a"}} for kind in ("Gadget", "Widget")],
        "observed": {},
    }
    file.write_text(json.dumps({"cases": {"a": case}}), encoding="utf-8")
    assert main([str(file)]) == 0
    printed = capsys.readouterr().out
    assert "0 of 0 agree" in printed
    assert "Gadget, Widget is not supported yet" in printed
