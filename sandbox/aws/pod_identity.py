"""EKS Pod Identity associations, which moto does not have: which role the pods of a ServiceAccount get."""

import json
import re
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from moto.eks.models import eks_backends

from .errors import AwsError
from .iam.state import PARTITION

_PATH = re.compile(r"/clusters/(?P<cluster>[^/]+)/pod-identity-associations(?:/(?P<id>[^/]+))?")


@dataclass(frozen=True)
class Association:
    """One association (EKS API: PodIdentityAssociation).

    Attributes:
        cluster_arn: the ARN of its cluster.
        body: what the API answers, in its own words.
    """

    cluster_arn: str
    body: Mapping[str, Any] = field(repr=False)


class PodIdentityAssociations:
    """All associations of this AWS, by account and region."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._all: dict[tuple[str, str, str], Association] = {}  # by account, region and association ID

    def clear(self) -> None:
        """Forget all associations."""
        with self._lock:
            self._all.clear()

    def answers(self, service: str, operation: str) -> bool:
        """Whether a call is about associations; `operation` is `GET /path`."""
        return service == "eks" and _PATH.fullmatch(operation.partition(" ")[2]) is not None

    def answer(self, operation: str, body: bytes, account: str, region: str) -> dict[str, Any]:
        """Answer one call.

        Raises:
            AwsError: what AWS would answer.
        """
        method, _, path = operation.partition(" ")
        found = _PATH.fullmatch(path)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"no such path: {path}", HTTPStatus.NOT_FOUND)
        cluster, association_id = found["cluster"], found["id"]
        of_cluster = cluster_arn(cluster, account, region)
        asked = json.loads(body or b"{}")
        with self._lock:
            if association_id is None:
                if method == "GET":
                    return {"associations": [dict(each.body) for each in self._of(account, region, of_cluster)]}
                return self._create(asked, account, region, cluster, of_cluster)
            key = (account, region, association_id)
            association = self._all.get(key)
            if association is None or association.cluster_arn != of_cluster:
                raise AwsError(
                    "ResourceNotFoundException", f"No association found with ID: {association_id}", HTTPStatus.NOT_FOUND
                )
            if method == "DELETE":
                del self._all[key]
            elif method == "POST":
                changed = {name: asked[name] for name in ("roleArn", "disableSessionTags") if name in asked}
                association = replace(association, body={**association.body, **changed, "modifiedAt": time.time()})
                self._all[key] = association
            return {"association": dict(association.body)}

    def find(self, cluster: str, namespace: str, service_account: str) -> Association | None:
        """The association of a ServiceAccount, as the agent on a cluster's nodes asks for it."""
        wanted = (cluster, namespace, service_account)
        with self._lock:
            return next((each for each in self._all.values() if _subject(each) == wanted), None)

    def _of(self, account: str, region: str, cluster_arn: str) -> list[Association]:
        return [
            each for key, each in self._all.items() if key[:2] == (account, region) and each.cluster_arn == cluster_arn
        ]

    def _create(
        self, asked: Mapping[str, Any], account: str, region: str, cluster: str, cluster_arn: str
    ) -> dict[str, Any]:
        wanted = (cluster, asked["namespace"], asked["serviceAccount"])
        if any(_subject(each) == wanted for each in self._of(account, region, cluster_arn)):
            raise AwsError(
                "ResourceInUseException",
                f"Association already exists: {asked['namespace']}/{asked['serviceAccount']}",
                HTTPStatus.CONFLICT,
            )
        association_id = f"a-{uuid.uuid4().hex[:17]}"
        arn = f"arn:{PARTITION}:eks:{region}:{account}:podidentityassociation/{cluster}/{association_id}"
        body = {
            "clusterName": cluster,
            "namespace": asked["namespace"],
            "serviceAccount": asked["serviceAccount"],
            "roleArn": asked["roleArn"],
            "associationArn": arn,
            "associationId": association_id,
            "tags": asked.get("tags") or {},
            "disableSessionTags": asked.get("disableSessionTags") or False,
            "createdAt": time.time(),
            "modifiedAt": time.time(),
        }
        self._all[account, region, association_id] = Association(cluster_arn, body)
        return {"association": body}


def _subject(association: Association) -> tuple[str, str, str]:
    body = association.body
    return body["clusterName"], body["namespace"], body["serviceAccount"]


def cluster_arn(cluster: str, account: str, region: str) -> str:
    """The ARN of a cluster.

    Raises:
        AwsError: there is none of this name.
    """
    found = eks_backends[account][region].clusters.get(cluster)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {cluster}.", HTTPStatus.NOT_FOUND)
    return str(found.arn)
