"""Reads as the pod that Pulumi runs in, by the EKS Pod Identity agent, and makes sure that the pod is the right one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....errors import IdentityError
from ..failures import CallFailedError, NotYetError, UnreadableAnswerError, is_identity_arn
from ..retry import Retry
from ..sdk import Sdk
from .temporary_credentials import Propagation, is_session_of

if TYPE_CHECKING:
    from botocore.session import Session


@dataclass(frozen=True)
class PodRole:
    """Base credentials of the pod's own role, which must be associated with the pod's ServiceAccount."""

    role: str


def pod_session(sdk: Sdk, pod: PodRole, retry: Retry, propagation: Propagation) -> tuple[Session, str]:
    """A session of the pod's role, and its ARN: the SDK's default chain, and one sts:GetCallerIdentity.

    Raises:
        IdentityError: this is no such pod, or the agent does not know the association.
    """
    from botocore.exceptions import CredentialRetrievalError  # noqa: PLC0415 # see sdk.py

    def attempt() -> tuple[Session, str]:
        session = sdk.session()
        try:
            if session.get_credentials() is None:
                raise IdentityError(_elsewhere(pod, "it finds no AWS credentials"))
        except CredentialRetrievalError:
            raise NotYetError("the EKS Pod Identity agent gives no credentials") from None
        identity = sdk.client(session, "sts").get_caller_identity().get("Arn")
        if not isinstance(identity, str) or not is_identity_arn(identity):
            raise UnreadableAnswerError
        return session, identity

    try:
        session, identity = propagation.call(retry, attempt, f"the pod's association with {pod.role}")
    except CallFailedError as failed:
        raise IdentityError(_elsewhere(pod, failed.failure.reason)) from None
    if not is_session_of(identity, pod.role):
        raise IdentityError(_elsewhere(pod, f"it is {identity}"))
    return session, identity


def _elsewhere(pod: PodRole, why: str) -> str:
    return (
        f"Pulumi does not run as {pod.role}: {why}. With PodIdentityAuth it must run in a pod of the associated "
        "ServiceAccount, without other AWS credentials in its environment; elsewhere use ServiceAccountAuth"
    )
