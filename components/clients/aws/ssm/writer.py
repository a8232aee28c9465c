"""Writes parameters: each call under the quota that AWS gives it, and no text of AWS that could quote a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ....core.service_writing import Details, Metadata, Put, policy_text
from ....core.ssm.references import path_of
from ....display import some_of
from ....errors import WriteError
from ..calls import Calls, Connection
from ..failures import CallFailedError, Failure, Kind, UnreadableAnswerError
from ..writes import AlreadyThereError, tag_list
from . import problems

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mypy_boto3_ssm import SSMClient

    from ..rate_limit import RateLimiter
    from ..reads import Caller
    from ..retry import Retry

T = TypeVar("T")

NAMES_PER_DESCRIPTION = 50
"""AWS's limit of values in a filter, API reference of DescribeParameters."""
_MOST_PAGES = 1_000
"""Most answers that describe 50 parameters: some may be empty, but not all of so many."""
NO_POLICIES = "[{}]"
"""What takes all policies off a parameter (user guide: "Deleting parameter policies")."""


class ParameterWriter:
    """Writes the parameters of one store, as `Writer`; core/ssm/permissions.py says which permissions that needs.

    Args:
        client: boto3's client for SSM.
        retry: how long to go on when AWS throttles or does not answer.
        caller: who writes, where.
        writes: the quota of PutParameter and DescribeParameters.
        deletions: the quota of DeleteParameter.
        others: the limit of all other calls.
        settle: seconds that IAM may need to propagate: for so long a denial is tried again.
    """

    def __init__(
        self,
        client: SSMClient,
        retry: Retry,
        *,
        caller: Caller,
        writes: RateLimiter,
        deletions: RateLimiter,
        others: RateLimiter,
        settle: float = 0.0,
    ) -> None:
        self._caller = caller
        self._writes, self._deletions, self._others = (
            Calls(Connection(client, limiter, retry, caller), settle, problems.WORDS, None)
            for limiter in (writes, deletions, others)
        )

    def describe(
        self,
        wanted: Mapping[str, Metadata],
        told: Mapping[str, Details],  # noqa: ARG002 - a look at versions tells nothing of the sort
    ) -> Mapping[str, Details]:
        """See `Writer`."""
        found: dict[str, Details] = {}
        listed = sorted(wanted)
        for first in range(0, len(listed), NAMES_PER_DESCRIPTION):
            some = listed[first : first + NAMES_PER_DESCRIPTION]
            by_path = {path_of(name): name for name in some}
            token, asked = "", set[str]()
            while True:
                ask = partial(_described, some, token, asked)
                described, token = self._call(self._writes, "ssm:DescribeParameters", some, ask)
                found |= {by_path[path]: details for path, details in described.items() if path in by_path}
                if not token:
                    break
        return found

    def put(self, put: Put) -> str:
        """See `Writer`."""
        wanted = put.details
        asked: dict[str, Any] = {
            "Name": put.name,
            "Type": wanted.type,
            "Tier": wanted.tier,
            "Description": wanted.description,
            "Overwrite": put.tags is None,
        }
        asked |= {"KeyId": wanted.key} if wanted.key is not None else {}
        if wanted.policies:
            asked["Policies"] = f"[{','.join(wanted.policies)}]"
        elif put.tags is None and "policies" in put.changes:
            asked["Policies"] = NO_POLICIES
        asked |= {"Tags": tag_list(put.tags)} if put.tags is not None else {}

        value = put.value
        assert value is not None, "whatever changes of a parameter is written with its value"  # noqa: S101

        def send(client: SSMClient) -> str:
            version = client.put_parameter(Value=value.reveal(), **asked).get("Version")
            if type(version) is not int or version < 1:
                raise UnreadableAnswerError
            return str(version)

        return self._call(self._writes, "ssm:PutParameter", [put.name], send)

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """See `Writer`."""
        listed: Any = tag_list(tags)
        self._call(
            self._others,
            "ssm:AddTagsToResource",
            [name],
            lambda client: client.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=listed),
        )

    def untag(self, name: str, keys: Collection[str]) -> None:
        """See `Writer`."""
        self._call(
            self._others,
            "ssm:RemoveTagsFromResource",
            [name],
            lambda client: client.remove_tags_from_resource(
                ResourceType="Parameter", ResourceId=name, TagKeys=sorted(keys)
            ),
        )

    def restore(self, name: str) -> None:
        """See `Writer`; what is deleted is gone."""
        raise WriteError(f"parameter {name!r} in {self._caller.region} cannot be restored")

    def delete(self, name: str, deletion: Mapping[str, Any], metadata: Metadata) -> None:  # noqa: ARG002 - a `Writer`
        """See `Writer`."""
        try:
            self._call(
                self._deletions, "ssm:DeleteParameter", [name], lambda client: client.delete_parameter(Name=name)
            )
        except _GoneError:
            return

    def _call(self, calls: Calls[SSMClient], action: str, names: Collection[str], ask: Callable[[SSMClient], T]) -> T:
        try:
            return calls.write(ask)
        except CallFailedError as failed:
            raise _refusal(failed.failure, action, sorted(names), self._caller) from None


class _GoneError(WriteError):
    """There is no such parameter."""


def _refusal(failure: Failure, action: str, names: list[str], caller: Caller) -> WriteError:
    name = some_of([repr(each) for each in names], 3)
    if failure.code == "ParameterAlreadyExists":
        return AlreadyThereError(
            f"parameter {name} in {caller.region} was created by somebody else while this was running, so it is not "
            "touched; run this again: preview says whose it is"
        )
    if failure.code in ("ParameterNotFound", "InvalidResourceId"):
        return _GoneError(f"parameter {name} in {caller.region} was deleted while this was running; run this again")
    if failure.kind in (Kind.DENIED, Kind.KEY):
        return WriteError(problems.not_written(names, failure, caller, action).message)
    advice = _ADVICE.get(failure.code, "correct what is pushed")
    return WriteError(f"parameter {name} in {caller.region}: AWS refuses {action} ({failure.code}); {advice}")


_ADVICE = {
    "HierarchyTypeMismatchException": "the type of a parameter that is there cannot be changed: push to another name, "
    "or delete the parameter first",
    "ParameterLimitExceeded": "the account has as many parameters as it may have: delete some, or use tier Advanced",
    "ParameterMaxVersionLimitExceeded": "its oldest version bears a label, so no further one is kept: move the label",
    "ParameterPatternMismatchException": "its allowed pattern, which somebody set, does not take the value",
    "PoliciesLimitExceededException": "it has too many policies",
    "InvalidPolicyTypeException": "correct metadata.tier.policies",
    "InvalidPolicyAttributeException": "correct metadata.tier.policies",
    "IncompatiblePolicyException": "correct metadata.tier.policies",
    "TooManyTagsError": "it has as many tags as it may have: remove some",
}


def _described(names: list[str], token: str, asked: set[str], client: SSMClient) -> tuple[dict[str, Details], str]:
    """A page of what parameters are like, by path, and the token of the next one; `asked` are those of all pages."""
    asked.add(token)
    answer = client.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": names}],
        MaxResults=NAMES_PER_DESCRIPTION,
        **({"NextToken": token} if token else {}),  # type: ignore[arg-type]
    )
    following: Any = answer.get("NextToken") or ""
    endless = following and (following in asked or len(asked) > _MOST_PAGES)
    if "Parameters" not in answer or not isinstance(following, str) or endless:
        raise UnreadableAnswerError
    return {path_of(str(entry.get("Name", ""))): _details(entry) for entry in answer["Parameters"]}, following


def _details(entry: Mapping[str, Any]) -> Details:
    kind = str(entry.get("Type", "String"))
    return Details(
        type=kind,
        tier=str(entry.get("Tier") or "Standard"),
        key=str(entry["KeyId"]) if entry.get("KeyId") and kind == "SecureString" else None,
        description=str(entry.get("Description") or ""),
        policies=_policies(entry.get("Policies")),
        by=str(entry["LastModifiedUser"]) if entry.get("LastModifiedUser") else None,
        at=entry.get("LastModifiedDate"),
    )


def _policies(told: Any) -> tuple[str, ...]:
    texts = [each.get("PolicyText") if isinstance(each, Mapping) else None for each in told or ()]
    try:
        return tuple(sorted(policy_text(json.loads(text)) for text in texts if text))
    except (ValueError, RecursionError):
        raise UnreadableAnswerError from None
