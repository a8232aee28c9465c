"""What the library knows of a service of AWS that keeps secrets, such as Parameter Store, and how it is asked for one.

Each service is a package of its own beside this module (core/ssm, say) and one below clients/aws: they alone parse its
names and its versions. All others hold a *source*, the string that says what a store is asked for: one value, the tags
of what has it, or all that match. A source is what a store's snapshot lists and what its problems are kept under.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from ..display import holds_access_key
from ..errors import SpecError
from ..golang.regexp import PatternError, check_pattern, shown_pattern
from .characters import unprintable
from .iam.grants import Grant
from .iam.needs import Need
from .service_writing import Metadata, Writing
from .versions import from_kept

TAGS_OF = "tags of "
FIND = "find "
REFERENCE = "parameter "
_MARKS = (TAGS_OF, FIND, REFERENCE)


def refuse_access_keys(name: str, selector: str) -> None:
    """Refuse AWS's access keys where a name and a version belong: what is read stands in the state.

    Raises:
        SpecError: the text quotes neither.
    """
    if holds_access_key(name, selector):
        raise SpecError(
            "AWS access keys stand where a name belongs (not shown, as they are credentials): write the name of what "
            "holds them"
        )


class ProblemKind(StrEnum):
    """Why one source could not be read.

    Attributes:
        MISSING: there is no such thing: ESO's not-found, on which alone `deletionPolicy` may act.
        VERSION: it is there, but not in this version or under this label.
        DENIED: the identity lacks a permission.
        KEY: a KMS key cannot be used.
        INVALID: AWS does not take the request, or its answer says nothing of the source.
    """

    MISSING = "missing"
    VERSION = "version"
    DENIED = "denied"
    KEY = "key"
    INVALID = "invalid"


class Block(Protocol):
    """A mapping of a manifest that is read field by field."""

    where: str

    def only(self, *fields: str) -> None:
        """Refuse other fields."""

    def flag(self, field: str) -> bool:
        """A field that is true or false, and false where it is left out."""

    def number(self, field: str, default: float) -> float:
        """A field that is a number, and the default where it is left out."""


class Counting(Protocol):
    """The calls that reading from a service takes, by the API's name; none is counted twice in one operation."""

    def looks(self, sources: Iterable[str], found: Mapping[str, Collection[str]]) -> Mapping[str, int]:
        """Those that ask for versions alone, as a preview and an `up` without changes do.

        Args:
            sources: what the store's secrets read.
            found: find -> the names that it is known to find. Where a path holds others, the calls are more.
        """
        ...

    def first(self, sources: Iterable[str], found: Mapping[str, Collection[str]]) -> Mapping[str, int]:
        """Those that read all values; the arguments are those of `looks`."""
        ...

    def of_pushes(
        self, pushed: Mapping[str, Metadata], read: Collection[str], *, first: bool = False
    ) -> Mapping[str, int]:
        """Those that ask what the destinations of pushes are like.

        Args:
            pushed: the destinations by name, with what they are to be like.
            read: what is asked for anyway, as ExternalSecrets read it.
            first: none of them is there yet.
        """
        ...

    def of_writes(self, pushed: Mapping[str, Metadata], *, first: bool) -> Mapping[str, int]:
        """Those that create what is pushed, by name with what it is to be like, or write a new value of it."""
        ...


class Service(Protocol):
    """One service of AWS, without its client, which is in `clients.aws.readers`."""

    @property
    def name(self) -> str:
        """ESO's name (`provider.aws.service`)."""

    @property
    def client(self) -> str:
        """What AWS's SDKs call it, as in the variable AWS_SSM_ENDPOINT."""

    @property
    def noun(self) -> str:
        """What messages call one thing that it keeps, such as `parameter`."""

    @property
    def resource_types(self) -> Collection[str]:
        """Pulumi's types of the resources that write what it keeps: a store's reads wait for those."""

    @property
    def requests_per_second(self) -> float:
        """What one operation asks at most, by default; AWS's quota for reads is per account and region."""

    @property
    def block(self) -> str | None:
        """The field of ESO's `provider.aws` that is for this service alone; None where it has none."""

    @property
    def batches(self) -> bool:
        """Whether several values are read in one call."""

    @property
    def lists_values(self) -> bool:
        """Whether a find that decrypts is one listing with the values; else each that was found is read by name."""

    @property
    def writing(self) -> Writing | None:
        """How it is written to; None where this library does not."""
        ...

    def in_batches(self) -> "Service":
        """The same service, which reads several values in one call where that takes further rights.

        Raises:
            SpecError: it does so anyway.
        """
        ...

    def deletion(self, block: Block) -> dict[str, Any]:
        """How what was pushed is deleted, as the service's own `block` says, by ESO's names.

        Raises:
            SpecError: the text says which field is wrong, and what to write instead.
        """

    @property
    def counting(self) -> Counting | None:
        """How its calls are counted; None where they are not estimated."""

    def check(self, source: str) -> None:
        """Refuse a source that can never be read.

        Raises:
            SpecError: the text says why, and what to write instead.
        """

    def pinned(self, source: str, version: str) -> str:
        """The source of just this version of what a source, or the name of what a find found, stands for."""

    def described(self, source: str, version: str) -> str:
        """A version in words, such as `version 3 (prod)`; of the same as in `pinned`."""

    def path_of_find(self, key: str) -> str | None:
        """The path with which a find takes all that is below a key; None where the key cannot be a path."""

    def need(self, source: str, reason: str) -> Need:
        """What reading a source needs of IAM; the errors are those of `check`."""

    def name_in(self, arn: str) -> str:
        """The name in an ARN, or the path in a pattern of ARNs, that a need of the service grants."""

    def may_read(self, grant: Grant, arn: str) -> bool:
        """Whether a grant lets its holder read the value behind an ARN, where its conditions hold."""

    def paths_need(self, paths: Sequence[str], *, everything: bool) -> Need:
        """What reading all that is below some paths needs of IAM (the store's `paths`).

        Raises:
            SpecError: a path cannot be granted as a whole.
        """


def reference_source(key: str, version: str | float | None = None) -> str:
    """The source of one value.

    A key that begins as another source does is never read as that source: its source begins with what it is, and no
    service has names with a space in them.

    Args:
        key: what the user wrote as the key, after the store's prefix; nothing of it is checked here.
        version: the version or label that the user wrote, if any.
    """
    text = key if version in (None, "") else f"{key}:{from_kept(version)}"
    return REFERENCE + text if text.startswith(_MARKS) else text


def tags_source(key: str) -> str:
    """The source of the tags of what has this key; see `reference_source`."""
    return TAGS_OF + key


def find_source(path: str | None, name: str | None, tags: Mapping[str, str]) -> str:
    """The source of all that match.

    Args:
        path: where to search, if that is said (ESO: `find.path`).
        name: regular expression of the names, if any (ESO: `find.name.regexp`).
        tags: tags that each must have (ESO: `find.tags`).

    Raises:
        SpecError: there is nothing to match by, or the expression or a tag is wrong. The service checks the path.
    """
    if name is None and not tags:
        raise SpecError(
            "find needs a name (ESO: name.regexp) or tags; for all parameters below a path give it the name '.*'"
        )
    for text in (each for tag in tags.items() for each in tag):
        if "${" in text or unprintable(text):
            raise SpecError(f"find.tags: {text!r} is no tag: use letters, digits, spaces and _ . : / = + - @ in it")
    try:
        check_pattern(name or "")
    except (PatternError, UnicodeEncodeError) as error:
        raise SpecError(f"find.name (ESO: name.regexp) {shown_pattern(name or '')}: {error}") from None
    given = {"name": None if name is None else {"regexp": name}, "path": path, "tags": dict(tags) or None}
    return FIND + json.dumps({key: value for key, value in given.items() if value is not None}, sort_keys=True)


class FindTerms(NamedTuple):
    """What a find asks for: see `find_source`; `tags` are sorted."""

    path: str | None
    name: str | None
    tags: tuple[tuple[str, str], ...]


def find_terms(source: str) -> FindTerms | None:
    """What a source asks for that `find_source` made; None where it is another."""
    if not source.startswith(FIND):
        return None
    try:
        bag = json.loads(source.removeprefix(FIND))
    except (ValueError, RecursionError):
        return None
    if not isinstance(bag, dict) or not bag.keys() <= {"name", "path", "tags"}:
        return None
    name, path, tags = bag.get("name", {"regexp": ""}), bag.get("path", ""), bag.get("tags", {})
    fits = isinstance(name, dict) and name.keys() == {"regexp"} and isinstance(tags, dict)
    if not fits or not all(isinstance(each, str) for each in (path, *name.values(), *tags.values())):
        return None
    return FindTerms(bag.get("path"), (bag.get("name") or {}).get("regexp"), tuple(sorted(tags.items())))


def unmarked(text: str) -> str:
    """The reference in the source of one value, as `reference_source` got it."""
    reference = text.removeprefix(REFERENCE)
    return reference if reference.startswith(_MARKS) else text
