"""The calls that this project makes to Kubernetes: apply, read, look at and delete Secrets; made for threads."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ...core.kubernetes_secret import FIELD_MANAGER
from .connection import ClusterConnection
from .errors import NotFoundError, RefusedError, UnexpectedAnswerError
from .metadata import METADATA_ONLY, SecretMetadata, parse_secret_metadata
from .paths import object_path
from .refusals import Call
from .retry import Clock, RetryPolicy
from .transport import Request, Transport

_METADATA_LIST_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE = 500


class KubernetesClient:
    """Calls to one cluster. One client serves any number of threads.

    Attributes:
        label: What texts call the cluster.
        context: The context that leads to it; empty for a pod's own cluster.
        server: URL of the API server.
    """

    def __init__(
        self,
        connection: ClusterConnection,
        *,
        field_manager: str = FIELD_MANAGER,
        connect_timeout: float = 10.0,
        read_timeout: float = 10.0,
        policy: RetryPolicy | None = None,
        clock: Clock | None = None,
        pool_size: int = 8,
    ) -> None:
        """Nothing is sent yet.

        Args:
            connection: The cluster, from `load_cluster`.
            field_manager: Owner of the fields that `apply_secret` sets; at most 128 bytes.
            connect_timeout: Seconds to establish a connection.
            read_timeout: Seconds to wait for an answer.
            policy: Retries and their time budget.
            clock: Time.
            pool_size: Most connections open at once; more threads wait.
        """
        self.label, self.context, self.server = connection.label, connection.context, connection.server
        self._field_manager = field_manager
        self._transport = Transport(
            connection,
            policy=policy or RetryPolicy(),
            clock=clock or Clock(),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            pool_size=pool_size,
        )

    def apply_secret(
        self,
        namespace: str,
        name: str,
        body: Mapping[str, Any],
        *,
        force: bool,
        dry_run: bool = False,
        field_manager: str | None = None,
    ) -> SecretMetadata:
        """Create or update a Secret by server-side apply: `body` is everything that we want to own of it.

        What we owned before and `body` leaves out is removed. An unchanged apply changes nothing, not even the
        resource version. `metadata.uid` in `body` means this very object; `metadata.resourceVersion` guards updates
        only.

        Args:
            namespace: The namespace.
            name: The Secret's name.
            body: The Secret; `data` holds base64, `stringData` is not meant to be applied. Kind and name are filled in.
            force: Take fields over from other managers.
            dry_run: Answer as for a real apply, and store nothing.
            field_manager: Owner of the fields; default: the client's.

        Returns:
            The Secret's metadata after the apply.

        Raises:
            FieldConflictError: Another manager owns one of the fields, and `force` is False.
            UidMismatchError: `metadata.uid` is given and another object has the name, or none.
            ConflictError: `metadata.resourceVersion` is given and is not the current one.
            InvalidError: The Secret breaks a rule of the API.
            TooLargeError: It is too large.
            NotFoundError: The namespace does not exist.
            NamespaceTerminatingError: The namespace is being deleted.
            ForbiddenError: A right is missing.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        metadata = {**body.get("metadata", {}), "name": name, "namespace": namespace}
        secret = {"apiVersion": "v1", "kind": "Secret", **body, "metadata": metadata}
        query = {"fieldManager": field_manager or self._field_manager, "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        call = self._call("apply", namespace, name)
        request = Request(
            "PATCH",
            _path(call, namespace, name),
            query,
            accept=METADATA_ONLY,
            content_type="application/apply-patch+yaml",  # JSON is YAML
            body=json.dumps(secret).encode(),
        )
        return _metadata(call, self.send(request, call))

    def patch_secret(
        self, namespace: str, name: str, patch: Mapping[str, Any], *, resource_version: str
    ) -> SecretMetadata:
        """Change what is not ours to apply: a JSON merge patch, in which null removes a field whoever set it.

        Args:
            namespace: The namespace.
            name: The Secret's name.
            patch: What changes.
            resource_version: The version that the patch was made for; any other is refused.

        Raises:
            ConflictError: Somebody changed the Secret meanwhile.
            InvalidError: The Secret breaks a rule of the API.
            NotFoundError: It does not exist.
            ForbiddenError: A right is missing.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        call = self._call("patch", namespace, name)
        guarded = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": resource_version}}
        request = Request(
            "PATCH",
            _path(call, namespace, name),
            {"fieldManager": self._field_manager},
            accept=METADATA_ONLY,
            content_type="application/merge-patch+json",
            body=json.dumps(guarded).encode(),
        )
        return _metadata(call, self.send(request, call))

    def get_secret(self, namespace: str, name: str) -> dict[str, Any] | None:
        """Read a Secret with its values, as the API sends it (`data` in base64); None if it does not exist.

        Raises:
            ForbiddenError: A right is missing.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        call = self._call("read", namespace, name)
        return self._send_unless_missing(Request("GET", _path(call, namespace, name)), call)

    def get_secret_metadata(self, namespace: str, name: str) -> SecretMetadata | None:
        """Look at a Secret without reading its values; None if it does not exist.

        Raises:
            ForbiddenError: A right is missing.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        call = self._call("look at", namespace, name)
        answer = self._send_unless_missing(Request("GET", _path(call, namespace, name), accept=METADATA_ONLY), call)
        return None if answer is None else _metadata(call, answer)

    def list_secret_metadata(self, namespace: str, label_selector: str) -> list[SecretMetadata]:
        """Look at all Secrets of a namespace that have certain labels, without reading values.

        Args:
            namespace: The namespace; one that does not exist has no Secrets.
            label_selector: Such as `app.kubernetes.io/managed-by=pulumi-parameter-store`; empty for all.

        Raises:
            ForbiddenError: A right is missing.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        call = Call("list", f"the Secrets of namespace {namespace}", self.label)
        path = _path(call, namespace)
        try:
            return self._list(call, path, {"labelSelector": label_selector, "limit": str(_PAGE)})
        except RefusedError as error:
            if error.status != HTTPStatus.GONE:
                raise
            # The snapshot that the pages came from is too old by now: take all in one answer.
            return self._list(call, path, {"labelSelector": label_selector})

    def delete_secret(self, namespace: str, name: str, *, uid: str) -> bool:
        """Delete a Secret if it is the one that was meant.

        Args:
            namespace: The namespace.
            name: The Secret's name.
            uid: Its uid; a Secret that was created anew under this name is left alone.

        Returns:
            False if it was gone already (also when an earlier attempt of this call deleted it and the answer got lost).

        Raises:
            UidMismatchError: The Secret with this name is another one.
            ForbiddenError: A right is missing.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        call = self._call("delete", namespace, name)
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
        path = _path(call, namespace, name)
        body = json.dumps(options).encode()
        request = Request("DELETE", path, content_type="application/json", body=body)
        return self._send_unless_missing(request, call) is not None

    def send(self, request: Request, call: Call) -> dict[str, Any]:
        """Any other call whose answer is an object; lookups.py has them.

        Raises:
            RefusedError: The server says no.
            ClusterError: The cluster cannot be reached, or does not know us.
        """
        try:
            answer = json.loads(self._transport.send(request, call))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise UnexpectedAnswerError(
                f"{call}: what answered is not a Kubernetes API. Check the server URL and the proxy."
            ) from None
        return answer

    def close(self) -> None:
        """Close idle connections."""
        self._transport.close()

    def _call(self, action: str, namespace: str, name: str) -> Call:
        return Call(action, f"Secret {namespace}/{name}", self.label)

    def _list(self, call: Call, path: str, query: Mapping[str, str]) -> list[SecretMetadata]:
        found: list[SecretMetadata] = []
        token = ""
        while True:
            page = {**query, "continue": token} if token else query
            answer = self.send(Request("GET", path, page, accept=_METADATA_LIST_ONLY), call)
            found += [_metadata(call, item) for item in answer.get("items") or ()]
            token = (answer.get("metadata") or {}).get("continue") or ""
            if not token:
                return found

    def _send_unless_missing(self, request: Request, call: Call) -> dict[str, Any] | None:
        try:
            return self.send(request, call)
        except NotFoundError as error:
            if error.kind != "secrets":
                raise
            return None


def _path(call: Call, namespace: str, name: str | None = None) -> str:
    return object_path(call, "secrets", namespace, name)


def _metadata(call: Call, answer: Mapping[str, Any]) -> SecretMetadata:
    try:
        return parse_secret_metadata(answer)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise UnexpectedAnswerError(f"{call}: the answer is not a Kubernetes object.") from None
