"""References to secrets: what is sent to Secrets Manager as a name, checked before anything is sent, and its ARN.

A reference is `name`, `name:stage` or `name:uuid/id`, or an ARN in place of the name; names never hold a colon. What
was seen at one moment is `name:uuid/id:stage`, by which AWS itself checks that the stage has not moved since.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...display import shown_url
from ...errors import SpecError
from ..service import refuse_access_keys

CURRENT = "AWSCURRENT"
"""The stage of the version that is read where none is asked for."""
PENDING = "AWSPENDING"
"""The stage of the version that a rotation is making."""
ARN_PREFIX = "arn:"
_BY_ID = "uuid/"
_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:(?P<name>[A-Za-z0-9/_+=.@!-]+)")
_ENDED = re.compile(r".+-[A-Za-z0-9]{6}")
_ARN_PARTS = 7
# No colon, and no policy variable, which IAM would replace in a condition.
_STAGE = re.compile(r"(?!.*\$\{)[!-9;-~]{1,256}")
_ID = re.compile(r"(?!.*\$\{)[!-9;-~]{32,64}")
ANY_END = "-??????"
"""What stands in a policy for the hyphen and the six characters that AWS puts at the end of a secret's ARN."""


@dataclass(frozen=True, order=True)
class SecretReference:
    """One version of one secret as it is asked for.

    Attributes:
        name: the secret's name or its ARN, with or without the six characters that AWS puts at its end.
        stage: the stage of the version that is wanted; empty where its id alone says which.
        version_id: the id of the version that is wanted; empty where its stage alone says which.

    Raises:
        SpecError: no such secret can exist. The text says why and what to write instead.
    """

    name: str
    stage: str = CURRENT
    version_id: str = ""

    def __post_init__(self) -> None:
        refuse_access_keys(self.name, self.version_id or ("" if self.stage == CURRENT else self.stage))
        _check_name(self.name)
        if self.stage and not _STAGE.fullmatch(self.stage):
            raise SpecError(
                f"{self.name!r}: {self.stage!r} is no stage of a version: write one such as 'AWSPREVIOUS', or "
                "'uuid/' and a version's id"
            )
        if self.version_id and not is_version_id(self.version_id):
            raise SpecError(f"{self.name!r}: {self.version_id!r} is no version's id, which has 32 to 64 characters")

    @classmethod
    def parse(cls, text: str) -> SecretReference:
        """Read a reference of the forms that the module's text names.

        Raises:
            SpecError: no such secret or version can exist.
        """
        if "://" in text:
            raise SpecError(f"{shown_url(text)} is a URL, and no secret's name: write the name, such as 'prod/db'")
        if f"{ARN_PREFIX}aws" in text[1:]:
            raise SpecError(
                f"{text!r} cannot be a secret's name: an ARN stands within it; a store's prefix goes before every "
                "key, so read secrets by their ARN from a store without one"
            )
        if text.startswith(ARN_PREFIX) and text.split(":")[2:3] == ["ssm"]:
            raise SpecError(
                f"{text!r} is not the ARN of a secret, but of a parameter: read it from a store with service "
                "'ParameterStore'"
            )
        name = name_of(text)
        selector = text[len(name) + 1 :]
        if name and name != text and selector in ("", _BY_ID):
            raise SpecError(f"{text!r} names no stage and no version: write {name!r} for the version AWSCURRENT")
        if not selector.startswith(_BY_ID):
            return cls(name, selector or CURRENT)
        version_id, _, stage = selector.removeprefix(_BY_ID).partition(":")
        return cls(name, stage, version_id)

    def at(self, version_id: str) -> SecretReference:
        """The same at one version: by its id, and by the stage for which that was seen."""
        return SecretReference(self.name, self.stage, version_id)

    @property
    def by_id_alone(self) -> bool:
        """Whether a version is asked for by its id and by no stage."""
        return not self.stage

    def __str__(self) -> str:
        selector = [f"{_BY_ID}{self.version_id}"] if self.version_id else []
        selector += [self.stage] if self.stage and (self.version_id or self.stage != CURRENT) else []
        return ":".join([self.name, *selector])


def is_version_id(text: str) -> bool:
    """Whether a string can be the id of a version (API reference: `VersionId`)."""
    return _ID.fullmatch(text) is not None


def name_of(text: str) -> str:
    """The name or ARN in a reference, without stage and id; nothing of it is checked."""
    return ":".join(text.split(":")[: _ARN_PARTS if text.startswith(ARN_PREFIX) else 1])


def plain_name(name: str) -> str:
    """The secret's own name in a name, an ARN or a pattern of ARNs; the end of an ARN may be AWS's or the name's."""
    own = name.partition(":secret:")[2] if name.startswith(ARN_PREFIX) else name
    if own == name or not (own.endswith(ANY_END) or _ENDED.fullmatch(own)):
        return own
    return own[: -len(ANY_END)]


def check_region(name: str, region: str) -> None:
    """Refuse the ARN of a secret in another region than the store's, which the store's region cannot read.

    Raises:
        SpecError: the text names both.
    """
    found = _ARN.fullmatch(name)
    if found is not None and found["region"] != region:
        raise SpecError(
            f"{name!r} is in {found['region']}, and the store reads in {region}: use a store of that region, or the "
            "secret's replica in this one"
        )


def resource(partition: str, region: str, account: str, name: str) -> str:
    """The narrowest resource of a policy for a secret: its ARN, in which `-??????` stands for an end that is not known.

    A name alone would match no secret, and `-*` would match others, whose names go on after a hyphen.

    Args:
        partition: the AWS partition, such as `aws` or `aws-cn`.
        region: the store's region.
        account: the twelve digits of the account.
        name: the secret's name, or its ARN.

    Raises:
        SpecError: no such secret can exist, or its ARN is of another region.
    """
    _check_name(name)
    check_region(name, region)
    if not name.startswith(ARN_PREFIX):
        return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{name}{ANY_END}"
    return name if _ENDED.fullmatch(name) else f"{name}{ANY_END}"


def _check_name(name: str) -> None:
    """Refuse names that CreateSecret refuses, see its API reference under Name."""
    if not name:
        raise SpecError("a secret's name is empty: write the name, such as 'prod/db'")
    if name.startswith(ARN_PREFIX):
        if not _ARN.fullmatch(name):
            form = f"{ARN_PREFIX}<partition>:secretsmanager:<region>:<account>:secret:<name>"
            raise SpecError(f"{name!r} is not the ARN of a secret: write {form}")
    elif not _NAME.fullmatch(name):
        msg = f"{name!r} cannot be a secret's name: use up to 512 letters, digits and _ . - / + = @ in it"
        if "*" in name:
            msg += "; for all that match, write an entry of dataFrom with find: a name (ESO: name.regexp), and a path"
        raise SpecError(msg if len(name) <= _SHOWN else f"{name[:40]!r}… cannot be a secret's name: it is too long")


_SHOWN = 512
