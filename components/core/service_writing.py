"""What a service of AWS has to say of writing (ESO: PushSecret): names, values, what a thing is like, permissions.

A thing is what the service keeps, such as a parameter. What it is like besides its value is said by ESO's
PushSecretMetadata, of which each service takes some fields.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from .iam.needs import Need
from .secret_value import Secret


class Metadata(Protocol):
    """What is asked of a thing besides its value; `core.spec.push_specs.PushMetadata` says the fields."""

    @property
    def secret_type(self) -> str:
        """ESO: secretType."""
        ...

    @property
    def kms_key_id(self) -> Any:
        """ESO: kmsKeyID; None for the service's own key."""
        ...

    @property
    def tier(self) -> str:
        """ESO: `tier.type`."""
        ...

    @property
    def policies(self) -> Sequence[Mapping[str, Any]]:
        """ESO: `tier.policies`."""
        ...

    @property
    def encode_as_decoded(self) -> bool:
        """ESO: encodeAsDecoded."""
        ...

    @property
    def secret_push_format(self) -> str:
        """ESO: secretPushFormat."""
        ...

    @property
    def resource_policy(self) -> Any:
        """The policy, as JSON; None where it is left to others (ESO: resourcePolicy)."""
        ...

    @property
    def block_public_policy(self) -> bool:
        """ESO: `resourcePolicy.blockPublicPolicy`."""
        ...

    @property
    def replication_locations(self) -> Sequence[str]:
        """Regions; none where they are left to others (ESO: replicationLocations)."""
        ...

    @property
    def described(self) -> str:
        """The description as it is sent."""
        ...


STAYS = ": stays, as none is declared"
"""The end of a change that is none, which is said all the same."""


@dataclass(frozen=True)
class Details:
    """What a thing is like besides its value; what a service does not have stays as by default.

    Attributes:
        type: `String`, `StringList` or `SecureString`.
        tier: the tier that it is in.
        key: the KMS key that it is encrypted with, as it was asked for; None where it is not.
        description: its description.
        policies: its policies as JSON texts, sorted; None where nobody asked.
        replicas: the other regions that it is copied to, sorted.
        binary: whether its value is bytes and no string; None where that is not known.
        public: a policy of it may let everybody in.
        tags: its tags, which stand for secret values; None where they are not told.
        version: its version, even where that cannot be read; None where that is not told.
        deleted: when it is going to be deleted; None where it is not marked for deletion.
        keeper: why AWS lets nobody but another service or region write to it, as a clause; None where it does.
        by: ARN of who changed it last; None where AWS does not say.
        at: when that was.
    """

    type: str = ""
    tier: str = "Standard"
    key: str | None = None
    description: str = ""
    policies: tuple[str, ...] | None = ()
    replicas: tuple[str, ...] = ()
    binary: bool | None = None
    public: bool = False
    tags: Mapping[str, str] | None = field(default=None, repr=False)
    version: str | None = None
    deleted: datetime | None = None
    keeper: str | None = None
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Put:
    """One write.

    Attributes:
        name: the thing's name.
        value: its value; None where only what it is like changes.
        details: what it is to be like.
        version: the version that it comes to.
        changes: what of that changes, by ESO's names; of what is created all of it does.
        tags: the tags of what is created; None where something that is there is overwritten.
    """

    name: str
    value: Secret | None
    details: Details
    version: str
    changes: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None


class Writing(Protocol):
    """Writing to a service, without its client (ESO: PushSecret)."""

    @property
    def writes_per_second(self) -> float:
        """AWS's default quota for writes, per account and region; the same again for deletions."""
        ...

    @property
    def raised_per_second(self) -> Mapping[str, float]:
        """The quotas of `writes` and `deletions` where the account's are raised, as a store with more reads says."""
        ...

    @property
    def fields(self) -> Collection[str]:
        """The attributes of `PushMetadata` that it takes."""
        ...

    def check_name(self, name: str) -> None:
        """Refuse a name under which nothing can be written.

        Raises:
            SpecError: the text says why, and what to write instead.
        """
        ...

    def identity(self, name: str) -> str:
        """What is equal for two spellings of one name."""
        ...

    def version_after(self, version: str | None) -> str:
        """The version that a write comes to, after another one or, with None, of what is created."""
        ...

    @property
    def foretells(self) -> bool:
        """Whether a preview can say which version a write comes to."""
        ...

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Attributes of `PushMetadata` -> ESO's default, where that is another one than ours."""
        ...

    @property
    def about_defaults(self) -> str:
        """What users of ESO's default should know, as the end of a sentence about what is pushed so."""
        ...

    @property
    def without_bytes(self) -> str:
        """Why bytes that are not UTF-8 cannot be written, and what to do, as a clause."""
        ...

    def kind_of(self, metadata: Metadata) -> str:
        """What a table calls the kind of a thing."""
        ...

    def is_plain(self, metadata: Metadata) -> bool:
        """Whether nothing encrypts it."""
        ...

    def is_encoded(self, metadata: Metadata) -> bool:
        """Whether the values of a whole Secret stand in Base64 in its JSON."""
        ...

    def takes_bytes(self, metadata: Metadata) -> bool:
        """Whether bytes that are not UTF-8 can be written."""
        ...

    def with_value(self, changes: tuple[str, ...]) -> bool:
        """Whether these changes can only be made by writing the value, too."""
        ...

    def value_problem(self, value: Secret, metadata: Metadata) -> str | None:
        """Why a value cannot be written, without quoting it; None where it can."""
        ...

    def details_of(self, metadata: Metadata) -> Details:
        """What a thing is like that was written so."""
        ...

    def changes(self, before: Details, metadata: Metadata) -> tuple[str, ...]:
        """What of a thing changes besides its value, by ESO's names."""
        ...

    def as_recorded(self, told: Details, recorded: Details) -> Details:
        """What AWS tells of a thing whose value is still the one that was recorded, as far as that was declared.

        What was never declared is left to others, so that it is as recorded; so is what AWS does not tell.
        """
        ...

    def unchangeable(self, before: Details, metadata: Metadata) -> str | None:
        """Why AWS would not change a thing into what is wanted; None where it would."""
        ...

    def need(
        self,
        name: str,
        metadata: Metadata,
        *,
        below: bool,
        compares: bool,
        deletes: bool,
        restores: bool,
        reason: str,
    ) -> Need:
        """What writing one thing needs of IAM.

        Args:
            name: its name, or a path.
            metadata: what it is to be like.
            below: everything below that path may be written.
            compares: the value that is there may have to be decrypted.
            deletes: it is deleted when it is not declared any more.
            restores: where it is marked for deletion, it is restored.
            reason: what needs it.
        """
        ...


def policy_text(policy: Any) -> str:
    """A policy as a text that is equal for equal ones: neither order nor spaces matter."""
    return json.dumps(policy, sort_keys=True, separators=(",", ":"))


def key_arn(key: str | None) -> str | None:
    """The ARN of a KMS key, where it is named by that, as IAM wants it; None where it is an alias, an ID or none."""
    return key if key is not None and key.startswith("arn:") and ":key/" in key else None


def is_other_key(before: str | None, wanted: str | None) -> bool:
    """Whether a key is another one than before; AWS may tell its ARN where its ID was asked for."""
    if before == wanted or before is None or wanted is None:
        return before != wanted
    return before.rpartition("/")[2] != wanted.rpartition("/")[2]
