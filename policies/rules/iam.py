"""Rules for what IAM policies grant: secrets named one by one, and no action by a wildcard."""

from collections.abc import Iterator

from .documents import GRANTING, Document, documents
from .globs import matches_in_policy
from .names import is_listed
from .resource import Finding, Found, Resource, Unknown
from .rule import Config, ResourceRule, Setting

READS = {
    "ssm:GetParameter": "parameter",
    "ssm:GetParameters": "parameter",
    "ssm:GetParametersByPath": "parameter",
    "ssm:GetParameterHistory": "parameter",
    "secretsmanager:GetSecretValue": "secret",
    "kms:Decrypt": "key",
}
"""The actions that give a value away, each with what it is done to; listing names is not among them."""
# Who may read all of a shape may read what nobody declared.
_STRANGERS = {
    "parameter": ("ssm", (("parameter/undeclared-9c1f", "parameter/Q.7"), ("parameter/q7/9c1f.x", "parameter/E_-/5"))),
    "secret": ("secretsmanager", (("secret:undeclared-9c1f-Zq7xYw", "secret:Q/7-4JkLm0"),)),
    "key": ("kms", (("key/9c1f9c1f-9c1f-4c1f-9c1f-9c1f9c1f9c1f", "key/mrk-0b54e6d2a8f34c7e8a1d6f2b3c4d5e6f"),)),
}
_CONTEXT = ("kms:encryptioncontext", "kms:viaservice")
ALLOW = {"allow": Setting("names of resources that may do this; `*` and `?` stand for others", [])}


def _known(resource: Resource, config: Config) -> Iterator[Document | Unknown]:
    return iter(()) if is_listed(resource.name, config["allow"]) else documents(resource)


def _wildcard_secrets(resource: Resource, config: Config) -> Found:
    for document in _known(resource, config):
        if isinstance(document, Unknown):
            yield document
        elif document.statements is None:
            yield Finding(f"{document.place} is no JSON policy, so that nobody can say what it grants")
        else:
            yield from _open_grants(document)


def _open_grants(document: Document) -> Iterator[Finding]:
    told: dict[tuple[int, str], str] = {}
    for action, noun in READS.items():
        service, shapes = _STRANGERS[noun]
        for partition, region, account in document.places:
            for names in shapes:
                arns = [f"arn:{partition}:{service}:{region}:{account}:{name}" for name in names]
                found = [document.granting(action, arn) for arn in arns]
                if all(found) and found[0]:
                    told.setdefault((found[0].number, noun), action)
    for (number, noun), action in sorted(told.items()):
        yield Finding(
            f"{document.place}, statement {number}: {action} is allowed on every {noun}; name each {noun}, or a path "
            "that is the role's own, in Resource"
        )


def _wildcard_actions(resource: Resource, config: Config) -> Found:
    for document in _known(resource, config):
        if isinstance(document, Unknown):
            yield document
            continue
        for statement in document.statements or ():
            place = f"{document.place}, statement {statement.number}"
            if not statement.allows or not (reached := statement.does(READS)):
                continue
            if "NotAction" in statement.bag:
                yield Finding(f"{place}: NotAction with Allow grants {reached[0]} too; list what is needed in Action")
            elif any(_is_wild(each, reached) for each in statement.actions):
                yield Finding(f"{place}: a wildcard in Action grants {reached[0]} among others; write each action out")
            elif "NotResource" in statement.bag:
                yield Finding(
                    f"{place}: NotResource with Allow grants {reached[0]} on all that is not named; list what is needed"
                    " in Resource"
                )


def _is_wild(pattern: str, reached: list[str]) -> bool:
    wild = "*" in pattern or "?" in pattern
    return wild and any(matches_in_policy(pattern.lower(), action.lower()) for action in reached)


def _kms_context(resource: Resource, config: Config) -> Found:
    for document in _known(resource, config):
        if isinstance(document, Unknown):
            yield document
            continue
        for statement in document.statements or ():
            bound = any(key.startswith(_CONTEXT) for _, key, _ in statement.conditions)
            if statement.allows and not bound and statement.does(["kms:Decrypt"]):
                yield Finding(
                    f"{document.place}, statement {statement.number}: kms:Decrypt is allowed for whatever the key "
                    "encrypted; add a condition on kms:EncryptionContext:PARAMETER_ARN or kms:ViaService"
                )


RULES = (
    ResourceRule(
        name="iam-no-wildcard-secrets",
        says="IAM policies name the parameters, secrets and keys that may be read, and not all of them.",
        level="mandatory",
        severity="critical",
        steps="Name each ARN in Resource, or let SecretStore create the role: its policy has what is read and no more.",
        settings=ALLOW,
        types=GRANTING,
        check=_wildcard_secrets,
    ),
    ResourceRule(
        name="iam-action-wildcard",
        says="IAM policies write out the actions that give secrets away.",
        level="mandatory",
        severity="high",
        steps="Write ssm:GetParameters in place of ssm:Get* or ssm:*; write Action and Resource in place of NotAction "
        "and NotResource.",
        settings=ALLOW,
        types=GRANTING,
        check=_wildcard_actions,
    ),
    ResourceRule(
        name="iam-kms-context",
        says="kms:Decrypt is bound to what it decrypts.",
        level="advisory",
        severity="medium",
        steps="Add a condition on kms:EncryptionContext:PARAMETER_ARN or kms:EncryptionContext:SecretARN, or at least "
        "on kms:ViaService.",
        settings=ALLOW,
        types=GRANTING,
        check=_kms_context,
    ),
)
