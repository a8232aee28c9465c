"""Who a store is towards AWS, as it is declared: region, roles to take in order, and access keys if any."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Self

from ...display import is_access_key_id, shown_text
from ...errors import SpecError
from ..iam.texts import is_role_arn
from ..secret_value import Secret
from .fields import Declaration, Elsewhere, Named, Text

ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
"""Annotation of a ServiceAccount: the role that its tokens take (EKS: "IAM roles for service accounts")."""
AUDIENCE_ANNOTATION = "eks.amazonaws.com/audience"
"""Annotation of a ServiceAccount: the audience of its tokens for STS; `AUDIENCE` without it."""

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
# What STS's API reference allows in a Tag: of white space (\p{Z}) what separates words, and no line breaks.
_TAG = re.compile(r"[\w .:/=+@\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000-]+")
_QUOTES = "\"'`"
_ASSIGNED = re.compile(r"(?i:aws_[a-z_]+=)")
_OF_SECRETS = frozenset("/+=")
_TEMPORARY = "ASIA"
"""How the IDs of temporary keys begin (IAM: "IAM identifiers", unique ID prefixes)."""
MAX_SESSION_TAGS = 50
MAX_TAG_KEY = 128
MAX_TAG_VALUE = 256


@dataclass(frozen=True)
class Identity(Declaration, Generic[Text]):
    """The AWS identity of one store. In a program some of it may be known later, and is checked then.

    Attributes:
        region: the region that the parameters are in, such as `eu-central-1` (ESO `region`).
        role: ARN of the role that reads, taken last; None to read with the credentials as they are (ESO `role`).
        external_id: external ID that the trust policy of `role` demands (ESO `externalID`). No effect without `role`.
        session_tags: session tags as (key, value) pairs (ESO `sessionTags`). No effect without `role`.
        transitive_tag_keys: keys of those tags that roles assumed after `role` inherit (ESO `transitiveTagKeys`). Trust
            policies may ask for them; nothing is assumed after `role` here.
        additional_roles: ARNs of the roles to take, in this order, before `role` (ESO `additionalRoles`).

    Raises:
        SpecError: a field can never work; the text names it.
    """

    region: Text
    role: Text | None = None
    external_id: Annotated[Text | None, Named("externalID")] = field(default=None, repr=False)
    session_tags: Annotated[tuple[tuple[str, Text], ...], Elsewhere()] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    additional_roles: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.region, str) and not _REGION.fullmatch(self.region):
            raise SpecError(f"region: {shown_text(self.region)} is not an AWS region: write one such as 'eu-central-1'")
        for name, role in (*(("additionalRoles", each) for each in self.additional_roles), ("role", self.role)):
            if isinstance(role, str) and not is_role_arn(role):
                raise SpecError(
                    f"{name}: {shown_text(role)} is not a role's ARN: write arn:<partition>:iam::<account>:role/<name>"
                )
        if isinstance(self.external_id, str) and not _EXTERNAL_ID.fullmatch(self.external_id):
            raise SpecError("externalID: use 2 to 1,224 letters, digits and + = , . @ : / - _ in it")
        self._check_tags()

    def _check_tags(self) -> None:
        keys = [key for key, _ in self.session_tags]
        if len(keys) > MAX_SESSION_TAGS or len({key.lower() for key in keys}) < len(keys) or "" in keys:
            raise SpecError(f"sessionTags: use up to {MAX_SESSION_TAGS} tags, each with its own key that is not empty")
        for key, given in self.session_tags:
            value = given if isinstance(given, str) else ""
            if not _TAG.fullmatch(key + value) or len(key) > MAX_TAG_KEY or len(value) > MAX_TAG_VALUE:
                raise SpecError(
                    f"sessionTags: tag {key[:40]!r}: use letters, digits, spaces and _ . : / = + - @, up to "
                    f"{MAX_TAG_KEY} for the key and {MAX_TAG_VALUE} for the value"
                )
        twice = sorted({key for key in self.transitive_tag_keys if self.transitive_tag_keys.count(key) > 1})
        if twice:
            raise SpecError(f"transitiveTagKeys: {twice[0]!r} occurs twice; leave one of them out")
        strangers = sorted(set(self.transitive_tag_keys) - set(keys))
        if strangers:
            raise SpecError(f"transitiveTagKeys: sessionTags has no tag {', '.join(map(repr, strangers))}")

    def to_bag(self) -> dict[str, Any]:
        """The identity as it is stored."""
        tags = [{"key": key, "value": value} for key, value in self.session_tags]
        return super().to_bag() | ({"sessionTags": tags} if tags else {})

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The identity out of a property bag."""
        tags = tuple((tag["key"], tag["value"]) for tag in bag.get("sessionTags") or ())
        return super().from_bag(bag, session_tags=tags, **given)


class StoreIdentity(Identity[str]):
    """The AWS identity of one store, all of it known."""


@dataclass(frozen=True)
class Hop(Declaration):
    """One role to assume.

    Attributes:
        role: its ARN.
        external_id: see `StoreIdentity.external_id`; of a store's roles, the last one alone has it.
        session_tags: see `StoreIdentity.session_tags`; likewise.
        transitive_tag_keys: see `StoreIdentity.transitive_tag_keys`; likewise.
        session_name: name of the session; None for ours. This and what follows comes from Pulumi's AWS provider alone.
        policy: a policy that bounds the session, as JSON.
        policy_arns: ARNs of policies that bound the session.
        source_identity: who is behind the session, for CloudTrail.
    """

    role: Annotated[str, Named("roleArn")]
    external_id: str | None = field(default=None, repr=False)
    session_tags: Annotated[tuple[tuple[str, str], ...], Named("tags"), Elsewhere()] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    session_name: str | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    source_identity: str | None = None


def credential_problem(text: str) -> str | None:
    """Why a text is no access key ID, secret access key or session token; None where it may be one.

    One with a line break cannot be sent at all, which looks as if the network were at fault.
    """
    if not text:
        return "is empty"
    if any(not "!" <= character <= "~" for character in text):
        return "holds a blank, a line break or another character that AWS credentials do not have"
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        return "has quotes around it"
    if _ASSIGNED.match(text):
        return "begins with a variable's name and '='"
    return None


def access_keys_problem(key_id: str, secret: str, *, token: bool) -> str | None:
    """Why an access key ID and a secret access key are no pair; None where they may be one.

    AWS would answer no more than that the token is invalid, or that the signature does not match.

    Args:
        key_id: the access key ID.
        secret: the secret access key.
        token: whether a session token comes with them.
    """
    if is_access_key_id(secret):
        return "the secret access key is an access key ID; are the two swapped?"
    if not _OF_SECRETS.isdisjoint(key_id):
        return "the access key ID holds characters that none has; is it the secret access key?"
    if key_id.startswith(_TEMPORARY) and not token:
        return "the access key ID is that of temporary keys (ASIA...), which need a session token"
    return None


@dataclass(frozen=True)
class AccessKeys:
    """Static AWS credentials, read by the caller from a Kubernetes Secret (ESO `auth.secretRef`).

    Attributes:
        access_key_id: the access key's ID (ESO `accessKeyIDSecretRef`).
        secret_access_key: its secret half (ESO `secretAccessKeySecretRef`).
        session_token: token of temporary keys (ESO `sessionTokenSecretRef`).
        source: where they come from, for messages, such as `Secret team-a/aws-keys`.
    """

    access_key_id: Secret
    secret_access_key: Secret
    session_token: Secret | None = None
    source: str = "a Kubernetes Secret"


def region_choice(environ: Mapping[str, str], profile: object = None) -> dict[str, str]:
    """What of an environment decides the region, where nothing else does; variable -> value.

    Args:
        environ: the environment.
        profile: the profile that a provider or the stack names, which goes before the environment's.
    """
    if region := environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"):
        return {"AWS_REGION": region}
    named = {} if profile is not None else {"AWS_PROFILE": environ.get("AWS_PROFILE") or "default"}
    return {**named, "AWS_CONFIG_FILE": environ.get("AWS_CONFIG_FILE") or "~/.aws/config"}


def refuse_other_environment(choice: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Refuse a region that the program's environment chose where the process that reads has another environment.

    Args:
        choice: what chose it in the program; empty where its environment did not.
        environ: the environment of the process that reads, which Pulumi's own AWS provider has, too.

    Raises:
        SpecError: the text names the variable.
    """
    for name, value in choice.items():
        if region_choice(environ).get(name) != value:
            raise SpecError(
                f"region: the program's own environment chooses it by {name}, and that of the `pulumi` command, which "
                "Pulumi's AWS provider has, differs; write the store's `region`, or set aws:region"
            )
