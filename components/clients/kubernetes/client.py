"""The calls that this project makes to Kubernetes: apply, read, look at and delete Secrets; made for threads."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from ...core.secret.kubernetes_secret import FIELD_MANAGER
from .altered import altered_fields
from .answers import check_deleted, checked_data, checked_object, checked_page, decode_object
from .api_refusals import Call
from .backoff import Clock, RetryPolicy
from .cluster_errors import NotFoundError, OversizedAnswerError, RefusedError, UnexpectedAnswerError
from .connection import ClusterConnection
from .metadata import METADATA_ONLY, SecretMetadata
from .object_urls import object_path
from .transport import LARGEST_LIST, Request, Transport

_METADATA_LIST_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE = 500
_PAGES = 2_000
"""Most answers that make up a list: some may be empty, or have to be small, but not all of so many."""
_ITEMS = 250_000
"""Most Secrets in a list: beyond what etcd holds of them in one cluster."""
_LIST_BUDGET = 300.0
"""Seconds for all pages of a list together; one of 500 takes less than a second."""


class KubernetesClient:
    """Calls to one cluster. One client serves any number of threads.

    Every call raises ForbiddenError where a right is missing, and ClusterError where the cluster cannot be reached, or
    does not know us.

    Attributes:
        label: What texts call the cluster.
        context: The context that leads to it; empty for a pod's own cluster.
        server: URL of the API server.
        authority: A digest of the certificate authority that vouches for it; empty where the kubeconfig names none.
        route: The server's URL, and the proxy's if there is one: equal for two ways to name one cluster. The proxy's
            may hold a password.
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
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            connection: The cluster, from `load_cluster`.
            field_manager: Owner of the fields that `apply_secret` sets; at most 128 bytes.
            connect_timeout: Seconds to establish a connection.
            read_timeout: Seconds to wait for an answer to begin, and for each further part of it; `policy` limits the
                whole of it.
            policy: Retries and their time budget.
            clock: Time.
            pool_size: Most connections open at once; more threads wait.
            progress: Told what is waited for, about every five seconds.
        """
        self.label, self.context, self.server = connection.label, connection.context, connection.server
        self.authority = connection.authority
        self.route = connection.server, connection.proxy
        self._field_manager = field_manager
        self._transport = Transport(
            connection,
            policy=policy or RetryPolicy(),
            clock=clock or Clock(),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            pool_size=pool_size,
            progress=progress,
        )
        self._clock = clock or Clock()

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
            The Secret's metadata after the apply, with what the cluster did not keep as it was sent.

        Raises:
            FieldConflictError: Another manager owns one of the fields, and `force` is False.
            UidMismatchError: `metadata.uid` is given and another object has the name, or none.
            ConflictError: `metadata.resourceVersion` is given and is not the current one.
            InvalidError: The Secret breaks a rule of the API.
            TooLargeError: It is too large.
            NotFoundError: The namespace does not exist.
            NamespaceTerminatingError: The namespace is being deleted.
        """
        query = {"fieldManager": field_manager or self._field_manager, "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        call, secret = self._call("apply", namespace, name), _secret(namespace, name, body)
        path, kind = _path(call, namespace, name), "application/apply-patch+yaml"  # JSON is YAML
        accept = METADATA_ONLY if dry_run else "application/json"
        answer = self.send(Request("PATCH", path, query, accept, kind, json.dumps(secret).encode()), call)
        written = checked_object(call, answer)
        return written if dry_run else replace(written, altered=altered_fields(secret, answer, written))

    def try_create_secret(self, namespace: str, name: str, body: Mapping[str, Any], *, field_manager: str) -> None:
        """Ask by a dry run whether a Secret would be created, also where there is one of that name.

        Raises:
            ConflictError: there is one, and nothing else speaks against it.
            RefusedError: it would not, see `apply_secret`.
        """
        call = self._call("create", namespace, name)
        query = {"fieldManager": field_manager, "dryRun": "All"}
        sent = json.dumps(_secret(namespace, name, body)).encode()
        self.send(Request("POST", _path(call, namespace), query, METADATA_ONLY, "application/json", sent), call)

    def patch_secret(
        self, namespace: str, name: str, patch: Mapping[str, Any], *, resource_version: str
    ) -> SecretMetadata:
        """Change what is not ours to apply: a JSON merge patch, in which null removes a field, no matter who set it.

        Args:
            namespace: The namespace.
            name: The Secret's name.
            patch: What changes.
            resource_version: The version that the patch was made for; any other is refused.

        Raises:
            ConflictError: Somebody changed the Secret meanwhile.
            InvalidError: The Secret breaks a rule of the API.
            NotFoundError: It does not exist.
        """
        guarded = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": resource_version}}
        call, query = self._call("patch", namespace, name), {"fieldManager": self._field_manager}
        path, kind = _path(call, namespace, name), "application/merge-patch+json"
        request = Request("PATCH", path, query, METADATA_ONLY, kind, json.dumps(guarded).encode())
        return checked_object(call, self.send(request, call))

    def get_secret(self, namespace: str, name: str) -> dict[str, Any] | None:
        """Read a Secret with its values, as the API sends it (`data` in base64); None if it does not exist."""
        call = self._call("read", namespace, name)
        answer = self.send_unless_missing(Request("GET", _path(call, namespace, name)), call)
        return None if answer is None else checked_data(call, answer, "data")

    def get_secret_metadata(self, namespace: str, name: str) -> SecretMetadata | None:
        """Look at a Secret without reading its values; None if it does not exist."""
        call = self._call("look at", namespace, name)
        answer = self.send_unless_missing(Request("GET", _path(call, namespace, name), accept=METADATA_ONLY), call)
        return None if answer is None else checked_object(call, answer)

    def list_secret_metadata(self, namespace: str, label_selector: str) -> list[SecretMetadata]:
        """Look at all Secrets of a namespace that have certain labels (empty for all), without reading values.

        A namespace that does not exist has none.
        """
        call = Call("list", f"the Secrets of namespace {namespace}", self.label)
        found = self.list_metadata(call, _path(call, namespace), {"labelSelector": label_selector})
        if any(each.namespace not in ("", namespace) for each in found):
            raise UnexpectedAnswerError(f"{call}: the answer has Secrets of another namespace. Check the proxy.")
        return found

    def list_metadata(self, call: Call, path: str, query: Mapping[str, str]) -> list[SecretMetadata]:
        """Look at all objects of a list without reading more than their metadata."""
        try:
            return self._list(call, path, {**query, "limit": str(_PAGE)})
        except RefusedError as error:
            if error.status != HTTPStatus.GONE:
                raise
            # The snapshot that the pages came from is too old by now: take all in one answer.
            return self._list(call, path, query)

    def delete_secret(
        self, namespace: str, name: str, *, uid: str, resource_version: str | None = None, dry_run: bool = False
    ) -> bool:
        """Delete a Secret if it is the one that was meant.

        Args:
            namespace: The namespace.
            name: The Secret's name.
            uid: Its uid; a Secret that was created again under this name is left alone.
            resource_version: The version that is meant, if just that one is.
            dry_run: Whether this only asks if it would be deleted.

        Returns:
            False if it was gone already (also when an earlier attempt of this call deleted it and the answer got lost).

        Raises:
            UidMismatchError: The Secret with this name is another one.
            ConflictError: `resource_version` is given and is not the current one.
        """
        call = self._call("delete", namespace, name)
        preconditions = {"uid": uid, **({"resourceVersion": resource_version} if resource_version else {})}
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}
        options |= {"dryRun": ["All"]} if dry_run else {}
        path = _path(call, namespace, name)
        body = json.dumps(options).encode()
        request = Request("DELETE", path, content_type="application/json", body=body)
        answer = self.send_unless_missing(request, call)
        if answer is None:
            return False
        check_deleted(call, answer)
        return True

    def send(self, request: Request, call: Call) -> dict[str, Any]:
        """Any other call whose answer is an object; lookups.py has them."""
        return decode_object(call, self._transport.send(request, call))

    def send_unless_missing(self, request: Request, call: Call, kind: str = "secrets") -> dict[str, Any] | None:
        """The same; None where the object of this kind itself, and not its namespace, does not exist."""
        try:
            return self.send(request, call)
        except NotFoundError as error:
            if error.kind != kind:
                raise
            return None

    def close(self) -> None:
        """Close idle connections."""
        self._transport.close()

    def _call(self, action: str, namespace: str, name: str) -> Call:
        return Call(action, f"Secret {namespace}/{name}", self.label)

    def _list(self, call: Call, path: str, query: Mapping[str, str]) -> list[SecretMetadata]:
        found: list[SecretMetadata] = []
        token, known = "", set[str]()
        size = int(query.get("limit", 0))
        until = self._clock.monotonic() + _LIST_BUDGET
        for _ in range(_PAGES):
            page = {**query, **({"limit": str(size)} if size else {}), **({"continue": token} if token else {})}
            try:
                answer = self.send(Request("GET", path, page, _METADATA_LIST_ONLY, largest=LARGEST_LIST), call)
            except OversizedAnswerError:
                if size <= 1:
                    raise
                size = max(1, size // 8)  # Secrets with large annotations
                continue
            items, token = checked_page(call, answer)
            found += items
            if not token:
                return found
            if token in known:
                raise UnexpectedAnswerError(f"{call}: the server sends the same page again and again. Check the proxy.")
            known.add(token)
            if len(found) > _ITEMS:
                raise UnexpectedAnswerError(f"{call}: the list has more than {_ITEMS:,} objects. Check the proxy.")
            if self._clock.monotonic() > until:
                raise UnexpectedAnswerError(
                    f"{call}: the list did not end within {_LIST_BUDGET:.0f} s. Try again later."
                )
        raise UnexpectedAnswerError(f"{call}: the list does not end, not after {_PAGES:,} pages. Check the proxy.")


def _secret(namespace: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {**body.get("metadata", {}), "name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", **body, "metadata": metadata}


def _path(call: Call, namespace: str, name: str | None = None) -> str:
    return object_path(call, "secrets", namespace, name)
