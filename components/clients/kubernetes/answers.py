"""The one place where an answer of the API server becomes an object: what is not one is one clear error.

What stands in front of a cluster answers too: login pages, proxies, load balancers. So every kind is checked before it
is used, and what does not fit is never taken for an object that has nothing in it.
"""

import json
from collections.abc import Mapping
from typing import Any

from .api_refusals import Call
from .cluster_errors import UnexpectedAnswerError
from .metadata import SecretMetadata, parse_secret_metadata

# What a hostile or broken answer causes in code that takes kinds for granted; depth is limited by the parser.
_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError)


def decode_object(call: Call, body: bytes) -> dict[str, Any]:
    """An answer's JSON object.

    Raises:
        UnexpectedAnswerError: It is not JSON, not an object, or nested deeper than any object of the API.
    """
    try:
        answer = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise UnexpectedAnswerError(
            f"{call}: what answered is not a Kubernetes API. Check the server URL and the proxy."
        ) from None
    return answer


def checked_object(call: Call, answer: Mapping[str, Any]) -> SecretMetadata:
    """The metadata of an answer that is to be the one object of the API that the call is for."""
    found = _metadata_of(call, answer)
    if not call.is_about(found.namespace, found.name):
        raise UnexpectedAnswerError(f"{call}: the answer is about another object. Check the proxy.")
    return found


def check_deleted(call: Call, answer: Mapping[str, Any]) -> None:
    """Check that an answer says that an object is deleted, or waits for its finalizers: a success, or the object."""
    if answer.get("kind") != "Status":
        checked_object(call, answer)
    elif answer.get("status") != "Success":
        raise UnexpectedAnswerError(f"{call}: the answer does not say that it is deleted. Check the proxy.")


def checked_data(call: Call, answer: dict[str, Any], *fields: str) -> dict[str, Any]:
    """A Secret or ConfigMap, of which each of some fields maps strings to strings or is left out.

    Raises:
        UnexpectedAnswerError: It is none, or holds something else.
    """
    checked_object(call, answer)
    for field in fields:
        found = answer.get(field)
        if found is not None and not (
            isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
        ):
            raise UnexpectedAnswerError(
                f"{call}: the answer is not a Kubernetes object: its '{field}' holds something else than strings."
            )
    return answer


def checked_page(call: Call, answer: Mapping[str, Any]) -> tuple[list[SecretMetadata], str]:
    """A page of a list, and the token with which the next one is asked for; empty after the last."""
    items, metadata = answer.get("items", ...), answer.get("metadata")
    token = metadata.get("continue") if isinstance(metadata, dict) else ...
    if not (items is None or isinstance(items, list)) or not (token is None or isinstance(token, str)):
        raise UnexpectedAnswerError(f"{call}: the answer is not a list of Kubernetes objects.")
    return [_metadata_of(call, item) for item in items or ()], token or ""


def _metadata_of(call: Call, answer: Mapping[str, Any]) -> SecretMetadata:
    try:
        return parse_secret_metadata(answer)
    except _MALFORMED:
        raise UnexpectedAnswerError(f"{call}: the answer is not a Kubernetes object.") from None


def _refuse(constant: str) -> None:
    """NaN and Infinity are not JSON, although Python reads them."""
    raise ValueError(constant)
