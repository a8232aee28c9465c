"""What Parameter Store and KMS check for each kind of call that a store makes.

Facts: the service authorization reference of Systems Manager and KMS, and the SSM user guide's pages on authorization.
Parameters are read by `ssm:GetParameters` alone, so that no other verb that reads is ever granted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...errors import SpecError
from ..iam.grants import Condition, Grant, Location
from ..iam.minimal import within
from ..iam.needs import CustomerKey
from ..iam.texts import beginning_with, exact, is_like, literal
from .references import ParameterReference, arn, path_of, refuse_secrets
from .sources import Find, TagsOf, parse_source

_PATH = re.compile(r"/|(/[A-Za-z0-9_.-]+)+/?")
PARAMETER_ARN = "kms:EncryptionContext:PARAMETER_ARN"
"""The encryption context that Parameter Store gives KMS with every SecureString: the parameter's full ARN."""
MANAGED_BY = Condition("StringEquals", "aws:ResourceTag/managed-by", ("external-secrets",))
"""The tag that ESO, and we like it, put on parameters that are ours to delete."""


@dataclass(frozen=True)
class ParameterNeed:
    """One parameter whose value, or whose tags (ESO: `metadataPolicy: Fetch`), are read by its name.

    The reference is `name`, `name:version`, `name:label`, or an ARN of the same forms.
    """

    reference: str
    reason: str = ""
    value: bool = True
    tags: bool = False

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        name = ParameterReference.parse(self.reference).name
        if self.value:
            yield Grant("ssm:GetParameters", _arn(location, name), reason=self.reason)
            yield from _kms(location, keys, name, ("kms:Decrypt",), self.reason)
        if self.tags:
            yield Grant("ssm:ListTagsForResource", _arn(location, name), reason=self.reason)


@dataclass(frozen=True)
class PathNeed:
    """Parameters that are found below a path, whatever their names (ESO: `dataFrom[].find.path` and `name`).

    The path is one as it is sent. Levels below the next one are read too (`recursive`); ESO always does.
    """

    path: str
    reason: str = ""
    recursive: bool = True

    def __post_init__(self) -> None:
        _check_path(self.path)

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        # AWS checks the path as it is sent, a slash at its end included, and not the names below it.
        level = Condition("StringEquals", "ssm:Recursive", ("true" if self.recursive else "false",))
        yield Grant("ssm:GetParametersByPath", _at(location, self.path), (level,), self.reason)
        yield from _decrypt_below(location, keys, self.path.rstrip("/"), self.reason)


@dataclass(frozen=True)
class TagsNeed:
    """Parameters, below a path or all, that are found by their tags (ESO: `dataFrom[].find.tags`)."""

    tags: Mapping[str, str]
    reason: str = ""
    path: str | None = None

    def __post_init__(self) -> None:
        _check_path(self.path or "/")
        for key, value in self.tags.items():
            literal("find.tags", key)
            literal("find.tags", value)

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        tagged = tuple(
            Condition("StringEquals", f"aws:ResourceTag/{key}", (value,)) for key, value in sorted(self.tags.items())
        )
        path = (self.path or "").rstrip("/")
        yield Grant("ssm:DescribeParameters", "*", reason=self.reason)
        yield Grant("ssm:GetParameters", _subtree(location, path), tagged, self.reason)
        yield from _decrypt_below(location, keys, path, self.reason)


@dataclass(frozen=True)
class PushNeed:
    """One parameter that is written (ESO: PushSecret).

    Attributes:
        name: its name.
        reason: which PushSecret needs it.
        standard: it is encrypted in the Standard tier, in which KMS encrypts the value itself.
        advanced: it is encrypted in the Advanced tier, in which KMS makes a data key; with Intelligent-Tiering both.
        compares: the value that is there is decrypted, to compare it or to merge a property into it.
        deletes: it is deleted when it is not declared any more (ESO: `deletionPolicy: Delete`).
        below: the name is a path that the store owns, and everything below it may be written.
        key: ARN of the customer key that encrypts it, where it is named by that; besides the store's own.
    """

    name: str
    reason: str = ""
    standard: bool = True
    advanced: bool = False
    compares: bool = True
    deletes: bool = False
    below: bool = False
    key: str | None = None

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        verbs = ("GetParameters", "PutParameter", "ListTagsForResource", "AddTagsToResource", "RemoveTagsFromResource")
        path = self.name.rstrip("/")
        resource = _subtree(location, path) if self.below else _arn(location, self.name)
        for verb in verbs:
            yield Grant(f"ssm:{verb}", resource, reason=self.reason)
        # What a parameter is like that another hand wrote; AWS knows no narrower resource for it.
        yield Grant("ssm:DescribeParameters", "*", reason=self.reason)
        if self.deletes:
            yield Grant("ssm:DeleteParameter", resource, (MANAGED_BY,), self.reason)
        if self.standard or self.advanced:
            actions = ["kms:Decrypt"] if self.compares else []
            actions += ["kms:Encrypt"] if self.standard else []
            actions += ["kms:GenerateDataKey"] if self.advanced else []
            own = [CustomerKey(self.key, (f"{path}/*" if self.below else self.name,))] if self.key else []
            if self.below:
                yield from _kms_below(location, [*keys, *own], path, actions, self.reason)
            else:
                yield from _kms(location, [*keys, *own], self.name, actions, self.reason)


@dataclass(frozen=True)
class SubtreesNeed:
    """Subtrees that the user grants as a whole, because the store owns them (never chosen by this library).

    Of the whole account, `/`, the user knows `everything`.
    """

    paths: tuple[str, ...]
    reason: str = "the store's `paths`"
    everything: bool = False

    def __post_init__(self) -> None:
        for path in self.paths:
            if path == "/" and not self.everything:
                raise SpecError(
                    "paths: '/' is every parameter of the account in this region; name the paths that the store owns, "
                    "or set allow_all_parameters if that is what you want"
                )
            exact("paths", path)
            refuse_secrets(path)
            if not _PATH.fullmatch(path):
                raise SpecError(
                    f"paths: {path!r} is not a path of the store's own; write one such as '/team-a', of which "
                    "everything below '/team-a/' may be read, of letters, digits and the characters _ . - /"
                )

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        for path in self.paths:
            yield Grant("ssm:GetParameters", _subtree(location, path.rstrip("/")), reason=self.reason)
            yield from _decrypt_below(location, keys, path.rstrip("/"), self.reason)


def need_of(source: str, reason: str = "") -> ParameterNeed | PathNeed | TagsNeed:
    """What reading a source needs, for the secret key `reason`; SpecError where it can mean no parameter."""
    match parse_source(source):
        case TagsOf() as tags:
            return ParameterNeed(tags.name, reason, value=False, tags=True)
        case Find(tags=()) as find:
            return PathNeed(find.below, reason)
        case Find() as find:
            return TagsNeed(dict(find.tags), reason, find.path)
        case reference:
            return ParameterNeed(str(reference), reason)


def reads(grant: Grant, arn: str) -> bool:
    """Whether a grant lets its holder read the parameter of this ARN, where its conditions hold."""
    if grant.action == "ssm:GetParametersByPath":
        # The path is compared as it is sent, and AWS lists what is below it.
        return arn.startswith(f"{grant.resource.rstrip('/')}/")
    return grant.action == "ssm:GetParameters" and within(grant.resource, arn)


def key_encrypts(key: CustomerKey, name: str) -> bool:
    """Whether a key encrypts the parameter of this name or reference."""
    return any(is_like(_absolute(pattern), path_of(name)) for pattern in key.names)


def _check_path(path: str) -> None:
    if not exact("find.path", path).startswith("/"):
        raise SpecError(f"find.path {path!r} must begin with '/', as in '/team-a'")
    if not _PATH.fullmatch(path):
        raise SpecError(
            f"find.path {path!r} is no path of parameters: write one such as '/team-a', of letters, digits and the "
            "characters _ . - /, with a name between two '/'"
        )


def _arn(location: Location, name: str) -> str:
    return arn(location.partition, location.region, location.account, name)


def _at(location: Location, path: str) -> str:
    """The ARN of a path as it is written, which need not be a parameter's name."""
    return f"arn:{location.partition}:ssm:{location.region}:{location.account}:parameter{path}"


def _subtree(location: Location, path: str) -> str:
    return _at(location, f"{path}/*")


def _kms(
    location: Location, keys: Sequence[CustomerKey], name: str, actions: Iterable[str], reason: str
) -> Iterator[Grant]:
    """The default key needs no grant: its own key policy lets the account's identities use it through SSM."""
    context = Condition("StringEquals", PARAMETER_ARN, (_arn(location, name),))
    for key in keys:
        if key_encrypts(key, name):
            for action in actions:
                yield Grant(action, key.arn, (context, _through_ssm(location)), reason)


def _decrypt_below(location: Location, keys: Sequence[CustomerKey], path: str, reason: str) -> Iterator[Grant]:
    yield from _kms_below(location, keys, path, ("kms:Decrypt",), reason)


def _kms_below(
    location: Location, keys: Sequence[CustomerKey], path: str, actions: Iterable[str], reason: str
) -> Iterator[Grant]:
    for key in keys:
        start = f"{path}/"
        if below := sorted({each for name in key.names for each in beginning_with(_absolute(name), start)} - {start}):
            # A pattern is granted where it meets the path: the key may encrypt others' parameters beside it.
            wanted = [f"{path}/*"] if f"{path}/*" in below else below
            context = Condition("StringLike", PARAMETER_ARN, tuple(_at(location, each) for each in wanted))
            for action in actions:
                yield Grant(action, key.arn, (context, _through_ssm(location)), reason)


def _through_ssm(location: Location) -> Condition:
    """Holds for KMS calls that Parameter Store makes for the caller."""
    host = f"ssm.{location.region}.amazonaws.com"
    # AWS does not document which of its two domains this key holds in China.
    hosts = (host, f"{host}.cn") if location.partition == "aws-cn" else (host,)
    return Condition("StringEquals", "kms:ViaService", hosts)


def _absolute(pattern: str) -> str:
    return pattern if pattern[:1] == "*" else path_of(pattern)
