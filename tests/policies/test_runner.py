"""Pulumi's own runner and the pack: what it tells of rules, findings, what is not known, values, and faults."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.rules.catalogue import RULES
from policies.rules.resource import PARAMETER, SECRET_SYNC, SNAPSHOT, Resource
from policies.rules.rule import StackRule
from sandbox.engine.errors import EngineError
from sandbox.engine.values import UNKNOWN, Secret
from tests.policies.conftest import POLICIES, Runner
from tests.support.paths import ROOT
from tests.support.policy_examples import declared, sections
from tests.unit.policies.support import resource

pytestmark = pytest.mark.policy_pack
CANARY = "canary-4f1d"
OPEN = {"Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]}


def test_pulumi_is_told_of_each_rule(runner: Runner) -> None:
    stub: Any = analyzer_pb2_grpc.AnalyzerStub(runner.pack.plugin.channel)

    async def ask() -> Any:
        return await stub.GetAnalyzerInfo(empty_pb2.Empty())

    *rules, fault, stack_fault = runner.ask(ask()).policies
    assert [each.name for each in rules] == [rule.name for rule in RULES]
    assert (fault.name, stack_fault.name) == ("rule-fault", "stack-rule-fault")
    for told, rule in zip(rules, RULES, strict=True):
        assert (told.description, told.remediation_steps) == (rule.says, rule.steps)
        assert analyzer_pb2.EnforcementLevel.Name(told.enforcementLevel).lower() == rule.level
        assert runner.pack.severities[rule.name] == rule.severity
        assert (told.policy_type == analyzer_pb2.POLICY_TYPE_STACK) is isinstance(rule, StackRule)
        schema = json_format.MessageToDict(told.configSchema).get("properties") or {}
        assert schema == {name: each.schema for name, each in rule.settings.items()}


def test_the_examples_break_each_rule_once_or_none(start: Callable[..., Runner]) -> None:
    pages = sections()
    runner = start(json.dumps({rule: given for each in pages for rule, given in each.config.items()}))
    bad = runner.findings(declared(*(each.bad for each in pages)))
    assert sorted((each.rule, each.level) for each in bad) == sorted((rule.name, rule.level) for rule in RULES)
    assert runner.findings(declared(*(each.good for each in pages))) == []
    assert runner.said == []


def test_what_is_not_known_is_a_warning(runner: Runner) -> None:
    (found,) = runner.findings([resource(SECRET_SYNC, {"dataFrom": [{"find": {"path": UNKNOWN}}]})])
    assert (found.rule, found.level) == ("find-scope", "advisory")
    assert found.message.startswith("can't run policy 'find-scope' from policy pack 'pulumi-parameter-store@")
    assert found.message.endswith(
        " during preview: string value at .dataFrom.0.find.path can't be known during preview"
    )
    findings = runner.findings([resource(SECRET_SYNC, {"dataFrom": [{"find": {}}, UNKNOWN], "target": UNKNOWN})])
    assert sorted((each.rule, each.level) for each in findings) == [
        ("find-scope", "advisory"),
        ("find-scope", "mandatory"),
        ("no-foreign-adopt", "advisory"),
    ]


def test_stack_rules_tell_what_is_not_known(runner: Runner) -> None:
    findings = runner.findings([resource("aws:iam/policy:Policy", {"policy": UNKNOWN})])
    assert {each.rule for each in findings} == {
        "iam-no-wildcard-secrets",
        "iam-action-wildcard",
        "iam-kms-context",
        "push-rights",
    }
    assert {each.level for each in findings} == {"advisory"}


def test_no_value_is_told(runner: Runner) -> None:
    document = json.dumps(OPEN | {"Sid": CANARY, "Id": f"{CANARY}\n"})
    declarations = [
        resource(PARAMETER, {"type": "SecureString", "value": Secret(CANARY), "name": f"/{CANARY}/password"}),
        resource("kubernetes:core/v1:Secret", {"stringData": {"password": CANARY}, "type": CANARY}),
        resource("kubernetes:core/v1:ConfigMap", {"data": {"password": f"{CANARY} PRIVATE KEY-----"}}),
        resource("aws:iam/policy:Policy", {"policy": Secret(document)}),
        resource("aws:iam/userPolicy:UserPolicy", {"policy": f"{CANARY}{{"}),
        resource("pulumi:providers:aws", {"accessKey": CANARY, "secretKey": Secret(CANARY)}),
        resource(SNAPSHOT, {"references": [CANARY], "store": {"secretRef": {"name": CANARY}}}),
    ]
    findings = runner.findings(declarations)
    assert len({each.rule for each in findings}) == 5
    assert CANARY not in repr(findings)
    assert runner.said == []


def test_a_recorded_state_is_analysed_as_pulumi_policy_analyze_does(runner: Runner) -> None:
    recorded = json.loads((ROOT / "tests/recorded/policies.json").read_text("utf-8"))
    stack = [
        Resource(
            each["type"],
            each["urn"].rpartition("::")[2],
            each["urn"],
            each.get("outputs") or each.get("inputs") or {},
            parent=each.get("parent", ""),
            dependencies=each.get("dependencies", ()),
        )
        for each in recorded["deployment"]["resources"]
    ]
    assert len([each for each in stack if each.type.startswith("aws:iam/")]) == 6
    assert sorted((each.rule, each.level, each.urn.rpartition(":")[2]) for each in runner.findings(stack)) == [
        ("no-foreign-adopt", "advisory", "one"),
        ("no-foreign-adopt", "advisory", "push"),
        ("plain-push", "mandatory", "push"),
    ]


def test_findings_come_in_one_order(runner: Runner) -> None:
    data = {f"key-{number}-password": "x" for number in range(9)}
    findings = runner.findings([resource("kubernetes:core/v1:ConfigMap", {"data": dict(reversed(data.items()))})])
    said = [each.message.partition("\n")[2].partition(" ")[0] for each in findings]
    assert said == [f"data.{key}" for key in data]


def test_a_configuration_is_obeyed(start: Callable[..., Runner]) -> None:
    config = {
        "all": "mandatory",
        "iam-kms-context": "disabled",
        "find-scope": {"minimumDepth": 2},
        "no-foreign-adopt": {"enforcementLevel": "advisory", "allow": ["a/*"]},
    }
    runner = start(json.dumps(config))
    sync = resource(SECRET_SYNC, {"dataFrom": [{"find": {"path": "/a"}}], "target": {"adopt": True}, "namespace": "b"})
    secret = resource("kubernetes:core/v1:Secret", {"data": {"a": "b"}})
    kms = resource("aws:iam/policy:Policy", {"policy": json.dumps(OPEN).replace("ssm:GetParameter", "kms:Decrypt")})
    assert [(each.rule, each.level) for each in runner.findings([sync, secret, kms])] == [
        ("find-scope", "mandatory"),
        ("no-foreign-adopt", "advisory"),
        ("kubernetes-secret-literal", "mandatory"),
        ("iam-no-wildcard-secrets", "mandatory"),
    ]


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ("{", "cannot be read"),
        ("[]", "is no JSON object"),
        ('{"cost": 1}', "is no JSON object"),
        ('{"cost": "must"}', "'must' is no enforcement level"),
        ('{"cost": "remediate"}', "remediation, which the rule cost asks for"),
    ],
)
def test_a_wrong_configuration_is_one_line(config: str, error: str, start: Callable[..., Runner]) -> None:
    with pytest.raises(EngineError, match=error) as told:
        start(config)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (
            '{"find-scope": {"minimalDepth": 2}}',
            "find-scope has no setting 'minimalDepth'; there are: minimumDepth",
        ),
        (
            '{"find-scope": {"minimumDepth": "2"}}',
            "minimumDepth of the rule find-scope must be of type number",
        ),
        ('{"pinned-or-latest": {"require": "newest"}}', "must be one of either, pinned, latest"),
        ('{"find-scpoe": "disabled"}', "there is no rule 'find-scpoe'; did you mean find-scope?"),
        ('{"Find-Scope": {"enforcementLevel": "advisory", "minimumDepth": 2}}', "did you mean find-scope?"),
        ('{"xyz": "mandatory"}', "there is no rule 'xyz'; docs/policies.md lists them"),
        ('{"all": {"enforcementLevel": "advisory", "allow": ["x"]}}', "all takes a level alone, and no settings"),
    ],
)
def test_a_configuration_that_cannot_be_followed_ends_the_operation(
    config: str, error: str, start: Callable[..., Runner]
) -> None:
    """Pulumi hands it on without a word, and a rule that was to be mandatory, say, stayed as it was."""
    with pytest.raises(EngineError, match=re.escape(error)) as told:
        start(config)
    assert "\n" not in str(told.value)


def test_the_rules_that_tell_of_faults_are_known(start: Callable[..., Runner]) -> None:
    start('{"all": "advisory", "rule-fault": "mandatory", "stack-rule-fault": {"enforcementLevel": "mandatory"}}')


PACK = f"""
import sys
sys.path.insert(0, {str(POLICIES)!r})
from dataclasses import replace
from rules import catalogue, stores, stack
from rules.adapter import serve
from rules.resource import Finding
"""
TELLING = f"""{PACK}
def tell(given, _config):
    yield Finding(" ".join([*given.props, *given.props["target"]]))

serve([replace(stores.RULES[0], check=tell)])
"""
BROKEN = f"""{PACK}
def fail(given, _config):
    raise ValueError(repr(given))
    yield

find, *_ = stores.RULES
cost, *_ = stack.RULES
serve([replace(find, check=fail), replace(cost, check=fail), *stores.RULES[1:]])
"""


def own_pack(folder: Path, program: str) -> Path:
    """A pack of the test's own, in the virtualenv of ours."""
    (folder / "__main__.py").write_text(program, "utf-8")
    described = (POLICIES / "PulumiPolicy.yaml").read_text("utf-8")
    (folder / "PulumiPolicy.yaml").write_text(described.replace(".venv", str(POLICIES / ".venv")), "utf-8")
    return folder


def test_a_rule_sees_no_internal_properties_of_a_resource_itself(start: Callable[..., Runner], tmp_path: Path) -> None:
    """As in Pulumi's engine, which strips those of the top alone: what is a namespace's own needs one."""
    runner = start(folder=own_pack(tmp_path, TELLING))
    (found,) = runner.findings([resource(SECRET_SYNC, {"__provider": "x", "target": {"__without": [], "adopt": True}})])
    assert found.message.endswith("target __without adopt")


def test_a_rule_that_fails_is_named_and_the_others_run(start: Callable[..., Runner], tmp_path: Path) -> None:
    runner = start(folder=own_pack(tmp_path, BROKEN))
    for _ in range(2):
        findings = runner.findings([resource(SECRET_SYNC, {"target": {"adopt": True}, "data": {"a": {"key": CANARY}}})])
        assert [(each.rule, each.level) for each in findings] == [
            ("no-foreign-adopt", "advisory"),
            ("rule-fault", "advisory"),
            ("stack-rule-fault", "advisory"),
        ]
        assert "the rule find-scope failed with ValueError" in findings[1].message
        assert "the rule cost failed with ValueError" in findings[2].message
        assert CANARY not in repr(findings)
    assert runner.said == []
