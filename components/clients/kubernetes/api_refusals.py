"""From an API server's refusal to the error that a person needs, without ever quoting a value.

A `Status` may repeat parts of the request, and a webhook words all of it. So these texts are our own words around what
cannot be a value: names that stand in the request, words that the API itself prescribes, and other names only where
sent.py finds that they are no values.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ...display import UNNAMED_MANAGER
from ...errors import ParameterStoreError
from . import cluster_errors as errors
from .sent import NOTHING, Sent
from .status_answer import Status, StatusCause, parse_status


@dataclass(frozen=True)
class Call:
    """What was being done, for the first half of every text: `apply`, `Secret team-a/db`, the connection's label."""

    action: str
    target: str
    cluster: str

    def __str__(self) -> str:
        return f"Cannot {self.action} {self.target} in {self.cluster}"

    def names(self, word: str) -> bool:
        """Whether a word is one of those that the call is about, such as its namespace."""
        return word in re.split(r"[ /]", self.target)

    def is_about(self, namespace: str, name: str) -> bool:
        """Whether an object is the one that the call is for; an answer may leave its namespace out."""
        asked_namespace, _, asked_name = self.target.rpartition(" ")[2].rpartition("/")
        return name == asked_name and namespace in ("", asked_namespace)


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

# The whole sentence of RBAC from its start: a webhook, whose words come after its name, can write the same further on.
_RBAC = re.compile(
    r'[a-z]+(?:/[a-z]+)?(?: "[^"]*")? is forbidden: User "(?P<user>[^"]*)" cannot (?P<verb>\w+) '
    r'resource "(?P<resource>[^"]*)"(?: in API group "[^"]*")?(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_VERBS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate"})
_RESOURCES = frozenset({"secrets", "serviceaccounts", "serviceaccounts/token", "configmaps", "namespaces"})
_LONGEST_USER = 256
_CAMEL_CASE = re.compile(r"(?:[A-Z][a-z]+){1,6}")
_UNNAMED_FIELD = "a field whose name is not shown, because it can hold a value,"
_OWNER = re.compile(r'conflict with ("(?:[^"\\]|\\.)*")')


def explain(call: Call, code: int, body: bytes, request: bytes | None = None) -> ParameterStoreError:
    """The error for an answer to a request that is neither a success nor worth another attempt."""
    status = parse_status(code, body, Sent.of(request) if request else NOTHING)
    if code == HTTPStatus.UNAUTHORIZED:
        return errors.UnauthorizedError(
            f"{call}: the server does not accept the credentials. Renew them (log in again, or fetch a new kubeconfig)."
        )
    if code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return errors.TooLargeError(f"{call}: the request is larger than the server takes (3 MiB).", status=code)
    if status is None:
        return errors.UnexpectedAnswerError(
            f"{call}: what answered (HTTP {code}) is not a Kubernetes API. Check the server URL and the proxy."
        )
    error = _EXPLANATIONS.get(code, _refused)(call, status)
    if isinstance(error, errors.RefusedError):
        error.by_admission = status.is_by_admission
    return error


def _forbidden(call: Call, status: Status) -> errors.RefusedError:
    if any(cause.reason == "NamespaceTerminating" for cause in status.causes):
        return errors.NamespaceTerminatingError(
            f"{call}: the namespace is being deleted and takes no new Secrets. Once it is gone, create it again.",
            status=status.code,
        )
    rule = _RBAC.match(status.message)
    if rule is None or rule["verb"] not in _VERBS or rule["resource"] not in _RESOURCES:
        return errors.ForbiddenError(f"{call}: {status.explanation}.", status=status.code)
    user, verb, resource, namespace = (rule[name] or "" for name in ("user", "verb", "resource", "namespace"))
    if len(user) > _LONGEST_USER or status.sent.holds(user):
        user = "(not shown)"
    if not call.names(namespace):
        namespace = ""
    if user == "system:anonymous":
        advice = "The kubeconfig's user has no credentials that the server knows."
    else:
        advice = f"Bind a Role with the verb '{verb}' on '{resource}' there to this user" + (
            "; applying a new Secret needs 'create' and 'patch'."
            if resource == "secrets" and verb in {"create", "patch"}
            else "."
        )
    where = f" in the namespace '{namespace}'" if namespace else ""
    return errors.ForbiddenError(
        f"{call}: user '{user}' may not {verb} {resource}{where}. {advice}",
        status=status.code,
        user=user,
        verb=verb,
        resource=resource,
        namespace=namespace,
    )


_DEPENDS = "If this program creates it, put it into `depends_on` of the ExternalSecret, or of its store."
_NO_ACCOUNT = " Create it, correct its name, or give oidc_provider, which has the store create it."


def _not_found(call: Call, status: Status) -> ParameterStoreError:
    name = status.name if call.names(status.name) else ""
    if status.name and not name:  # that another object does not exist says nothing of this one
        return errors.UnexpectedAnswerError(f"{call}: the answer is about another object. Check the proxy.")
    kind = status.kind if status.kind in _RESOURCES else ""
    if status.kind == "namespaces":
        missing = f"namespace '{name}'" if name else "such namespace"
        text = f"{call}: there is no {missing}. Create it first. {_DEPENDS}"
    elif status.kind:
        text = f"{call}: it does not exist.{_NO_ACCOUNT if status.kind == 'serviceaccounts' else ''}"
    else:
        text = f"{call}: the server does not know this path. Check the server URL in the kubeconfig."
    return errors.NotFoundError(text, status=status.code, kind=kind, name=name)


def _conflict(call: Call, status: Status) -> errors.RefusedError:
    conflicts = [cause for cause in status.causes if cause.reason == "FieldManagerConflict"]
    if conflicts:
        causes = [
            errors.Cause(_field(each, status) or _UNNAMED_FIELD, _owner(each.message, status.sent))
            for each in conflicts
        ]
        owners = [f"'{cause.reason}'" if cause.reason else UNNAMED_MANAGER for cause in causes]
        owned = ", ".join(f"{cause.field} (owned by {owner})" for cause, owner in zip(causes, owners, strict=True))
        return errors.FieldConflictError(
            f"{call}: others own fields that it sets: {owned}. "
            "Leave them to their owner, or force the apply to take them over.",
            status=status.code,
            causes=causes,
        )
    if "uid mismatch" in status.message or "UID in the precondition" in status.message:
        return _another_object(call, status)
    return errors.ConflictError(
        f"{call}: it was changed or created by somebody else meanwhile. Try again.", status=status.code
    )


def _another_object(call: Call, status: Status) -> errors.UidMismatchError:
    return errors.UidMismatchError(
        f"{call}: the Secret that was meant is gone; another one may have its name now. Refresh and try again.",
        status=status.code,
    )


def _owner(message: str, sent: Sent) -> str:
    """The field manager that a conflict names; empty where the name could be a value."""
    match = _OWNER.match(message)
    if match is None:
        return "another manager"
    try:
        name = str(json.loads(match[1]))
    except ValueError:  # quoted by Go's rules, which differ from JSON's for odd characters
        name = match[1]
    return sent.shown_manager(name)


def _field(cause: StatusCause, status: Status) -> str:
    return status.sent.shown_field(cause.field) if cause.field else ""


def _reason(cause: StatusCause, status: Status) -> str:
    known = cause.reason in _REASONS or (_CAMEL_CASE.fullmatch(cause.reason) and not status.sent.holds(cause.reason))
    return cause.reason if known else ""


def _invalid(call: Call, status: Status) -> errors.RefusedError:
    causes = [
        errors.Cause(
            _field(cause, status) or (_UNNAMED_FIELD if cause.field else ""),
            _reason(cause, status),
            _REASONS.get(cause.reason, "is refused"),
        )
        for cause in status.causes
    ]
    fields = {cause.field: cause.reason for cause in causes}
    told: dict[str, Any] = {"status": status.code, "causes": causes}
    if "metadata.uid" in fields:
        return _another_object(call, status)
    if fields.get("data") == "FieldValueTooLong":
        return errors.TooLargeError(f"{call}: its values are larger than 1 MiB together.", **told)
    if fields.get("metadata.annotations") == "FieldValueTooLong":
        return errors.TooLargeError(f"{call}: its annotations are larger than 256 KiB together.", **told)
    problems = "; ".join(f"{cause.field or 'the Secret'} {cause.text}" for cause in causes) or status.explanation
    advice = "".join(f" {text}" for text in dict.fromkeys(_advice(cause) for cause in causes) if text)
    return errors.InvalidError(f"{call}: {problems}.{advice}", **told)


def _advice(cause: errors.Cause) -> str:
    if cause.reason == "FieldValueRequired":
        return ""
    return next((advice for start, advice in _ADVICE if cause.field.startswith(start)), "")


def _refused(call: Call, status: Status) -> errors.RefusedError:
    of_the_request = status.code in (HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
    kind = errors.InvalidError if of_the_request else errors.RefusedError
    return kind(f"{call}: {status.explanation} (HTTP {status.code}).", status=status.code)


_EXPLANATIONS: Mapping[int, Callable[[Call, Status], ParameterStoreError]] = {
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    422: _invalid,
}
