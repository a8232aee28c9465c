"""What a store's references make the reader call: kinds of needs, which minimal.py turns into grants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import SpecError
from ..spec.store_identity import is_role_arn
from ..ssm.references import path_of
from ..ssm.sources import Find, TagsOf, parse_source
from .texts import exact, literal, printable

_PATH = re.compile(r"/|(/[A-Za-z0-9_.-]+)+/?")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


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

    def __post_init__(self) -> None:
        _check_path(self.path)


@dataclass(frozen=True)
class FindingByTags:
    """Parameters that are found by their tags (ESO: `dataFrom[].find.tags`).

    Attributes:
        tags: tags that a parameter must have.
        because: which ExternalSecret needs it.
        path: hierarchy that is looked below (ESO: `find.path`); None for all parameters.
    """

    tags: Mapping[str, str]
    because: str = ""
    path: str | None = None

    def __post_init__(self) -> None:
        _check_path(self.path or "/")
        for key, value in self.tags.items():
            literal("find.tags", key)
            literal("find.tags", value)


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

    def __post_init__(self) -> None:
        if not is_role_arn(self.role):
            raise SpecError(
                f"role: {self.role!r} is not a role's ARN: write arn:<partition>:iam::<account>:role/<name>"
            )


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
            exact("paths", path)
            if not _PATH.fullmatch(path):
                raise SpecError(
                    f"paths: {path!r} is not a path of the store's own; write one such as '/team-a', of which "
                    "everything below '/team-a/' may be read, of letters, digits and the characters _ . - /"
                )


@dataclass(frozen=True)
class CustomerKey:
    """A customer managed KMS key, and which of the store's SecureStrings it encrypts.

    Attributes:
        arn: the key's ARN; an alias will not do, for IAM checks the key.
        names: parameter names, or patterns over the names that the store's secrets refer to, in which `*` stands for
            any characters.

    Raises:
        SpecError: the ARN is not a key's, or a name has another wildcard.
    """

    arn: str
    names: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        check_key_names(self.names)
        if not _KEY.fullmatch(self.arn):
            raise SpecError(
                f"kms_keys: {self.arn!r} is not a key's ARN; write arn:<partition>:kms:<region>:<account>:key/<id> "
                "(IAM checks the key, whatever alias the parameter names)"
            )

    def encrypts(self, name: str) -> bool:
        """Whether it encrypts the parameter of this name or reference."""
        return any(_matches(pattern, path_of(name)) for pattern in self.names)


def _check_path(path: str) -> None:
    if not exact("find.path", path).startswith("/"):
        raise SpecError(f"find.path {path!r} must begin with '/', as in '/team-a'")
    if not _PATH.fullmatch(path):
        raise SpecError(
            f"find.path {path!r} is no path of parameters: write one such as '/team-a', of letters, digits and the "
            "characters _ . - /, with a name between two '/'"
        )


def check_key_names(names: Sequence[str]) -> None:
    """Refuse wildcards besides `*` in what a key encrypts.

    Raises:
        SpecError: there is one.
    """
    for name in names:
        printable("kms_keys: parameters", name)
        exact("kms_keys: parameters", name.replace("*", ""))


def _matches(pattern: str, path: str) -> bool:
    """Whether a path is of a pattern, in time that grows with their lengths alone, however many `*` there are."""
    first, *rest = (pattern if pattern[:1] == "*" else path_of(pattern)).split("*")
    if not rest:
        return path == first
    if not path.startswith(first):
        return False
    *between, last = rest
    at = len(first)
    for part in between:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return path.endswith(last) and at + len(last) <= len(path)


Need = Reading | Finding | FindingByTags | Pushing | Taking | Paths


def need(source: str, because: str = "") -> Reading | Finding | FindingByTags:
    """What a store's source makes the reader call.

    Args:
        source: text of a source, see `core.sources`.
        because: which secret key needs it.

    Raises:
        SpecError: the source can mean no parameter.
    """
    match parse_source(source):
        case TagsOf() as tags:
            return Reading(tags.name, because, value=False, tags=True)
        case Find(tags=()) as find:
            return Finding(find.below, because)
        case Find() as find:
            return FindingByTags(dict(find.tags), because, find.path)
        case reference:
            return Reading(str(reference), because)
