"""Denials that tests inject, and the words in which AWS denies."""

from collections.abc import Iterable

from .errors import AwsError
from .faults import DenyRule
from .iam.permission import Permission


def first_denied(needed: Iterable[Permission], denials: tuple[DenyRule, ...]) -> Permission | None:
    """Return the first permission that is denied; one denied name fails a whole batch, as on AWS."""
    for permission in needed:
        if any(rule.denies(permission.action, permission.resource) for rule in denials):
            return permission
    return None


def denial(permission: Permission, principal: str, reason: str = "", *, is_json: bool) -> AwsError:
    """Word a denial as AWS does; without a reason for a caller without a matching Allow. STS gives no reason."""
    text = f"User: {principal} is not authorized to perform: {permission.action} on resource: {permission.resource}"
    if not is_json:
        return AwsError("AccessDenied", text, 403)
    reason = reason or f"because no identity-based policy allows the {permission.action} action"
    return AwsError("AccessDeniedException", f"{text} {reason}")


def web_identity_denial() -> AwsError:
    """Word a denied AssumeRoleWithWebIdentity: AWS does not name role or caller."""
    return AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)
