"""The two requests that create nothing: TokenRequest and SelfSubjectAccessReview."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from . import kinds
from .access import Attributes
from .decoding import DecodeError, parse_yaml
from .managed_fields import Manager, Owned, encode, name_from
from .status import bad_request, conflict, invalid, invalid_value
from .tokens import service_account_claims
from .wire import Response, json_response, write_options

if TYPE_CHECKING:
    from .access import Access
    from .store import Store
    from .tokens import TokenIssuer
    from .wire import Request

_MIN_SECONDS: Final = 600
_MAX_SECONDS: Final = 1 << 32
_DEFAULT_SECONDS: Final = 3600


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
        sent = _body(request)
        spec = dict(sent.get("spec") or {})
        self._store.get(kinds.NAMESPACE, "", namespace)
        account = self._store.get(kinds.SERVICE_ACCOUNT, namespace, name)
        seconds = spec.get("expirationSeconds")
        seconds = _DEFAULT_SECONDS if seconds is None else seconds
        if not isinstance(seconds, int):
            raise bad_request("TokenRequest: spec.expirationSeconds is not a number")
        _check_seconds(seconds)
        audiences = list(spec.get("audiences") or [self._issuer.issuer])
        issued = int(self._access.now())
        reference = {"name": name, "uid": account.metadata["uid"]}
        claims = service_account_claims(self._issuer.issuer, namespace, reference, audiences, issued, seconds)
        bound = spec.get("boundObjectRef")
        if bound:
            claims["kubernetes.io"]["secret"] = self._bound_secret(namespace, bound)
        created = self._store.timestamp()
        manager = Manager(
            "Update", name_from(options.manager, request.headers.get("user-agent", "")), subresource="token"
        )
        manager = Manager("Update", manager.name, "authentication.k8s.io/v1", "token")
        fields = frozenset(
            {("f:spec", f"f:{part}") for part in ("expirationSeconds",) if part in (sent.get("spec") or {})}
        )
        metadata = {
            "name": name,
            "namespace": namespace,
            "uid": account.metadata["uid"],
            "creationTimestamp": created,
        }
        if fields:
            metadata["managedFields"] = encode({manager: Owned(fields, created)})
        expires = datetime.fromtimestamp(issued + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": metadata,
            "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": bound},
            "status": {"token": self._issuer.sign(claims), "expirationTimestamp": expires},
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
        spec = dict(_body(request).get("spec") or {})
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


def _check_seconds(seconds: int) -> None:
    text = ""
    if seconds < _MIN_SECONDS:
        text = "may not specify a duration less than 10 minutes"
    if seconds > _MAX_SECONDS:
        text = "may not specify a duration larger than 2^32 seconds"
    if text:
        error = invalid_value("spec.expirationSeconds", seconds, text)
        raise invalid("TokenRequest.authentication.k8s.io", "", [error])


def _body(request: Request) -> dict[str, Any]:
    try:
        sent = parse_yaml(request.body)
    except DecodeError as mistake:
        raise bad_request(str(mistake)) from None
    if not isinstance(sent, dict):
        raise bad_request("the object provided is unrecognized")
    return sent
