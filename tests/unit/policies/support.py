"""Runs one rule on data, as the adapter does."""

import json
from typing import Any

from policies.rules.catalogue import RULES
from policies.rules.resource import Finding, Resource, Unknown
from policies.rules.rule import ResourceRule, StackRule

URN = "urn:pulumi:{stack}::shop::{type}::{name}"


def resource(type_: str, props: dict[str, Any], name: str = "one", stack: str = "dev", **given: Any) -> Resource:
    return Resource(type_, name, URN.format(stack=stack, type=type_, name=name), props, **given)


def policy(*statements: dict[str, Any]) -> Resource:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
    return resource("aws:iam/policy:Policy", {"policy": json.dumps(document)})


def trust(**statement: Any) -> Resource:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}}
    return resource("aws:iam/role:Role", {"assumeRolePolicy": json.dumps(document)})


def found(rule: str, *resources: Resource, **config: Any) -> list[Finding | Unknown]:
    each = next(each for each in RULES if each.name == rule)
    if isinstance(each, StackRule):
        return each.run(resources, config)
    assert isinstance(each, ResourceRule)
    return [finding for given in resources for finding in each.run(given, config)]


def said(rule: str, *resources: Resource, **config: Any) -> list[str]:
    results = found(rule, *resources, **config)
    assert not [each for each in results if isinstance(each, Unknown)]
    return [each.message for each in results if isinstance(each, Finding)]
