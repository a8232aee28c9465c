"""Secrets Manager as AWS answers it, over the secrets that moto keeps; moto answers the rest.

Put right here, with what says so:

* A missing secret, or one without a value, is an entry of a batch's `Errors` and does not fail the batch (API
  reference, BatchGetSecretValue; getmoto/moto pull 7592, open). A batch has up to 20 ids, or pages of 20 (there).
* ListSecrets takes pages of up to 100 (API reference, ListSecrets).
* A version without a stage is no part of DescribeSecret's `VersionIdsToStages` (API reference, DescribeSecret), is
  listed by ListSecretVersionIds with `IncludeDeprecated` alone, and one without a value by neither (API reference,
  ListSecretVersionIds; user guide, "Troubleshoot AWS Secrets Manager rotation").
* Names of other characters, and values of no bytes or more than 65,536, are refused (API reference, CreateSecret and
  PutSecretValue), and so is a key that is not there or not enabled (there, EncryptionFailure and DecryptionFailure).
* A name that is marked for deletion cannot be created (API reference, CreateSecret: InvalidRequestException).
* After AWSCURRENT was moved, the next value moves it, and AWSPREVIOUS, from where it is; other stages stay where they
  are (API reference, PutSecretValue and UpdateSecretVersionStage).
* Of more than 100 versions the oldest without a stage goes, unless it is younger than a day; then no other is taken
  (API reference, PutSecretValue: LimitExceededException).
* UpdateSecret takes an empty description, too (API reference, UpdateSecret).
* What is marked for deletion is refused in AWS's words (external-secrets/external-secrets issue 4560).
"""

import base64
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from .errors import AwsError

MAX_IDS = 20
LIST_PAGE = 100
MAX_BYTES = 65_536
MAX_VERSIONS = 100
_A_DAY = 86_400
MARKED = "You can't perform this operation on the secret because it was marked for deletion."
_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_NOT_FOUND = "Secrets Manager can't find the specified secret."
_WRITES = ("CreateSecret", "PutSecretValue", "UpdateSecret")

Answer = dict[str, Any]
Stages = dict[str, list[str]]


class SecretsManager:
    """Secrets Manager of all accounts and regions of this process (moto keeps them globally)."""

    def __init__(self) -> None:
        self._operations: dict[str, Callable[[SecretsManagerBackend, Mapping[str, Any]], Answer]] = {
            "GetSecretValue": _get_secret_value,
            "BatchGetSecretValue": _batch_get_secret_value,
            "DescribeSecret": _describe_secret,
            "ListSecrets": _list_secrets,
            "ListSecretVersionIds": _list_secret_version_ids,
        }

    def answers(self, operation: str, parameters: Mapping[str, Any]) -> bool:  # noqa: ARG002 - as ParameterStore's
        """Tell whether the operation is answered here."""
        return operation in self._operations

    def answer(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        account: str,
        region: str,
        principal: str = "",  # noqa: ARG002 - as ParameterStore's
    ) -> Answer:
        """Answer one operation, in the shape of its JSON response.

        Args:
            operation: such as `GetSecretValue`.
            parameters: of the request.
            account: the caller's.
            region: that is asked.
            principal: the caller's ARN.

        Raises:
            AwsError: what AWS would answer.
        """
        return self._operations[operation](secretsmanager_backends[account][region], parameters)

    def before(self, operation: str, parameters: Mapping[str, Any], account: str, region: str) -> Callable[[], None]:
        """Look at a call that moto is going to answer.

        Returns:
            What to do after it has succeeded.

        Raises:
            AwsError: AWS would refuse it.
        """
        backend = secretsmanager_backends[account][region]
        if operation in _WRITES:
            _check_write(backend, operation, parameters, account, region)
        if parameters.keys() & {"SecretString", "SecretBinary"} and operation != "CreateSecret":
            _drop_oldest(backend.secrets[parameters["SecretId"]].versions)
        stages = _stages(backend, parameters)

        def after() -> None:
            if operation in ("PutSecretValue", "UpdateSecret"):
                _move_stages(backend, parameters, stages)
            if operation not in ("UpdateSecret", "UpdateSecretVersionStage"):
                return
            secret: Any = backend.secrets[parameters["SecretId"]]
            if operation == "UpdateSecretVersionStage":
                secret.default_version_id = _bearer(_stages(backend, parameters), "AWSCURRENT")
            elif "Description" in parameters:
                secret.description = parameters["Description"]

        return after


def _found(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Any:
    id_ = parameters.get("SecretId")
    if not id_ or id_ not in backend.secrets:
        raise AwsError("ResourceNotFoundException", _NOT_FOUND)
    return backend.secrets[id_]


def _get_secret_value(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Answer:
    secret = _found(backend, parameters)
    if secret.is_deleted():
        raise AwsError("InvalidRequestException", MARKED)
    version: Any = parameters.get("VersionId")
    stage: Any = parameters.get("VersionStage") or (None if version else "AWSCURRENT")
    try:
        answer = backend.get_secret_value(parameters["SecretId"], version, stage)
    except JsonRESTError as error:
        raise AwsError(str(error.error_type), str(error.message)) from None
    _check_key(secret.account_id, secret.region, secret.kms_key_id, "DecryptionFailure")
    return answer


def _batch_get_secret_value(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Answer:
    ids, filters = parameters.get("SecretIdList"), parameters.get("Filters")
    if bool(ids) == bool(filters):
        raise AwsError(
            "InvalidParameterException", "Either 'SecretIdList' or 'Filters' must be provided, but not both."
        )
    if len(ids or ()) > MAX_IDS:
        raise AwsError("ValidationException", f"Member must have length less than or equal to {MAX_IDS}")
    token: str | None = None
    if filters:
        size = int(parameters.get("MaxResults") or MAX_IDS)
        page, token = backend.list_secrets(filters, size, parameters.get("NextToken"))
        ids = [each["Name"] for each in page]
    values, errors = [], []
    for each in ids or ():
        try:
            values.append(_get_secret_value(backend, {"SecretId": each}))
        except AwsError as error:
            errors.append({"SecretId": each, "ErrorCode": error.code, "Message": error.message})
    return {"SecretValues": values, "Errors": errors, **({"NextToken": token} if token else {})}


def _describe_secret(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Answer:
    secret = _found(backend, parameters)
    return {key: value for key, value in _told(secret).items() if key != "SecretVersionsToStages"}


def _list_secrets(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Answer:
    size = int(parameters.get("MaxResults") or LIST_PAGE)
    if not 1 <= size <= LIST_PAGE:
        raise AwsError("ValidationException", f"Member must have value less than or equal to {LIST_PAGE}")
    token = parameters.get("NextToken")
    if token is not None and not str(token).isdecimal():
        raise AwsError("InvalidNextTokenException", "The NextToken value is invalid.")
    include = bool(parameters.get("IncludePlannedDeletion"))
    page, following = backend.list_secrets(parameters.get("Filters") or [], size, token, include)
    listed = [
        {key: value for key, value in _told(backend.secrets[each["ARN"]]).items() if key != "VersionIdsToStages"}
        for each in page
    ]
    return {"SecretList": listed, **({"NextToken": following} if following else {})}


def _list_secret_version_ids(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Answer:
    secret = _found(backend, parameters)
    deprecated = bool(parameters.get("IncludeDeprecated"))
    versions = [
        {"VersionId": id_, "VersionStages": each["version_stages"], "CreatedDate": each["createdate"]}
        for id_, each in secret.versions.items()
        if (each["version_stages"] or deprecated) and each.keys() & {"secret_string", "secret_binary"}
    ]
    return {"ARN": secret.arn, "Name": secret.name, "Versions": versions}


def _told(secret: Any) -> Answer:
    told: Answer = {key: value for key, value in secret.to_dict().items() if value is not None}
    for key in ("VersionIdsToStages", "SecretVersionsToStages"):
        if key in told:
            told[key] = {id_: stages for id_, stages in told[key].items() if stages}
    return told


def _check_write(
    backend: SecretsManagerBackend, operation: str, parameters: Mapping[str, Any], account: str, region: str
) -> None:
    name = parameters.get("Name")
    if operation == "CreateSecret":
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise AwsError(
                "ValidationException",
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
                "-/_+=.@!",
            )
        if name in backend.secrets and _is_deleted(backend.secrets[name]):
            raise AwsError(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            )
    elif _is_deleted(_found(backend, parameters)):
        raise AwsError("InvalidRequestException", MARKED)
    string, binary = parameters.get("SecretString"), parameters.get("SecretBinary")
    for member, size in (
        ("secretString", None if string is None else len(str(string).encode())),
        ("secretBinary", None if binary is None else len(base64.b64decode(binary))),
    ):
        if size is not None and not 1 <= size <= MAX_BYTES:
            limit = "greater than or equal to 1" if size < 1 else f"less than or equal to {MAX_BYTES}"
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have "
                f"length {limit}",
            )
    _check_key(account, region, parameters.get("KmsKeyId"), "EncryptionFailure")


def _check_key(account: str, region: str, key_id: str | None, code: str) -> None:
    """Refuse a customer key that is not there, not enabled, or waiting for its deletion."""
    if not key_id or key_id.endswith("alias/aws/secretsmanager"):
        return
    kms = kms_backends[account][region]
    try:
        key = kms.keys.get(kms.any_id_to_key_id(key_id))
    except AttributeError:  # moto knows no such alias
        key = None
    if key is None or key.key_state != "Enabled":
        raise AwsError(code, "Secrets Manager can't use the provided KMS key.")


def _drop_oldest(versions: dict[str, dict[str, Any]]) -> None:
    """Make room for one more version."""
    unstaged = [id_ for id_, each in versions.items() if not each["version_stages"]]
    for id_ in sorted(unstaged, key=lambda id_: versions[id_]["createdate"]):
        if len(versions) >= MAX_VERSIONS and versions[id_]["createdate"] < time.time() - _A_DAY:
            del versions[id_]
    if len(versions) >= MAX_VERSIONS:
        raise AwsError("LimitExceededException", "You have reached the maximum number of versions of this secret.")


def _is_deleted(secret: Any) -> bool:
    return bool(secret.is_deleted())


def _stages(backend: SecretsManagerBackend, parameters: Mapping[str, Any]) -> Stages:
    """Id of a version -> its stages, of the secret that a call is about."""
    id_ = parameters.get("SecretId")
    secret = backend.secrets[id_] if id_ and id_ in backend.secrets else None
    return {id_: list(each["version_stages"]) for id_, each in secret.versions.items()} if secret else {}


def _bearer(stages: Stages, stage: str) -> str | None:
    return next((id_ for id_, some in stages.items() if stage in some), None)


def _move_stages(backend: SecretsManagerBackend, parameters: Mapping[str, Any], before: Stages) -> None:
    """Put the stages of a secret right after a new version came: those that it bears are taken from where they were."""
    secret: Any = backend.secrets[parameters["SecretId"]]
    new = next((id_ for id_ in secret.versions if id_ not in before), None)
    if new is None:
        return
    taken = list(secret.versions[new]["version_stages"])
    was = _bearer(before, "AWSCURRENT")
    for id_, stages in before.items():
        kept = [each for each in stages if each not in taken]
        if "AWSCURRENT" in taken:
            kept = [each for each in kept if each != "AWSPREVIOUS"] + (["AWSPREVIOUS"] if id_ == was else [])
        secret.versions[id_]["version_stages"] = kept
    secret.default_version_id = _bearer(_stages(backend, parameters), "AWSCURRENT")
