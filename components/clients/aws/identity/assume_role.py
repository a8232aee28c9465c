"""Assumes roles one after the other, as ESO does, and says which hop failed for whom and why that is likely."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ....core.iam import trust
from ....core.spec.store_identity import Hop, StoreIdentity
from ....display import shown_url
from ....errors import IdentityError
from ..failures import CallFailedError, Denial, Kind
from ..retry import Retry
from .temporary_credentials import SESSION_NAME, Propagation, checked, role_credentials

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef, AssumeRoleResponseTypeDef

# The longest that AWS grants a chained role, and the least that any role can be set to. Shorter would not do: botocore
# renews 15 minutes before the end, so that the 15 minutes that ESO asks for would be renewed at the first call.
SESSION_SECONDS = 3600
EXTERNAL_ID = "<the store's externalID>"


def hops(identity: StoreIdentity) -> list[Hop]:
    """The roles in the order in which they are assumed (ESO: external ID and tags go to `role` alone)."""
    chain = [Hop(role) for role in identity.additional_roles]
    if identity.role is not None:
        chain.append(Hop(identity.role, identity.external_id, identity.session_tags, identity.transitive_tag_keys))
    return chain


class RoleSession:
    """One assumed role: one call to STS now, one more only when 45 minutes have passed.

    Attributes:
        credentials: the credentials, and whose they are.

    Args:
        client: STS, with the identity that assumes the role.
        hop: the role.
        assumed_by: ARN or description of that identity, for messages.
        principal: ARN by which a trust policy names it, where it is known: that of the role assumed before.
        retry: how long to go on when STS throttles or does not answer.
        propagation: how long a new role may be unknown to AWS.

    Raises:
        IdentityError: the role may not be assumed, or STS cannot be asked.
    """

    def __init__(
        self,
        client: STSClient,
        hop: Hop,
        assumed_by: str,
        *,
        principal: str | None,
        retry: Retry,
        propagation: Propagation,
    ) -> None:
        self._client = client
        self._hop = hop
        self._assumed_by = assumed_by
        self._principal = principal
        self._retry = retry
        self.credentials = role_credentials(hop.role, self._assume, propagation, "assume-role")

    def _assume(self, propagation: Propagation) -> AssumeRoleResponseTypeDef:
        request: AssumeRoleRequestTypeDef = {
            "RoleArn": self._hop.role,
            "RoleSessionName": self._hop.session_name or SESSION_NAME,
            "DurationSeconds": SESSION_SECONDS,
        }
        if self._hop.external_id is not None:
            request["ExternalId"] = self._hop.external_id
        if self._hop.session_tags:
            request["Tags"] = [{"Key": key, "Value": value} for key, value in self._hop.session_tags]
        if self._hop.transitive_tag_keys:
            request["TransitiveTagKeys"] = list(self._hop.transitive_tag_keys)
        if self._hop.policy is not None:
            request["Policy"] = self._hop.policy
        if self._hop.policy_arns:
            request["PolicyArns"] = [{"arn": each} for each in self._hop.policy_arns]
        if self._hop.source_identity is not None:
            request["SourceIdentity"] = self._hop.source_identity
        try:
            return propagation.call(
                self._retry,
                lambda: checked(self._client.assume_role(**request), self._hop.role),
                f"role {self._hop.role}",
            )
        except CallFailedError as failed:
            raise self._not_assumed(failed) from None

    def _not_assumed(self, failed: CallFailedError) -> IdentityError:
        failure, hop, assumed_by = failed.failure, self._hop, self._assumed_by
        endpoint = shown_url(self._client.meta.endpoint_url)
        if failure.kind is Kind.CREDENTIALS:
            return IdentityError(
                f"AWS credentials {failure.reason} ({failure.code}): {assumed_by} was to assume role {hop.role} at "
                f"{endpoint}; renew these credentials, then run again"
            )
        if failure.kind is Kind.DENIED:
            denial = failure.denial or Denial(assumed_by, "sts:AssumeRole", hop.role, "")
            return IdentityError(_denied(hop, denial, self._principal or denial.principal))
        return IdentityError(
            f"role {hop.role} cannot be assumed by {assumed_by}: "
            f"STS was asked at {endpoint} and {failure.reason}{failed.tried}{failure.named}"
        )


def _denied(hop: Hop, denial: Denial, principal: str | None) -> str:
    by = denial.identity
    if denial.explicit:
        return f"{by} may not call {denial.action} on role {hop.role} {denial.why}: that deny must be changed"
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if hop.session_tags else [])]
    needed = " and ".join(actions)
    external_id = (
        "it expects another external ID than the store's externalID"
        if hop.external_id is not None
        else "it demands an external ID (set the store's externalID)"
    )
    why = f" {denial.why} it" if denial.why else ""
    text = (
        f"{by} may not assume role {hop.role} ({denial.action} is denied{why}). Likely causes: the role does not "
        f"exist; its trust policy does not allow {needed} to {by}, or names a role or user that was deleted and "
        f"created again since (save the policy once more); {external_id}"
    )
    if principal is None:
        return f"{text}; or {by} has no policy that allows {needed} on the role"
    wanted = trust.assumed_by([principal], hop.external_id and EXTERNAL_ID, hop.session_tags, hop.transitive_tag_keys)
    text += f". This statement in the role's trust policy allows it: {trust.statement_of(wanted)}"
    if principal.split(":")[4] == hop.role.split(":")[4]:
        return text
    own = json.dumps({"Effect": "Allow", "Action": actions, "Resource": hop.role})
    return f"{text}. Across accounts, {by} needs this statement in a policy of its own as well: {own}"
