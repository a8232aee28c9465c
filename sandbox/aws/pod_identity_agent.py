"""Stands for the EKS Pod Identity agent, which hands a pod the credentials of its association's role.

SDKs find it by AWS_CONTAINER_CREDENTIALS_FULL_URI and show it the token in AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moto.sts.models import sts_backends

from .errors import AwsError
from .iam.authoriser import POD_IDENTITY, Authoriser
from .iam.state import PARTITION
from .iam.web_identity import OidcProvider, claims_of, issuer_of
from .pod_identity import PodIdentityAssociations

PATH = re.compile(r"/sandbox/pod-identity/(?P<cluster>[^/]+)/v1/credentials")
_SUBJECT = re.compile(r"system:serviceaccount:(?P<namespace>[^:]+):(?P<name>[^:]+)")
_SECONDS = 6 * 3600


def credentials(
    associations: PodIdentityAssociations, authoriser: Authoriser, cluster: str, token: str
) -> dict[str, Any]:
    """The credentials for the pod that shows a token.

    Args:
        associations: who gets which role.
        authoriser: knows the cluster's keys, and the role's trust policy.
        cluster: the cluster's name.
        token: of a ServiceAccount, for the audience `pods.eks.amazonaws.com`.

    Raises:
        AwsError: the token is not accepted, or nothing is associated with the ServiceAccount.
    """
    claims = claims_of(token)
    authoriser.verified(token, OidcProvider("", issuer_of(claims), frozenset({POD_IDENTITY})))
    subject = _SUBJECT.fullmatch(str(claims.get("sub")))
    association = associations.find(cluster, subject["namespace"], subject["name"]) if subject else None
    if association is None:
        text = "There was no association for the pod's ServiceAccount"
        raise AwsError("ResourceNotFoundException", text, HTTPStatus.NOT_FOUND)
    role = association.body["roleArn"]
    account = role.split(":")[4]
    name = f"eks-{cluster}-pod"
    context = {"aws:sourcearn": [association.cluster_arn], "aws:sourceaccount": [association.cluster_arn.split(":")[4]]}
    session = authoriser.take_for_pod(role, name, _tags(association.cluster_arn, association.body), context)
    made = sts_backends[account][PARTITION].assume_role(
        association.cluster_arn.split(":")[3], name, role, policy="", duration=_SECONDS, external_id=""
    )
    authoriser.state.sessions[made.access_key_id] = session
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "Token": made.session_token,
        "Expiration": made.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "AccountId": account,
    }


def _tags(cluster_arn: str, body: Mapping[str, Any]) -> dict[str, str]:
    """The session tags that EKS sets (EKS user guide: "Grant Pods access based on tags")."""
    if body["disableSessionTags"]:
        return {}
    return {
        "eks-cluster-arn": cluster_arn,
        "eks-cluster-name": body["clusterName"],
        "kubernetes-namespace": body["namespace"],
        "kubernetes-service-account": body["serviceAccount"],
        "kubernetes-pod-name": "pod",
        "kubernetes-pod-uid": "00000000-0000-0000-0000-000000000000",
    }
