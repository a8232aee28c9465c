"""An IAM role and what is attached to it, declared when the references of the store's secrets are known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi.output import contains_unknowns

if TYPE_CHECKING:
    import pulumi_aws as aws

    from ...arguments.auth import NewRole
    from ...core.iam import Shards


def declare_role(name: str, looks: NewRole, trust: pulumi.Output[str], parent: pulumi.Resource) -> aws.iam.Role:
    """Declare a role with its trust policy."""
    import pulumi_aws as aws  # noqa: PLC0415  see the package's text

    return aws.iam.Role(
        name,
        name=looks.name,
        path=looks.path,
        assume_role_policy=trust,
        permissions_boundary=looks.permissions_boundary,
        tags=dict(looks.tags) or None,
        max_session_duration=looks.max_session_duration,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def attach(
    name: str, role: aws.iam.Role, shards: pulumi.Output[Shards], parent: pulumi.Resource
) -> pulumi.Output[bool]:
    """Declare the policies of a role: one inline, and managed ones for what does not fit into it.

    How many there are is known when all references are. In a preview that does not know them all yet, the inline
    policy stands for whatever there will be.

    Returns:
        True, once everything is attached.
    """

    def declare(found: Shards) -> pulumi.Output[bool]:
        if contains_unknowns(found):
            return _declare(name, role, shards.apply(lambda known: known.inline or ""), [], parent)
        return _declare(name, role, found.inline, found.managed, parent)

    return shards.apply(declare, run_with_unknowns=True)


def attach_each(
    name: str, role: aws.iam.Role, documents: pulumi.Output[tuple[str, ...]], parent: pulumi.Resource
) -> pulumi.Output[bool]:
    """Declare managed policies of a role that are replaced and never changed: the new one is there before the old goes.

    What is not pushed any more is deleted at the end of an update, so the right to do so has to last until then.

    Returns:
        True, once everything is attached.
    """
    import pulumi_aws as aws  # noqa: PLC0415  see the package's text

    def declare(found: tuple[str, ...]) -> pulumi.Output[bool]:
        options = pulumi.ResourceOptions(parent=parent)
        done: list[pulumi.Output[str]] = []
        for document in found:
            title = f"{name}-push-{hashlib.sha256(document.encode()).hexdigest()[:8]}"
            policy = aws.iam.Policy(title, policy=document, opts=options)
            done.append(aws.iam.RolePolicyAttachment(title, role=role.name, policy_arn=policy.arn, opts=options).id)
        return pulumi.Output.all(*done).apply(lambda _: True)

    return documents.apply(declare)


def _declare(
    name: str, role: aws.iam.Role, inline: pulumi.Input[str] | None, managed: Sequence[str], parent: pulumi.Resource
) -> pulumi.Output[bool]:
    import pulumi_aws as aws  # noqa: PLC0415  see the package's text

    options = pulumi.ResourceOptions(parent=parent)
    done: list[pulumi.Output[str]] = []
    if inline is not None:
        done.append(aws.iam.RolePolicy(name, role=role.name, policy=inline, opts=options).id)
    for number, document in enumerate(managed, 1):
        policy = aws.iam.Policy(f"{name}-{number}", policy=document, opts=options)
        attached = aws.iam.RolePolicyAttachment(f"{name}-{number}", role=role.name, policy_arn=policy.arn, opts=options)
        done.append(attached.id)
    return pulumi.Output.all(*done).apply(lambda _: True)
