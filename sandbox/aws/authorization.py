"""Who may do what: the permissions that a call needs, and the first one that is denied.

Today only injected denials are consulted. An evaluator of IAM policies has one place to go: `first_denied`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import AwsError
from .faults import DenyRule
from .request import AwsRequest


@dataclass(frozen=True)
class Permission:
    """An IAM action on a resource ARN."""

    action: str
    resource: str


def required_permissions(request: AwsRequest, account: str) -> list[Permission]:
    """List what a call is authorised against, in AWS's order (Service Authorization Reference, `ssm` and `sts`).

    A parameter's ARN has neither leading slash nor selector; GetParametersByPath is checked against the path as sent.
    """
    action = f"{request.service}:{request.operation}"
    if request.service == "sts":
        return [Permission(action, role) for role in request.names]
    if request.service != "ssm":
        return [Permission(action, "*")]
    prefix = f"arn:aws:ssm:{request.region}:{account}:"
    if request.path is not None:
        return [Permission(action, f"{prefix}parameter/{request.path.removeprefix('/')}")]
    names = request.names or tuple(filter(None, (request.parameters.get("ResourceId"),)))
    if not names:
        return [Permission(action, f"{prefix}*")]
    needed = [Permission(action, _parameter_arn(name, prefix)) for name in names]
    if request.operation == "PutParameter" and request.parameters.get("Tags"):
        needed += [Permission("ssm:AddTagsToResource", permission.resource) for permission in needed]
    return needed


def first_denied(needed: Iterable[Permission], denials: tuple[DenyRule, ...]) -> Permission | None:
    """Return the first permission that is denied; one denied name fails a whole batch, as on AWS."""
    for permission in needed:
        if any(rule.denies(permission.action, permission.resource) for rule in denials):
            return permission
    return None


def denial(permission: Permission, principal: str, *, is_json: bool) -> AwsError:
    """Word a denial as AWS does for a caller without a matching Allow; STS gives no reason."""
    text = f"User: {principal} is not authorized to perform: {permission.action} on resource: {permission.resource}"
    if not is_json:
        return AwsError("AccessDenied", text, 403)
    reason = f"because no identity-based policy allows the {permission.action} action"
    return AwsError("AccessDeniedException", f"{text} {reason}")


def web_identity_denial() -> AwsError:
    """Word a denied AssumeRoleWithWebIdentity: AWS does not name role or caller."""
    return AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)


def _parameter_arn(name: str, prefix: str) -> str:
    if name.startswith("arn:"):
        head, _, tail = name.partition(":parameter/")
        return f"{head}:parameter/{tail.partition(':')[0]}"
    return f"{prefix}parameter/{name.partition(':')[0].removeprefix('/')}"
