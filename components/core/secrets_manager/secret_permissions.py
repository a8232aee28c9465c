"""What Secrets Manager and KMS check for each kind of call that a store makes.

Facts: the service authorization reference of Secrets Manager, and its user guide's pages on authentication, access
control and encryption. Values are read by `secretsmanager:GetSecretValue` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import SpecError
from ..iam.grants import Condition, Grant, Location
from ..iam.needs import CustomerKey
from ..iam.texts import beginning_with, exact, is_like
from .secret_references import ANY_END, CURRENT, SecretReference, plain_name, resource
from .secret_sources import FindSecrets, TagsOfSecret, parse_source

SECRET_ARN = "kms:EncryptionContext:SecretARN"  # noqa: S105 - a condition key
"""The encryption context that Secrets Manager gives KMS with every value: the secret's full ARN."""
DESCRIBE = "secretsmanager:DescribeSecret"
LIST = "secretsmanager:ListSecrets"
BATCH = "secretsmanager:BatchGetSecretValue"
LIST_VERSIONS = "secretsmanager:ListSecretVersionIds"
READ = "secretsmanager:GetSecretValue"
CREATE = "secretsmanager:CreateSecret"
PUT = "secretsmanager:PutSecretValue"
UPDATE = "secretsmanager:UpdateSecret"
TAG = "secretsmanager:TagResource"
UNTAG = "secretsmanager:UntagResource"
DELETE = "secretsmanager:DeleteSecret"
RESTORE = "secretsmanager:RestoreSecret"
REPLICATE = "secretsmanager:ReplicateSecretToRegions"
UNREPLICATE = "secretsmanager:RemoveRegionsFromReplication"
GET_POLICY = "secretsmanager:GetResourcePolicy"
PUT_POLICY = "secretsmanager:PutResourcePolicy"
MANAGED_BY = Condition("StringEquals", "aws:ResourceTag/managed-by", ("external-secrets",))
"""The tag that ESO, and we like it, put on secrets that are ours to delete."""


@dataclass(frozen=True)
class SecretNeed:
    """One version of one secret that is read, by stage or by id."""

    reference: SecretReference
    reason: str = ""
    in_batches: bool = False

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        arn = _arn(location, self.reference.name)
        yield Grant(DESCRIBE, arn, reason=self.reason)
        if self.reference.by_id_alone:
            # A version that bears no stage any more is named by nothing else.
            yield Grant(LIST_VERSIONS, arn, reason=self.reason)
            which = Condition("StringEquals", "secretsmanager:VersionId", (self.reference.version_id,))
        else:
            which = _of_stage(self.reference.stage)
        batch = self.in_batches and self.reference.stage == CURRENT
        yield from _reads(arn, (), which, self.reason, in_batches=batch)
        yield from _kms(location, keys, self.reference.name, self.reason)


@dataclass(frozen=True)
class SecretTagsNeed:
    """One secret whose tags are read (ESO: `metadataPolicy: Fetch`)."""

    name: str
    reason: str = ""

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:  # noqa: ARG002 - a `Need`
        """See `Need`."""
        yield Grant(DESCRIBE, _arn(location, self.name), reason=self.reason)


@dataclass(frozen=True)
class FindNeed:
    """Secrets that are found by the beginning of their names and by their tags (ESO: `dataFrom[].find`)."""

    find: FindSecrets
    reason: str = ""
    in_batches: bool = False

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        tagged = tuple(Condition("StringEquals", f"aws:ResourceTag/{key}", (value,)) for key, value in self.find.tags)
        found = _below(location, self.find.path or "")
        yield Grant(LIST, "*", reason=self.reason)
        yield Grant(DESCRIBE, found, tagged, self.reason)
        yield from _reads(found, tagged, _of_stage(CURRENT), self.reason, in_batches=self.in_batches)
        yield from _kms(location, keys, self.find.path or "", self.reason, begins=True)


@dataclass(frozen=True)
class SecretPushNeed:
    """One secret that is written (ESO: PushSecret).

    Attributes:
        name: its name.
        reason: which PushSecret needs it.
        key: the customer key that encrypts it, where it is named by its ARN; besides the store's own.
        replicates: it is copied to other regions.
        sets_policy: it has a policy of its own.
        compares: the value that is there is read, to compare it or to merge a property into it.
        deletes: it is deleted when it is not declared any more (ESO: `deletionPolicy: Delete`).
        restores: it is restored where it is marked for deletion.
        below: the name is a beginning of names that the store owns, and all that begin so may be written.
    """

    name: str
    reason: str = ""
    key: str | None = None
    replicates: bool = False
    sets_policy: bool = False
    compares: bool = True
    deletes: bool = False
    restores: bool = False
    below: bool = False

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        path = "" if self.name == "/" else f"{self.name.rstrip('/')}/"
        arn = _below(location, path) if self.below else _arn(location, self.name)
        for action in (
            *(DESCRIBE, CREATE, PUT, UPDATE, TAG, UNTAG),
            *([REPLICATE, UNREPLICATE] if self.replicates else []),
            *([GET_POLICY, PUT_POLICY] if self.sets_policy else []),
            *([RESTORE] if self.restores else []),
        ):
            yield Grant(action, arn, reason=self.reason)
        if self.compares:
            yield Grant(READ, arn, (_of_stage(CURRENT),), self.reason)
        if self.deletes:
            yield Grant(DELETE, arn, (MANAGED_BY,), self.reason)
        own = [CustomerKey(self.key)] if self.key else []
        named = path if self.below else self.name
        # Without Encrypt UpdateSecret leaves the values that are there under their former key, and says nothing.
        actions = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
        yield from _kms(location, [*keys, *own], named, self.reason, actions, begins=self.below)


@dataclass(frozen=True)
class PrefixesNeed:
    """Names that the user grants as a whole, by what they begin with, because the store owns them."""

    paths: tuple[str, ...]
    reason: str = "the store's `paths`"
    everything: bool = False

    def __post_init__(self) -> None:
        for path in self.paths:
            if path == "/":
                if not self.everything:
                    raise SpecError(
                        "paths: '/' is every secret of the account in this region; name the beginnings of names that "
                        "the store owns, or set allow_all_parameters if that is what you want"
                    )
                continue
            exact("paths", path)
            if path.startswith("arn:"):
                raise SpecError(f"paths: {path!r} is an ARN; write what names begin with, such as 'team-a'")
            SecretReference(path.rstrip("/"))

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        for path in self.paths:
            begin = "" if path == "/" else f"{path.rstrip('/')}/"
            found = _below(location, begin)
            for action in (DESCRIBE, LIST_VERSIONS, READ):
                yield Grant(action, found, reason=self.reason)
            yield from _kms(location, keys, begin, self.reason, begins=True)


def need_of(source: str, reason: str = "", *, in_batches: bool = False) -> SecretNeed | SecretTagsNeed | FindNeed:
    """What reading a source needs, for the secret key `reason`; SpecError where it can mean no secret."""
    match parse_source(source):
        case TagsOfSecret(name):
            return SecretTagsNeed(name, reason)
        case FindSecrets() as find:
            return FindNeed(find, reason, in_batches)
        case reference:
            return SecretNeed(reference, reason, in_batches)


def key_encrypts(key: CustomerKey, name: str) -> bool:
    """Whether a key encrypts the secret of this name or ARN."""
    return any(is_like(each, plain_name(name)) for each in key.names)


def _reads(
    arn: str, tagged: tuple[Condition, ...], which: Condition, reason: str, *, in_batches: bool
) -> Iterator[Grant]:
    """A call for a batch names no stage, so that no condition on it can hold, and its own action has no resource."""
    yield Grant(READ, arn, tagged if in_batches else (*tagged, which), reason)
    if in_batches:
        yield Grant(BATCH, "*", reason=reason)


def _of_stage(stage: str) -> Condition:
    """Holds for requests that name a stage, as ours do."""
    return Condition("StringEquals", "secretsmanager:VersionStage", (stage,))


def _arn(location: Location, name: str) -> str:
    return resource(location.partition, location.region, location.account, name)


def _below(location: Location, prefix: str) -> str:
    return _matching(location, f"{prefix}*")


def _matching(location: Location, pattern: str) -> str:
    """The ARNs of the secrets whose names are of a pattern; AWS ends them in six characters."""
    end = "" if pattern.endswith("*") else ANY_END
    return f"arn:{location.partition}:secretsmanager:{location.region}:{location.account}:secret:{pattern}{end}"


def _kms(
    location: Location,
    keys: Sequence[CustomerKey],
    name: str,
    reason: str,
    actions: Sequence[str] = ("kms:Decrypt",),
    *,
    begins: bool = False,
) -> Iterator[Grant]:
    """The default key needs no grant: its own key policy lets the account's identities use it through the service.

    Args:
        location: where the store reads.
        keys: the customer keys.
        name: a secret's name or ARN.
        reason: what needs it.
        actions: what is done with the key.
        begins: all secrets are meant of which the names begin so. A pattern of a key is granted where it meets them: it
            may encrypt others' secrets, too.
    """
    host = f"secretsmanager.{location.region}.amazonaws.com"
    # AWS does not document which of its two domains this key holds in China.
    hosts = (host, f"{host}.cn") if location.partition == "aws-cn" else (host,)
    for key in keys:
        if begins:
            found = {each for pattern in key.names for each in beginning_with(plain_name(pattern), name)}
            whole = {f"{name}*"} if f"{name}*" in found else found
            arns = tuple(sorted(_matching(location, each) for each in whole))
        else:
            arns = (_arn(location, name),) if key_encrypts(key, name) else ()
        if arns:
            like = any(each.endswith((ANY_END, "*")) for each in arns)
            which = Condition("StringLike" if like else "StringEquals", SECRET_ARN, arns)
            for action in actions:
                yield Grant(action, key.arn, (which, Condition("StringEquals", "kms:ViaService", hosts)), reason)
