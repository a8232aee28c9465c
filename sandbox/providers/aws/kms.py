"""The resource types of KMS keys and their aliases."""

from .resource_type import AutoName, Plain, ResourceType, Update, given, retag, tag_outputs
from .session import Clients

_GONE = ("PendingDeletion", "PendingReplicaDeletion")


def _kms_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags]


def _create_key(clients: Clients, new: Plain) -> str:
    kms = clients("kms")
    tags = [{"TagKey": key, "TagValue": value} for key, value in sorted((new.get("tags") or {}).items())]
    request = given(
        Description=new.get("description"),
        KeyUsage=new.get("keyUsage"),
        KeySpec=new.get("customerMasterKeySpec"),
        Policy=new.get("policy"),
        MultiRegion=new.get("multiRegion"),
        Tags=tags,
    )
    key_id = str(kms.create_key(**request)["KeyMetadata"]["KeyId"])
    if new.get("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=key_id)
    if new.get("isEnabled") is False:
        kms.disable_key(KeyId=key_id)
    return key_id


def _read_key(clients: Clients, key_id: str, _inputs: Plain) -> Plain:
    kms = clients("kms")
    key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    if key["KeyState"] in _GONE:
        raise kms.exceptions.NotFoundException({"Error": {"Code": "NotFoundException"}}, "DescribeKey")
    return given(
        keyId=key["KeyId"],
        arn=key["Arn"],
        description=key.get("Description"),
        keyUsage=key["KeyUsage"],
        customerMasterKeySpec=key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
        policy=kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"],
    ) | {
        "isEnabled": key["KeyState"] == "Enabled",
        "multiRegion": bool(key.get("MultiRegion")),
        "enableKeyRotation": kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
        **tag_outputs(kms.list_resource_tags(KeyId=key_id).get("Tags", []), "TagKey", "TagValue"),
    }


def _update_key(clients: Clients, update: Update) -> None:
    kms, key, new = clients("kms"), {"KeyId": update.id}, update.new
    if "isEnabled" in update.changed and new.get("isEnabled"):
        kms.enable_key(**key)
    if "description" in update.changed:
        kms.update_key_description(**key, Description=new.get("description", ""))
    if "policy" in update.changed and new.get("policy"):
        kms.put_key_policy(**key, PolicyName="default", Policy=new["policy"])
    if "enableKeyRotation" in update.changed:
        (kms.enable_key_rotation if new.get("enableKeyRotation") else kms.disable_key_rotation)(**key)
    retag(
        update,
        lambda tags: kms.tag_resource(**key, Tags=_kms_tags(tags)),
        lambda keys: kms.untag_resource(**key, TagKeys=keys),
    )
    if "isEnabled" in update.changed and not new.get("isEnabled"):
        kms.disable_key(**key)


def _delete_key(clients: Clients, key_id: str, inputs: Plain) -> None:
    clients("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=inputs.get("deletionWindowInDays", 30))


KEY = ResourceType(
    label="KMS key",
    inputs=frozenset(
        {"description", "keyUsage", "customerMasterKeySpec", "policy", "isEnabled", "enableKeyRotation"}
        | {"deletionWindowInDays", "multiRegion", "tags"}
    ),
    create=_create_key,
    read=_read_key,
    update=_update_key,
    delete=_delete_key,
    defaults={
        "keyUsage": "ENCRYPT_DECRYPT",
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "isEnabled": True,
    },
    replaces=frozenset({"keyUsage", "customerMasterKeySpec", "multiRegion"}),
    computed=("arn", "keyId", "policy", "description", "multiRegion", "enableKeyRotation", "tagsAll"),
    documents=("policy",),
    write_only=frozenset({"deletionWindowInDays"}),
)


def _create_alias(clients: Clients, new: Plain) -> str:
    clients("kms").create_alias(AliasName=new["name"], TargetKeyId=new["targetKeyId"])
    return str(new["name"])


def _read_alias(clients: Clients, name: str, inputs: Plain) -> Plain:
    kms = clients("kms")
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == name and alias.get("TargetKeyId"):
                key = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
                as_arn = str(inputs.get("targetKeyId", "")).startswith("arn:")
                return {
                    "name": name,
                    "arn": alias["AliasArn"],
                    "targetKeyId": key["Arn"] if as_arn else key["KeyId"],
                    "targetKeyArn": key["Arn"],
                }
    raise kms.exceptions.NotFoundException({"Error": {"Code": "NotFoundException"}}, "ListAliases")


def _update_alias(clients: Clients, update: Update) -> None:
    clients("kms").update_alias(AliasName=update.id, TargetKeyId=update.new["targetKeyId"])


def _delete_alias(clients: Clients, name: str, _inputs: Plain) -> None:
    clients("kms").delete_alias(AliasName=name)


def _check_alias(inputs: Plain) -> list[tuple[str, str]]:
    return [] if str(inputs["name"]).startswith("alias/") else [("name", "must begin with 'alias/'")]


ALIAS = ResourceType(
    label="KMS alias",
    inputs=frozenset({"name", "namePrefix", "targetKeyId"}),
    create=_create_alias,
    read=_read_alias,
    update=_update_alias,
    delete=_delete_alias,
    required=("targetKeyId",),
    replaces=frozenset({"name", "namePrefix"}),
    computed=("arn", "targetKeyArn"),
    volatile={"targetKeyArn": frozenset({"targetKeyId"})},
    write_only=frozenset({"namePrefix"}),
    auto_name=AutoName(limit=256, prefix="alias/"),
    check=_check_alias,
)
