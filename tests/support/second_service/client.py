"""The client of a second service, what clients/aws/ssm is for Parameter Store: a notebook in memory."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from components.clients.aws.reads import Answer, Item, ReadProblem
from components.core.secret_value import Secret
from components.core.service import FIND, TAGS_OF, ProblemKind
from components.errors import SpecError
from tests.support.second_service.core import CURRENT, parse


@dataclass
class Page:
    """What the notebook has of one note.

    Attributes:
        editions: version id -> value.
        stages: stage -> version id.
        tags: its tags.
    """

    editions: dict[str, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class Pages:
    """The notebook.

    Attributes:
        notes: by name.
        decrypted: the sources of all values that were handed out.
    """

    def __init__(self) -> None:
        self.notes: dict[str, Page] = {}
        self.decrypted: list[str] = []

    def write(self, name: str, version: str, value: str, stage: str = CURRENT) -> None:
        """Write an edition of a note."""
        page = self.notes.setdefault(name, Page())
        page.editions[version] = value
        page.stages[stage] = version

    def reader(self, *_: Any, **__: Any) -> "NotebookReader":
        """See `ReaderType`."""
        return NotebookReader(self)


class NotebookReader:
    """Reads notes, as `components.clients.aws.reads.Reader`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def ask(self, sources: Iterable[str], *, decrypt: bool) -> Answer:
        """See `Reader`."""
        found: dict[str, Item] = {}
        problems: dict[str, ReadProblem] = {}
        tags: dict[str, dict[str, Secret]] = {}
        listings: dict[str, dict[str, Item]] = {}
        for source in sources:
            if source.startswith(TAGS_OF):
                page = self._pages.notes[source.removeprefix(TAGS_OF)]
                tags[source] = {key: Secret(value) for key, value in page.tags.items()}
            elif source.startswith(FIND):
                asked = json.loads(source.removeprefix(FIND))
                listings[source] = {
                    name: self._item(name, page.stages[CURRENT], decrypt=decrypt)
                    for name, page in self._pages.notes.items()
                    if name.startswith(asked.get("path", "")) and re.search(asked["name"]["regexp"], name)
                }
            else:
                try:
                    note = parse(source)
                except SpecError as error:
                    problems[source] = ReadProblem(ProblemKind.INVALID, str(error))
                    continue
                known = self._pages.notes.get(note.name, Page())
                version = note.version or known.stages.get(note.stage)
                if version is None:
                    problems[source] = ReadProblem(ProblemKind.MISSING, f"note {note.name} is not in the notebook")
                else:
                    found[source] = self._item(note.name, version, decrypt=decrypt)
        return Answer(found, problems, tags, listings, account="999999999999")

    def _item(self, name: str, version: str, *, decrypt: bool) -> Item:
        if decrypt:
            self._pages.decrypted.append(f"{name} {version}")
        return Item(version, Secret(self._pages.notes[name].editions[version]) if decrypt else None)
