"""Hands the rules to pulumi_policy, and its resources to the rules; nothing else imports it.

pulumi_policy stops the whole operation, without a word about the rule, when a policy raises. So a rule that fails is
noted, and told by a policy of its own, which warns and names it. Nor does it look at names of rules and settings that
there are not, so its servicer is given a check of the configuration.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy import policy as runner
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from .catalogue import RULES
from .configuration import mistakes
from .resource import Finding, Resource, Unknown
from .rule import ResourceRule, Rule, StackRule

NAME = "pulumi-parameter-store"
FAULT, STACK_FAULT = "rule-fault", "stack-rule-fault"
_SAYS = "The rules of this pack themselves work."
_STEPS = "Report it with the version of the pack. All other rules were checked."
Report = Callable[[str, str | None], None]


class _Noted(threading.local):
    """The rules that failed in the call that a thread of pulumi_policy's server answers."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}


def serve(rules: Sequence[Rule] = RULES) -> None:
    """Serve rules to Pulumi's engine until it ends the process."""
    noted = _Noted()
    policies = [_policy(rule, noted) for rule in rules]
    told = {"description": _SAYS, "severity": Severity.LOW, "remediation_steps": _STEPS}
    advisory = EnforcementLevel.ADVISORY
    # Last, so that all rules have been asked.
    policies += [
        ResourceValidationPolicy(name=FAULT, validate=_faults(noted), enforcement_level=advisory, **told),
        StackValidationPolicy(name=STACK_FAULT, validate=_faults(noted), enforcement_level=advisory, **told),
    ]
    _check_configuration(rules)
    PolicyPack(NAME, policies)


def _check_configuration(rules: Sequence[Rule]) -> None:
    """Have Pulumi's servicer refuse a configuration that cannot be followed, before any resource is looked at."""
    made: Any = runner._PolicyAnalyzerServicer  # noqa: SLF001 - PolicyPack makes one, and gives no other way in

    class Servicer(made):  # type: ignore[misc]
        def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
            named = {name: each for name, each in request.policyConfig.items() if name not in (FAULT, STACK_FAULT)}
            given = {name: json_format.MessageToDict(each.properties) for name, each in named.items()}
            if found := mistakes(rules, given):
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the rules' configuration: {'; '.join(found)}")
            return super().Configure(request, context)

    runner._PolicyAnalyzerServicer = Servicer  # noqa: SLF001


def _policy(rule: Rule, noted: _Noted) -> Any:
    kind = StackValidationPolicy if isinstance(rule, StackRule) else ResourceValidationPolicy
    return kind(
        name=rule.name,
        description=rule.says,
        enforcement_level=EnforcementLevel(rule.level),
        severity=Severity(rule.severity),
        config_schema=PolicyConfigSchema({name: each.schema for name, each in rule.settings.items()}),
        remediation_steps=rule.steps,
        validate=_validation(rule, noted),
    )


def _validation(rule: Rule, noted: _Noted) -> Callable[[Any, Report], None]:
    def validate(args: Any, report: Report) -> None:
        try:
            found = _run(rule, args)
        except Exception as error:  # noqa: BLE001 - a mistake of the rule; its text may hold a value
            noted.faults[rule.name] = type(error).__name__
            return
        for each in found:
            if isinstance(each, Finding):
                report(each.message, each.urn or None)
        for each in found:
            if isinstance(each, Unknown):
                raise UnknownValueError(each.kind or UNKNOWN_STRING_VALUE, list(each.path))

    return validate


def _faults(noted: _Noted) -> Callable[[Any, Report], None]:
    def validate(_args: Any, report: Report) -> None:
        faults, noted.faults = noted.faults, {}
        for name, error in faults.items():
            report(f"the rule {name} failed with {error}, so that nothing was checked by it", None)

    return validate


def _run(rule: Rule, args: Any) -> list[Finding | Unknown]:
    config = plain(args.get_config())
    if isinstance(rule, StackRule):
        return rule.run([_resource(each) for each in args.resources], config)
    return rule.run(_resource(args), config) if rule.is_for(args.resource_type) else []


def _resource(given: Any) -> Resource:
    parent = getattr(given, "parent", None)
    return Resource(
        type=given.resource_type,
        name=given.name,
        urn=given.urn,
        props=plain(given.props),
        protect=given.opts.protect,
        parent=parent.urn if parent else given.opts.parent or "",
        dependencies=[each.urn for each in getattr(given, "dependencies", ())],
        stack_tags=dict(getattr(given, "stack_tags", {})),
    )


def plain(value: Any) -> Any:
    """A value of pulumi_policy, whose mappings raise at what is not known, as plain data."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in sorted(value)}  # the wire keeps no order; findings are to have one
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, number) for number in range(len(value))]
    return value


def _item(holder: Any, key: Any) -> Any:
    try:
        return plain(holder[key])
    except UnknownValueError as error:
        return Unknown(tuple(error.props), error.unknown_type_sentinel)


__all__ = ["FAULT", "NAME", "STACK_FAULT", "ResourceRule", "plain", "serve"]
