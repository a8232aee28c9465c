"""Rules for what is pushed to AWS, and for who may write there."""

from collections.abc import Iterator, Sequence

from .documents import GRANTING, documents
from .iam import ALLOW
from .names import is_listed
from .resource import SECRET_PUSH, STORES, Finding, Found, Resource, Unknown, fields, numbered, unknown
from .rule import Config, ResourceRule, Setting, StackRule

_PLAIN = ("String", "StringList")
WRITES = (
    "ssm:PutParameter",
    "ssm:DeleteParameter",
    "ssm:DeleteParameters",
    "ssm:LabelParameterVersion",
    "secretsmanager:CreateSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
    "secretsmanager:RotateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:RestoreSecret",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:PutResourcePolicy",
)
"""The actions that change, copy, delete or restore values, or say who may read them."""


def pushed(resource: Resource, store: str | None = None) -> Iterator[tuple[str, object]]:
    """What a SecretPush writes, with the words for each place; an `Unknown` for what is not known.

    Args:
        resource: the SecretPush.
        store: the store that it is to be written through; None for any.
    """
    for name in ("data", "dataTo"):
        entries = resource.props.get(name)
        yield from (("", each) for each in unknown(entries))
        for place, each in numbered(entries, name):
            if store is None or fields(each).get("store") in (None, store):
                yield place, each


def _plain(resource: Resource, config: Config) -> Found:
    if is_listed(resource.name, config["allow"]):
        return
    for place, each in pushed(resource):
        metadata = fields(each).get("metadata")
        kind = fields(metadata).get("secretType")
        yield from unknown(each, metadata, kind)
        if kind in _PLAIN:
            yield Finding(f"{place} is pushed as {kind}, which KMS does not encrypt; write secretType: SecureString")


def _rights(resources: Sequence[Resource], config: Config) -> Found:
    by_urn = {each.urn: each for each in resources}
    stores = [each.props.get("stores") for each in resources if each.type == SECRET_PUSH]
    if missing := next(unknown(*stores), None):
        yield missing
        return
    pushing = {name for each in stores for name in fields(each)}
    for resource in resources:
        if resource.type not in GRANTING or is_listed(resource.name, config["allow"]):
            continue
        parent = by_urn.get(resource.parent)
        if parent is not None and parent.type in STORES and parent.name in pushing:
            continue
        for document in documents(resource):
            if isinstance(document, Unknown):
                yield document
                continue
            for statement in document.statements or ():
                if statement.allows and (found := statement.does(WRITES)):
                    yield Finding(
                        f"{document.place}, statement {statement.number}: {found[0]} is granted, and no PushSecret "
                        "writes through it; leave it out",
                        resource.urn,
                    )


RULES = (
    ResourceRule(
        name="plain-push",
        says="Secrets are pushed as SecureString.",
        level="mandatory",
        severity="high",
        steps="Write secretType: SecureString into the entry's metadata. ESO's default is String.",
        settings={"allow": Setting("names of PushSecrets that hold no secret; `*` and `?` stand for others", [])},
        types=frozenset({SECRET_PUSH}),
        check=_plain,
    ),
    StackRule(
        name="push-rights",
        says="Only the role of a store that pushes may write parameters and secrets.",
        level="mandatory",
        severity="high",
        steps="Remove the action, or list the policy in `allow` if something else than a PushSecret needs it.",
        settings=ALLOW,
        check=_rights,
    ),
)
