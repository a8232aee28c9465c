"""The two requests that create nothing: TokenRequest and SelfSubjectAccessReview."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from . import kinds
from .access import Attributes
from .bodies import parsed
from .managed_fields import FieldSet, Manager, Owned, encode, name_from
from .status import bad_request, conflict, invalid, invalid_value
from .tokens import service_account_claims
from .wire import Response, json_response, write_options

if TYPE_CHECKING:
    from .access import Access
    from .schema import Path
    from .store import Store
    from .tokens import TokenIssuer
    from .wire import Request

_MIN_SECONDS: Final = 600
_MAX_SECONDS: Final = 1 << 32
_DEFAULT_SECONDS: Final = 3600
_REQUEST_KIND: Final = "TokenRequest.authentication.k8s.io"


class Reviews:
    """Mints ServiceAccount tokens and answers what a user may do.

    Args:
        store: Knows the ServiceAccounts.
        issuer: Signs.
        access: Knows the rules.
    """

    def __init__(self, store: Store, issuer: TokenIssuer, access: Access) -> None:
        self._store = store
        self._issuer = issuer
        self._access = access

    def token(self, request: Request, namespace: str, name: str) -> Response:
        """POST of `serviceaccounts/NAME/token`.

        Raises:
            StatusError: 400, 404 (with `details.kind` of what is missing), 409, 422.
        """
        options = write_options(request, "CreateOptions")
        sent = parsed(request, "TokenRequest")
        self._store.get(kinds.NAMESPACE, "", namespace)
        _about(sent, "name", name)
        _about(sent, "namespace", namespace)
        account = self._store.get(kinds.SERVICE_ACCOUNT, namespace, name)
        uid = account.metadata["uid"]
        spec = _spec(sent, self._issuer.issuer)
        issued = int(self._access.now())
        claims = service_account_claims(
            self._issuer.issuer,
            namespace,
            {"name": name, "uid": uid},
            spec["audiences"],
            issued,
            spec["expirationSeconds"],
        )
        if spec["boundObjectRef"]:
            claims["kubernetes.io"]["secret"] = self._bound_secret(namespace, spec["boundObjectRef"])
        created = self._store.timestamp()
        who = name_from(options.manager, request.headers.get("user-agent", ""))
        owner = Manager("Update", who, "authentication.k8s.io/v1", "token")
        answer = {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": uid,
                "creationTimestamp": created,
                "managedFields": encode({owner: Owned(_owned(sent.get("spec") or {}), created)}),
            },
            "spec": spec,
            "status": {"token": self._issuer.sign(claims), "expirationTimestamp": _time(claims["exp"])},
        }
        return json_response(201, answer)

    def _bound_secret(self, namespace: str, bound: dict[str, Any]) -> dict[str, str]:
        if (bound.get("apiVersion"), bound.get("kind")) != ("v1", "Secret"):
            kind = f"{bound.get('apiVersion', '')}, Kind={bound.get('kind', '')}"
            raise bad_request(f"cannot bind token to object of type /{kind}")
        found = self._store.get(kinds.SECRET, namespace, bound.get("name", ""))
        if bound.get("uid", found.metadata["uid"]) != found.metadata["uid"]:
            why = (
                f"the UID in the bound object reference ({bound['uid']}) does not match the UID in record. "
                "The object might have been deleted and then recreated"
            )
            raise conflict(kinds.SECRET, found.metadata["name"], why, shown_kind="Secret")
        return {"name": found.metadata["name"], "uid": found.metadata["uid"]}

    def access_review(self, request: Request) -> Response:
        """POST of a SelfSubjectAccessReview."""
        spec = dict(parsed(request, "SelfSubjectAccessReview").get("spec") or {})
        asked = spec.get("resourceAttributes") or {}
        other = spec.get("nonResourceAttributes") or {}
        resource = asked.get("resource", "")
        if asked.get("subresource"):
            resource = f"{resource}/{asked['subresource']}"
        attributes = Attributes(
            verb=asked.get("verb") or other.get("verb", ""),
            resource=resource,
            namespace=asked.get("namespace", ""),
            name=asked.get("name", ""),
            group=asked.get("group", ""),
            path=other.get("path", ""),
        )
        allowed = self._access.allowed(request.user, attributes)
        answer = {
            "kind": "SelfSubjectAccessReview",
            "apiVersion": "authorization.k8s.io/v1",
            "metadata": {},
            "spec": spec,
            "status": {"allowed": allowed},
        }
        return json_response(201, answer)


def _about(sent: dict[str, Any], part: str, expected: str) -> None:
    found = (sent.get("metadata") or {}).get(part, expected)
    if found != expected:
        error = invalid_value(f"metadata.{part}", found, f"must match the service account {part} if specified")
        raise invalid(_REQUEST_KIND, expected, [error])


def _spec(sent: dict[str, Any], issuer: str) -> dict[str, Any]:
    """The request's `spec` with what it leaves open filled in."""
    spec = sent.get("spec") or {}
    seconds = spec.get("expirationSeconds")
    seconds = _DEFAULT_SECONDS if seconds is None else seconds
    if not isinstance(seconds, int):
        raise bad_request("TokenRequest: spec.expirationSeconds is not a number")
    _check_seconds(seconds)
    audiences = list(spec.get("audiences") or [issuer])
    return {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": spec.get("boundObjectRef")}


def _check_seconds(seconds: int) -> None:
    text = ""
    if seconds < _MIN_SECONDS:
        text = "may not specify a duration less than 10 minutes"
    if seconds > _MAX_SECONDS:
        text = "may not specify a duration larger than 2^32 seconds"
    if text:
        raise invalid(_REQUEST_KIND, "", [invalid_value("spec.expirationSeconds", seconds, text)])


def _owned(spec: dict[str, Any]) -> FieldSet:
    found: set[Path] = {("f:spec", "f:expirationSeconds")}
    if spec.get("audiences"):
        found.add(("f:spec", "f:audiences"))
    found |= {("f:spec", "f:boundObjectRef", f"f:{part}") for part in spec.get("boundObjectRef") or {}}
    return frozenset(found)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
