"""Parameter Store's data plane as AWS answers it, over the parameters that moto keeps.

moto answers the rest (labels, writing of tags, deletion). Put right here: plaintext in undecrypted values, random
order, missing selectors, wrong error for an unknown label, unchecked names, values, tiers and keys, tags by ARN.
"""

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.kms.models import kms_backends
from moto.ssm.models import Parameter, SimpleSystemManagerBackend, ssm_backends

from . import listings
from . import parameter_rules as rules
from .errors import AwsError

MAX_NAMES = 10
_DEFAULT_KEY = "alias/aws/ssm"
_CIPHERTEXT_START = b"\x01\x02\x02\x00\x78"  # base64 "AQICAH...", how KMS ciphertext begins
_CIPHERTEXT_OVERHEAD = 150  # bytes that KMS adds; a real blob is about this much longer than its plaintext

_NO_RESOURCE = "The resource ID isn't valid. Verify that you entered the correct ID and try again."

Answer = dict[str, Any]


class ParameterStore:
    """Parameter Store of all accounts and regions of this process (moto keeps them globally)."""

    def __init__(self) -> None:
        self._ciphertext_key = secrets.token_bytes(16)
        self._writers: dict[tuple[str, str, str, int], str] = {}
        self._operations: dict[str, Callable[[SimpleSystemManagerBackend, Mapping[str, Any]], Answer]] = {
            "GetParameter": self._get_parameter,
            "GetParameters": self._get_parameters,
            "GetParametersByPath": self._get_parameters_by_path,
            "GetParameterHistory": self._get_parameter_history,
            "DescribeParameters": self._describe_parameters,
            "ListTagsForResource": self._list_tags,
            "PutParameter": self._put_parameter,
            "AddTagsToResource": self._add_tags,
            "DeleteParameter": self._delete_parameter,
        }

    def answers(self, operation: str, parameters: Mapping[str, Any]) -> bool:
        """Tell whether the operation is answered here; Secrets Manager references and documents are left to moto."""
        if parameters.get("ResourceType", "Parameter") != "Parameter":
            return False
        names = parameters.get("Names") or [parameters.get("Name", "")]
        return operation in self._operations and not any(str(name).startswith("/aws/reference/") for name in names)

    def answer(
        self, operation: str, parameters: Mapping[str, Any], account: str, region: str, principal: str = ""
    ) -> Answer:
        """Answer one operation, in the shape of its JSON response.

        Args:
            operation: such as `GetParameters`.
            parameters: of the request.
            account: the caller's.
            region: that is asked.
            principal: the caller's ARN.

        Raises:
            AwsError: what AWS would answer.
        """
        try:
            answer = self._operations[operation](ssm_backends[account][region], parameters)
        except ServiceException as error:
            raise AwsError(error.code, error.message) from None
        except KeyError as missing:
            raise AwsError("ValidationException", f"Value null at {missing} failed to satisfy constraint") from None
        if operation == "PutParameter" and principal:
            self._writers[account, region, _normal(parameters["Name"]), answer["Version"]] = principal
        return answer

    def hold_tags(self, name: str, tags: dict[str, str], account: str, region: str) -> None:
        """Give a parameter tags, also such as AWS refuses."""
        ssm_backends[account][region].add_tags_to_resource("Parameter", name, tags)

    def _get_parameter(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        reference = rules.parse_reference(asked["Name"])
        parameter = _find(backend, reference)
        return {"Parameter": self._parameter(backend, parameter, asked, reference.selector)}

    def _get_parameters(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        names: list[str] = asked["Names"]
        if not 1 <= len(names) <= MAX_NAMES:
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '[{', '.join(names)}]' at 'names' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_NAMES}, and at least 1.",
            )
        found, invalid = [], []
        for name in dict.fromkeys(names):
            reference = rules.parse_reference(name)
            try:
                found.append((_find(backend, reference), reference.selector))
            except AwsError:
                invalid.append(name)
        found.sort(key=lambda pair: (pair[0].name, pair[1]))
        return {
            "Parameters": [self._parameter(backend, parameter, asked, selector) for parameter, selector in found],
            "InvalidParameters": invalid,
        }

    def _get_parameters_by_path(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        rules.check_path(asked["Path"])
        page, token = listings.by_path(backend, asked)
        return {"Parameters": [self._parameter(backend, parameter, asked) for parameter in page], **token}

    def _describe_parameters(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        page, token = listings.describe(backend, asked)
        place = backend.account_id, backend.region_name
        for each in page:
            writer = self._writers.get((*place, _normal(each["Name"]), each["Version"]))
            each["LastModifiedUser"] = writer or f"arn:aws:iam::{backend.account_id}:root"
        return {"Parameters": page, **token}

    def _add_tags(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        name = str(asked["ResourceId"])
        if ":" in name or not _versions(backend, name):
            raise AwsError("InvalidResourceId", _NO_RESOURCE)
        tags = {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        rules.check_tags({**backend.list_tags_for_resource("Parameter", name), **tags})
        backend.add_tags_to_resource("Parameter", name, tags)
        return {}

    def _delete_parameter(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        name = str(asked["Name"])
        backend.delete_parameter(name)
        # moto forgets the tags of one spelling alone, and a later parameter of that name would have them.
        for each in (_normal(name), name.removeprefix("/")):
            backend._resource_tags["Parameter"].pop(each, None)  # noqa: SLF001 - as `_versions`
        return {}

    def _list_tags(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        name = str(asked["ResourceId"])
        # A name and nothing else: AddTagsToResource's reference, which ListTagsForResource's points to.
        if ":" in name or not _versions(backend, name):
            raise AwsError("InvalidResourceId", _NO_RESOURCE)
        tags = backend.list_tags_for_resource("Parameter", name)
        return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _get_parameter_history(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        reference = rules.parse_reference(asked["Name"])
        _find(backend, reference)
        page, token = backend.get_parameter_history(reference.name, asked.get("NextToken"), asked.get("MaxResults", 50))
        answer: Answer = {
            "Parameters": [
                parameter.describe_response_object(decrypt=False, include_labels=True)
                | self._parameter(backend, parameter, asked)
                for parameter in page or ()
            ]
        }
        return answer | ({"NextToken": token} if token else {})

    def _put_parameter(self, backend: SimpleSystemManagerBackend, asked: Mapping[str, Any]) -> Answer:
        name, value = asked["Name"], asked["Value"]
        rules.check_new_name(name, f"{backend.ssm_prefix}/{name.removeprefix('/')}")
        rules.check_value(value, asked.get("AllowedPattern"))
        versions = _versions(backend, name)
        stored = versions[-1] if versions else None
        if versions and not asked.get("Overwrite"):
            raise AwsError(
                "ParameterAlreadyExists",
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to "
                "true.",
            )
        kind = rules.check_type(asked.get("Type"), stored.parameter_type if stored else None)
        rules.check_tags({tag["Key"]: tag["Value"] for tag in asked.get("Tags") or ()})
        policies = rules.kept_policies(asked.get("Policies"), stored.policies if stored else None)
        tier = rules.resolve_tier(
            asked.get("Tier"), stored.tier if stored else None, value, has_policies=bool(policies)
        )
        if kind == "SecureString":
            _check_key(backend, asked.get("KeyId"))
        # moto's own types call these required; its own caller passes None for what a request leaves out.
        written = backend.put_parameter(
            name,
            asked.get("Description"),  # type: ignore[arg-type]
            value,
            kind,
            asked.get("AllowedPattern"),  # type: ignore[arg-type]
            asked.get("KeyId"),  # type: ignore[arg-type]
            asked.get("Overwrite", False),
            asked.get("Tags"),  # type: ignore[arg-type]
            asked.get("DataType", "text"),
            tier=tier,
            policies=policies or "",
        )
        return {"Version": written.version, "Tier": written.tier}

    def _parameter(
        self, backend: SimpleSystemManagerBackend, parameter: Parameter, asked: Mapping[str, Any], selector: str = ""
    ) -> Answer:
        arn = f"{backend.ssm_prefix}/{parameter.name.removeprefix('/')}"
        value: str | None = parameter.value
        if parameter.parameter_type == "SecureString":
            if asked.get("WithDecryption"):
                _check_key(backend, parameter.keyid)
                value = parameter.decrypt(parameter.value)
            else:
                value = self._ciphertext(parameter, arn)
        answer: Answer = {
            "Name": parameter.name,
            "Type": parameter.parameter_type,
            "Value": value,
            "Version": parameter.version,
            "LastModifiedDate": parameter.last_modified_date.replace(tzinfo=dt.UTC).timestamp(),
            "ARN": arn,
            "DataType": parameter.data_type,
        }
        return answer | ({"Selector": f":{selector}"} if selector else {})

    def _ciphertext(self, parameter: Parameter, arn: str) -> str:
        """Return what looks like KMS ciphertext, is the same for one version, and tells nothing but a length."""
        seed = f"{arn}:{parameter.version}:{parameter.last_modified_date.isoformat()}".encode()
        length = len(parameter.value.encode()) + _CIPHERTEXT_OVERHEAD
        noise = hashlib.shake_256(self._ciphertext_key + seed).digest(length)
        return base64.b64encode(_CIPHERTEXT_START + noise).decode()


def _normal(name: str) -> str:
    return f"/{name.removeprefix('/')}"


def _versions(backend: SimpleSystemManagerBackend, name: str) -> list[Parameter]:
    """All versions of a parameter, oldest first; moto has no public way to ask."""
    stored = backend._parameters  # noqa: SLF001 - moto is pinned for this
    return stored[name] if name in stored else []  # noqa: SIM401 - its `in` and `[]` normalise names, `get` does not


def _find(backend: SimpleSystemManagerBackend, reference: rules.Reference) -> Parameter:
    versions = _versions(backend, reference.name)
    if not versions or reference.owner not in ("", backend.ssm_prefix):
        raise AwsError("ParameterNotFound")
    if not reference.selector:
        return versions[-1]
    for parameter in versions:
        if parameter.version == reference.version or reference.selector in parameter.labels:
            return parameter
    what = "version" if reference.version is not None else "label"
    raise AwsError(
        "ParameterVersionNotFound",
        f"Systems Manager could not find {what} {reference.selector} of {reference.name}. "
        f"Verify the {what} and try again.",
    )


def _check_key(backend: SimpleSystemManagerBackend, key_id: str | None) -> None:
    """Check that a customer key exists and is enabled; the default key always works."""
    if not key_id or key_id == _DEFAULT_KEY or key_id.endswith(f":{_DEFAULT_KEY}"):
        return
    kms = kms_backends[backend.account_id][backend.region_name]
    try:
        key = kms.keys[kms.any_id_to_key_id(key_id)]
    except (KeyError, AttributeError):  # moto fails with an AttributeError for an unknown alias
        raise AwsError("InvalidKeyId", f"Invalid keyId {key_id}") from None
    if key.key_state != "Enabled":
        raise AwsError("InvalidKeyId", f"{key.arn} is {key.key_state.lower()}.")
