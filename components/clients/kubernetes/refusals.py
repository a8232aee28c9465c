"""From an API server's refusal to the error that a person needs, without ever quoting a value.

A `Status` may repeat parts of the request. So these texts are our own words around what cannot be secret: names of
fields, users, namespaces and field managers.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from ...core.errors import ParameterStoreError
from .errors import (
    Cause,
    ConflictError,
    FieldConflictError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UidMismatchError,
    UnauthorizedError,
    UnexpectedAnswerError,
)
from .status import Status, parse_status


@dataclass(frozen=True)
class Call:
    """What was being done, for the first half of every text.

    Attributes:
        action: The verb in plain words, such as `apply`.
        target: What it was done to, such as `Secret team-a/db`.
        cluster: The connection's label.
    """

    action: str
    target: str
    cluster: str

    def __str__(self) -> str:
        return f"Cannot {self.action} {self.target} in {self.cluster}"


_REASONS = {
    "FieldValueRequired": "is required and missing",
    "FieldValueForbidden": "may not be set or changed",
    "FieldValueTooLong": "is too long",
    "FieldValueInvalid": "is not valid",
    "FieldValueDuplicate": "is a duplicate",
    "FieldValueNotSupported": "has a value that is not supported",
}
_ADVICE = (
    ("data[.docker", "It must be a JSON document."),
    ("data[", "A key has at most 253 of the characters [-._a-zA-Z0-9] and does not start with '..'."),
    (
        "metadata.labels",
        "A label has at most 63 of the characters [-._a-zA-Z0-9] and starts and ends with a letter or digit.",
    ),
    ("type", "A Secret's type is fixed when it is created: delete it, or use another name."),
    ("immutable", "The Secret is immutable: delete it, or use another name."),
    ("data", "The Secret is immutable: delete it, or use another name."),
)

_RBAC = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)"'
    r'(?: in API group "[^"]*")?(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_OWNER = re.compile(r'conflict with ("(?:[^"\\]|\\.)*")')


def explain(call: Call, code: int, body: bytes) -> ParameterStoreError:
    """The error for an answer that is neither a success nor worth another attempt."""
    status = parse_status(code, body)
    if code == HTTPStatus.UNAUTHORIZED:
        return UnauthorizedError(
            f"{call}: the server does not accept the credentials. Renew them (log in again, or fetch a new kubeconfig)."
        )
    if code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLargeError(f"{call}: the request is larger than the server takes (3 MiB).", status=code)
    if status is None:
        return UnexpectedAnswerError(
            f"{call}: what answered (HTTP {code}) is not a Kubernetes API. Check the server URL and the proxy."
        )
    return _EXPLANATIONS.get(code, _refused)(call, status)


def _forbidden(call: Call, status: Status) -> RefusedError:
    if any(cause.reason == "NamespaceTerminating" for cause in status.causes):
        return NamespaceTerminatingError(
            f"{call}: the namespace is being deleted and takes no new Secrets. Once it is gone, create it again.",
            status=status.code,
        )
    rule = _RBAC.search(status.message)
    if rule is None:
        return ForbiddenError(f"{call}: {status.explanation}.", status=status.code)
    user, verb, resource, namespace = (rule[name] or "" for name in ("user", "verb", "resource", "namespace"))
    if user == "system:anonymous":
        advice = "The kubeconfig's user has no credentials that the server knows."
    else:
        advice = f"Bind a Role with the verb '{verb}' on '{resource}' there to this user" + (
            "; applying a new Secret needs 'create' and 'patch'."
            if resource == "secrets" and verb in {"create", "patch"}
            else "."
        )
    where = f" in the namespace '{namespace}'" if namespace else ""
    return ForbiddenError(
        f"{call}: user '{user}' may not {verb} {resource}{where}. {advice}",
        status=status.code,
        user=user,
        verb=verb,
        resource=resource,
        namespace=namespace,
    )


def _not_found(call: Call, status: Status) -> RefusedError:
    if status.kind == "namespaces":
        text = f"{call}: there is no namespace '{status.name}'. Create it first."
    elif status.kind:
        text = f"{call}: it does not exist."
    else:
        text = f"{call}: the server does not know this path. Check the server URL in the kubeconfig."
    return NotFoundError(text, status=status.code, kind=status.kind, name=status.name)


def _conflict(call: Call, status: Status) -> RefusedError:
    conflicts = [cause for cause in status.causes if cause.reason == "FieldManagerConflict"]
    if conflicts:
        causes = [Cause(cause.field, _owner(cause.message)) for cause in conflicts]
        owned = ", ".join(f"{cause.field} (owned by '{cause.reason}')" for cause in causes)
        return FieldConflictError(
            f"{call}: others own fields that it sets: {owned}. "
            "Leave them to their owner, or force the apply to take them over.",
            status=status.code,
            causes=causes,
        )
    if "uid mismatch" in status.message or "UID in the precondition" in status.message:
        return _another_object(call, status)
    return ConflictError(
        f"{call}: it was changed or created by somebody else meanwhile. Try again.", status=status.code
    )


def _another_object(call: Call, status: Status) -> UidMismatchError:
    return UidMismatchError(
        f"{call}: the Secret that was meant is gone; another one may have its name now. Refresh and try again.",
        status=status.code,
    )


def _owner(message: str) -> str:
    match = _OWNER.search(message)
    try:
        return str(json.loads(match[1])) if match else "another manager"
    except ValueError:  # quoted by Go's rules, which differ from JSON's for odd characters
        return match[1] if match else ""


def _invalid(call: Call, status: Status) -> RefusedError:
    causes = [Cause(cause.field, cause.reason, _REASONS.get(cause.reason, "is refused")) for cause in status.causes]
    fields = {cause.field: cause.reason for cause in causes}
    if "metadata.uid" in fields:
        return _another_object(call, status)
    if fields.get("data") == "FieldValueTooLong":
        return TooLargeError(f"{call}: its values are larger than 1 MiB together.", status=status.code, causes=causes)
    if fields.get("metadata.annotations") == "FieldValueTooLong":
        text = f"{call}: its annotations are larger than 256 KiB together."
        return TooLargeError(text, status=status.code, causes=causes)
    problems = "; ".join(f"{cause.field or 'the Secret'} {cause.text}" for cause in causes) or status.explanation
    advice = "".join(f" {text}" for text in dict.fromkeys(_advice(cause) for cause in causes) if text)
    return InvalidError(f"{call}: {problems}.{advice}", status=status.code, causes=causes)


def _advice(cause: Cause) -> str:
    if cause.reason == "FieldValueRequired":
        return ""
    return next((advice for start, advice in _ADVICE if cause.field.startswith(start)), "")


def _refused(call: Call, status: Status) -> RefusedError:
    return RefusedError(f"{call}: {status.explanation} (HTTP {status.code}).", status=status.code)


def _fault_of_the_request(call: Call, status: Status) -> RefusedError:
    return InvalidError(f"{call}: {status.explanation} (HTTP {status.code}).", status=status.code)


_EXPLANATIONS: Mapping[int, Callable[[Call, Status], RefusedError]] = {
    400: _fault_of_the_request,
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    422: _invalid,
    500: _fault_of_the_request,
}
