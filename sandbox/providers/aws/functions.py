"""The provider's functions: who and where we are, and policy documents from statements."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .resource_type import Plain
from .session import Clients

_PARTITIONS = (
    ("cn-", "aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
    ("us-gov-", "aws-us-gov", "amazonaws.com", "com.amazonaws"),
    ("", "aws", "amazonaws.com", "com.amazonaws"),
)


def _caller_identity(clients: Clients, _arguments: Plain) -> Plain:
    answer = clients("sts").get_caller_identity()
    return {
        "id": answer["Account"],
        "accountId": answer["Account"],
        "arn": answer["Arn"],
        "userId": answer["UserId"],
    }


def _session_context(clients: Clients, arguments: Plain) -> Plain:
    """The role behind an assumed role's session, with its path; any other identity is its own issuer."""
    arn = arguments["arn"]
    session = re.fullmatch(r"arn:[\w-]+:sts::\d+:assumed-role/([^/]+)/(.+)", arn)
    if session is None:
        return {"arn": arn, "id": arn, "issuerArn": arn, "issuerId": "", "issuerName": "", "sessionName": ""}
    role = clients("iam").get_role(RoleName=session[1])["Role"]
    return {
        "arn": arn,
        "id": arn,
        "issuerArn": role["Arn"],
        "issuerId": role["RoleId"],
        "issuerName": role["RoleName"],
        "sessionName": session[2],
    }


def _partition(clients: Clients, _arguments: Plain) -> Plain:
    found = next(partition for partition in _PARTITIONS if clients.region.startswith(partition[0]))
    return {"id": found[1], "partition": found[1], "dnsSuffix": found[2], "reverseDnsPrefix": found[3]}


def _region(clients: Clients, arguments: Plain) -> Plain:
    region = arguments.get("region") or arguments.get("name") or clients.region
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _policy_document(_clients: Clients, arguments: Plain) -> Plain:
    own = {
        "Version": arguments.get("version") or "2012-10-17",
        **({"Id": arguments["policyId"]} if arguments.get("policyId") else {}),
        "Statement": [_statement(statement) for statement in arguments.get("statements") or []],
    }
    sources = arguments.get("sourcePolicyDocuments") or []
    overrides = arguments.get("overridePolicyDocuments") or []
    document: Plain = {}
    for other in (*map(json.loads, sources), own, *map(json.loads, overrides)):
        document = _merged(document, other)
    text, minified = json.dumps(document, indent=2), json.dumps(document, separators=(",", ":"))
    return {**arguments, "id": str(len(text)), "json": text, "minifiedJson": minified}


def _merged(document: Plain, other: Plain) -> Plain:
    """Add another document's statements; one with the Sid of an earlier one takes its place."""
    statements = list(document.get("Statement", []))
    added = other.get("Statement", [])
    for statement in added if isinstance(added, list) else [added]:
        sid = statement.get("Sid")
        place = next((i for i, earlier in enumerate(statements) if sid and earlier.get("Sid") == sid), len(statements))
        statements[place : place + 1] = [statement]
    return {**document, **other, "Statement": statements}


def _statement(statement: Mapping[str, Any]) -> Plain:
    made: Plain = {"Sid": statement["sid"]} if statement.get("sid") else {}
    made["Effect"] = statement.get("effect") or "Allow"
    lists = {"actions": "Action", "notActions": "NotAction", "resources": "Resource", "notResources": "NotResource"}
    for key, name in lists.items():
        if statement.get(key):
            made[name] = _one_or_many(statement[key])
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if statement.get(key):
            made[name] = _principals(statement[key])
    if statement.get("conditions"):
        made["Condition"] = _conditions(statement["conditions"])
    return made


def _principals(blocks: list[Plain]) -> Any:
    if [(block["type"], block["identifiers"]) for block in blocks] == [("*", ["*"])]:
        return "*"
    found: dict[str, list[str]] = {}
    for block in blocks:
        found.setdefault(block["type"], []).extend(block["identifiers"])
    return {kind: _one_or_many(identifiers) for kind, identifiers in found.items()}


def _conditions(blocks: list[Plain]) -> Plain:
    found: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        found.setdefault(block["test"], {}).setdefault(block["variable"], []).extend(block["values"])
    return {
        test: {variable: _one_or_many(values, keep_order=True) for variable, values in variables.items()}
        for test, variables in found.items()
    }


def _one_or_many(values: list[str], *, keep_order: bool = False) -> str | list[str]:
    """Write a list as the real provider does: one value alone, several in descending order (conditions as given)."""
    if len(values) == 1:
        return values[0]
    return list(values) if keep_order else sorted(values, reverse=True)


FUNCTIONS: Mapping[str, Callable[[Clients, Plain], Plain]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:iam/getSessionContext:getSessionContext": _session_context,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
}
