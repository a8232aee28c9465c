"""What Parameter Store takes when it is written to: names, values, and permissions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...display import plain
from ...errors import SpecError
from ..iam.needs import Need
from ..secret_value import Secret
from ..service_writing import Details, Metadata, is_other_key, key_arn, policy_text
from .permissions import PushNeed
from .references import ARN_PREFIX, ParameterReference, path_of

STANDARD_BYTES = 4096
"""Bytes of a value in the Standard tier (user guide: "Managing parameter tiers")."""
ADVANCED_BYTES = 8192
"""The same in the Advanced tier, which Intelligent-Tiering takes where it is needed."""
DEFAULT_KEY = "alias/aws/ssm"
INTELLIGENT = "Intelligent-Tiering"
_NESTED = re.compile(r"\{\{.*\}\}", re.DOTALL)
_PUBLIC = "/aws/"


class ParameterWriting:
    """Writing to Parameter Store, as `core.service.Writing`."""

    writes_per_second = 3.0
    """AWS's default quota for PutParameter, DescribeParameters and others together; the same again for deletions."""
    raised_per_second: Mapping[str, float] = {"writes": 10.0, "deletions": 5.0}
    """With the account's higher throughput (user guide: "Increasing Parameter Store throughput")."""
    fields = ("secret_type", "kms_key_id", "tier", "policies", "tags", "description", "encode_as_decoded")
    foretells = True
    defaults: Mapping[str, Any] = {"secret_type": "String"}
    about_defaults = (
        "as type String, which is ESO's default: everyone who may read parameters can read the value. Write "
        "secretType: SecureString into its metadata, or String if that is what you want."
    )
    without_bytes = (
        "which a parameter cannot hold; push the whole Secret, of which values are in Base64, or keep it in Base64"
    )

    def check_name(self, name: str) -> None:
        """See `Writing`."""
        if name.startswith(ARN_PREFIX):
            raise SpecError(f"{name!r}: a parameter is written by its name, and never by its ARN; write the name")
        if ":" in name:
            raise SpecError(f"{name!r} cannot be a parameter's name: use only letters, digits and _ . - / in it")
        if name.startswith(_PUBLIC):
            raise SpecError(f"{name!r} cannot be written: what is below {_PUBLIC} is AWS's own; write another name")
        ParameterReference(name)

    def identity(self, name: str) -> str:
        """See `Writing`; `db` and `/db` are one parameter."""
        return path_of(name)

    def version_after(self, version: str | None) -> str:
        """See `Writing`; they are counted from 1."""
        return str(int(version or 0) + 1)

    def kind_of(self, metadata: Metadata) -> str:
        """See `Writing`."""
        return metadata.secret_type

    def is_plain(self, metadata: Metadata) -> bool:
        """See `Writing`."""
        return metadata.secret_type != "SecureString"  # noqa: S105 - a type

    def is_encoded(self, metadata: Metadata) -> bool:
        """See `Writing`."""
        return not metadata.encode_as_decoded

    def takes_bytes(self, metadata: Metadata) -> bool:  # noqa: ARG002 - a `Writing`
        """See `Writing`."""
        return False

    def with_value(self, changes: tuple[str, ...]) -> bool:
        """See `Writing`."""
        return bool(changes)

    def value_problem(self, value: Secret, metadata: Metadata) -> str | None:
        """See `Writing`."""
        text, tier = value.reveal(), metadata.tier
        if not text:
            return "is empty, and Parameter Store keeps no empty values"
        if _NESTED.search(text):
            return "has '{{...}}' in it, which Parameter Store takes for another parameter's name and refuses"
        size, most = len(text.encode()), STANDARD_BYTES if tier == "Standard" else ADVANCED_BYTES
        if size > most:
            advice = "; set tier Advanced or Intelligent-Tiering for up to 8,192" if tier == "Standard" else ""
            return f"has {size:,} bytes, and tier {tier} takes {most:,}{advice}"
        return None

    def details_of(self, metadata: Metadata) -> Details:
        """See `Writing`."""
        return Details(
            type=metadata.secret_type,
            tier=metadata.tier,
            key=_key_of(metadata),
            description=metadata.described,
            policies=_policy_texts(metadata),
        )

    def changes(self, before: Details, metadata: Metadata) -> tuple[str, ...]:
        """See `Writing`."""
        wanted, words = self.details_of(metadata), []
        if before.type != wanted.type:
            words.append(f"secretType: {plain(before.type)} => {wanted.type}")
        elif is_other_key(before.key, wanted.key):
            words.append("kmsKeyID")
        if before.tier != wanted.tier != INTELLIGENT:  # which keeps the tier that there is
            words.append(f"tier: {plain(before.tier)} => {wanted.tier}")
        if before.policies != wanted.policies:
            words.append("policies")
        if before.description != wanted.description:
            words.append("description")
        return tuple(words)

    def as_recorded(self, told: Details, recorded: Details) -> Details:  # noqa: ARG002 - a `Writing`
        """See `Writing`; AWS tells all that a parameter can be."""
        return told

    def unchangeable(self, before: Details, metadata: Metadata) -> str | None:
        """See `Writing`."""
        if before.type != metadata.secret_type:
            return f"AWS does not change the type of a parameter ({plain(before.type)} => {metadata.secret_type})"
        if before.tier == "Advanced" and metadata.tier == "Standard":
            return "AWS does not move a parameter from tier Advanced to Standard"
        return None

    def need(
        self,
        name: str,
        metadata: Metadata,
        *,
        below: bool,
        compares: bool,
        deletes: bool,
        restores: bool,  # noqa: ARG002 - a `Writing`
        reason: str,
    ) -> Need:
        """See `Writing`."""
        key, tier = _key_of(metadata), metadata.tier
        encrypts = key is not None
        return PushNeed(
            name,
            reason,
            standard=encrypts and tier != "Advanced",
            advanced=encrypts and tier != "Standard",
            compares=compares,
            deletes=deletes,
            below=below,
            key=key_arn(key),
        )


def _key_of(metadata: Metadata) -> str | None:
    """The KMS key that is asked for; None where nothing is encrypted."""
    if metadata.secret_type != "SecureString":  # noqa: S105 - a type
        return None
    return DEFAULT_KEY if metadata.kms_key_id is None else str(metadata.kms_key_id)


def _policy_texts(metadata: Metadata) -> tuple[str, ...]:
    """Policies as texts that are equal for equal ones; none in a tier that has none."""
    if metadata.tier == "Standard":
        return ()
    return tuple(sorted(map(policy_text, metadata.policies)))
