"""IAM's resource types: roles, policies, and what ties them together."""

import json
from typing import Any
from urllib.parse import unquote

from .resource_type import AutoName, Plain, ResourceType, Update, given, retag, tag_list, tag_outputs
from .session import Clients

MAX_POLICY_VERSIONS = 5
_NAME = frozenset({"name", "namePrefix"})


def _document(content: Any) -> str:
    """AWS answers policy documents URL-encoded; botocore has decoded some already."""
    return unquote(content) if isinstance(content, str) else json.dumps(content)


def _create_role(clients: Clients, new: Plain) -> str:
    request = given(
        RoleName=new["name"],
        AssumeRolePolicyDocument=new["assumeRolePolicy"],
        Path=new.get("path"),
        Description=new.get("description"),
        MaxSessionDuration=new.get("maxSessionDuration"),
        PermissionsBoundary=new.get("permissionsBoundary"),
        Tags=tag_list(new.get("tags")),
    )
    return str(clients("iam").create_role(**request)["Role"]["RoleName"])


def _read_role(clients: Clients, name: str, _inputs: Plain) -> Plain:
    role = clients("iam").get_role(RoleName=name)["Role"]
    attached = clients("iam").get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return given(
        name=role["RoleName"],
        arn=role["Arn"],
        uniqueId=role["RoleId"],
        createDate=role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        path=role["Path"],
        description=role.get("Description"),
        maxSessionDuration=role.get("MaxSessionDuration"),
        permissionsBoundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        assumeRolePolicy=_document(role["AssumeRolePolicyDocument"]),
    ) | {
        "managedPolicyArns": sorted(policy["PolicyArn"] for page in attached for policy in page["AttachedPolicies"]),
        **tag_outputs(role.get("Tags", [])),
    }


def _update_role(clients: Clients, update: Update) -> None:
    iam, new = clients("iam"), update.new
    if "assumeRolePolicy" in update.changed:
        iam.update_assume_role_policy(RoleName=update.id, PolicyDocument=new["assumeRolePolicy"])
    if update.changed & {"description", "maxSessionDuration"}:
        iam.update_role(
            RoleName=update.id,
            Description=new.get("description", ""),
            MaxSessionDuration=new.get("maxSessionDuration", 3600),
        )
    if "permissionsBoundary" in update.changed:
        if new.get("permissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=update.id, PermissionsBoundary=new["permissionsBoundary"])
        else:
            iam.delete_role_permissions_boundary(RoleName=update.id)
    retag(
        update,
        lambda tags: iam.tag_role(RoleName=update.id, Tags=tags),
        lambda keys: iam.untag_role(RoleName=update.id, TagKeys=keys),
    )


def _delete_role(clients: Clients, name: str, inputs: Plain) -> None:
    iam = clients("iam")
    if inputs.get("forceDetachPolicies"):
        for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
            for policy in page["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        for page in iam.get_paginator("list_role_policies").paginate(RoleName=name):
            for policy_name in page["PolicyNames"]:
                iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
    iam.delete_role(RoleName=name)


ROLE = ResourceType(
    label="IAM role",
    inputs=_NAME
    | {"assumeRolePolicy", "path", "description", "maxSessionDuration", "permissionsBoundary", "tags"}
    | {"forceDetachPolicies"},
    create=_create_role,
    read=_read_role,
    update=_update_role,
    delete=_delete_role,
    required=("assumeRolePolicy",),
    defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
    replaces=_NAME | {"path"},
    computed=("arn", "uniqueId", "createDate", "managedPolicyArns", "tagsAll"),
    documents=("assumeRolePolicy",),
    write_only=frozenset({"forceDetachPolicies", "namePrefix"}),
    auto_name=AutoName(limit=64),
)


def _create_policy(clients: Clients, new: Plain) -> str:
    request = given(
        PolicyName=new["name"],
        PolicyDocument=new["policy"],
        Path=new.get("path"),
        Description=new.get("description"),
        Tags=tag_list(new.get("tags")),
    )
    return str(clients("iam").create_policy(**request)["Policy"]["Arn"])


def _read_policy(clients: Clients, arn: str, _inputs: Plain) -> Plain:
    iam = clients("iam")
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    return given(
        name=policy["PolicyName"],
        arn=policy["Arn"],
        policyId=policy["PolicyId"],
        attachmentCount=policy["AttachmentCount"],
        path=policy["Path"],
        description=policy.get("Description") or None,
        policy=_document(version["Document"]),
    ) | tag_outputs(policy.get("Tags", []))


def _update_policy(clients: Clients, update: Update) -> None:
    iam = clients("iam")
    if "policy" in update.changed:
        versions = iam.list_policy_versions(PolicyArn=update.id)["Versions"]
        if len(versions) >= MAX_POLICY_VERSIONS:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: int(v["VersionId"][1:]))
            iam.delete_policy_version(PolicyArn=update.id, VersionId=oldest["VersionId"])
        iam.create_policy_version(PolicyArn=update.id, PolicyDocument=update.new["policy"], SetAsDefault=True)
    retag(
        update,
        lambda tags: iam.tag_policy(PolicyArn=update.id, Tags=tags),
        lambda keys: iam.untag_policy(PolicyArn=update.id, TagKeys=keys),
    )


def _delete_policy(clients: Clients, arn: str, _inputs: Plain) -> None:
    iam = clients("iam")
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)


POLICY = ResourceType(
    label="IAM policy",
    inputs=_NAME | {"policy", "path", "description", "tags"},
    create=_create_policy,
    read=_read_policy,
    update=_update_policy,
    delete=_delete_policy,
    required=("policy",),
    defaults={"path": "/"},
    replaces=_NAME | {"path", "description"},
    computed=("arn", "policyId", "attachmentCount", "tagsAll"),
    documents=("policy",),
    write_only=frozenset({"namePrefix"}),
    auto_name=AutoName(limit=128),
)


def _put_role_policy(clients: Clients, new: Plain) -> str:
    clients("iam").put_role_policy(RoleName=new["role"], PolicyName=new["name"], PolicyDocument=new["policy"])
    return f"{new['role']}:{new['name']}"


def _read_role_policy(clients: Clients, id: str, _inputs: Plain) -> Plain:  # noqa: A002 - Pulumi's name
    role, _, name = id.partition(":")
    answer = clients("iam").get_role_policy(RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": _document(answer["PolicyDocument"])}


def _update_role_policy(clients: Clients, update: Update) -> None:
    _put_role_policy(clients, update.new)


def _delete_role_policy(clients: Clients, id: str, _inputs: Plain) -> None:  # noqa: A002 - Pulumi's name
    role, _, name = id.partition(":")
    clients("iam").delete_role_policy(RoleName=role, PolicyName=name)


ROLE_POLICY = ResourceType(
    label="IAM role policy",
    inputs=_NAME | {"role", "policy"},
    create=_put_role_policy,
    read=_read_role_policy,
    update=_update_role_policy,
    delete=_delete_role_policy,
    required=("role", "policy"),
    replaces=_NAME | {"role"},
    documents=("policy",),
    write_only=frozenset({"namePrefix"}),
    auto_name=AutoName(limit=128),
)


def _attach(clients: Clients, new: Plain) -> str:
    clients("iam").attach_role_policy(RoleName=new["role"], PolicyArn=new["policyArn"])
    return f"{new['role']}/{new['policyArn']}"


def _read_attachment(clients: Clients, id: str, _inputs: Plain) -> Plain:  # noqa: A002 - Pulumi's name
    role, _, arn = id.partition("/")
    iam = clients("iam")
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        if any(policy["PolicyArn"] == arn for policy in page["AttachedPolicies"]):
            return {"role": role, "policyArn": arn}
    raise iam.exceptions.NoSuchEntityException({"Error": {"Code": "NoSuchEntity"}}, "ListAttachedRolePolicies")


def _detach(clients: Clients, id: str, _inputs: Plain) -> None:  # noqa: A002 - Pulumi's name
    role, _, arn = id.partition("/")
    clients("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


ROLE_POLICY_ATTACHMENT = ResourceType(
    label="IAM role policy attachment",
    inputs=frozenset({"role", "policyArn"}),
    create=_attach,
    read=_read_attachment,
    delete=_detach,
    required=("role", "policyArn"),
    replaces=frozenset({"role", "policyArn"}),
)
