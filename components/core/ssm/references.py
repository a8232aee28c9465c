"""Parameter references: what is sent to SSM as a name, checked before anything is sent, and the ARNs that go with it.

SSM takes `name`, `name:selector`, or a full ARN in place of the name; names never hold a colon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...display import may_be_secret_key, shown_url
from ...errors import SpecError
from ..service import refuse_access_keys

ARN_PREFIX = "arn:"
MAX_LEVELS = 15
MAX_ARN_LENGTH = 1011
# The name's limit counts the ARN before it; this is the shortest one that exists, so nothing legal is refused.
_SHORTEST_ARN_PREFIX = len("arn:aws:ssm:eu-west-1:123456789012:parameter")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):ssm:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}|):parameter(?P<path>/[^:]*)"
)
_NAME = re.compile(r"[a-zA-Z0-9_.\-/]+")
_SECRETS_MANAGER = "/aws/reference/secretsmanager/"
_PUBLIC = ("/aws/service/",)
_VERSION = re.compile(r"[1-9][0-9]{0,18}")
_LABEL = re.compile(r"(?!aws|ssm|-[0-9]+\Z)[a-zA-Z_.\-][a-zA-Z0-9_.\-]{0,99}", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class ParameterReference:
    """One parameter as it is asked of SSM.

    Attributes:
        name: the parameter's name as sent, such as `/prod/db` or `db`, or its full ARN (needed for parameters that
            another account shares).
        selector: a version number or a label; empty for the newest version.

    Raises:
        SpecError: no such parameter can exist. The text says why and what to write instead.
    """

    name: str
    selector: str = ""

    def __post_init__(self) -> None:
        refuse_access_keys(self.name, self.selector)
        if self.name.startswith(ARN_PREFIX):
            if not _ARN.fullmatch(self.name):
                form = f"{ARN_PREFIX}<partition>:ssm:<region>:<account>:parameter/<name>"
                raise SpecError(f"{self.name!r} is not the ARN of a parameter: write {form}")
            if len(self.name) > MAX_ARN_LENGTH:
                raise SpecError(_too_long(self.name))
        elif len(self.path) + _SHORTEST_ARN_PREFIX > MAX_ARN_LENGTH:
            raise SpecError(_too_long(self.name))
        _check_name(self.name, self.path)
        _check_selector(self)

    @classmethod
    def parse(cls, text: str) -> ParameterReference:
        """Read the form that SSM takes: `name`, `name:3`, `name:label`, or an ARN with or without a selector.

        Raises:
            SpecError: no such parameter can exist, or the selector is neither a version nor a label.
        """
        if "://" in text:
            raise SpecError(f"{shown_url(text)} is a URL, and no parameter's name: write the name, such as '/prod/db'")
        refuse_secrets(text)
        if f"{ARN_PREFIX}aws" in text[1:]:  # such a label is reserved
            raise SpecError(
                f"{text!r} cannot be a parameter's name: an ARN stands within it; a store's prefix goes before every "
                "key, so read what another account shares from a store without one"
            )
        if text.startswith(ARN_PREFIX) and text.split(":")[2:3] == ["secretsmanager"]:
            raise SpecError(
                f"{text!r} is not the ARN of a parameter, but of a secret: read it from a store with service "
                "'SecretsManager'"
            )
        name = name_of(text)
        selector = text[len(name) + 1 :]
        if name and name != text and not selector:
            raise SpecError(
                f"{text!r} ends with ':' but names no version or label: write {name!r} for the newest version"
            )
        return cls(name, selector)

    @property
    def path(self) -> str:
        """The name with a leading slash: equal for `db`, `/db` and an ARN that ends in `parameter/db`.

        Within one account two names with the same path are the same parameter.
        """
        return path_of(self.name)

    def __str__(self) -> str:
        return f"{self.name}:{self.selector}" if self.selector else self.name


def name_of(text: str) -> str:
    """The name or ARN in a reference, without its selector; nothing of it is checked."""
    return ":".join(text.split(":")[: 6 if text.startswith(ARN_PREFIX) else 1])


def path_of(text: str) -> str:
    """The name in a reference with a leading slash and without selector, or of any string that AWS answers with."""
    if text.startswith(ARN_PREFIX):
        return "".join(text.split(":")[5:6]).removeprefix("parameter")
    name = text.partition(":")[0]
    return name if name.startswith("/") else f"/{name}"


def refuse_secrets(name: str) -> None:
    """Refuse the names by which Parameter Store reads secrets of Secrets Manager, and paths of such names.

    It tells no version of them, and nothing at all without decrypting it.

    Raises:
        SpecError: the text says the way out.
    """
    path = name if ARN_PREFIX in name[1:] else path_of(name)
    if f"{path.rstrip('/')}/".startswith(_SECRETS_MANAGER):
        secret = path.removeprefix(_SECRETS_MANAGER.rstrip("/")).strip("/")
        which = f"a secret of Secrets Manager: read {secret!r}" if secret else "Secrets Manager's: read its secrets"
        raise SpecError(f"{name!r} is {which} from a store with service 'SecretsManager'")


def arn(partition: str, region: str, account: str, name: str) -> str:
    """The ARN that IAM checks for a parameter.

    Args:
        partition: the AWS partition, such as `aws` or `aws-cn`.
        region: the store's region.
        account: the twelve digits of the account; left out for AWS's public parameters, which belong to none.
        name: the parameter's name without selector, or its ARN, which is returned as it is.

    Raises:
        SpecError: no such parameter can exist.
    """
    path = ParameterReference(name).path
    if name.startswith(ARN_PREFIX):
        return name
    owner = "" if path.startswith("/aws/service/") else account
    return f"{ARN_PREFIX}{partition}:ssm:{region}:{owner}:parameter{path}"


def _check_name(name: str, path: str) -> None:
    """Refuse names that PutParameter refuses, see its API reference under Name."""
    if not name:
        raise SpecError("a parameter's name is empty: write the name, such as '/prod/db'")
    refuse_secrets(name)
    misplaced = path.endswith("/") or "//" in path or ("/" in name and path != name)
    if (misplaced or not _NAME.fullmatch(path)) and may_be_secret_key(name.strip("/")):
        # Any advice would quote it.
        raise SpecError(
            "the name that was given (not shown, as it looks like an AWS secret key) cannot be a parameter's name: use "
            "only letters, digits and _ . - / in it; one with a '/' in it must begin with one, and not end with one"
        )
    if not _NAME.fullmatch(path):
        msg = f"{name!r} cannot be a parameter's name: use only letters, digits and _ . - / in it"
        if "*" in name:
            msg += "; for all that match, write an entry of dataFrom with find: its path, and a name (ESO: name.regexp)"
        raise SpecError(msg)
    if path.endswith("/") and (clean := re.sub("/+", "/", path).rstrip("/")):
        raise SpecError(
            f"{name!r} cannot be a parameter's name, as it ends with '/': write {clean!r} for one parameter; for all "
            f"below it, write an entry of dataFrom with find: path {clean!r} and name '.*' (ESO: name.regexp)"
        )
    if "//" in path or path.endswith("/"):
        clean = re.sub("/+", "/", name).rstrip("/")
        advice = f"write {clean!r}" if clean else "write the name, such as '/prod/db'; for all of them, use find"
        raise SpecError(f"{name!r} cannot be a parameter's name: a level is empty; {advice}")
    if "/" in name and path not in (name, "") and not name.startswith(ARN_PREFIX):
        raise SpecError(
            f"{name!r} cannot be a parameter's name: a name with a '/' in it must begin with one; write {path!r}. "
            "A secret of Secrets Manager is read from a store with service 'SecretsManager'"
        )
    if path.count("/") > MAX_LEVELS:
        raise SpecError(
            f"{name!r} cannot be a parameter's name: it has {path.count('/')} levels, SSM allows {MAX_LEVELS}"
        )
    _check_reserved(name, path)


def _check_reserved(name: str, path: str) -> None:
    first = path.split("/")[1].lower()
    hierarchical = path.count("/") > 1
    reserved = first in ("aws", "ssm") if hierarchical else first.startswith(("aws", "ssm"))
    if reserved and not path.startswith(_PUBLIC):
        raise SpecError(
            f"{name!r} cannot be a parameter's name: AWS reserves names that begin with 'aws' or 'ssm'; "
            f"only its public parameters below {' and '.join(_PUBLIC)} can be read"
        )


def _check_selector(reference: ParameterReference) -> None:
    selector = reference.selector
    if selector and not _VERSION.fullmatch(selector) and not _LABEL.fullmatch(selector):
        raise SpecError(
            f"{reference.name!r}: {selector!r} is neither a version (a number from 1) nor a label (letters, digits "
            "and _ . -, up to 100, not a number, and not beginning with a digit, 'aws' or 'ssm')"
        )


def _too_long(name: str) -> str:
    return f"{name[:40]!r}… cannot be a parameter's name: with its ARN it is longer than {MAX_ARN_LENGTH} characters"
