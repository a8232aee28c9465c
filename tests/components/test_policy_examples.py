"""docs/policies.md: each rule has a section; its bad example breaks that rule alone, and its good one none."""

import re

import pytest

from policies.rules.catalogue import RULES
from policies.rules.resource import SNAPSHOT, Finding, Resource
from policies.rules.rule import Config, ResourceRule
from tests.support.paths import ROOT
from tests.support.policy_examples import Section, declared, sections

README = (ROOT / "README.md").read_text("utf-8")
SECTIONS = sections()
CONFIG = {rule: given for each in SECTIONS for rule, given in each.config.items()}


def broken(resources: list[Resource], config: Config) -> list[str]:
    """The rules that are broken, once for each finding."""
    names = []
    for rule in RULES:
        given = config.get(rule.name, {})
        each = (
            [rule.run(one, given) for one in resources]
            if isinstance(rule, ResourceRule)
            else [rule.run(resources, given)]
        )
        names += [rule.name for found in each for finding in found if isinstance(finding, Finding)]
    return names


def test_each_rule_has_a_section_in_the_order_of_the_catalogue() -> None:
    assert [each.rule for each in SECTIONS] == [rule.name for rule in RULES]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.rule)
def test_a_bad_example_breaks_its_rule_and_a_good_one_none(section: Section) -> None:
    assert broken(declared(section.bad), section.config) == [section.rule]
    assert broken(declared(section.good), section.config) == []


def test_one_program_breaks_each_rule_once_and_one_breaks_none() -> None:
    assert sorted(broken(declared(*(each.bad for each in SECTIONS)), CONFIG)) == sorted(rule.name for rule in RULES)
    assert broken(declared(*(each.good for each in SECTIONS)), CONFIG) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.name)
def test_the_page_names_each_setting(rule: ResourceRule) -> None:
    section = next(each for each in SECTIONS if each.rule == rule.name)
    settings = {*rule.settings} - {"allow"}
    assert {name for name in settings if name not in section.text} == set()


def test_the_readmes_table_is_that_of_the_rules() -> None:
    rows = re.findall(r"^\| \[`(.+)`\]\(docs/policies\.md#(.+)\) \| (.+) \| (.+) \| (.+) \|$", README, re.MULTILINE)
    assert rows == [(rule.name, rule.name, rule.says, rule.level, rule.severity) for rule in RULES]


@pytest.mark.parametrize(
    "identity",
    [
        "auth=ServiceAccountAuth('sa', oidc_provider=PROVIDER)",
        "role=AssumedRole(), external_id='ext', session_tags={'team': 'a'}, transitive_tag_keys=['team']",
        "auth=ServiceAccountAuth('sa', oidc_provider=PROVIDER), role=AssumedRole()",
        "auth=PodIdentityAuth(cluster='main', service_account='sa')",
        "role=AssumedRole(), paths=['/team-a']",
        "role=AssumedRole(), kms_keys=[KmsKey(KEY, ['/team-a/*'])]",
        "role=AssumedRole(), prefix='/team-a/'",
    ],
)
def test_the_identities_that_a_store_creates_break_no_rule(identity: str) -> None:
    example = f"""
made = store("made", {identity})
tags = RemoteRef("/team-a/t", metadata_policy="Fetch")
data = {{"a": "/team-a/db", "b": RemoteRef("/team-a/db", version=2), "c": tags}}
found = [Find(path="/team-a", name="x"), Find(path="/team-a", tags={{"team": "a"}}), Extract("/team-a/all")]
ExternalSecret("made", store=made, data=data, data_from=found)
PushSecret("some", stores=[made], secret="s", data=[PushData("/team-a/out", "a"), PushData("/team-a/all", "b")])
"""
    assert broken(declared(example.replace('"/team-a/', '"') if "prefix" in identity else example), {}) == []


@pytest.mark.parametrize(("rate", "shown"), [("100", 100.0), ("40", None)])
def test_a_rate_of_its_own_is_an_input_of_the_snapshot(rate: str, shown: float | None) -> None:
    example = f"ExternalSecret('db', store=store('fast', requests_per_second={rate}), data={{'a': '/team-a/db'}})"
    (snapshot,) = [each for each in declared(example) if each.type == SNAPSHOT]
    assert snapshot.props.get("requestsPerSecond") == shown
    assert broken(declared(example), {}) == (["cost"] if shown else [])
