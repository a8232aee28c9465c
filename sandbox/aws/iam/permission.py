"""One permission that a call needs, and the condition keys of tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.aws.request import AwsRequest

from .patterns import Context


@dataclass(frozen=True)
class Permission:
    """An IAM action on a resource ARN, under the request's condition keys."""

    action: str
    resource: str
    context: Context = field(default_factory=dict, compare=False)


def tag_context(tags: Mapping[str, str]) -> dict[str, Sequence[str]]:
    """The condition keys of tags that a request passes."""
    keys: dict[str, Sequence[str]] = {"aws:tagkeys": sorted(tags)} if tags else {}
    return keys | {f"aws:requesttag/{key}".lower(): [value] for key, value in tags.items()}


def request_tags(request: AwsRequest) -> dict[str, Sequence[str]]:
    """The condition keys of the tags in a JSON request."""
    return tag_context({tag["Key"]: tag["Value"] for tag in request.parameters.get("Tags") or ()})
