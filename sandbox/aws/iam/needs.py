"""What a call is authorised against: actions, ARNs and condition keys (Service Authorization Reference)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.aws.listings import BY_PATH_PAGE, span
from sandbox.aws.parameter_rules import STANDARD_BYTES
from sandbox.aws.request import AwsRequest

from . import reference
from .key_needs import key_permissions
from .permission import Permission, request_tags
from .secret_needs import secret_permissions
from .state import PARTITION, State


def required(request: AwsRequest, account: str, state: State) -> list[Permission]:
    """List what a call needs, in AWS's order.

    A parameter's ARN has neither leading slash nor selector; GetParametersByPath is checked against the path as sent.
    Where Parameter Store has KMS decrypt or encrypt with a customer key, that is checked too, after its own action.
    """
    if request.service == "sts":
        return [Permission(f"sts:{request.operation}", role) for role in request.names]
    if request.service == "ssm":
        place = _Place(account, request.region, state)
        return [*place.own(request), *place.tagging(request), *place.keys(request)]
    if request.service == "secretsmanager":
        return list(secret_permissions(request, account, state))
    if request.service == "kms":
        return list(key_permissions(request, account, state))
    action = f"{request.service}:{request.operation}"
    return [
        Permission(
            action, reference.resource(request.service, request.operation, request.parameters, account, request.region)
        )
    ]


@dataclass(frozen=True)
class _Place:
    account: str
    region: str
    state: State

    def own(self, request: AwsRequest) -> list[Permission]:
        """The call's own action on each of its resources."""
        action = f"ssm:{request.operation}"
        prefix = f"arn:{PARTITION}:ssm:{self.region}:{self.account}:"
        if request.path is not None and request.operation == "GetParametersByPath":
            depth = {"ssm:recursive": [_truth(request.parameters.get("Recursive"))]}
            return [Permission(action, f"{prefix}parameter/{request.path.removeprefix('/')}", depth)]
        if not request.names:
            return [Permission(action, f"{prefix}*")]
        given: dict[str, Sequence[str]] = {}
        if request.operation == "PutParameter":
            given = {"ssm:overwrite": [_truth(request.parameters.get("Overwrite"))]}
        given |= request_tags(request)
        return [Permission(action, self.arn(name), {**given, **self._tags(name)}) for name in request.names]

    def tagging(self, request: AwsRequest) -> list[Permission]:
        """Tags on creation are an action of their own."""
        if request.operation != "PutParameter" or not request.parameters.get("Tags"):
            return []
        return [Permission("ssm:AddTagsToResource", self.arn(name), request_tags(request)) for name in request.names]

    def keys(self, request: AwsRequest) -> Iterator[Permission]:
        """What Parameter Store has KMS do with customer keys."""
        if request.decrypts:
            found = self.state.customer_keys(self.account, self.region, [_plain(name) for name in self._read(request)])
            for name, key in sorted(found.items()):
                yield self._kms("kms:Decrypt", key, name)
        if request.operation == "PutParameter" and request.parameters.get("Type") == "SecureString":
            new = self.state.key_arn(self.account, self.region, request.parameters.get("KeyId"))
            if new:
                action = "kms:GenerateDataKey" if _advanced(request.parameters) else "kms:Encrypt"
                yield self._kms(action, new, str(request.parameters.get("Name")))

    def arn(self, name: str) -> str:
        """The ARN that is checked for a parameter."""
        if name.startswith("arn:"):
            head, _, tail = name.partition(":parameter/")
            return f"{head}:parameter/{tail.partition(':')[0]}"
        return f"arn:{PARTITION}:ssm:{self.region}:{self.account}:parameter/{_plain(name).removeprefix('/')}"

    def _read(self, request: AwsRequest) -> Sequence[str]:
        """The parameters whose values the call reads; of a path, those of the page that is asked for."""
        if request.path is None:
            return request.names
        recursive = bool(request.parameters.get("Recursive"))
        below = self.state.names_below(self.account, self.region, request.path, recursive=recursive)
        return below[span(request.parameters, BY_PATH_PAGE)]

    def _tags(self, name: str) -> dict[str, Sequence[str]]:
        tags = self.state.parameter_tags(self.account, self.region, _plain(name))
        return {f"aws:resourcetag/{key}".lower(): [value] for key, value in tags.items()}

    def _kms(self, action: str, key: str, name: str) -> Permission:
        context = {
            "kms:encryptioncontext:parameter_arn": [self.arn(name)],
            "kms:viaservice": [f"ssm.{self.region}.amazonaws.com"],
            "kms:calleraccount": [self.account],
        }
        return Permission(action, key, context)


def _advanced(asked: Mapping[str, Any]) -> bool:
    """Whether a parameter is put into the Advanced tier."""
    larger = len(str(asked.get("Value", "")).encode()) > STANDARD_BYTES or bool(asked.get("Policies"))
    return asked.get("Tier") == "Advanced" or (asked.get("Tier") == "Intelligent-Tiering" and larger)


def form_list(parameters: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """A list in a query request: `Tags.member.1.Key=...`; plain members are under the empty key."""
    found: dict[int, dict[str, str]] = {}
    for key, value in parameters.items():
        member = re.fullmatch(rf"{name}\.member\.(\d+)(?:\.(\w+))?", key)
        if member:
            found.setdefault(int(member[1]), {})[member[2] or ""] = str(value)
    return [found[number] for number in sorted(found)]


def _plain(name: str) -> str:
    """A parameter's name without selector and without the ARN around it."""
    if name.startswith("arn:"):
        return "/" + name.partition(":parameter/")[2].partition(":")[0]
    return name.partition(":")[0]


def _truth(value: Any) -> str:
    return "true" if value is True else "false"
