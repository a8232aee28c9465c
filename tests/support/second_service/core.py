"""The pure half of a second service, Notebook, which keeps notes: what core/ssm is for Parameter Store.

A note's name may hold colons and begins with a capital letter; its versions are ids without an order, and a user asks
for one by a stage, written `@stage`. None of that would pass for Parameter Store.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.core.iam import CustomerKey, Grant, Location, Need
from components.core.service import FIND, TAGS_OF
from components.errors import SpecError

_NAME = re.compile(r"[A-Z][\w:+]*")
CURRENT = "current"


@dataclass(frozen=True)
class Note:
    """A note that is asked for by name.

    Attributes:
        name: its name.
        stage: whose version is wanted; empty where `version` says it.
        version: the id of the version that is wanted.
    """

    name: str
    stage: str = CURRENT
    version: str = ""


@dataclass(frozen=True)
class NotesNeed:
    """Notes that are read."""

    pattern: str
    reason: str = ""

    def grants(self, location: Location, keys: Sequence[CustomerKey]) -> Iterator[Grant]:
        """See `Need`."""
        yield Grant(
            "notebook:Open", f"arn:aws:notebook:{location.region}:{location.account}:{self.pattern}", (), self.reason
        )
        for key in keys:
            yield Grant("kms:Decrypt", key.arn, (), self.reason)


def parse(reference: str) -> Note:
    """The note that a reference names.

    Raises:
        SpecError: there can be no such note.
    """
    name, mark, asked = reference.partition(":@")
    if not mark:
        name, mark, asked = reference.partition(":#")
    if not _NAME.fullmatch(name):
        raise SpecError(f"{name!r} cannot be a note's name: begin it with a capital letter")
    if mark == ":#":
        return Note(name, "", asked)
    return Note(name, asked or CURRENT)


class Notebook:
    """The service, as `components.core.service.Service`."""

    name = "Notebook"
    client = "secretsmanager"  # one that the SDK has a description of; nothing is asked of it
    noun = "note"
    resource_types = ("notebook:index:Note",)
    requests_per_second = 10_000.0
    writing = None
    counting = None

    def check(self, source: str) -> None:
        """See `Service`."""
        if not source.startswith((FIND, TAGS_OF)):
            parse(source)

    def pinned(self, source: str, version: str) -> str:
        """See `Service`."""
        return f"{parse(source).name}:#{version}"

    def described(self, version: str) -> str:
        """See `Service`."""
        return f"edition {version[:4]}"

    def path_of_find(self, key: str) -> None:
        """See `Service`; no name is a path."""

    def need(self, source: str, reason: str) -> Need:
        """See `Service`."""
        if source.startswith(FIND):
            return NotesNeed(json.loads(source.removeprefix(FIND))["path"] + "*", reason)
        return NotesNeed(parse(source.removeprefix(TAGS_OF)).name, reason)

    def name_in(self, arn: str) -> str:
        """See `Service`."""
        return arn.rpartition(":")[2]

    def may_read(self, grant: Grant, arn: str) -> bool:
        """See `Service`; a pattern of notes ends with a star."""
        return grant.resource in (arn, "*") or (grant.resource.endswith("*") and arn.startswith(grant.resource[:-1]))

    def paths_need(self, paths: Sequence[str], *, everything: bool) -> Need:
        """See `Service`."""
        del everything
        return NotesNeed(f"{paths[0]}*", "the store's `paths`")


NOTEBOOK = Notebook()
