"""Parameter Store's rules for names, selectors, values and tiers, which moto does not check. Pure functions.

Sources: PutParameter and GetParametersByPath in the Systems Manager API reference, "About parameter names" and
"Managing parameter tiers" in its user guide. Error texts follow AWS's where they are published.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import AwsError

MAX_NAME_LENGTH = 1011  # with the ARN prefix that a full ARN would add
MAX_LEVELS = 15
STANDARD_BYTES = 4096
ADVANCED_BYTES = 8192
MAX_TAGS = 50

_NAME = re.compile(r"/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*/?")
_TAG_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")
_POLICY_TYPES = ("Expiration", "ExpirationNotification", "NoChangeNotification")
_LABEL = re.compile(r"[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}")
_CHARSET_TEXT = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of '
    "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 "
    "symbols .-_"
)
_PATH_TEXT = (
    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "
    '"/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the '
    "following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if "
    'specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'
)


@dataclass(frozen=True)
class Reference:
    """A parameter as a reader names it: `name`, `name:3` (version) or `name:prod` (label); an ARN is reduced to a name.

    Attributes:
        name: the name without selector.
        selector: version number, label, or empty for the latest version.
        owner: `arn:...:parameter` when a full ARN was sent, else empty.
    """

    name: str
    selector: str = ""
    owner: str = ""

    @property
    def version(self) -> int | None:
        """The version number, if the selector is one."""
        return int(self.selector) if self.selector.isdigit() else None


def parse_reference(text: str) -> Reference:
    """Split a name as sent into name and selector.

    Raises:
        AwsError: ValidationException for a malformed name or selector.
    """
    head, separator, tail = text.partition(":parameter/")
    is_arn = text.startswith("arn:") and bool(separator)
    name, colon, selector = (f"/{tail}" if is_arn else text).partition(":")
    check_characters(name)
    if colon and not (selector.isdigit() or _LABEL.fullmatch(selector)):
        raise AwsError("ValidationException", f"Invalid parameter version or label in {text}.")
    return Reference(name, selector, f"{head}:parameter" if is_arn else "")


def check_characters(name: str) -> None:
    """Check the characters and slashes of a name.

    Raises:
        AwsError: ValidationException.
    """
    if not _NAME.fullmatch(name):
        raise AwsError("ValidationException", _CHARSET_TEXT)


def check_new_name(name: str, arn: str) -> None:
    """Check the name of a parameter to be written.

    Raises:
        AwsError: ValidationException or HierarchyLevelLimitExceededException.
    """
    first = name.removeprefix("/").partition("/")[0].lower()
    if first.startswith("aws") and name.startswith("/") and name.count("/") > 1:
        raise AwsError("AccessDeniedException", f"No access to reserved parameter name: {name}.")
    if first.startswith(("aws", "ssm")):
        raise AwsError(
            "ValidationException", 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'
        )
    check_characters(name)
    if "/" in name and not name.startswith("/"):
        raise AwsError("ValidationException", "Parameter name must be a fully qualified name.")
    if name.endswith("/"):
        raise AwsError("ValidationException", "Parameter name must not end with slash.")
    if len(arn) > MAX_NAME_LENGTH:
        raise AwsError("ValidationException", f"Parameter name is longer than {MAX_NAME_LENGTH} characters as an ARN.")
    if name.removeprefix("/").count("/") + 1 > MAX_LEVELS:
        raise AwsError(
            "HierarchyLevelLimitExceededException",
            f"The parameter name {name} has more than {MAX_LEVELS} levels.",
        )


def check_path(path: str) -> None:
    """Check the path of GetParametersByPath.

    Raises:
        AwsError: ValidationException.
    """
    if path != "/" and not (path.startswith("/") and _NAME.fullmatch(path)):
        raise AwsError("ValidationException", _PATH_TEXT)


def resolve_tier(requested: str | None, stored: str | None, value: str, *, has_policies: bool) -> str:
    """Return the tier that AWS stores, and check the value against its limit.

    Args:
        requested: Standard, Advanced, Intelligent-Tiering or None.
        stored: tier of the previous version, if there is one.
        value: the new value; 4 KB at most in Standard, 8 KB in Advanced (bytes of UTF-8).
        has_policies: parameter policies need Advanced.

    Raises:
        AwsError: ValidationException.
    """
    size = len(value.encode())
    if requested == "Intelligent-Tiering":
        needs_advanced = size > STANDARD_BYTES or has_policies or stored == "Advanced"
        tier = "Advanced" if needs_advanced else "Standard"
    else:
        tier = requested or stored or "Standard"
    if tier == "Standard" and stored == "Advanced":
        raise AwsError(
            "ValidationException",
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier.",
        )
    if tier == "Standard" and has_policies:
        raise AwsError("ValidationException", "Parameter policies are supported by the advanced-parameter tier only.")
    if tier == "Standard" and size > STANDARD_BYTES:
        raise AwsError(
            "ValidationException",
            f"Standard tier parameters support a maximum parameter value of {STANDARD_BYTES} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
        )
    if size > ADVANCED_BYTES:
        raise AwsError(
            "ValidationException",
            f"Advanced tier parameters support a maximum parameter value of {ADVANCED_BYTES} characters.",
        )
    return tier


def check_value(value: str, allowed_pattern: str | None) -> None:
    """Check what AWS forbids in a value; the texts do not quote it.

    Raises:
        AwsError: ValidationException or ParameterPatternMismatchException.
    """
    if re.search(r"\{\{.*\}\}", value, re.DOTALL):
        raise AwsError(
            "ValidationException",
            'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
        )
    if allowed_pattern and not re.search(allowed_pattern, value):
        raise AwsError(
            "ParameterPatternMismatchException",
            f"Parameter value, cannot be validated against allowedPattern: {allowed_pattern}",
        )


def check_type(requested: str | None, stored: str | None) -> str:
    """Return the type that AWS stores.

    Args:
        requested: String, StringList, SecureString or None.
        stored: type of the previous version, if there is one.

    Raises:
        AwsError: ValidationException or HierarchyTypeMismatchException.
    """
    if requested is None and stored is None:
        raise AwsError("ValidationException", "A parameter type is required when you create a parameter.")
    if requested not in (None, "String", "StringList", "SecureString"):
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{requested}' at 'type' failed to satisfy constraint: Member must "
            "satisfy enum value set: [SecureString, StringList, String]",
        )
    if requested and stored and requested != stored:
        raise AwsError(
            "HierarchyTypeMismatchException",
            f"Parameter Store does not support changing a parameter type in a hierarchy. You can't change a parameter "
            f"from a {stored} type to a {requested} type. You must create a new, unique parameter.",
        )
    return requested or stored or ""


def check_tags(tags: Mapping[str, str]) -> None:
    """Check all tags that a parameter is to have.

    Raises:
        AwsError: ValidationException or TooManyTagsError.
    """
    if len(tags) > MAX_TAGS:
        raise AwsError("TooManyTagsError", f"A resource can have at most {MAX_TAGS} tags.")
    for key, value in tags.items():
        if not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(value) or key.lower().startswith("aws:"):
            raise AwsError("ValidationException", "Tag keys and values have letters, digits and _ . : / = + - @ alone.")


def kept_policies(requested: str | None, stored: str | None) -> str | None:
    """Return the policies that AWS keeps, as JSON; none for `[{}]`, which takes them away.

    Raises:
        AwsError: InvalidPolicyTypeException or ValidationException.
    """
    if requested is None:
        return stored or None
    try:
        listed = json.loads(requested)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise AwsError("ValidationException", "Policies must be a JSON array.")
    given = [each for each in listed if each]
    if any(each.get("Type") not in _POLICY_TYPES for each in given):
        raise AwsError("InvalidPolicyTypeException", "The policy type isn't supported.")
    return json.dumps(given) if given else None


def described_policies(stored: str | None) -> list[dict[str, Any]]:
    """Policies as ParameterInlinePolicy of the API reference."""
    return [
        {"PolicyText": json.dumps(each), "PolicyType": each["Type"], "PolicyStatus": "Pending"}
        for each in json.loads(stored or "[]")
    ]
