"""A parameter as AWS tells of it without its value, and as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..secret_value import Secret


@dataclass(frozen=True)
class Details:
    """What AWS tells of a parameter without its value.

    Attributes:
        type: `String`, `StringList` or `SecureString`.
        tier: the tier that it is in.
        key: the KMS key that it is encrypted with, as it was asked for; None where it is not.
        description: its description.
        policies: its policies as JSON texts, sorted.
        by: ARN of who changed it last; None where AWS does not say.
        at: when that was.
    """

    type: str
    tier: str = "Standard"
    key: str | None = None
    description: str = ""
    policies: tuple[str, ...] = ()
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Put:
    """One write.

    Attributes:
        name: the parameter's name.
        value: its value.
        type: see `Details`.
        tier: the tier that is asked for.
        key: the KMS key; None where nothing is encrypted.
        description: its description.
        policies: its policies as JSON; None to leave them as they are.
        tags: the tags of what is created; None where something that is there is overwritten.
    """

    name: str
    value: Secret
    type: str
    tier: str
    key: str | None
    description: str
    policies: str | None = None
    tags: Mapping[str, str] | None = None
