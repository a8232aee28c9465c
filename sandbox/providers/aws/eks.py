"""EKS's types that identities refer to: clusters (name and OIDC issuer), Pod Identity associations, access entries."""

from typing import Any

from .resource_type import AutoName, Plain, ResourceType, Update, given, tag_outputs
from .session import Clients


def _create_cluster(clients: Clients, new: Plain) -> str:
    request = given(
        name=new["name"],
        roleArn=new["roleArn"],
        resourcesVpcConfig={"subnetIds": new["vpcConfig"].get("subnetIds", [])},
        version=new.get("version"),
        tags=new.get("tags"),
    )
    return str(clients("eks").create_cluster(**request)["cluster"]["name"])


def _read_cluster(clients: Clients, name: str, inputs: Plain) -> Plain:
    found = clients("eks").describe_cluster(name=name)["cluster"]
    issuer = found["identity"]["oidc"]["issuer"]
    return {
        "name": found["name"],
        "arn": found["arn"],
        "roleArn": found["roleArn"],
        "vpcConfig": inputs.get("vpcConfig") or {"subnetIds": found["resourcesVpcConfig"]["subnetIds"]},
        "version": found["version"],
        "endpoint": found["endpoint"],
        "identities": [{"oidcs": [{"issuer": issuer}]}],
        **_tag_outputs(found),
    }


def _delete_cluster(clients: Clients, name: str, _inputs: Plain) -> None:
    clients("eks").delete_cluster(name=name)


CLUSTER = ResourceType(
    label="EKS cluster",
    inputs=frozenset({"name", "roleArn", "vpcConfig", "version", "tags"}),
    create=_create_cluster,
    read=_read_cluster,
    delete=_delete_cluster,
    required=("roleArn", "vpcConfig"),
    replaces=frozenset({"name", "roleArn", "vpcConfig", "version", "tags"}),
    computed=("arn", "version", "endpoint", "identities", "tagsAll"),
    auto_name=AutoName(limit=100),
)


def _create(clients: Clients, new: Plain) -> str:
    request = given(
        clusterName=new["clusterName"],
        namespace=new["namespace"],
        serviceAccount=new["serviceAccount"],
        roleArn=new["roleArn"],
        disableSessionTags=new.get("disableSessionTags"),
        tags=new.get("tags"),
    )
    return str(clients("eks").create_pod_identity_association(**request)["association"]["associationId"])


def _read(clients: Clients, id: str, inputs: Plain) -> Plain:  # noqa: A002 - Pulumi's name
    found = _find(clients, id, inputs)
    names = ("clusterName", "namespace", "serviceAccount", "roleArn", "associationArn", "associationId")
    return {
        **{name: found[name] for name in names},
        "disableSessionTags": found.get("disableSessionTags", False),
        **_tag_outputs(found),
    }


def _find(clients: Clients, id: str, inputs: Plain) -> dict[str, Any]:  # noqa: A002 - Pulumi's name
    cluster, _, association = id.rpartition(",")  # an import names both
    answer = clients("eks").describe_pod_identity_association(
        clusterName=cluster or inputs["clusterName"], associationId=association
    )
    found: dict[str, Any] = answer["association"]
    return found


def _tag_outputs(found: Plain) -> Plain:
    return tag_outputs([{"Key": key, "Value": value} for key, value in (found.get("tags") or {}).items()])


def _update(clients: Clients, update: Update) -> None:
    clients("eks").update_pod_identity_association(
        clusterName=update.new["clusterName"],
        associationId=update.id,
        roleArn=update.new["roleArn"],
        disableSessionTags=update.new.get("disableSessionTags", False),
    )


def _delete(clients: Clients, id: str, inputs: Plain) -> None:  # noqa: A002 - Pulumi's name
    clients("eks").delete_pod_identity_association(clusterName=inputs["clusterName"], associationId=id)


POD_IDENTITY_ASSOCIATION = ResourceType(
    label="EKS Pod Identity association",
    inputs=frozenset({"clusterName", "namespace", "serviceAccount", "roleArn", "disableSessionTags", "tags"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    required=("clusterName", "namespace", "serviceAccount", "roleArn"),
    replaces=frozenset({"clusterName", "namespace", "serviceAccount", "tags"}),
    computed=("associationArn", "associationId", "disableSessionTags", "tagsAll"),
)


def _create_entry(clients: Clients, new: Plain) -> str:
    request = given(
        clusterName=new["clusterName"],
        principalArn=new["principalArn"],
        kubernetesGroups=new.get("kubernetesGroups"),
        username=new.get("userName"),
        type=new.get("type"),
        tags=new.get("tags"),
    )
    clients("eks").create_access_entry(**request)
    return f"{new['clusterName']}:{new['principalArn']}"


def _read_entry(clients: Clients, id: str, _inputs: Plain) -> Plain:  # noqa: A002 - Pulumi's name
    cluster, _, principal = id.partition(":")
    found = clients("eks").describe_access_entry(clusterName=cluster, principalArn=principal)["accessEntry"]
    names = ("clusterName", "principalArn", "kubernetesGroups", "accessEntryArn", "type")
    return {**{name: found[name] for name in names}, "userName": found["username"], **_tag_outputs(found)}


def _update_entry(clients: Clients, update: Update) -> None:
    clients("eks").update_access_entry(
        clusterName=update.new["clusterName"],
        principalArn=update.new["principalArn"],
        kubernetesGroups=update.new.get("kubernetesGroups", []),
        **given(username=update.new.get("userName")),
    )


def _delete_entry(clients: Clients, _id: str, inputs: Plain) -> None:
    clients("eks").delete_access_entry(clusterName=inputs["clusterName"], principalArn=inputs["principalArn"])


ACCESS_ENTRY = ResourceType(
    label="EKS access entry",
    inputs=frozenset({"clusterName", "principalArn", "kubernetesGroups", "userName", "type", "tags"}),
    create=_create_entry,
    read=_read_entry,
    update=_update_entry,
    delete=_delete_entry,
    required=("clusterName", "principalArn"),
    replaces=frozenset({"clusterName", "principalArn", "type", "tags"}),
    computed=("accessEntryArn", "userName", "type", "tagsAll"),
)
