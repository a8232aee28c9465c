"""Reads what a store is asked for: parameters by name, their tags, and what matches a find, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ....core.secret_value import Secret
from ....core.service import ProblemKind
from ....core.ssm.references import ParameterReference
from ....core.ssm.sources import Find, Source, TagsOf, parse_source
from ....errors import SpecError
from ..calls import Calls, Connection
from ..rate_limit import RateLimiter
from ..reads import Answer, Caller, ReadProblem, sort_in
from ..retry import Retry
from . import problems
from .listing import listings
from .named_parameters import Names, batches
from .parameters import Parameter, ParameterBatch
from .tags import Tags

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

DEFAULT_CONCURRENCY = 4
PROGRESS_EVERY = 5.0
_OF_WHAT_IS_ASKED = {
    "InvalidFilterKey", "InvalidFilterOption", "InvalidFilterValue", "InvalidResourceId", "ValidationException",
}  # fmt: skip


class ParameterReader:
    """Reads the parameters of one store; core/ssm/permissions.py says which permissions each source needs.

    Args:
        client: boto3's client for SSM, from `AwsSession.client`.
        limiter: the rate limit that all stores of this account and region share.
        retry: how long to go on when AWS throttles or does not answer.
        caller: who asks, where; from `AwsSession.caller`.
        concurrency: calls at the same time.
        settle: seconds that IAM may need to propagate: for so long a denial is tried again. Set it to about 30
            when the identity's role or policy was written in this operation; 0 otherwise.
        progress: gets a sentence about how far a read is, about every `progress_every` seconds.
        progress_every: seconds.
        in_batches: always so.
    """

    def __init__(  # noqa: PLR0913 - all but three by keyword
        self,
        client: SSMClient,
        limiter: RateLimiter,
        retry: Retry,
        *,
        caller: Caller,
        concurrency: int = DEFAULT_CONCURRENCY,
        settle: float = 0.0,
        progress: Callable[[str], None] = lambda _: None,
        progress_every: float = PROGRESS_EVERY,
        in_batches: bool = True,  # noqa: ARG002 - AWS has no other way that costs less
    ) -> None:
        self._connection = Connection(client, limiter, retry, caller)
        self._concurrency = concurrency
        self._settle = settle
        self._progress = progress
        self._progress_every = progress_every

    def ask(self, sources: Iterable[str], *, decrypt: bool) -> Answer:
        """See `Reader`."""
        return self.read(sources, decrypt=decrypt).answer

    def read(self, sources: Iterable[str], *, decrypt: bool) -> ParameterBatch:
        """Read each distinct source once, in as few calls as AWS allows; see `Reader.ask`."""
        wanted: dict[str, Source] = {}
        refused: dict[str, ReadProblem] = {}
        for text in sorted(set(sources)):
            try:
                wanted[text] = parse_source(text)
            except SpecError as error:
                refused[text] = ReadProblem(ProblemKind.INVALID, str(error))
        calls = Calls(self._connection, self._settle, problems.WORDS, _OF_WHAT_IS_ASKED)
        run = _Read(calls, wanted, decrypt=decrypt)
        calls.run(
            (run.first, run.then, run.last),
            concurrency=self._concurrency,
            progress=lambda: self._progress(run.progress()),
            progress_every=self._progress_every,
        )
        return run.result(refused)


class _Read:
    """One read: first what can be asked at once, then what only the answers tell."""

    def __init__(self, calls: Calls[SSMClient], wanted: Mapping[str, Source], *, decrypt: bool) -> None:
        self.calls = calls
        self._wanted = wanted
        self._names = Names(calls, decrypt=decrypt)
        self._doubtful = Names(calls, decrypt=False)
        self._tags = Tags(calls)
        self._references = [each for each in wanted.values() if isinstance(each, ParameterReference)]
        self._tagged = [each for each in wanted.values() if isinstance(each, TagsOf)]
        self._finds = [each for each in wanted.values() if isinstance(each, Find)]
        self._named = {each.name for each in self._references}
        self._listings = listings(calls, self._finds, self._wants, decrypt=decrypt)
        self._total = len(self._references) + len(self._tagged)

    def first(self) -> list[Callable[[], None]]:
        """What can be asked at once; listings begin first, as their pages come one after the other.

        What a listing may bring is not asked for by name at the same time.
        """
        alone = [each for each in self._references if not any(listing.may_bring(each) for listing in self._listings)]
        return [
            *(each.read for each in self._listings),
            *(partial(self._names.ask, batch) for batch in batches(alone)),
            *(partial(self._tags.ask, source) for source in self._tagged),
        ]

    def then(self) -> list[Callable[[], None]]:
        """What the listings did not bring."""
        unread = {each for listing in self._listings for each in listing.unread}
        wanted = unread.union(self._references)
        self._total = len(wanted) + len(self._tagged)
        for listing in self._listings:
            self._names.adopt(wanted, listing.found)
        return [partial(self._names.ask, batch) for batch in batches(self._names.unanswered(wanted))]

    def last(self) -> list[Callable[[], None]]:
        """Whether parameters exist of which a version is missing, for the problem's message."""
        return [partial(self._doubtful.ask, batch) for batch in batches(self._names.doubtful())]

    def progress(self) -> str:
        """How far it is, for people."""
        parts = []
        if self._total:
            parts.append(f"read {self._names.answered + self._tags.answered:,} of {self._total:,} parameters")
        if self._listings:
            parts.append(f"listed {sum(each.listed for each in self._listings):,} parameters so far")
        return f"{' and '.join(parts)} in {self.calls.caller.region}, waiting for {self.calls.waiting_for}"

    def result(self, refused: Mapping[str, ReadProblem]) -> ParameterBatch:
        """The outcome, with the problems of sources that could not be asked for."""
        found: dict[str, Parameter] = {}
        problems = dict(refused)
        tags: dict[str, Mapping[str, Secret]] = {}
        matches: dict[str, Mapping[str, Parameter]] = {}
        for text, source in self._wanted.items():
            match source:
                case ParameterReference():
                    sort_in(text, self._names.result(source, self._doubtful), found, problems)
                case TagsOf():
                    sort_in(text, self._tags.result(source), tags, problems)
                case Find():
                    listing = next(each for each in self._listings if source in each.finds)
                    sort_in(text, listing.result(source, self._names), matches, problems)
        return ParameterBatch(found, problems, tags, matches)

    def _wants(self, name: str) -> bool:
        return name in self._named or any(each.matches(name) for each in self._finds)
