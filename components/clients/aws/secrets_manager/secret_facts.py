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
from ....core.service_writing import Details
from ....display import plain
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
        copies: region that it is copied to -> whether that has not failed.
        copying: of those, regions for which AWS does not say that yet.
        details: what it is like besides, but for its policy, which is no part of the answer.
    """

    name: str
    arn: str
    stages: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, str]
    created: int | None
    deleted: datetime | None
    copies: Mapping[str, bool]
    copying: frozenset[str]
    details: Details

    @classmethod
    def of(cls, asked: str, answer: Mapping[str, Any]) -> SecretFacts:
        """The facts in an answer about a name or an ARN.

        Raises:
            UnreadableAnswerError: AWS cannot have written it, or it is about another secret.
        """
        name, arn = answer.get("Name"), answer.get("ARN")
        stages = answer.get("VersionIdsToStages")
        created, deleted = _date(answer, "CreatedDate"), _date(answer, "DeletedDate")
        if not isinstance(name, str) or not isinstance(arn, str) or not is_asked_for(asked, name, arn):
            raise UnreadableAnswerError
        listed = {} if stages is None else stages
        if not isinstance(listed, Mapping) or not all(map(_is_stages, listed.items())):
            raise UnreadableAnswerError
        borne = {id_: tuple(some) for id_, some in listed.items() if some}
        tags, copies = tags_in(answer.get("Tags")), copies_in(answer)
        return cls(
            name=name,
            arn=arn,
            stages=borne,
            tags=tags,
            created=None if created is None else round(created.timestamp() * 1000),
            deleted=deleted,
            copies=copies,
            copying=copying_in(answer),
            details=Details(
                key=text_in(answer, "KmsKeyId") or None,
                description=text_in(answer, "Description"),
                policies=None,
                replicas=tuple(sorted(region for region, stands in copies.items() if stands)),
                tags=tags,
                version=_bearer(borne, CURRENT),
                deleted=deleted,
                keeper=_keeper(answer, arn.split(":")[3]),
                at=_date(answer, "LastChangedDate"),
            ),
        )

    def version_at(self, stage: str) -> str | None:
        """The id of the version that bears a stage; None where none does."""
        return _bearer(self.stages, stage)

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


def copies_in(answer: Mapping[str, Any]) -> dict[str, bool]:
    """Region that a secret is copied to -> whether that has not failed, of any answer that tells it.

    Raises:
        UnreadableAnswerError: AWS cannot have written it.
    """
    copies: dict[str, bool] = {}
    for each in answer.get("ReplicationStatus") or ():
        region, stands = text_in(each, "Region"), text_in(each, "Status") != "Failed"
        copies[region] = stands or copies.get(region, False)
    return copies


def copying_in(answer: Mapping[str, Any]) -> frozenset[str]:
    """Regions for which an answer that tells of copies does not say yet whether they can be made."""
    listed = answer.get("ReplicationStatus") or ()
    return frozenset(text_in(each, "Region") for each in listed if text_in(each, "Status") == "InProgress")


def is_asked_for(asked: str, name: str, arn: str) -> bool:
    """Whether an answer is about what was asked for: AWS may take a name that ends like an ARN for another secret's."""
    if arn.count(":") != _COLONS:
        return False
    if not asked.startswith(ARN_PREFIX):
        return name == asked
    return arn == asked or arn.rpartition("-")[0] == asked


def _bearer(stages: Mapping[str, tuple[str, ...]], stage: str) -> str | None:
    return next((id_ for id_, some in stages.items() if stage in some), None)


def _keeper(answer: Mapping[str, Any], region: str) -> str | None:
    """Why a secret is not written to here."""
    if service := text_in(answer, "OwningService"):
        return f"is kept by another service of AWS ({plain(service)})"
    primary = text_in(answer, "PrimaryRegion")
    return f"is a copy of the one in {plain(primary)}" if primary not in ("", region) else None


def text_in(answer: Any, key: str) -> str:
    """A string of an answer, empty where AWS does not say it.

    Raises:
        UnreadableAnswerError: it is another kind of thing.
    """
    found = answer.get(key) if isinstance(answer, Mapping) else 0
    if not isinstance(found, str | None):
        raise UnreadableAnswerError
    return found or ""


def _date(answer: Mapping[str, Any], key: str) -> datetime | None:
    found = answer.get(key)
    if not isinstance(found, datetime | None):
        raise UnreadableAnswerError
    return found


def _is_stages(item: tuple[Any, Any]) -> bool:
    id_, stages = item
    return (
        isinstance(id_, str)
        and is_version_id(id_)
        and isinstance(stages, list)
        and all(isinstance(each, str) for each in stages)
    )
