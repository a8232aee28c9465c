"""Secrets Manager: its references, its versions, what reading it needs of IAM, and its words for messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...errors import SpecError
from ..iam.grants import Grant
from ..iam.minimal import within
from ..iam.needs import Need
from ..service import Block, Service
from .secret_counting import SecretsCounting
from .secret_permissions import READ, PrefixesNeed, need_of
from .secret_references import SecretReference, plain_name
from .secret_sources import parse_source
from .secret_writing import SecretWriting

_SHORT = 4
_SHOWN_WHOLE = 12
_FEWEST_DAYS, _MOST_DAYS = 7, 30


@dataclass(frozen=True)
class SecretsManager:
    """AWS Secrets Manager, as `core.service.Service`.

    A version is the id of what bears the wanted stage: an id's contents never change, and stages move.

    Attributes:
        batches: values of the current stage are read up to 20 in one call, which AWS grants on `*` alone.
    """

    batches: bool = False
    name: ClassVar = "SecretsManager"
    client: ClassVar = "secretsmanager"
    noun: ClassVar = "secret"
    resource_types: ClassVar = (
        "aws:secretsmanager/secret:Secret",
        "aws:secretsmanager/secretVersion:SecretVersion",
    )
    requests_per_second: ClassVar = 500.0
    """A twentieth of AWS's quota for DescribeSecret and GetSecretValue together."""
    block: ClassVar = "secretsManager"
    lists_values: ClassVar = False
    writing: ClassVar = SecretWriting()

    @property
    def counting(self) -> SecretsCounting:
        """See `Service`."""
        return SecretsCounting(self.batches)

    def in_batches(self) -> Service:
        """See `Service`."""
        return SecretsManager(batches=True)

    def deletion(self, block: Block) -> dict[str, Any]:
        """See `Service` (ESO: SecretsManager); checked as ESO's webhook does."""
        block.only("forceDeleteWithoutRecovery", "recoveryWindowInDays")
        days, forced = block.number("recoveryWindowInDays", 0), block.flag("forceDeleteWithoutRecovery")
        if forced and days:
            raise SpecError(
                f"{block.where}: forceDeleteWithoutRecovery leaves no window for recoveryWindowInDays; leave one out"
            )
        if days and (days != int(days) or not _FEWEST_DAYS <= days <= _MOST_DAYS):
            raise SpecError(
                f"{block.where}.recoveryWindowInDays: a window has {_FEWEST_DAYS} to {_MOST_DAYS} days, not {days:.12g}"
            )
        given = {"forceDeleteWithoutRecovery": forced, "recoveryWindowInDays": int(days)}
        return {name: value for name, value in given.items() if value}

    def check(self, source: str) -> None:
        """See `Service`."""
        parse_source(source)

    def pinned(self, source: str, version: str) -> str:
        """See `Service`: by id and by stage, so that what was previewed is what is written."""
        return str(SecretReference.parse(source).at(version))

    def described(self, source: str, version: str) -> str:
        """See `Service`; of an id the beginning and the end are enough to tell two apart."""
        short = version if len(version) <= _SHOWN_WHOLE else f"{version[:_SHORT]}…{version[-_SHORT:]}"
        stage = SecretReference.parse(source).stage
        return f"version {short}" + (f" ({stage})" if stage else "")

    def path_of_find(self, key: str) -> str | None:
        """See `Service`; names have no levels, so that only a key that ends like a folder is meant as one."""
        return key if key.endswith("/") else None

    def need(self, source: str, reason: str) -> Need:
        """See `Service`."""
        return need_of(source, reason, in_batches=self.batches)

    def name_in(self, arn: str) -> str:
        """See `Service`."""
        return plain_name(arn)

    def may_read(self, grant: Grant, arn: str) -> bool:
        """See `Service`."""
        return grant.action == READ and within(grant.resource, arn)

    def paths_need(self, paths: Sequence[str], *, everything: bool) -> Need:
        """See `Service`."""
        return PrefixesNeed(tuple(paths), everything=everything)


SECRETS_MANAGER = SecretsManager()
