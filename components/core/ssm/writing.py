"""What Parameter Store takes when it is written to: names, values, and permissions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...errors import SpecError
from ..iam.needs import Need
from .permissions import PushNeed
from .references import ARN_PREFIX, ParameterReference, path_of

STANDARD_BYTES = 4096
"""Bytes of a value in the Standard tier (user guide: "Managing parameter tiers")."""
ADVANCED_BYTES = 8192
"""The same in the Advanced tier, which Intelligent-Tiering takes where it is needed."""
_NESTED = re.compile(r"\{\{.*\}\}", re.DOTALL)
_PUBLIC = "/aws/"


class ParameterWriting:
    """Writing to Parameter Store, as `core.service.Writing`."""

    writes_per_second = 3.0
    """AWS's default quota for PutParameter, DescribeParameters and others together; the same again for deletions."""
    raised_per_second: Mapping[str, float] = {"writes": 10.0, "deletions": 5.0}
    """With the account's higher throughput (user guide: "Increasing Parameter Store throughput")."""

    def check_name(self, name: str) -> None:
        """See `Writing`."""
        if name.startswith(ARN_PREFIX):
            raise SpecError(f"{name!r}: a parameter is written by its name, and never by its ARN; write the name")
        if ":" in name:
            raise SpecError(f"{name!r} cannot be a parameter's name: use only letters, digits and _ . - / in it")
        ParameterReference(name)
        if name.startswith(_PUBLIC):
            raise SpecError(f"{name!r} cannot be written: what is below {_PUBLIC} is AWS's own; write another name")

    def identity(self, name: str) -> str:
        """See `Writing`; `db` and `/db` are one parameter."""
        return path_of(name)

    def version_after(self, version: str | None) -> str:
        """See `Writing`; they are counted from 1."""
        return str(int(version or 0) + 1)

    def value_problem(self, value: str, tier: str) -> str | None:
        """See `Writing`."""
        if not value:
            return "is empty, and Parameter Store keeps no empty values"
        if _NESTED.search(value):
            return "has '{{...}}' in it, which Parameter Store takes for another parameter's name and refuses"
        size, most = len(value.encode()), STANDARD_BYTES if tier == "Standard" else ADVANCED_BYTES
        if size > most:
            advice = "; set tier Advanced or Intelligent-Tiering for up to 8,192" if tier == "Standard" else ""
            return f"has {size:,} bytes, and tier {tier} takes {most:,}{advice}"
        return None

    def need(
        self, name: str, tier: str, key: str | None, *, below: bool, compares: bool, deletes: bool, reason: str
    ) -> Need:
        """See `Writing`."""
        encrypts = key is not None
        return PushNeed(
            name,
            reason,
            standard=encrypts and tier != "Advanced",
            advanced=encrypts and tier != "Standard",
            compares=compares,
            deletes=deletes,
            below=below,
            key=key if key is not None and key.startswith(ARN_PREFIX) and ":key/" in key else None,
        )
