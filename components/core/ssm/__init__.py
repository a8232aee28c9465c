"""Parameter Store: its references, its versions, what reading it needs of IAM, and its words for messages."""

from collections.abc import Sequence
from typing import Any

from ...errors import SpecError
from ..iam.grants import Grant
from ..iam.needs import Need
from ..service import Block, Service
from .counting import ParameterCounting
from .permissions import SubtreesNeed, need_of, reads
from .references import name_of, path_of
from .sources import parse_source
from .writing import ParameterWriting


class ParameterStore:
    """AWS SSM Parameter Store, as `core.service.Service`."""

    name = "ParameterStore"
    client = "ssm"
    noun = "parameter"
    resource_types = ("aws:ssm/parameter:Parameter",)
    requests_per_second = 40.0
    """AWS's default quota for GetParameter, GetParameters and GetParametersByPath together."""
    block = None
    batches = True
    lists_values = True
    writing = ParameterWriting()
    counting = ParameterCounting()

    def in_batches(self) -> Service:
        """See `Service`."""
        raise SpecError(f"batch_reads has no effect with service {self.name}, which is always read so; leave it out")

    def deletion(self, block: Block) -> dict[str, Any]:
        """See `Service`."""
        raise SpecError(f"{block.where} has no effect with service {self.name}, which deletes at once; leave it out")

    def check(self, source: str) -> None:
        """See `Service`."""
        parse_source(source)

    def pinned(self, source: str, version: str) -> str:
        """See `Service`; a label gives way to the version that it stood for."""
        return f"{name_of(source)}:{version}"

    def described(self, source: str, version: str) -> str:
        """See `Service`."""
        selector = source.removeprefix(name_of(source)).removeprefix(":")
        return f"version {version}" + (f" ({selector})" if selector not in ("", version) else "")

    def path_of_find(self, key: str) -> str | None:
        """See `Service`."""
        return key if key.startswith("/") else None

    def need(self, source: str, reason: str) -> Need:
        """See `Service`."""
        return need_of(source, reason)

    def name_in(self, arn: str) -> str:
        """See `Service`."""
        return path_of(arn)

    def may_read(self, grant: Grant, arn: str) -> bool:
        """See `Service`."""
        return reads(grant, arn)

    def paths_need(self, paths: Sequence[str], *, everything: bool) -> Need:
        """See `Service`."""
        return SubtreesNeed(tuple(paths), everything=everything)


PARAMETER_STORE = ParameterStore()
