"""Rules for who may take a role: one ServiceAccount of one cluster, and nobody by a wildcard."""

from collections.abc import Iterator

from .documents import ROLE, Statement, document, texts
from .names import is_listed
from .resource import Finding, Found, Resource, Unknown, fields
from .rule import Config, ResourceRule, Setting

_PODS = "pods.eks.amazonaws.com"
_EXACT = ("StringEquals", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals")
_LIKE = ("StringLike", "ForAnyValue:StringLike")
_TAGS = ("aws:requesttag/kubernetes-namespace", "aws:requesttag/kubernetes-service-account")
_ARNS = ("ArnEquals", "ArnLike", *_EXACT, *_LIKE)
_OTHERS = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "api.pulumi.com",
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
]


def _trust(resource: Resource, config: Config) -> Found:
    trust = document("assumeRolePolicy", resource.props.get("assumeRolePolicy"))
    if isinstance(trust, Unknown):
        yield trust
        return
    for statement in trust.statements or ():
        if statement.allows:
            place = f"assumeRolePolicy, statement {statement.number}"
            yield from _web_identity(place, statement, config)
            yield from _pod_identity(place, statement)


def _web_identity(place: str, statement: Statement, config: Config) -> Iterator[Finding]:
    if not statement.names_action("sts:AssumeRoleWithWebIdentity"):
        return
    issuers = [_issuer(each) for each in _principals(statement, "Federated")]
    if not [each for each in issuers if not is_listed(each, config["otherIssuers"])]:
        return
    if not _bound(statement, ":sub"):
        yield Finding(
            f"{place}: a token of any ServiceAccount may take the role; compare `<issuer>:sub` by StringEquals with "
            "system:serviceaccount:<namespace>:<name>"
        )
    if not _bound(statement, ":aud"):
        yield Finding(
            f"{place}: a token for any audience may take the role; compare `<issuer>:aud` by StringEquals with "
            "sts.amazonaws.com"
        )


def _pod_identity(place: str, statement: Statement) -> Iterator[Finding]:
    taken = statement.names_action("sts:AssumeRole")
    if not taken or not {_PODS, "*"} & {*_principals(statement, "Service")}:
        return
    tagged = all(_bound(statement, each) for each in _TAGS)
    source = any(
        operator in _ARNS and key == "aws:sourcearn" and values and not any("*" in each for each in values)
        for operator, key, values in statement.conditions
    )
    if not tagged and not source:
        yield Finding(
            f"{place}: any association of Pod Identity in the account can hand out the role; add conditions on "
            "aws:RequestTag/kubernetes-namespace and aws:RequestTag/kubernetes-service-account, or on aws:SourceArn"
        )


def _bound(statement: Statement, suffix: str) -> bool:
    """Whether a condition that the key must meet names its values, each without a wildcard."""
    for operator, key, values in statement.conditions:
        if not key.endswith(suffix) or not values:
            continue
        wild = any("*" in each or "?" in each for each in values)
        if operator in _EXACT or (operator in _LIKE and not wild):
            return True
    return False


def _principals(statement: Statement, kind: str) -> list[str]:
    principal = statement.bag.get("Principal")
    return [*texts(principal), *texts(fields(principal).get(kind))]


def _issuer(principal: str) -> str:
    return principal.partition(":oidc-provider/")[2] or principal


RULES = (
    ResourceRule(
        name="irsa-trust",
        says="A role for pods is taken by one ServiceAccount of one cluster.",
        level="mandatory",
        severity="critical",
        steps="Compare the token's sub and aud by StringEquals; for Pod Identity, the tags that name namespace and "
        "ServiceAccount. ServiceAccountAuth(oidc_provider=...) and PodIdentityAuth create such roles.",
        settings={
            "otherIssuers": Setting(
                "issuers whose tokens are not those of ServiceAccounts; they are not looked at", _OTHERS
            )
        },
        types=frozenset({ROLE}),
        check=_trust,
    ),
)
