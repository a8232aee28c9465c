"""EKS access entries, which moto does not have: which groups of a cluster an IAM principal is in."""

import json
import re
import threading
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from .errors import AwsError
from .iam.state import PARTITION
from .pod_identity import cluster_arn

_PATH = re.compile(r"/clusters/(?P<cluster>[^/]+)/access-entries(?:/(?P<principal>.+))?")
_CHANGING = ("kubernetesGroups", "username")


class AccessEntries:
    """All access entries of this AWS, by cluster and principal. They let nobody in: tests grant the groups' rights."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._all: dict[tuple[str, str], Mapping[str, Any]] = {}

    def clear(self) -> None:
        """Forget all entries."""
        with self._lock:
            self._all.clear()

    def answers(self, service: str, operation: str) -> bool:
        """Whether a call is about access entries; `operation` is `GET /path`."""
        return service == "eks" and _PATH.fullmatch(operation.partition(" ")[2]) is not None

    def answer(self, operation: str, body: bytes, account: str, region: str) -> dict[str, Any]:
        """Answer one call.

        Raises:
            AwsError: what AWS would answer.
        """
        method, _, path = operation.partition(" ")
        found = _PATH.fullmatch(path)
        asked = json.loads(body or b"{}")
        named = found["principal"] if found else None
        cluster, principal = found["cluster"] if found else "", str(named or asked.get("principalArn", ""))
        arn = cluster_arn(cluster, account, region)
        created = method == "POST" and named is None
        with self._lock:
            entry = self._all.get((arn, principal))
            if created and entry:
                text = "The specified access entry resource is already in use on this cluster."
                raise AwsError("ResourceInUseException", text, HTTPStatus.CONFLICT)
            if created:
                place = f"{region}:{account}:access-entry/{cluster}/role/{account}/{principal.rpartition('/')[2]}"
                entry = {
                    "clusterName": cluster,
                    "principalArn": principal,
                    "kubernetesGroups": asked.get("kubernetesGroups", []),
                    "accessEntryArn": f"arn:{PARTITION}:eks:{place}/{uuid.uuid4()}",
                    "createdAt": time.time(),
                    "modifiedAt": time.time(),
                    "tags": asked.get("tags") or {},
                    "username": asked.get("username", principal),
                    "type": asked.get("type", "STANDARD"),
                }
            elif entry is None:
                text = f"The specified principalArn could not be found: {principal}"
                raise AwsError("ResourceNotFoundException", text, HTTPStatus.NOT_FOUND)
            elif method == "DELETE":
                del self._all[arn, principal]
                return {}
            elif method == "POST":
                entry = {**entry, **{key: asked[key] for key in _CHANGING if key in asked}, "modifiedAt": time.time()}
            self._all[arn, principal] = entry
            return {"accessEntry": dict(entry)}
