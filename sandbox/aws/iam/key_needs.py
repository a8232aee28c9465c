"""What a direct call of KMS is authorised against: the key itself, whichever of its names the call gives."""

import base64
from collections.abc import Iterator, Mapping, Sequence

from sandbox.aws.request import AwsRequest

from . import reference
from .permission import Permission, tag_context
from .state import PARTITION, State

_OF_ALIASES = ("CreateAlias", "DeleteAlias", "UpdateAlias")
_ID = 36
"""Characters of a key's ID."""


def key_permissions(request: AwsRequest, account: str, state: State) -> Iterator[Permission]:
    """List what a call needs. Of a key that is not there nothing is needed: KMS answers that it is not found."""
    asked, region, operation = request.parameters, request.region, request.operation
    # Tags of KMS are TagKey and TagValue.
    tags = tag_context({each["TagKey"]: each["TagValue"] for each in asked.get("Tags") or ()})

    def of_key(action: str, key_id: str, blob: str = "", encryption: str = "EncryptionContext") -> Iterator[Permission]:
        given = str(asked.get(key_id) or "")
        key = given or _key_of(str(asked.get(blob) or ""))  # the text tells its key, so that KeyId may be left out
        arn = state.kms_key_arn(account, region, key)
        if arn:
            alias = "alias/" + given.partition("alias/")[2] if "alias/" in given else ""
            requested = {"kms:requestalias": [alias]} if alias else {}
            bound = _encryption_context(asked.get(encryption) or {})
            yield Permission(action, arn, {"kms:calleraccount": [account], **requested, **bound, **tags})

    if operation in _OF_ALIASES:
        name = str(asked.get("AliasName", ""))
        yield Permission(f"kms:{operation}", f"arn:{PARTITION}:kms:{region}:{account}:{name}")
        if operation != "CreateAlias":
            yield from _of_former_key(operation, state.kms_key_arn(account, region, name))
        yield from of_key(f"kms:{operation}", "TargetKeyId")
    elif operation == "ReEncrypt":
        yield from of_key("kms:ReEncryptFrom", "SourceKeyId", "CiphertextBlob", "SourceEncryptionContext")
        yield from of_key("kms:ReEncryptTo", "DestinationKeyId", "", "DestinationEncryptionContext")
    elif operation == "Decrypt" or (asked.get("KeyId") and operation != "ListAliases"):
        yield from of_key(f"kms:{operation}", "KeyId", "CiphertextBlob")
    else:
        yield Permission(f"kms:{operation}", reference.resource("kms", operation, asked, account, region), tags)


def _of_former_key(operation: str, arn: str | None) -> Iterator[Permission]:
    if arn:
        yield Permission(f"kms:{operation}", arn)


def _encryption_context(pairs: Mapping[str, str]) -> dict[str, Sequence[str]]:
    keys: dict[str, Sequence[str]] = {"kms:encryptioncontextkeys": sorted(pairs)} if pairs else {}
    return keys | {f"kms:encryptioncontext:{key}".lower(): [value] for key, value in pairs.items()}


def _key_of(blob: str) -> str:
    """The ID of the key that a text was encrypted with, which moto puts before it; empty where it is no such text."""
    try:
        return base64.b64decode(blob)[:_ID].decode("ascii")
    except ValueError:
        return ""
