"""What Secrets Manager takes when it is written to: names, values, what a secret is like, and permissions."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...errors import SpecError
from ..iam.needs import Need
from ..secret_value import Secret
from ..service_writing import STAYS, Details, Metadata, is_other_key, key_arn, policy_text
from .secret_permissions import SecretPushNeed
from .secret_references import ARN_PREFIX, SecretReference

MOST_BYTES = 65_536
"""Bytes of a value (user guide: "AWS Secrets Manager quotas")."""
DEFAULT_KEY = "alias/aws/secretsmanager"
BINARY = "binary"
_WRITES = 25.0
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):root")
FORMAT = "secretPushFormat"
REPLICAS = "replicationLocations"
POLICY = "resourcePolicy"
KEY = "kmsKeyID"
DESCRIPTION = "description"


class SecretWriting:
    """Writing to Secrets Manager, as `core.service_writing.Writing`."""

    writes_per_second = _WRITES
    """Half of AWS's quota for PutSecretValue, UpdateSecret, CreateSecret and others together."""
    raised_per_second: Mapping[str, float] = {"writes": _WRITES, "deletions": _WRITES}
    fields = (
        *("secret_push_format", "kms_key_id", "tags", "description"),
        *("resource_policy", "block_public_policy", "replication_locations"),
    )
    foretells = False
    defaults: Mapping[str, Any] = {"secret_push_format": BINARY}
    """ESO's, where that is another one than ours."""
    about_defaults = (
        "in the format binary, which is ESO's default: who looks for a string, as the console, ECS and Lambda do, "
        "sees nothing. Write secretPushFormat: string into its metadata, or binary if that is what you want."
    )
    without_bytes = "which a string cannot hold; set secretPushFormat binary, or keep it in Base64"

    def check_name(self, name: str) -> None:
        """See `Writing`."""
        if name.startswith(ARN_PREFIX):
            raise SpecError(f"{name!r}: a secret is written by its name, and never by its ARN; write the name")
        if ":" in name or "!" in name:
            raise SpecError(f"{name!r} cannot be a new secret's name: use only letters, digits and _ . - / + = @ in it")
        SecretReference(name)

    def identity(self, name: str) -> str:
        """See `Writing`."""
        return name

    def version_after(self, version: str | None) -> str:  # noqa: ARG002 - a `Writing`
        """See `Writing`; AWS takes the id that a new version is to have, and writes no second one of the same id."""
        return str(uuid.uuid4())

    def kind_of(self, metadata: Metadata) -> str:
        """See `Writing`."""
        return metadata.secret_push_format

    def is_plain(self, metadata: Metadata) -> bool:  # noqa: ARG002 - a `Writing`
        """See `Writing`; KMS encrypts all of it."""
        return False

    def is_encoded(self, metadata: Metadata) -> bool:  # noqa: ARG002 - a `Writing`
        """See `Writing`."""
        return False

    def takes_bytes(self, metadata: Metadata) -> bool:
        """See `Writing`."""
        return metadata.secret_push_format == BINARY

    def with_value(self, changes: tuple[str, ...]) -> bool:
        """See `Writing`; all but the format is set without it."""
        return any(each.startswith(FORMAT) for each in changes)

    def value_problem(self, value: Secret, metadata: Metadata) -> str | None:  # noqa: ARG002 - a `Writing`
        """See `Writing`."""
        size = len(value.encoded())
        if not size:
            return "is empty, and Secrets Manager keeps no empty values"
        return f"has {size:,} bytes, and Secrets Manager takes {MOST_BYTES:,}" if size > MOST_BYTES else None

    def details_of(self, metadata: Metadata) -> Details:
        """See `Writing`."""
        policy = metadata.resource_policy
        return Details(
            key=None if metadata.kms_key_id is None else str(metadata.kms_key_id),
            description=metadata.described,
            binary=self.takes_bytes(metadata),
            replicas=tuple(sorted(metadata.replication_locations)),
            policies=() if policy is None else (resource_policy(str(policy)),),
            public=not metadata.block_public_policy,
        )

    def changes(self, before: Details, metadata: Metadata) -> tuple[str, ...]:
        """See `Writing`; key, replicas and policy are changed only where they are declared."""
        wanted, words = self.details_of(metadata), []
        if before.binary is not None and before.binary != wanted.binary:
            words.append(f"{FORMAT}: {_format(before)} => {_format(wanted)}")
        before_key, wanted_key = _own_key(before.key), _own_key(wanted.key)
        for word, was, declared, differs in (
            (KEY, before_key, wanted.key, is_other_key(before_key, wanted_key)),
            (REPLICAS, before.replicas, wanted.replicas, before.replicas != wanted.replicas),
            (POLICY, before.policies, wanted.policies, _meant(before.policies) != _meant(wanted.policies)),
        ):
            if differs and declared:
                words.append(word)
            elif was and not declared:
                words.append(f"{word}{STAYS}")
        if before.description != wanted.description:
            words.append(DESCRIPTION)
        return tuple(words)

    def as_recorded(self, told: Details, recorded: Details) -> Details:
        """See `Writing`; whether an alias still means the key that AWS names, KMS alone would tell."""
        apart = told.key and recorded.key and _is_alias(told.key) != _is_alias(recorded.key)
        return replace(
            told,
            binary=recorded.binary,
            key=recorded.key if apart or not recorded.key else told.key,
            replicas=told.replicas if recorded.replicas else (),
            policies=recorded.policies if told.policies is None or not recorded.policies else told.policies,
        )

    def unchangeable(self, before: Details, metadata: Metadata) -> str | None:  # noqa: ARG002 - a `Writing`
        """See `Writing`; AWS changes all of it."""
        return None

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
        """See `Writing`."""
        return SecretPushNeed(
            name,
            reason,
            key=key_arn(None if metadata.kms_key_id is None else str(metadata.kms_key_id)),
            replicates=bool(metadata.replication_locations),
            sets_policy=metadata.resource_policy is not None,
            compares=compares,
            deletes=deletes,
            restores=restores,
            below=below,
        )


def resource_policy(policy: str) -> str:
    """A policy as `policy_text` has it; a text that is no JSON as it is."""
    try:
        return policy_text(json.loads(policy))
    except (ValueError, RecursionError):
        return policy


def _meant(policies: tuple[str, ...] | None) -> list[Any]:
    """Policies as IAM reads them: neither the order of a list counts, nor whether a single value stands in one.

    An account's number means its root, as which AWS may tell it.
    """

    def read(value: Any) -> Any:
        match value:
            case dict():
                return {key: read(each) for key, each in value.items()}
            case list():
                values = sorted((read(each) for each in value), key=policy_text)
                return values[0] if len(values) == 1 else values
            case str() if found := _ROOT.fullmatch(value):
                return found["account"]
        return value

    try:
        return [read(json.loads(each)) for each in policies or ()]
    except (ValueError, RecursionError):
        return [policies]


def _own_key(key: str | None) -> str | None:
    """A key that is not the service's own; None for that one."""
    return None if key is None or re.search(rf"(^|:){DEFAULT_KEY}$", key) else key


def _is_alias(key: str) -> bool:
    return key.rpartition(":")[2].startswith("alias/")


def _format(details: Details) -> str:
    return BINARY if details.binary else "string"
