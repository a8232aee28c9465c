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
        yield from _decrypt(location, keys, self.reference.name, arn, self.reason)


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
        start = self.find.path or ""
        found = f"{_at(location, start)}*"
        yield Grant(LIST, "*", reason=self.reason)
        yield Grant(DESCRIBE, found, tagged, self.reason)
        yield from _reads(found, tagged, _of_stage(CURRENT), self.reason, in_batches=self.in_batches)
        yield from _decrypt_below(location, keys, start, self.reason)


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
            start = "" if path == "/" else f"{path.rstrip('/')}/"
            for action in (DESCRIBE, LIST_VERSIONS, READ):
                yield Grant(action, f"{_at(location, start)}*", reason=self.reason)
            yield from _decrypt_below(location, keys, start, self.reason)


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


def _at(location: Location, name: str) -> str:
    return f"arn:{location.partition}:secretsmanager:{location.region}:{location.account}:secret:{name}"


def _decrypt(location: Location, keys: Sequence[CustomerKey], name: str, arn: str, reason: str) -> Iterator[Grant]:
    """The default key needs no grant: its own key policy lets the account's identities use it through the service."""
    operator = "StringLike" if arn.endswith(ANY_END) else "StringEquals"
    for key in keys:
        if key_encrypts(key, name):
            yield _decryption(location, key, operator, (arn,), reason)


def _decrypt_below(location: Location, keys: Sequence[CustomerKey], start: str, reason: str) -> Iterator[Grant]:
    """A pattern is granted where it meets the start: the key may encrypt others' secrets beside it."""
    for key in keys:
        if below := sorted({each for name in key.names for each in beginning_with(name, start)}):
            wanted = [f"{start}*"] if f"{start}*" in below else below
            arns = tuple(_at(location, each if each.endswith("*") else f"{each}{ANY_END}") for each in wanted)
            yield _decryption(location, key, "StringLike", arns, reason)


def _decryption(location: Location, key: CustomerKey, operator: str, arns: tuple[str, ...], reason: str) -> Grant:
    host = f"secretsmanager.{location.region}.amazonaws.com"
    # AWS does not document which of its two domains this key holds in China.
    hosts = (host, f"{host}.cn") if location.partition == "aws-cn" else (host,)
    conditions = Condition(operator, SECRET_ARN, arns), Condition("StringEquals", "kms:ViaService", hosts)
    return Grant("kms:Decrypt", key.arn, conditions, reason)
