"""Reads what a store is asked for: secrets by name, their tags, and what matches a find, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from ....core.secret_value import Secret
from ....core.secrets_manager.secret_counting import VALUES_PER_CALL
from ....core.secrets_manager.secret_permissions import DESCRIBE, LIST_VERSIONS, READ
from ....core.secrets_manager.secret_references import ARN_PREFIX, CURRENT, SecretReference, check_region, plain_name
from ....core.secrets_manager.secret_sources import FindSecrets, Source, TagsOfSecret, parse_source
from ....core.service import ProblemKind
from ....display import some_of
from ....errors import SpecError
from ..calls import Calls, Connection
from ..failures import CallFailedError, Kind, UnreadableAnswerError
from ..rate_limit import RateLimiter
from ..reads import Answer, Caller, Item, ReadProblem, sort_in
from ..retry import Retry
from . import secret_problems as problems
from .secret_facts import SecretFacts, is_asked_for
from .secret_pages import found_names, version_ids

CONCURRENCY = 16
"""Calls at the same time: a secret takes a call of its own, and AWS's quota is high."""
PROGRESS_EVERY = 5.0
_OF_WHAT_IS_ASKED = {
    "InvalidNextTokenException", "InvalidParameterException", "InvalidRequestException", "ResourceNotFoundException",
    "ValidationException",
}  # fmt: skip
_NOT_THERE = {"ResourceNotFoundException", "InvalidRequestException"}


class SecretsReader:
    """Reads the secrets of one store; core/secrets_manager/secret_permissions.py says what each source needs of IAM.

    Arguments are those of `ReaderType`.
    """

    def __init__(
        self,
        client: Any,
        limiter: RateLimiter,
        retry: Retry,
        *,
        caller: Caller,
        settle: float = 0.0,
        progress: Callable[[str], None] = lambda _: None,
        in_batches: bool = False,
    ) -> None:
        self._connection = Connection(client, limiter, retry, caller)
        self._settle = settle
        self._progress = progress
        self._in_batches = in_batches
        self._told: set[str] = set()

    def ask(self, sources: Iterable[str], *, decrypt: bool) -> Answer:
        """See `Reader`; each secret is described once, and each version of it read once."""
        wanted: dict[str, Source] = {}
        refused: dict[str, ReadProblem] = {}
        for text in sorted(set(sources)):
            try:
                wanted[text] = parse_source(text)
                check_region(getattr(wanted[text], "name", None) or "", self._connection.caller.region)
            except SpecError as error:
                wanted.pop(text, None)
                refused[text] = ReadProblem(ProblemKind.INVALID, str(error))
        calls = Calls(self._connection, self._settle, problems.WORDS, _OF_WHAT_IS_ASKED)
        run = _Read(calls, wanted, decrypt=decrypt, in_batches=self._in_batches)
        calls.run(
            (run.first, run.then, run.after, run.last),
            concurrency=CONCURRENCY,
            progress=lambda: self._progress(run.progress()),
            progress_every=PROGRESS_EVERY,
        )
        self._tell_rotations(run.facts.values())
        return run.result(refused)

    def _tell_rotations(self, facts: Iterable[SecretFacts]) -> None:
        """Say which secrets are being rotated: their values move when that ends."""
        rotating = sorted(each.name for each in facts if each.deleted is None and each.rotating_to)
        for name in rotating:
            if name not in self._told:
                self._told.add(name)
                self._progress(
                    f"secret {name!r} is being rotated: a version of stage AWSPENDING waits to become AWSCURRENT, "
                    "which is the one that is read"
                )


class _Read:
    """One read: what is listed and described at once, then what only the answers tell, then the values."""

    def __init__(self, calls: Calls[Any], wanted: Mapping[str, Source], *, decrypt: bool, in_batches: bool) -> None:
        # Each key is written by one thread only, and single dict writes are atomic.
        self.facts: dict[str, SecretFacts] = {}
        self._gone: set[str] = set()
        self._refused: dict[str, ReadProblem] = {}
        self._old: dict[SecretReference, bool | ReadProblem] = {}
        self._values: dict[SecretReference, Secret | ReadProblem] = {}
        self._found: dict[FindSecrets, list[str] | ReadProblem] = {}
        self._arns: list[str] = []
        self._calls = calls
        self._wanted = wanted
        self._decrypt = decrypt
        self._in_batches = in_batches
        self._references = [each for each in wanted.values() if isinstance(each, SecretReference)]
        self._finds = [each for each in wanted.values() if isinstance(each, FindSecrets)]

    def first(self) -> list[Callable[[], None]]:
        """What can be asked at once; lists begin first, as their pages come one after the other.

        A version that is named by its id is not described where it is read anyway.
        """
        places: dict[tuple[object, ...], list[FindSecrets]] = {}
        for find in self._finds:
            places.setdefault((find.path, find.tags), []).append(find)
        names = {each.name for each in self._references if not (self._decrypt and each.version_id)}
        names |= {each.name for each in self._wanted.values() if isinstance(each, TagsOfSecret)}
        return [
            *(partial(self._list, finds) for finds in places.values()),
            *(partial(self._describe, name) for name in sorted(names)),
        ]

    def then(self) -> list[Callable[[], None]]:
        """What was found, which a list may tell some minutes late."""
        names = {name for found in self._found.values() if not isinstance(found, ReadProblem) for name in found}
        return [partial(self._describe, name) for name in sorted(names - self._known)]

    def after(self) -> list[Callable[[], None]]:
        """Whether versions exist that are named by their ids and bear no stage; where values are read, that tells."""
        unstaged = {
            each
            for each in self._references
            if not self._decrypt
            and each.by_id_alone
            and (facts := self._live(each.name))
            and facts.version_of(each) is None
        }
        return [partial(self._look_for, each) for each in sorted(unstaged)]

    def last(self) -> list[Callable[[], None]]:
        """The values, where they are asked for."""
        if not self._decrypt:
            return []
        wanted = {seen for each in self._references if (seen := self._seen(each))}
        found = [SecretReference(name) for find in self._finds for name in self._matching(find)]
        wanted |= {seen for each in found if (seen := self._seen(each))}
        batched = sorted(each for each in wanted if self._in_batches and each.stage == CURRENT)
        batches = [batched[first : first + VALUES_PER_CALL] for first in range(0, len(batched), VALUES_PER_CALL)]
        return [
            *(partial(self._read_batch, each) for each in batches),
            *(partial(self._read, each) for each in sorted(wanted.difference(batched))),
        ]

    def progress(self) -> str:
        """How far it is, for people."""
        done = len(self._known)
        read = f" and read {len(self._values):,}" if self._decrypt else ""
        return f"looked at {done:,} secrets{read} in {self._calls.caller.region}, waiting for {self._calls.waiting_for}"

    def result(self, refused: Mapping[str, ReadProblem]) -> Answer:
        """The outcome, with the problems of sources that could not be asked for."""
        found: dict[str, Item] = {}
        bad = dict(refused)
        tags: dict[str, Mapping[str, Secret]] = {}
        listings: dict[str, Mapping[str, Item]] = {}
        for text, source in self._wanted.items():
            match source:
                case SecretReference():
                    sort_in(text, self._item(source), found, bad)
                case TagsOfSecret():
                    sort_in(text, self._tags(source.name), tags, bad)
                case FindSecrets():
                    sort_in(text, self._listing(source), listings, bad)
        return Answer(found, bad, tags, listings, account=self._account)

    @property
    def _known(self) -> set[str]:
        return self.facts.keys() | self._gone | self._refused.keys()

    @property
    def _account(self) -> str | None:
        """A full ARN may name what is another account's; a name is always of the reader's own."""
        own = [each.arn for name, each in self.facts.items() if not name.startswith(ARN_PREFIX)]
        return next((arn.split(":")[4] for arn in (*own, *self._arns)), None)

    def _live(self, name: str) -> SecretFacts | None:
        facts = self.facts.get(name)
        return facts if facts is not None and facts.deleted is None else None

    def _seen(self, reference: SecretReference) -> SecretReference | None:
        """The version of a reference that can be read: by its id, and by the stage that it bears."""
        if self._decrypt and reference.version_id:
            return reference
        facts = self._live(reference.name)
        version = facts.version_of(reference) if facts else None
        if version is None and self._old.get(reference) is True:
            version = reference.version_id
        return None if version is None else reference.at(version)

    def _item(self, reference: SecretReference) -> Item | ReadProblem:
        seen = self._seen(reference)
        if seen is None:
            old = self._old.get(reference)
            if isinstance(old, ReadProblem):
                return old
            known = self._refused.get(reference.name)
            return known or problems.missing(reference, self.facts.get(reference.name), self._calls.caller)
        facts = self.facts.get(reference.name)
        value = self._values[seen] if self._decrypt else None
        if isinstance(value, ReadProblem):
            return value
        return Item(seen.version_id, value, *((facts.created, facts.details) if facts else ()))

    def _tags(self, name: str) -> Mapping[str, Secret] | ReadProblem:
        if name in self._refused:
            return self._refused[name]
        facts = self._live(name)
        if facts is None:
            return problems.no_tags(name, self.facts.get(name), self._calls.caller)
        return {key: Secret(value) for key, value in facts.tags.items()}

    def _listing(self, find: FindSecrets) -> Mapping[str, Item] | ReadProblem:
        """What a find found, by full name; what is gone since, or is not like that any more, is left out."""
        names = self._found[find]
        if isinstance(names, ReadProblem):
            return names
        items: dict[str, Item] = {}
        if refused := next((self._refused[name] for name in sorted(names) if name in self._refused), None):
            return refused
        for name in self._matching(find):
            item = self._item(SecretReference(name))
            if isinstance(item, ReadProblem):
                # What one of many lacks is never a reason to take all of them for missing.
                return ReadProblem(ProblemKind.VERSION, item.message) if item.kind is ProblemKind.MISSING else item
            items[name] = item
        return items

    def _matching(self, find: FindSecrets) -> list[str]:
        """The names that a find found, of those that are still there, and are still like that."""
        names = self._found[find]
        if isinstance(names, ReadProblem):
            return []
        return [name for name in sorted(names) if (facts := self._live(name)) and find.matches(name, facts.tags)]

    def _list(self, finds: Sequence[FindSecrets]) -> None:
        """List one place for all finds of it, which differ in their regular expressions alone."""
        try:
            listed = found_names(self._calls, finds[0])
        except CallFailedError as failed:
            for find in finds:
                self._found[find] = problems.not_listed(find, failed.failure, self._calls.caller)
            return
        for find in finds:
            self._found[find] = [name for name, tags in listed.items() if find.matches(name, tags)]

    def _describe(self, name: str) -> None:
        facts = self._look(name)
        if isinstance(facts, SecretFacts):
            self.facts[name] = facts
        elif facts is None:
            self._gone.add(name)
        else:
            self._refused[name] = facts

    def _look(self, name: str) -> SecretFacts | ReadProblem | None:
        """What a secret is like now; None where there is none."""

        def ask(client: Any) -> SecretFacts:
            return SecretFacts.of(name, client.describe_secret(SecretId=name))

        try:
            return self._calls.call(ask, f"secret {name!r}")
        except CallFailedError as failed:
            if failed.failure.code == "ResourceNotFoundException":
                return None
            return problems.refused(SecretReference(name), failed.failure, self._calls.caller, DESCRIBE)

    def _look_for(self, reference: SecretReference) -> None:
        """Whether there is a version of an id that bears no stage."""
        try:
            self._old[reference] = reference.version_id in version_ids(self._calls, reference.name)
        except CallFailedError as failed:
            self._old[reference] = problems.refused(reference, failed.failure, self._calls.caller, LIST_VERSIONS)

    def _read_batch(self, references: Sequence[SecretReference]) -> None:
        """Read current versions in one call, and alone what is not in its answer, or has moved since it was seen.

        AWS tells in `Errors` what it could not read; asked alone it says why.
        """
        names = sorted({each.name for each in references})
        try:
            answer = self._calls.call(
                lambda client: client.batch_get_secret_value(SecretIdList=names),
                f"secrets {some_of([*map(repr, names)], 3)}",
            )
        except CallFailedError as failed:
            for each in references:
                self._values[each] = problems.no_batch(each, failed.failure, self._calls.caller)
            return
        told = [each for each in answer.get("SecretValues") or () if isinstance(each, Mapping)]
        for reference in references:
            for entry in told:
                with suppress(UnreadableAnswerError):
                    self._values[reference], arn = _value(entry, reference)
                    self._arns += [] if reference.name.startswith(ARN_PREFIX) else [arn]
            if reference not in self._values:
                self._read(reference)

    def _read(self, reference: SecretReference) -> None:
        """Read one version by its id and, where it was seen by one, by its stage: AWS checks that the two agree."""
        stage = {} if reference.by_id_alone else {"VersionStage": reference.stage}

        def ask(client: Any) -> tuple[Secret, str]:
            return _value(
                client.get_secret_value(SecretId=reference.name, VersionId=reference.version_id, **stage), reference
            )

        try:
            self._values[reference], arn = self._calls.call(ask, f"secret {reference.name!r}")
        except CallFailedError as failed:
            self._values[reference] = self._unread(reference, failed)
        else:
            if not reference.name.startswith(ARN_PREFIX):
                self._arns.append(arn)

    def _unread(self, reference: SecretReference, failed: CallFailedError) -> ReadProblem:
        """Why a version cannot be read that was there when it was looked at."""
        failure, name = failed.failure, reference.name
        if failure.kind is not Kind.REQUEST or failure.code not in _NOT_THERE:
            return problems.refused(reference, failure, self._calls.caller, READ)
        facts = self._look(name)
        if isinstance(facts, ReadProblem):
            return facts
        if facts is None or facts.deleted is not None or reference.by_id_alone:
            return problems.missing(reference, facts, self._calls.caller)
        return problems.moved(reference, facts, self._calls.caller)


def _value(answer: Mapping[str, Any], reference: SecretReference) -> tuple[Secret, str]:
    """The value of an answer, of which the string goes before bytes, and its ARN.

    Raises:
        UnreadableAnswerError: it holds no value, or that of another secret or version.
    """
    arn, string, binary = (answer.get(key) for key in ("ARN", "SecretString", "SecretBinary"))
    if not isinstance(arn, str) or not is_asked_for(reference.name, plain_name(arn), arn):
        raise UnreadableAnswerError
    if answer.get("VersionId") != reference.version_id:
        raise UnreadableAnswerError
    if isinstance(string, str):
        return Secret(string), arn
    if isinstance(binary, bytes):
        return Secret(binary), arn
    raise UnreadableAnswerError
