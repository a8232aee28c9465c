"""How many calls Secrets Manager's reads take; the reader in clients/aws/secrets_manager makes just those.

ListSecretVersionIds is left out: it is asked only of versions by id that bear no stage any more, which no state tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..service_writing import Metadata
from .secret_references import CURRENT, SecretReference
from .secret_sources import FindSecrets, TagsOfSecret, parse_source

LIST_PAGE = 100
"""AWS's limit, API reference of ListSecrets."""
VALUES_PER_CALL = 20
"""AWS's limit, API reference of BatchGetSecretValue."""


@dataclass(frozen=True)
class SecretsCounting:
    """Secrets Manager's calls, as `core.service.Counting`.

    Attributes:
        in_batches: values of the current stage are read several in one call.
    """

    in_batches: bool = False

    def looks(self, sources: Iterable[str], found: Mapping[str, Collection[str]]) -> Counter[str]:
        """See `Counting`."""
        return self._calls(sources, found, decrypt=False)

    def first(self, sources: Iterable[str], found: Mapping[str, Collection[str]]) -> Counter[str]:
        """See `Counting`."""
        return self._calls(sources, found, decrypt=True)

    def of_pushes(self, pushed: Mapping[str, Metadata], read: Collection[str], *, first: bool = False) -> Counter[str]:
        """See `Counting`; a policy is asked for where one is declared, as DescribeSecret does not tell it."""
        policies = 0 if first else sum(each.resource_policy is not None for each in pushed.values())
        return +Counter({"DescribeSecret": len(pushed.keys() - set(read)), "GetResourcePolicy": policies})

    def of_writes(self, pushed: Mapping[str, Metadata], *, first: bool) -> Counter[str]:
        """See `Counting`; copies are created with the secret, and AWS writes them itself."""
        policies = sum(each.resource_policy is not None for each in pushed.values()) if first else 0
        return +Counter({"CreateSecret" if first else "PutSecretValue": len(pushed), "PutResourcePolicy": policies})

    def _calls(self, sources: Iterable[str], found: Mapping[str, Collection[str]], *, decrypt: bool) -> Counter[str]:
        read = {text: parse_source(text) for text in sources}
        matches = {text: set(found.get(text, ())) for text, each in read.items() if isinstance(each, FindSecrets)}
        places: dict[object, set[str]] = {}
        for text, names in matches.items():
            find = read[text]
            if isinstance(find, FindSecrets):
                places.setdefault((find.path, find.tags), set()).update(names)
        references = {each for each in read.values() if isinstance(each, SecretReference)}
        references |= {SecretReference(name) for names in matches.values() for name in names}
        described = {each.name for each in references if not (decrypt and each.version_id)}
        described |= {each.name for each in read.values() if isinstance(each, TagsOfSecret)}
        values = len(references) if decrypt else 0
        batched = sum(self.in_batches and each.stage == CURRENT for each in references) if decrypt else 0
        return +Counter(
            ListSecrets=sum(-(-len(names) // LIST_PAGE) or 1 for names in places.values()),
            DescribeSecret=len(described),
            BatchGetSecretValue=-(-batched // VALUES_PER_CALL),
            GetSecretValue=values - batched,
        )
