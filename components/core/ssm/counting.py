"""How many calls Parameter Store's reads take, by AWS's limits; the reader in clients/aws/ssm makes just those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from ..service_writing import Metadata
from .references import ParameterReference
from .sources import Find, TagsOf, parse_source

NAMES_PER_CALL = 10
"""AWS's limit, API reference of GetParameters."""
BY_PATH_PAGE = 10
"""AWS's limit, API reference of GetParametersByPath."""
DESCRIBE_PAGE = 50
"""AWS's limit, API reference of DescribeParameters."""


def calls_for(references: Collection[ParameterReference]) -> int:
    """The calls of GetParameters for distinct references, of which none asks for one parameter twice."""
    if not references:
        return 0
    paths = Counter(reference.path for reference in references)
    return max(_pages(len(references), NAMES_PER_CALL), *paths.values())


class ParameterCounting:
    """Parameter Store's calls, as `core.service.Counting`."""

    def looks(self, sources: Iterable[str], found: Mapping[str, Collection[str]]) -> Counter[str]:
        """See `Counting`."""
        return self._calls(sources, found, decrypt=False)

    def first(self, sources: Iterable[str], found: Mapping[str, Collection[str]]) -> Counter[str]:
        """See `Counting`."""
        return self._calls(sources, found, decrypt=True)

    def of_pushes(
        self,
        pushed: Mapping[str, Metadata],
        read: Collection[str],
        *,
        first: bool = False,  # noqa: ARG002 - a `Counting`
    ) -> Counter[str]:
        """See `Counting`."""
        return +Counter(GetParameters=calls_for({ParameterReference(name) for name in pushed.keys() - set(read)}))

    def of_writes(self, pushed: Mapping[str, Metadata], *, first: bool) -> Counter[str]:  # noqa: ARG002 - a `Counting`
        """See `Counting`."""
        return +Counter(PutParameter=len(pushed))

    def _calls(self, sources: Iterable[str], found: Mapping[str, Collection[str]], *, decrypt: bool) -> Counter[str]:
        read = {text: parse_source(text) for text in sources}
        names: dict[Find, set[str]] = {}
        for text, source in read.items():
            if isinstance(source, Find):
                names[source] = set(found.get(text, ()))
        calls: Counter[str] = Counter()
        listed = _listings(names)
        for find, matches in listed.items():
            if find.tags:
                calls["DescribeParameters"] += _pages(len(matches), DESCRIBE_PAGE) or 1
            else:
                calls["GetParametersByPath"] += _pages(len(matches), BY_PATH_PAGE) or 1
        references = {each for each in read.values() if isinstance(each, ParameterReference)}
        alone = {each for each in references if not any(_brings(find, each) for find in listed)}
        calls["GetParameters"] += calls_for(alone)
        if decrypt:  # what is found by tags comes without its value
            tagged = {ParameterReference(name) for find, matches in listed.items() if find.tags for name in matches}
            calls["GetParameters"] += calls_for(tagged - references)
        calls["ListTagsForResource"] += sum(isinstance(each, TagsOf) for each in read.values())
        return +calls


def _listings(names: Mapping[Find, set[str]]) -> dict[Find, set[str]]:
    """What is listed: one find for each place, without those below another's, and all that is known to be there."""
    listed: dict[Find, set[str]] = {}
    for find, matches in sorted(names.items(), key=lambda each: len(each[0].below)):
        same = (each for each in listed if (each.below, each.tags) == (find.below, find.tags) or each.includes(find))
        outer = next(same, find)
        listed.setdefault(outer, set()).update(matches)
    return listed


def _brings(find: Find, reference: ParameterReference) -> bool:
    """Whether a listing brings what a reference asks for: the newest version, under its full name."""
    return not find.tags and not reference.selector and find.is_above(reference.name)


def _pages(count: int, size: int) -> int:
    return -(-count // size)
