"""The Secret as it is sent to the API server, and the marks by which we know our own.

The body is what server-side apply gets: `data` and never `stringData`, which leaves renamed keys behind.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from .errors import WriteError

FIELD_MANAGER = "pulumi-parameter-store"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
OWNER_ANNOTATION = "pulumi-parameter-store/owner"
VERSIONS_ANNOTATION = "pulumi-parameter-store/versions"

MAX_SECRET_BYTES = 1_048_576
MAX_KEY_LENGTH = 253
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def secret_key_problem(key: str) -> str | None:
    """Why the API server would refuse a key of `data`, or None where it would not."""
    if len(key) > MAX_KEY_LENGTH:
        return f"secret key {key[:40]!r}... has {len(key)} characters; Kubernetes allows {MAX_KEY_LENGTH}"
    if not _KEY.fullmatch(key) or key == "." or key.startswith(".."):
        return (
            f"secret key {key!r} is not allowed: Kubernetes wants letters, digits, '-', '_' and '.', not '.' or '..*'"
        )
    return None


def secret_name_problem(name: str) -> str | None:
    """Why the API server would refuse a Secret's name, or None where it would not."""
    if len(name) > MAX_KEY_LENGTH or not _DNS_SUBDOMAIN.fullmatch(name):
        return (
            f"Secret name {name!r} is not allowed: Kubernetes wants at most {MAX_KEY_LENGTH} lower case letters, "
            "digits, '-' and '.', with a letter or digit at both ends"
        )
    return None


def versions_mark(versions: Mapping[str, int]) -> str:
    """The annotation text that says which parameter versions a Secret was made of."""
    return json.dumps(dict(sorted(versions.items())), separators=(",", ":"))


def metadata(owner: str, versions: Mapping[str, int]) -> dict[str, Any]:
    """Labels and annotations of a Secret that we keep: whose it is and which parameter versions it was made of."""
    return {
        "labels": {MANAGED_BY_LABEL: FIELD_MANAGER},
        "annotations": {
            OWNER_ANNOTATION: owner,
            VERSIONS_ANNOTATION: versions_mark(versions),
        },
    }


def secret_body(
    namespace: str, name: str, owner: str, versions: Mapping[str, int], values: Mapping[str, bytes]
) -> dict[str, Any]:
    """The apply configuration of one Secret.

    Raises:
        WriteError: the values together are larger than the API server accepts.
    """
    size = sum(len(value) for value in values.values())
    if size > MAX_SECRET_BYTES:
        raise WriteError(
            f"Secret {namespace}/{name} would hold {size:,} bytes; Kubernetes allows {MAX_SECRET_BYTES:,}. "
            "Split it over several ExternalSecrets."
        )
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, **metadata(owner, versions)},
        "type": "Opaque",
        "data": {key: base64.b64encode(value).decode("ascii") for key, value in sorted(values.items())},
    }


def probe_body(namespace: str, name: str, owner: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """An apply configuration of the same shape without any value, for a dry run that asks whether we may write."""
    return secret_body(namespace, name, owner, {}, dict.fromkeys(keys, b""))
