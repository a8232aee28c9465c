"""What a store's references make the reader call, as the grants that AWS checks for those calls.

Facts: the service authorization reference of Systems Manager and KMS, and the SSM user guide's pages on authorization.
Parameters are read by `ssm:GetParameters` alone, so that no other verb that reads is ever granted.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import SpecError
from ..references import ParameterReference, arn, path_of
from .grants import PARAMETER_ARN, Condition, Grant

if TYPE_CHECKING:
    from .grants import Place

MANAGED_BY = Condition("StringEquals", "aws:ResourceTag/managed-by", ("external-secrets",))
"""The tag that ESO, and we like it, put on parameters that are ours to delete."""


@dataclass(frozen=True)
class Reading:
    """One parameter that is read by name, by its newest version, a version number or a label.

    Attributes:
        reference: `name`, `name:version`, `name:label`, or an ARN of the same forms.
        because: which secret key needs it.
        value: its value is read.
        tags: its tags are read (ESO: `metadataPolicy: Fetch`).
    """

    reference: str
    because: str = ""
    value: bool = True
    tags: bool = False


@dataclass(frozen=True)
class Finding:
    """Parameters that are found below a path, whatever their names (ESO: `dataFrom[].find.path` and `name`).

    Attributes:
        path: the path as it is sent.
        because: which ExternalSecret needs it.
        recursive: levels below the next one are read too; ESO always does.
    """

    path: str
    because: str = ""
    recursive: bool = True


@dataclass(frozen=True)
class FindingByTags:
    """Parameters that are found by their tags (ESO: `dataFrom[].find.tags`)."""

    tags: Mapping[str, str]
    because: str = ""


@dataclass(frozen=True)
class Pushing:
    """One parameter that is written (ESO: PushSecret).

    Attributes:
        name: its name.
        because: which PushSecret needs it.
        advanced: tiers that it may be in: `Advanced` and `Intelligent-Tiering` have KMS make a data key.
        standard: the Standard tier has KMS encrypt the value itself.
        deletes: it is deleted when the PushSecret goes (ESO: `deletionPolicy: Delete`).
    """

    name: str
    because: str = ""
    standard: bool = True
    advanced: bool = False
    deletes: bool = False


@dataclass(frozen=True)
class Taking:
    """A role that is assumed on the way to the one that reads.

    Attributes:
        role: its ARN.
        tagged: session tags are passed.
    """

    role: str
    tagged: bool = False
    because: str = "the next role of the store's chain"


@dataclass(frozen=True)
class Paths:
    """Subtrees that the user grants as a whole, because the store owns them (never chosen by this library).

    Attributes:
        paths: paths such as `/team-a`; everything below them may be read.
        everything: the user knows that `/` is the whole account, and wants it.
    """

    paths: tuple[str, ...]
    because: str = "the store's `paths`"
    everything: bool = False

    def __post_init__(self) -> None:
        for path in self.paths:
            if path == "/" and not self.everything:
                raise SpecError(
                    "paths: '/' is every parameter of the account in this region; name the paths that the store owns, "
                    "or set allow_all_parameters if that is what you want"
                )
            if not path.startswith("/") or "//" in path or "*" in path or "?" in path:
                raise SpecError(
                    f"paths: {path!r} is not a path of the store's own; write one such as '/team-a', "
                    "of which everything below '/team-a/' may be read"
                )

    def cover(self, name: str) -> bool:
        """Whether a parameter of the store's own account is below one of the paths."""
        return not name.startswith("arn:") and any(
            path_of(name).startswith(f"{path.rstrip('/')}/") for path in self.paths
        )


@dataclass(frozen=True)
class CustomerKey:
    """A customer managed KMS key, and which of the store's SecureStrings it encrypts.

    Attributes:
        arn: the key's ARN; an alias will not do, for IAM checks the key.
        names: parameter names, or patterns with `*` over the names that the store's secrets refer to.
    """

    arn: str
    names: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        if ":key/" not in self.arn or "*" in self.arn:
            raise SpecError(
                f"kms_keys: {self.arn!r} is not a key's ARN; write arn:<partition>:kms:<region>:<account>:key/<id> "
                "(IAM checks the key, whatever alias the parameter names)"
            )

    def encrypts(self, name: str) -> bool:
        """Whether it encrypts the parameter of this name or reference."""
        return any(
            fnmatch.fnmatchcase(path_of(name), path_of(pattern) if pattern[:1] != "*" else pattern)
            for pattern in self.names
        )


Need = Reading | Finding | FindingByTags | Pushing | Taking | Paths


@dataclass(frozen=True)
class _Grants:
    place: Place
    keys: Sequence[CustomerKey]
    paths: Paths = field(default_factory=lambda: Paths(()))

    def of(self, need: Need) -> Iterator[Grant]:
        match need:
            case Reading():
                yield from self._reading(need)
            case Finding():
                yield from self._finding(need)
            case FindingByTags():
                yield from self._finding_by_tags(need)
            case Pushing():
                yield from self._pushing(need)
            case Taking():
                yield Grant("sts:AssumeRole", need.role, because=need.because)
                if need.tagged:
                    yield Grant("sts:TagSession", need.role, because=need.because)
            case Paths():
                for path in need.paths:
                    subtree = self._subtree(path.rstrip("/"))
                    yield Grant("ssm:GetParameters", subtree, because=need.because)
                    yield from self._decrypt_below(path.rstrip("/"), need.because)

    def _arn(self, name: str) -> str:
        return arn(self.place.partition, self.place.region, self.place.account, name)

    def _subtree(self, path: str) -> str:
        return f"arn:{self.place.partition}:ssm:{self.place.region}:{self.place.account}:parameter{path}/*"

    def _reading(self, need: Reading) -> Iterator[Grant]:
        name = ParameterReference.parse(need.reference).name
        if need.value and not self.paths.cover(name):
            yield Grant("ssm:GetParameters", self._arn(name), because=need.because)
            yield from self._kms(name, ("kms:Decrypt",), need.because)
        if need.tags:
            yield Grant("ssm:ListTagsForResource", self._arn(name), because=need.because)

    def _finding(self, need: Finding) -> Iterator[Grant]:
        # What is checked is the path as it is sent, a slash at its end included, and not the names below it.
        resource = f"arn:{self.place.partition}:ssm:{self.place.region}:{self.place.account}:parameter{need.path}"
        level = Condition("StringEquals", "ssm:Recursive", ("true" if need.recursive else "false",))
        yield Grant("ssm:GetParametersByPath", resource, (level,), need.because)
        yield from self._decrypt_below(need.path.rstrip("/"), need.because)

    def _finding_by_tags(self, need: FindingByTags) -> Iterator[Grant]:
        tagged = tuple(
            Condition("StringEquals", f"aws:ResourceTag/{key}", (value,)) for key, value in sorted(need.tags.items())
        )
        yield Grant("ssm:DescribeParameters", "*", because=need.because)
        yield Grant("ssm:GetParameters", self._subtree(""), tagged, need.because)
        yield from self._decrypt_below("", need.because)

    def _pushing(self, need: Pushing) -> Iterator[Grant]:
        verbs = ("GetParameters", "PutParameter", "ListTagsForResource", "AddTagsToResource", "RemoveTagsFromResource")
        for verb in verbs:
            yield Grant(f"ssm:{verb}", self._arn(need.name), because=need.because)
        if need.deletes:
            yield Grant("ssm:DeleteParameter", self._arn(need.name), (MANAGED_BY,), need.because)
        actions = ["kms:Decrypt"]
        actions += ["kms:Encrypt"] if need.standard else []
        actions += ["kms:GenerateDataKey"] if need.advanced else []
        yield from self._kms(need.name, actions, need.because)

    def _kms(self, name: str, actions: Iterable[str], because: str) -> Iterator[Grant]:
        """The default key needs no grant: its own key policy lets the account's identities use it through SSM."""
        context = Condition("StringEquals", PARAMETER_ARN, (self._arn(name),))
        for key in self.keys:
            if key.encrypts(name):
                for action in actions:
                    yield Grant(action, key.arn, (context, self.place.through_ssm), because)

    def _decrypt_below(self, path: str, because: str) -> Iterator[Grant]:
        context = Condition("StringLike", PARAMETER_ARN, (self._subtree(path),))
        for key in self.keys:
            yield Grant("kms:Decrypt", key.arn, (context, self.place.through_ssm), because)


def grants(place: Place, needs: Iterable[Need], keys: Sequence[CustomerKey] = ()) -> list[Grant]:
    """The grants that needs come to, sorted, each once; what several needs share names them all.

    Args:
        place: where the parameters are.
        needs: what is called.
        keys: the customer keys that encrypt some of the parameters.

    Raises:
        SpecError: a reference can name no parameter.
    """
    wanted = list(needs)
    paths = Paths(tuple(path for need in wanted if isinstance(need, Paths) for path in need.paths), everything=True)
    made = _Grants(place, keys, paths)
    reasons: dict[Grant, list[str]] = {}
    for need in wanted:
        for grant in made.of(need):
            reasons.setdefault(grant, []).append(grant.because)
    return [
        Grant(each.action, each.resource, each.conditions, "; ".join(dict.fromkeys(filter(None, reasons[each]))))
        for each in sorted(reasons)
    ]
