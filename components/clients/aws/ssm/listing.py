"""Lists parameters for finds: by path page for page with the values, by tags with the values still to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ....core.service import ProblemKind
from ....core.ssm.counting import BY_PATH_PAGE
from ....core.ssm.references import ARN_PREFIX, ParameterReference
from ....core.ssm.sources import Find
from ....errors import SpecError
from ..failures import CallFailedError, Failure, Kind
from ..reads import ReadProblem
from . import problems
from .calls import Calls
from .named_parameters import Names
from .pages import by_path, described
from .parameters import Parameter

Wants = Callable[[str], bool]


def listings(calls: Calls, finds: Iterable[Find], wants: Wants, *, decrypt: bool) -> list[Listing]:
    """The fewest listings that serve all finds: one for those of one place, and none for a path below another's.

    More may want a parameter, by its full name, than the finds of its listing.
    """
    places: dict[tuple[object, ...], list[Find]] = {}
    for find in sorted(finds, key=lambda each: len(each.below)):
        places.setdefault((find.below, find.tags), []).append(find)

    def nested(groups: Sequence[list[Find]]) -> list[Listing]:
        made = []
        while groups:
            outer, *others = groups
            inner = [each for each in others if outer[0].includes(each[0])]
            made.append(Listing(calls, outer, wants, decrypt=decrypt, inner=nested(inner)))
            groups = [each for each in others if each not in inner]
        return made

    return nested(list(places.values()))


class Listing:
    """What one path or one set of tags holds, for all finds of that place; each page is sorted out as it comes.

    The finds differ in nothing but their regular expressions. The listings of paths below this one (`inner`) are read
    only where this path cannot be listed.
    """

    def __init__(
        self, calls: Calls, finds: Sequence[Find], wants: Wants, *, decrypt: bool, inner: Sequence[Listing] = ()
    ) -> None:
        self.finds: list[Find] = [*finds, *(find for each in inner for find in each.finds)]
        self._own = finds
        self._inner = inner
        self._apart: Sequence[Listing] = ()
        self._found: dict[str, Parameter] = {}
        self._unread: dict[str, ParameterReference] = {}
        self._problems: dict[Find, ReadProblem] = {}
        self._denied: Failure | None = None
        self._listed = 0
        self._asked: set[str] = set()
        self._calls = calls
        self._wants = wants
        self._path = finds[0].below
        self._tags = finds[0].tags
        self._decrypt = decrypt

    @property
    def listed(self) -> int:
        """How many parameters AWS has listed, whether or not they are wanted."""
        return self._listed + sum(each.listed for each in self._apart)

    @property
    def found(self) -> Mapping[str, Parameter]:
        """The wanted ones, by full name, with all that is asked for."""
        return self._found | {name: each for apart in self._apart for name, each in apart.found.items()}

    @property
    def unread(self) -> list[ParameterReference]:
        """Those that finds want and that were listed without the values that are asked for."""
        return [*self._unread.values(), *(reference for each in self._apart for reference in each.unread)]

    def may_bring(self, reference: ParameterReference) -> bool:
        """Whether a listing by path may bring what a reference asks for: the newest version, under its full name."""
        newest = not reference.selector or reference.selector.isdigit()
        full_name = not reference.name.startswith(ARN_PREFIX)
        return newest and full_name and not self._tags and self._own[0].is_above(reference.name)

    def read(self) -> None:
        """List everything.

        Without permission to list by path, parameters are described and read by name, as ESO does; what has been
        listed by then is kept.
        """
        if not self._tags:
            try:
                self._by_path()
            except CallFailedError as failed:
                self._apart = self._inner
                for each in self._apart:
                    each.read()
                if failed.failure.kind is not Kind.DENIED:
                    problem = problems.not_listed(self._own[0], failed.failure, self._calls.caller)
                    self._fail(self._searching(), problem)
                    return
                self._denied = failed.failure
            else:
                return
        try:
            self._describe()
        except CallFailedError as failed:
            problem = problems.not_listed(self._own[0], failed.failure, self._calls.caller, by_path=self._denied)
            self._fail(self._searching(), problem)

    def result(self, find: Find, values: Names) -> Mapping[str, Parameter] | ReadProblem:
        """The result of a find, sorted by name, of what was listed and the `unread` ones, read."""
        for each in self._apart:
            if find in each.finds:
                return each.result(find, values)
        if find in self._problems:
            return self._problems[find]
        wanted = {name: parameter for name, parameter in self._found.items() if find.matches(name)}
        for name, reference in sorted(self._unread.items()):
            if find.matches(name):
                if reference in values.problems:
                    return problems.of_a_match(values.problems[reference], self._path, self._denied)
                if reference in values.found:  # else it is gone since it was listed
                    wanted[name] = values.found[reference]
        return dict(sorted(wanted.items()))

    def _searching(self, name: str | None = None) -> list[Find]:
        """The finds that go on here; of these, where a name is given, those that want it."""
        finds = self._own if self._apart else self.finds
        return [each for each in finds if each not in self._problems and (name is None or each.matches(name))]

    def _fail(self, finds: Iterable[Find], problem: ReadProblem) -> None:
        self._problems |= dict.fromkeys(finds, problem)

    def _by_path(self) -> None:
        token = self._page(None, BY_PATH_PAGE)
        while token and self._searching():
            token = self._page(token, BY_PATH_PAGE)

    def _page(self, token: str | None, size: int) -> str | None:
        """Keep the page that begins at `token`, and return where the next one begins."""
        try:
            found, following = by_path(self._calls, self._path, token, size, self._asked, decrypt=self._decrypt)
        except CallFailedError as failed:
            if not self._decrypt or not _may_be_a_key(failed.failure):
                raise
            return self._undecryptable(token, size, failed.failure)
        self._listed += len(found)
        self._found |= {each.reference: each for each in found if self._wants(each.reference)}
        return following

    def _undecryptable(self, token: str | None, size: int, failure: Failure) -> str | None:
        """One parameter's key fails a page: find out which one, as nobody may want it, and keep the others."""
        listed, following = by_path(self._calls, self._path, token, size, self._asked, decrypt=False)
        if not any(self._searching(each.reference) for each in listed):
            self._listed += len(listed)
            return following
        if size > 1:
            middle = self._page(token, size // 2)
            return self._page(middle, size - size // 2) if middle else None
        self._listed += len(listed)
        for each in listed:
            self._refuse(each.reference, failure)
        return following

    def _refuse(self, name: str, failure: Failure) -> None:
        try:
            problem = problems.refused(ParameterReference(name), failure, self._calls.caller)
        except SpecError as error:
            problem = ReadProblem(ProblemKind.INVALID, str(error))
        self._fail(self._searching(name), problem)

    def _describe(self) -> None:
        token: str | None = None
        asked: set[str] = set()
        while self._searching():
            found, token = described(self._calls, self._path, self._tags, token, asked)
            self._listed += len(found)
            for each in found:
                if each.reference not in self._found and self._searching(each.reference):
                    self._note(each)
            if not token:
                return

    def _note(self, found: Parameter) -> None:
        if not self._decrypt:
            self._found[found.reference] = found
            return
        try:
            self._unread[found.reference] = ParameterReference(found.reference)
        except SpecError as error:
            self._fail(self._searching(found.reference), ReadProblem(ProblemKind.INVALID, str(error)))


def _may_be_a_key(failure: Failure) -> bool:
    """Whether decryption is what failed; AWS's denial says so, and where it says nothing it may be."""
    denied = failure.kind is Kind.DENIED and (failure.denial is None or failure.denial.action.startswith("kms:"))
    return denied or failure.kind is Kind.KEY
