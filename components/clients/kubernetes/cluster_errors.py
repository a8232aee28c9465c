"""What can go wrong with the cluster, as types, so that callers decide by class and never by reading a text.

Two families: a `ClusterError` means that no answer came or that the server does not know us; a `RefusedError` (a
`WriteError`) means that the server understood the call and said no. Every text is safe to show: nothing that a server
may have quoted from a Secret's values gets into one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import ClusterError, WriteError


@dataclass(frozen=True)
class Cause:
    """One field that the server complained about.

    Attributes:
        field: The field as the server writes it, such as `data[tls.crt]` or `.data.password`.
        reason: The server's reason (`FieldValueRequired`); for a field conflict, the manager that owns the field.
        text: What may be shown about it; empty where the server's words may quote a value.
    """

    field: str
    reason: str
    text: str = ""


class KubeconfigError(ClusterError):
    """No usable kubeconfig was found, or it says something that this client does not support."""


class CredentialsError(ClusterError):
    """The credentials could not be obtained: the exec plugin failed, a token or key file is unreadable."""


class UnauthorizedError(ClusterError):
    """The server does not accept our credentials (401), not even fresh ones."""


class UnavailableError(ClusterError):
    """No useful answer in the time allowed: unreachable, overloaded, or answering 5xx.

    Attributes:
        attempts: How often the call was tried; 0 when the server was found down a moment ago and not asked again.
        last_status: HTTP status of the last answer, None when there was none.
    """

    def __init__(self, text: str, *, attempts: int, last_status: int | None) -> None:
        super().__init__(text)
        self.attempts = attempts
        self.last_status = last_status


class UnexpectedAnswerError(ClusterError):
    """Something answered, but not as a Kubernetes API does: a login page, a wrong path, a broken proxy."""


class OversizedAnswerError(UnexpectedAnswerError):
    """An answer larger than the API server can send to such a call; no more of it is read."""


class RefusedError(WriteError):
    """The API server refused the call; status 0 means that it was refused before it was sent.

    With `by_admission` a webhook or policy did, after all that the API server itself demands was in order.
    """

    def __init__(self, text: str, *, status: int, causes: Sequence[Cause] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.causes = tuple(causes)
        self.by_admission = False


class NotFoundError(RefusedError):
    """What the call needs is missing; `kind` is its plural resource name, such as `namespaces`."""

    def __init__(self, text: str, *, status: int, kind: str, name: str) -> None:
        super().__init__(text, status=status)
        self.kind = kind
        self.name = name


class ForbiddenError(RefusedError):
    """RBAC, an admission webhook or a quota says no; the user and the missing right are empty where it is not said."""

    def __init__(  # one argument per fact that the server states
        self, text: str, *, status: int, user: str = "", verb: str = "", resource: str = "", namespace: str = ""
    ) -> None:
        super().__init__(text, status=status)
        self.user = user
        self.verb = verb
        self.resource = resource
        self.namespace = namespace


class NamespaceTerminatingError(ForbiddenError):
    """The namespace is being deleted and takes no new Secrets; trying again in this run is pointless."""


class FieldConflictError(RefusedError):
    """Another field manager owns fields that this apply wants to set. Never retried, never forced unasked.

    In `causes`, `field` is the field (`.data.password`) and `reason` its owner.
    """

    @property
    def conflicts(self) -> tuple[tuple[str, str], ...]:
        """Pairs of (field, manager), such as `(".data.password", "kubectl-edit")`."""
        return tuple((cause.field, cause.reason) for cause in self.causes)


class ConflictError(RefusedError):
    """The object changed since it was read, or exists already: read it again and decide again."""


class UidMismatchError(ConflictError):
    """The object with this name is not the one that was meant: it was deleted and perhaps created again."""


class InvalidError(RefusedError):
    """The Secret breaks a rule of the API: a key, a name, a label, an immutable field."""


class TooLargeError(RefusedError):
    """The Secret's values exceed 1 MiB, its annotations 256 KiB, or the request 3 MiB."""
