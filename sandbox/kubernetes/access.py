"""Who is asking, and whether they may: tokens, client certificates, and a list of rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from . import kinds
from .status import StatusError, quoted, unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .store import Store
    from .tokens import Claims, TokenIssuer

ADMINS: Final = "system:masters"
AUTHENTICATED: Final = "system:authenticated"
SERVICE_ACCOUNTS: Final = "system:serviceaccounts"
# What the real server's own roles let everybody, and everybody with a credential, read.
_PUBLIC_PATHS: Final = ("/healthz", "/livez", "/readyz", "/version")
_DISCOVERY_PATHS: Final = ("/api", "/apis", "/openapi")
_ISSUER_PATHS: Final = ("/.well-known/openid-configuration", "/openid/v1/jwks")


@dataclass(frozen=True)
class User:
    """A user, by the name and groups that rules refer to."""

    name: str
    groups: frozenset[str] = frozenset()
    uid: str = ""


ANONYMOUS: Final = User("system:anonymous", frozenset({"system:unauthenticated"}))
EXPIRED: Final = User("")
"""Stands for the user of a client certificate that has expired."""


@dataclass(frozen=True)
class Rule:
    """What somebody may do, in the terms of a Role and its binding. `*` means all.

    Attributes:
        subject: A user's name, or a group's.
        verbs: Such as `get`, `list`, `create`, `update`, `patch`, `delete`.
        resources: Plural names; a subresource as `serviceaccounts/token`.
        namespace: Where it holds; `*` also covers cluster-wide lists and namespaces themselves.
        names: Only these objects; empty means all. Never matches a list or a POST, whose URL has no name.
    """

    subject: str
    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    namespace: str = "*"
    names: tuple[str, ...] = ()

    def allows(self, user: User, asked: Attributes) -> bool:
        """Whether this rule lets the user do it."""
        return (
            (self.subject == user.name or self.subject in user.groups)
            and _matches(self.verbs, asked.verb)
            and _matches(self.resources, asked.resource)
            and self.namespace in {"*", asked.namespace}
            and (not self.names or asked.name in self.names)
        )


def rules_of(subject: str, role: Mapping[str, Any], namespace: str) -> list[Rule]:
    """What a RoleBinding of a ClusterRole lets somebody do in a namespace."""
    return [
        Rule(subject, tuple(rule["verbs"]), tuple(rule["resources"]), namespace, tuple(rule.get("resourceNames", ())))
        for rule in role["rules"]
        if "" in rule["apiGroups"]
    ]


@dataclass(frozen=True)
class Attributes:
    """What a request wants: `resource` includes the subresource; `path` is set instead for other URLs."""

    verb: str
    resource: str = ""
    namespace: str = ""
    name: str = ""
    group: str = ""
    path: str = ""


def _matches(allowed: Iterable[str], asked: str) -> bool:
    return "*" in allowed or asked in allowed


@dataclass
class Access:
    """The authenticators and the authorizer of one server.

    Attributes:
        tokens: Users by bearer token.
        rules: What users outside `system:masters` may do; may be changed while the server runs.
        issuer: Proves ServiceAccount tokens.
        store: Knows which ServiceAccounts and bound Secrets still exist.
        now: Seconds since 1970.
    """

    tokens: Mapping[str, User]
    issuer: TokenIssuer
    store: Store
    now: Callable[[], float]
    rules: list[Rule] = field(default_factory=list)

    def user(self, authorization: str, certified: User | None) -> User:
        """Who sent a request.

        Args:
            authorization: The header, or empty.
            certified: The user of a client certificate that the TLS layer checked.

        Raises:
            StatusError: 401 when there is a token and it is nobody's, or only a certificate that has expired.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            if certified == EXPIRED:
                raise unauthorized()
            return _authenticated(certified) if certified else ANONYMOUS
        known = self.tokens.get(token.strip())
        if known is not None:
            return _authenticated(known)
        claims = self.issuer.verified(token.strip(), self.now())
        user = self._service_account(claims) if claims and self.issuer.issuer in claims["aud"] else None
        if user is None:
            raise unauthorized()
        return _authenticated(user)

    def _service_account(self, claims: Claims) -> User | None:
        """The token's user, unless its ServiceAccount or the Secret that it is bound to was deleted or recreated."""
        about = claims["kubernetes.io"]
        namespace = about["namespace"]
        bound = [(kinds.SERVICE_ACCOUNT, about["serviceaccount"])]
        if "secret" in about:
            bound.append((kinds.SECRET, about["secret"]))
        for kind, reference in bound:
            found = self.store.find(kind, namespace, reference["name"])
            if found is None or found.metadata["uid"] != reference["uid"]:
                return None
        groups = frozenset({SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}"})
        return User(claims["sub"], groups, about["serviceaccount"]["uid"])

    def allowed(self, user: User, asked: Attributes) -> bool:
        """Whether the user may do it."""
        if ADMINS in user.groups:
            return True
        if asked.path:
            return asked.verb == "get" and _readable(user, asked.path)
        if asked.resource == "selfsubjectaccessreviews":
            return AUTHENTICATED in user.groups
        return any(rule.allows(user, asked) for rule in list(self.rules))

    def authorize(self, user: User, asked: Attributes) -> None:
        """Let pass what is allowed.

        Raises:
            StatusError: 403 in the real server's words.
        """
        if not self.allowed(user, asked):
            raise _forbidden(user, asked)


def _authenticated(user: User) -> User:
    return User(user.name, user.groups | {AUTHENTICATED}, user.uid)


def _readable(user: User, path: str) -> bool:
    if _under(path, _PUBLIC_PATHS):
        return True
    if _under(path, _DISCOVERY_PATHS):
        return AUTHENTICATED in user.groups
    return path in _ISSUER_PATHS and SERVICE_ACCOUNTS in user.groups


def _under(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)


def _forbidden(user: User, asked: Attributes) -> StatusError:
    if asked.path:
        text = f"User {quoted(user.name)} cannot {asked.verb} path {quoted(asked.path)}"
        return StatusError(403, "Forbidden", f"forbidden: {text}", details={})
    plural = asked.resource.partition("/")[0]
    resource = f"{plural}.{asked.group}" if asked.group else plural
    where = f"in the namespace {quoted(asked.namespace)}" if asked.namespace else "at the cluster scope"
    subject = f"{resource} {quoted(asked.name)}" if asked.name else resource
    message = (
        f"{subject} is forbidden: User {quoted(user.name)} cannot {asked.verb} resource {quoted(asked.resource)} "
        f"in API group {quoted(asked.group)} {where}"
    )
    pairs = {"name": asked.name, "group": asked.group, "kind": plural}
    return StatusError(403, "Forbidden", message, details={key: value for key, value in pairs.items() if value})
