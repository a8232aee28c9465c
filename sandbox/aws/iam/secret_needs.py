"""What a call of Secrets Manager is authorised against (Service Authorization Reference).

A secret's ARN ends in six characters of AWS's own. IAM is asked before Secrets Manager looks whether there is such a
secret, so that of one that is not there the end is any.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.aws.request import AwsRequest

from .permission import Permission, request_tags
from .state import PARTITION, State

_OF_ALL = ("BatchGetSecretValue", "GetRandomPassword", "ListSecrets")
_ENCRYPTS = ("CreateSecret", "PutSecretValue", "UpdateSecret")
_ANY_END = "ANYEND"
_KEYS = {
    "VersionId": "secretsmanager:versionid",
    "VersionStage": "secretsmanager:versionstage",
    "SecretId": "secretsmanager:secretid",
    "Name": "secretsmanager:name",
    "RecoveryWindowInDays": "secretsmanager:recoverywindowindays",
}


def secret_permissions(request: AwsRequest, account: str, state: State) -> Iterator[Permission]:
    """List what a call needs, in AWS's order: its own action, tags and copies on creation, KMS's with a key."""
    asked = request.parameters
    action = f"secretsmanager:{request.operation}"
    if request.operation in _OF_ALL:
        yield Permission(action, "*")
        if request.operation == "BatchGetSecretValue" and asked.get("Filters"):
            yield Permission("secretsmanager:ListSecrets", "*")
        return
    given: dict[str, Sequence[str]] = {key: [str(asked[name])] for name, key in _KEYS.items() if asked.get(name)}
    if request.operation == "DeleteSecret":
        forced = "true" if asked.get("ForceDeleteWithoutRecovery") is True else "false"
        given["secretsmanager:forcedeletewithoutrecovery"] = [forced]
    secret_id = str(asked.get("SecretId") or asked.get("Name") or "")
    secret = state.secret(account, request.region, secret_id)
    prefix = f"arn:{PARTITION}:secretsmanager:{request.region}:{account}:secret:"
    arn = secret.arn if secret else secret_id if secret_id.startswith("arn:") else f"{prefix}{secret_id}-{_ANY_END}"
    context = {**given, **request_tags(request), **_tags(secret)}
    yield Permission(action, arn, context)
    if request.operation == "CreateSecret" and asked.get("Tags"):
        yield Permission("secretsmanager:TagResource", arn, request_tags(request))
    if request.operation == "CreateSecret" and asked.get("AddReplicaRegions"):
        yield Permission("secretsmanager:ReplicateSecretToRegions", arn, context)
    yield from _keys(request, account, state, secret, arn)


def _keys(request: AwsRequest, account: str, state: State, secret: Any, arn: str) -> Iterator[Permission]:
    """What Secrets Manager has KMS do with a customer key (API reference, "Required permissions" of each operation).

    Where UpdateSecret may not encrypt, AWS leaves what is there under the former key and says nothing; here it is
    denied, so that it does not go unseen. To write it again under a new key it is decrypted with the former.
    """
    asked, had = (
        state.key_arn(account, request.region, key_id, default="alias/aws/secretsmanager")
        for key_id in (request.parameters.get("KmsKeyId"), secret.kms_key_id if secret else None)
    )
    key = asked if request.parameters.get("KmsKeyId") else had
    if request.operation not in ("GetSecretValue", "ReplicateSecretToRegions", *_ENCRYPTS):
        return
    context = {
        "kms:encryptioncontext:secretarn": [arn],
        "kms:viaservice": [f"secretsmanager.{request.region}.amazonaws.com"],
        "kms:calleraccount": [account],
    }
    for each in dict.fromkeys(filter(None, (key, had))):
        if each == key and request.operation in _ENCRYPTS:
            yield Permission("kms:GenerateDataKey", key, context)
        if each == key and request.operation == "UpdateSecret":
            yield Permission("kms:Encrypt", key, context)
        yield Permission("kms:Decrypt", each, context)


def _tags(secret: Any) -> Mapping[str, Sequence[str]]:
    """The condition keys of a secret's own tags."""
    tags = {each["Key"]: each["Value"] for each in (secret.tags or ())} if secret else {}
    return {f"{owner}:resourcetag/{key}".lower(): [tags[key]] for key in tags for owner in ("aws", "secretsmanager")}
