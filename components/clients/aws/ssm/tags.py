"""Reads the tags of single parameters (ESO: `metadataPolicy: Fetch`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ....core.secret_value import Secret
from ....core.ssm.sources import TagsOf
from ..calls import Calls
from ..failures import CallFailedError, UnreadableAnswerError
from ..reads import ReadProblem
from . import problems

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Tags:
    """The tags of parameters, wrapped because they stand for secret values; `ask` is called by several threads."""

    def __init__(self, calls: Calls[SSMClient]) -> None:
        """Begin with nothing asked."""
        self._found: dict[TagsOf, Mapping[str, Secret]] = {}
        self._problems: dict[TagsOf, ReadProblem] = {}
        self._calls = calls

    @property
    def answered(self) -> int:
        """How many parameters have their outcome."""
        return len(self._found) + len(self._problems)

    def ask(self, source: TagsOf) -> None:
        """Ask for one parameter's tags; the errors are those of `Calls.call`."""
        try:
            self._found[source] = self._calls.call(
                lambda client: _listed(client, source.name), f"tags of parameter {source.name}"
            )
        except CallFailedError as failed:
            self._problems[source] = problems.no_tags(source.name, failed.failure, self._calls.caller)

    def result(self, source: TagsOf) -> Mapping[str, Secret] | ReadProblem:
        """The result of a source."""
        return self._problems[source] if source in self._problems else self._found[source]


def _listed(client: SSMClient, name: str) -> Mapping[str, Secret]:
    answer = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
    if "TagList" not in answer:
        raise UnreadableAnswerError
    pairs: list[tuple[object, object]] = [(tag.get("Key"), tag.get("Value")) for tag in answer["TagList"]]
    tags = {key: Secret(value) for key, value in pairs if isinstance(key, str) and isinstance(value, str)}
    if len(tags) < len(pairs):
        raise UnreadableAnswerError
    return tags
