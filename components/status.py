"""What a stack says of its ExternalSecrets, for `python -m pulumi_parameter_store status` and for other programs."""

from collections.abc import Mapping
from typing import Any

import pulumi

from .core.status_table import OUTPUT
from .external_secret import ExternalSecret

__all__ = ["OUTPUT", "status_output"]


def status_output(secrets: Mapping[str, ExternalSecret]) -> dict[str, dict[str, pulumi.Input[Any]]]:
    """What to export of ExternalSecrets, so that the command `status` can show them.

        pulumi.export(OUTPUT, status_output({"db": db, "api": api}))

    Args:
        secrets: name -> ExternalSecret, as `declare` gives them.

    Returns:
        For each name `secret`, `namespace`, `store`, `status` (ESO's reason), `message`, `refreshTime` and `versions`.
    """
    return {
        name: {
            "secret": secret.target_name,  # known even where the Secret could not be written
            "namespace": secret.namespace,
            "store": secret.store_name,
            "status": secret.status,
            "message": secret.message,
            "refreshTime": secret.refresh_time,
            "versions": secret.synced_versions,
        }
        for name, secret in secrets.items()
    }
