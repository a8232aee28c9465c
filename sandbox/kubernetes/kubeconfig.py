"""The file that leads a client to one of the API servers here."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTEXT: Final = "sandbox"


def kubeconfig_text(url: str, user: Mapping[str, Any], ca_pem: str = "") -> str:
    """A kubeconfig with one context, `sandbox`, whose namespace is `default`.

    Args:
        url: The server.
        user: The user's credentials, as a kubeconfig has them.
        ca_pem: The certificate authority to trust; empty without TLS.
    """
    cluster = {"server": url}
    if ca_pem:
        cluster["certificate-authority-data"] = base64.b64encode(ca_pem.encode()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": dict(user)}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}}],
        "current-context": CONTEXT,
    }
    return yaml.safe_dump(config, sort_keys=False)
