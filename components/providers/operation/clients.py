"""Opens the clients that an operation needs, from specs.

The clients are imported where they are first needed: programs import this module for the providers' names alone.
"""

from __future__ import annotations

import base64
import binascii
import os
import sys
from typing import TYPE_CHECKING

from ...core.iam.trust import AUDIENCE
from ...core.secret_value import Secret
from ...core.spec.store_identity import (
    AUDIENCE_ANNOTATION,
    ROLE_ANNOTATION,
    AccessKeys,
    access_keys_problem,
    credential_problem,
)
from ...display import plain
from ...errors import IdentityError

if TYPE_CHECKING:
    from ...clients.aws.identity.web_identity import WebIdentity
    from ...clients.aws.rate_limit import RateLimiters
    from ...clients.aws.readers import Access
    from ...clients.aws.session import Base
    from ...clients.kubernetes.client import KubernetesClient
    from ...core.spec.specs import Operation
    from ...core.spec.store_specs import AccessKeyAuth, ClusterSpec, SecretKeyRef, ServiceAccountAuth, StoreSpec
    from .memory import ProcessMemory

FRESH_ROLE_SETTLES = 30.0
"""Seconds that a role which the same program creates may take until AWS lets it be assumed."""

FIRST_CONTACT = 4.0
"""Seconds after which a cluster that never took a connection counts as unreachable."""


def open_client(spec: ClusterSpec) -> KubernetesClient:
    """A client for the cluster, found as kubectl finds it.

    Raises:
        ClusterError: the kubeconfig cannot be used.
    """
    from ...clients.kubernetes.backoff import RetryPolicy  # noqa: PLC0415
    from ...clients.kubernetes.client import KubernetesClient  # noqa: PLC0415  see the module's text
    from ...clients.kubernetes.connection import load_cluster  # noqa: PLC0415

    connection = load_cluster(spec.kubeconfig, spec.context, os.environ, cluster=spec.cluster, progress=tell)
    return KubernetesClient(connection, policy=RetryPolicy(first_contact=FIRST_CONTACT), progress=tell)


def open_store(limiters: RateLimiters, memory: ProcessMemory, spec: StoreSpec, operation: Operation) -> Access:
    """A reader and a writer with the store's own session.

    Raises:
        IdentityError: the store's identity cannot be taken.
    """
    from ...clients.aws.readers import open_access  # noqa: PLC0415  see the module's text

    return open_access(
        spec.service,
        spec.identity,
        _base(memory, spec),
        limiters=limiters,
        runner=spec.runner,
        requests_per_second=operation.requests_per_second,
        settle=FRESH_ROLE_SETTLES if operation.fresh_role and not operation.preview else 0.0,
        progress=tell,
    )


def _base(memory: ProcessMemory, spec: StoreSpec) -> Base | None:
    """Base credentials in ESO's order; None for the SDK's default chain."""
    if spec.service_account:
        return _web_identity(memory.cluster(spec.cluster).client, spec.service_account)
    if spec.access_keys:
        return _access_keys(memory.cluster(spec.cluster).client, spec.access_keys)
    if spec.pod_role:
        from ...clients.aws.identity.pod_identity import PodRole  # noqa: PLC0415  see the module's text

        return PodRole(spec.pod_role)
    return None


def _web_identity(client: KubernetesClient, source: ServiceAccountAuth[str]) -> WebIdentity:
    """The role of a ServiceAccount's annotation, and tokens with its audiences (ESO: `auth.jwt`)."""
    from ...clients.aws.identity.web_identity import WebIdentity  # noqa: PLC0415  see the module's text
    from ...clients.kubernetes.lookups import request_token, service_account_annotations  # noqa: PLC0415

    namespace, name = source.namespace or "", source.service_account or ""  # the state has both
    where = f"ServiceAccount {namespace}/{name}"
    annotations = service_account_annotations(client, namespace, name)
    role = annotations.get(ROLE_ANNOTATION)
    if not role:
        raise IdentityError(
            f"{where} has no role: annotate it with {ROLE_ANNOTATION}: arn:<partition>:iam::<account>:role/<name>"
        )
    audiences = [annotations.get(AUDIENCE_ANNOTATION) or AUDIENCE, *source.audiences]
    return WebIdentity(role, lambda: request_token(client, namespace, name, audiences), where)


def _access_keys(client: KubernetesClient, source: AccessKeyAuth[str]) -> AccessKeys:
    def value(selector: SecretKeyRef[str]) -> Secret:
        where = f"Secret {selector.namespace}/{selector.name}"
        secret = client.get_secret(selector.namespace or "", selector.name)  # the state has it
        if secret is None:
            raise IdentityError(f"the store's access keys are to be in {where}, which does not exist")
        encoded = (secret.get("data") or {}).get(selector.key)
        if encoded is None:
            raise IdentityError(f"the store's access keys are to be in {where}, which has no key {selector.key!r}")
        try:
            # `echo` and editors put line breaks around what they write.
            text = base64.b64decode(encoded).decode("utf-8-sig").strip()
        except (binascii.Error, UnicodeDecodeError):
            raise IdentityError(f"key {selector.key!r} of {where} is not a text, so it is no access key") from None
        if problem := credential_problem(text):
            raise IdentityError(f"key {selector.key!r} of {where} {problem}; write it again, in one line")
        return Secret(text)

    key_id, secret = value(source.access_key_id), value(source.secret_access_key)
    token = value(source.session_token) if source.session_token else None
    where = f"Secret {source.access_key_id.namespace}/{source.access_key_id.name}"
    if problem := access_keys_problem(key_id.reveal(), secret.reveal(), token=token is not None):
        advice = "; name it in sessionTokenSecretRef" if problem.endswith("session token") else ""
        raise IdentityError(f"the store's access keys in {where}: {problem}{advice}")
    return AccessKeys(access_key_id=key_id, secret_access_key=secret, session_token=token, source=where)


def tell(progress: str) -> None:
    """Pulumi shows the provider's stderr to the user."""
    sys.stderr.write(f"{plain(progress)}\n")
    sys.stderr.flush()
