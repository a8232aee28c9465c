"""What Secrets Manager says of a secret without decrypting anything: its versions and their stages, tags, deletion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ....core.secrets_manager.secret_references import (
    ARN_PREFIX,
    CURRENT,
    PENDING,
    SecretReference,
    is_version_id,
)
from ..failures import UnreadableAnswerError

_COLONS = 6
"""In every ARN of a secret, whose name holds none."""


@dataclass(frozen=True)
class SecretFacts:
    """One secret as DescribeSecret tells of it.

    Attributes:
        name: its full name.
        arn: its full ARN.
        stages: id of a version -> its stages. A version that bears none is not among them.
        tags: its tags, which stand for secret values.
        created: when the secret was created, in milliseconds since 1970; None where AWS does not say.
        deleted: when it is going to be deleted; None where it is not marked for deletion.
    """

    name: str
    arn: str
    stages: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, str]
    created: int | None
    deleted: datetime | None

    @classmethod
    def of(cls, asked: str, answer: Mapping[str, Any]) -> SecretFacts:
        """The facts in an answer about a name or an ARN.

        Raises:
            UnreadableAnswerError: AWS cannot have written it, or it is about another secret.
        """
        name, arn = answer.get("Name"), answer.get("ARN")
        stages, created, deleted = (answer.get(key) for key in ("VersionIdsToStages", "CreatedDate", "DeletedDate"))
        if not isinstance(name, str) or not isinstance(arn, str) or not is_asked_for(asked, name, arn):
            raise UnreadableAnswerError
        if not isinstance(created, datetime | None) or not isinstance(deleted, datetime | None):
            raise UnreadableAnswerError
        listed = {} if stages is None else stages
        if not isinstance(listed, Mapping) or not all(map(_is_stages, listed.items())):
            raise UnreadableAnswerError
        return cls(
            name=name,
            arn=arn,
            stages={id_: tuple(some) for id_, some in listed.items() if some},
            tags=tags_in(answer.get("Tags")),
            created=None if created is None else round(created.timestamp() * 1000),
            deleted=deleted,
        )

    def version_at(self, stage: str) -> str | None:
        """The id of the version that bears a stage; None where none does."""
        return next((id_ for id_, stages in self.stages.items() if stage in stages), None)

    def version_of(self, reference: SecretReference) -> str | None:
        """The id of the version that is asked for, as far as it bears a stage."""
        if reference.by_id_alone:
            return reference.version_id if reference.version_id in self.stages else None
        return self.version_at(reference.stage)

    @property
    def rotating_to(self) -> str | None:
        """The id of the version that a rotation in flight is making."""
        pending = self.version_at(PENDING)
        return None if pending == self.version_at(CURRENT) else pending


def tags_in(listed: Any) -> dict[str, str]:
    """The tags of an answer.

    Raises:
        UnreadableAnswerError: they are no tags.
    """
    pairs = [(tag.get("Key"), tag.get("Value")) for tag in listed or ()]
    tags = {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}
    if len(tags) < len(pairs):
        raise UnreadableAnswerError
    return tags


def is_asked_for(asked: str, name: str, arn: str) -> bool:
    """Whether an answer is about what was asked for: AWS may take a name that ends like an ARN for another secret's."""
    if arn.count(":") != _COLONS:
        return False
    if not asked.startswith(ARN_PREFIX):
        return name == asked
    return arn == asked or arn.rpartition("-")[0] == asked


def _is_stages(item: tuple[Any, Any]) -> bool:
    id_, stages = item
    return (
        isinstance(id_, str)
        and is_version_id(id_)
        and isinstance(stages, list)
        and all(isinstance(each, str) for each in stages)
    )
