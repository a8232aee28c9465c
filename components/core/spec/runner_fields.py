"""Reads the lists and maps that Pulumi's AWS provider takes, and refuses what it cannot read.

Nothing is passed over: a role that is left out would mean that another account is read. No value is shown.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ...errors import SpecError
from ..services import endpoint_names
from .config_fields import alike, camel, folded, kind_of

_TEXTS = ("roleArn", "externalId", "sessionName", "policy", "duration", "sourceIdentity")
_LISTS = ("transitiveTagKeys", "policyArns")
_NEAR_SERVICE = 0.8
_OTHER_NAMES = {
    "parameterstore": "ssm",
    "simplesystemsmanagement": "ssm",
    "simplesystemsmanager": "ssm",
    "systemsmanager": "ssm",
    "securitytoken": "sts",
    "securitytokenservice": "sts",
}
"""What else services are called."""


def decoded(value: Any, where: str) -> Any:
    """A nested property; both the SDK and the engine hand those over as JSON. Whole numbers become strings."""
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return json.loads(value, parse_int=str)
    except (ValueError, RecursionError):
        raise SpecError(f"{where}: a list or map in the stack's settings is not JSON; write it as YAML") from None


def roles_of(value: Any, where: str) -> list[dict[str, Any]]:
    """The roles to assume, in their order, with camelCase names: `assumeRoles`, a list of mappings, or one mapping.

    Raises:
        SpecError: a role is not a mapping with `roleArn`, or a field of it is not of its kind.
    """
    return [_role(role, place) for place, role in _each(decoded(value, where), where, "a mapping with roleArn", _ROLE)]


_ROLE = "[{roleArn: arn:aws:iam::<account>:role/<name>}]"


def _role(role: Any, where: str) -> dict[str, Any]:
    given = _mapping(role, where, "a mapping with roleArn", _ROLE)
    named = {camel(str(name)): part for name, part in given.items()}
    if twice := sorted(name for name in named if sum(camel(str(each)) == name for each in given) > 1):
        raise SpecError(f"{where}: {twice[0]} is given in two spellings; leave one of the two out")
    found = {name: part for name, part in named.items() if part is not None}
    if not found.get("roleArn"):
        raise SpecError(f"{where}: expected a mapping with roleArn, got one without; write {_ROLE}")
    for name in found.keys() & {*_TEXTS}:
        _text(found[name], f"{where}.{name}")
    for name in found.keys() & {*_LISTS}:
        for place, each in _list(found[name], f"{where}.{name}", "a list of strings"):
            _text(each, place)
    if "tags" in found:
        for name, each in _mapping(found["tags"], f"{where}.tags", "a mapping of tags", "tags: {key: value}").items():
            _text(each, f"{where}.tags[{name!r}]")
    return found


def endpoints_of(value: Any, where: str) -> dict[str, str]:
    """Service -> URL, of the services that are asked here; Terraform's form is a list of such mappings.

    Raises:
        SpecError: it is not made of mappings, a URL cannot be used or may not be stored, or a service has two.
    """
    found: dict[str, str] = {}
    expected, example = "a mapping of services to URLs", "[{ssm: http(s)://host:port}]"
    for place, each in _each(decoded(value, where), where, expected, example):
        for service, url in _mapping(each, place, expected, example).items():
            if url is None or url == "":
                continue
            if service not in endpoint_names():
                _refuse_misspelt_service(str(service), place)
                continue
            if not isinstance(url, str):
                raise SpecError(f"{place}.{service}: expected a URL, got {_kind(url)}; write http(s)://host:port")
            check_endpoint(url, f"{place}.{service}")
            if found.setdefault(service, url) != url:
                raise SpecError(f"{place}.{service}: another URL is given before; leave one of the two out")
    return found


def _refuse_misspelt_service(name: str, where: str) -> None:
    """Refuse what means a service that is asked here: AWS itself would be asked in place of the URL that is given."""
    near = max(endpoint_names(), key=lambda each: alike(name, each))
    meant = _OTHER_NAMES.get(folded(name)) or (near if alike(name, near) >= _NEAR_SERVICE else None)
    if meant:
        raise SpecError(f"{where}: {name[:40]!r} is no service that has an endpoint; write {meant}")


def check_endpoint(url: str, where: str) -> None:
    """Refuse a URL that cannot be asked, or holds what may not be stored and shown. The error never quotes it."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        usable = False
    if usable and ("@" in url or "?" in url or "#" in url):
        raise SpecError(
            f"{where} holds a user name, a password or a query, which would be stored and shown in plain text, and "
            "which AWS's services do not take; write http(s)://host:port alone"
        )
    if not usable:
        raise SpecError(f"{where} is not a URL: write http(s)://host:port")


def accounts_of(value: Any, where: str) -> list[str]:
    """Account IDs, which are looked at when they are used.

    Raises:
        SpecError: it is not a list of strings or whole numbers, or there are none, which would guard against nothing.
    """
    places = _list(decoded(value, where), where, "a list of account IDs")
    if not places:
        raise SpecError(f"{where}: it is empty, so that no account is checked; name the accounts, or leave it out")
    return [str(each) if type(each) is int else _text(each, place) for place, each in places]


def _each(value: Any, where: str, expected: str, example: str) -> list[tuple[str, Any]]:
    """The entries of a list, or of one entry that stands for a list of it."""
    if isinstance(value, Mapping):
        return [(where, value)]
    if value is None or isinstance(value, list | tuple):
        return [(f"{where}[{index}]", each) for index, each in enumerate(value or ())]
    raise SpecError(f"{where}: expected a list, each entry {expected}, got {_kind(value)}; write {example}")


def _list(value: Any, where: str, expected: str) -> list[tuple[str, Any]]:
    if value is not None and not isinstance(value, list | tuple):
        raise SpecError(f"{where}: expected {expected}, got {_kind(value)}")
    return [(f"{where}[{index}]", each) for index, each in enumerate(value or ())]


def _mapping(value: Any, where: str, expected: str, example: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise SpecError(f"{where}: expected {expected}, got {_kind(value)}; write {example}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise SpecError(f"{where}: expected a string, got {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    return "a string" if isinstance(value, str) else kind_of(value)
