"""What holds for every rule: it says nothing of values, takes anything, and its settings are checked."""

import ast
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.rules.catalogue import RULES
from policies.rules.configuration import mistakes
from policies.rules.resource import MEMBERS, Finding, Resource, Unknown
from policies.rules.rule import ResourceRule, Rule
from tests.support.paths import ROOT
from tests.unit.policies.support import resource

CANARY = "canary-9f3b\x1b[31m\n"
PLACES = """
policy inlinePolicies Statement Effect Action NotAction Resource NotResource Condition Principal Federated StringLike
assumeRolePolicy type name value secretString data stringData items dataFrom dataTo find extract path key version tags
metadata secretType tier target adopt deletionPolicy creationPolicy namespace secretName stores store secretRef prefixes
serviceAccountRef references remoteKey annotations accessKey recoveryWindowInDays namespaces
"""
WORDS = ["Allow", "*", "ssm:*", "String", "Merge", "Delete", "x:sub", "db-password", "sts:*", 'find {"path": 1}', ""]
LEAVES = st.just(CANARY) | st.sampled_from(WORDS) | st.none() | st.booleans() | st.floats() | st.just(Unknown(("x",)))
KEYS = st.sampled_from([*PLACES.split(), "\x1b[31mcanary\n", "db-password", "q" * 400])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)
CONFIG = {"require": "pinned", "pattern": "/{namespace}/*", "namespaces": {"a": "/b"}, "callsPerMonth": 0}
TYPES = sorted({*MEMBERS, *(each for rule in RULES if isinstance(rule, ResourceRule) for each in rule.types)})
RESOURCES = st.builds(
    lambda type_, props: resource(type_, props, "one", "prod"), st.sampled_from(TYPES), st.dictionaries(KEYS, VALUES)
)


def run(rule: Rule, resources: list[Resource], config: dict[str, Any]) -> list[Finding | Unknown]:
    if isinstance(rule, ResourceRule):
        return [each for one in resources for each in rule.run(one, config)]
    return rule.run(resources, config)


@settings(max_examples=60)
@given(st.lists(RESOURCES, max_size=4))
def test_no_rule_fails_on_odd_properties_or_tells_a_value(resources: list[Resource]) -> None:
    for rule in RULES:
        config = {name: value for name, value in CONFIG.items() if name in rule.settings}
        for each in run(rule, resources, config):
            if isinstance(each, Finding):
                assert "canary" not in each.message
                assert each.message.isprintable()
                assert len(each.message) < 400


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_settings_are_checked(rule: Rule) -> None:
    (text,) = mistakes([rule], {rule.name: {"alow": ["x"]}})
    assert text.startswith(f"the rule {rule.name} has no setting 'alow'; there are: ")
    for name, setting in rule.settings.items():
        assert setting.schema["default"] == setting.default
        (text,) = mistakes([rule], {rule.name: {name: None}})
        assert text.startswith(f"the setting {name} of the rule {rule.name} must be ")
    assert mistakes([rule], {rule.name: rule.configured({})}) == []


def test_only_the_adapter_knows_of_pulumi_and_nothing_of_the_library() -> None:
    """The pack has a virtualenv of its own, where neither the library nor its Pulumi is."""
    for path in (ROOT / "policies" / "rules").glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        named = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
        named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
        others = {each.partition(".")[0] for each in named} - {*sys.stdlib_module_names}
        assert others == ({"pulumi_policy", "grpc", "google"} if path.name == "adapter.py" else set()), path.name


def test_names_are_unique_and_plain() -> None:
    names = [rule.name for rule in RULES]
    assert len({*names}) == len(names)
    assert all(rule.says.endswith(".") and rule.steps.endswith(".") for rule in RULES)
