"""The `aws` provider: finds a type's table entry, runs its boto3 half and words failures without quoting secrets."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.engine.values import Secret, has_unknowns, unwrap, walk
from sandbox.providers.changes import Changes
from sandbox.providers.provider import Checked, Properties, ProviderFailure, State

from . import eks, iam, kms, lifecycle, oidc, ssm
from .functions import FUNCTIONS
from .resource_type import ResourceType, Update
from .session import Clients

TYPES: Mapping[str, ResourceType] = {
    "aws:eks/accessEntry:AccessEntry": eks.ACCESS_ENTRY,
    "aws:eks/cluster:Cluster": eks.CLUSTER,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": eks.POD_IDENTITY_ASSOCIATION,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": oidc.PROVIDER,
    "aws:iam/policy:Policy": iam.POLICY,
    "aws:iam/role:Role": iam.ROLE,
    "aws:iam/rolePolicy:RolePolicy": iam.ROLE_POLICY,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.ROLE_POLICY_ATTACHMENT,
    "aws:kms/alias:Alias": kms.ALIAS,
    "aws:kms/key:Key": kms.KEY,
    "aws:ssm/parameter:Parameter": ssm.PARAMETER,
}
T = TypeVar("T")
_GONE = frozenset(
    {"NoSuchEntity", "ParameterNotFound", "NotFoundException", "KMSInvalidStateException", "ResourceNotFoundException"}
)


class AwsProvider:
    """Implements `Provider` for AWS."""

    package = "aws"

    def __init__(self) -> None:
        self.version = version("pulumi-aws")
        self._clients = Clients({})

    def schema(self) -> dict[str, Any]:
        """Return a schema with the types' property names."""
        anything = {"$ref": "pulumi.json#/Any"}
        resources = {
            token: {
                "inputProperties": dict.fromkeys(sorted(kind.inputs), anything),
                "requiredInputs": list(kind.required),
                "properties": dict.fromkeys(sorted(kind.inputs | set(kind.computed)), anything),
            }
            for token, kind in TYPES.items()
        }
        return {"name": self.package, "version": self.version, "resources": resources}

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Take region, credentials, endpoints and roles to assume."""
        self._clients = Clients(configuration)

    def check(self, token: str, name: str, olds: Properties, news: Properties, seed: bytes) -> Checked:
        """Validate inputs; fill in defaults and names."""
        return lifecycle.checked(_kind(token), name, olds, news, seed)

    def diff(self, token: str, old_inputs: Properties, news: Properties) -> Changes:
        """Compare checked inputs."""
        return lifecycle.diff(_kind(token), old_inputs, news)

    def create(self, token: str, inputs: Properties, *, preview: bool) -> State:
        """Create, or in a preview predict the outputs."""
        kind = _kind(token)
        if preview:
            return lifecycle.foretold(kind, inputs)
        wanted = lifecycle.plain(inputs)
        name = inputs.get("name")
        with _clear_errors(f"creating {kind.label} {name if isinstance(name, str) else '(unnamed)'}", inputs):
            id_ = kind.create(self._clients, wanted)
            return lifecycle.state_of(kind, id_, kind.read(self._clients, id_, wanted), inputs)

    def read(self, token: str, id: str, inputs: Properties, outputs: Properties) -> State | None:  # noqa: A002 - Pulumi's name
        """Return the resource as it is, None if it is gone."""
        kind = _kind(token)
        live: dict[str, Any] | None = None
        with _clear_errors(f"reading {kind.label} {id}", outputs):
            live = _unless_gone(lambda: kind.read(self._clients, id, lifecycle.plain(inputs)))
        return None if live is None else lifecycle.state_of(kind, id, live, inputs)

    def update(self, token: str, old: State, news: Properties, *, preview: bool) -> State:
        """Change in place, or in a preview predict the outputs."""
        kind = _kind(token)
        changed = frozenset(lifecycle.diff(kind, old.inputs, news).top_level)
        if preview or has_unknowns(news):
            return lifecycle.foretold_update(kind, old, news, changed)
        wanted = lifecycle.plain(news)
        with _clear_errors(f"updating {kind.label} {old.id}", {"old": old.inputs, "new": news}):
            kind.update(self._clients, Update(old.id, lifecycle.plain(old.inputs), wanted, changed))
            return lifecycle.state_of(kind, old.id, kind.read(self._clients, old.id, wanted), news)

    def delete(self, token: str, state: State) -> None:
        """Delete; a resource that is gone already is no failure."""
        kind = _kind(token)
        with _clear_errors(f"deleting {kind.label} {state.id}", state.outputs):
            _unless_gone(lambda: kind.delete(self._clients, state.id, lifecycle.plain(state.inputs or state.outputs)))

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Call a function."""
        if token not in FUNCTIONS:
            raise ProviderFailure(f"the sandbox has no function {token}; it has {', '.join(sorted(FUNCTIONS))}")
        with _clear_errors(f"calling {token}", arguments):
            return FUNCTIONS[token](self._clients, arguments)


def _kind(token: str) -> ResourceType:
    if token not in TYPES:
        raise ProviderFailure(f"the sandbox has no resource type {token}; it has {', '.join(sorted(TYPES))}")
    return TYPES[token]


def _unless_gone(call: Callable[[], T]) -> T | None:
    try:
        return call()
    except ClientError as error:
        # moto's EKS names no code.
        if error.response["Error"]["Code"] in {*_GONE, str(int(HTTPStatus.NOT_FOUND))}:
            return None
        raise


@contextmanager
def _clear_errors(doing: str, properties: Properties) -> Iterator[None]:
    """Word AWS's and boto3's errors as one line, without any secret that they may quote."""
    try:
        yield
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        raise ProviderFailure(f"{doing}: {code}: {_without_secrets(text, properties)}") from None
    except BotoCoreError as error:
        raise ProviderFailure(f"{doing}: {_without_secrets(str(error), properties)}") from None


def _without_secrets(text: str, properties: Properties) -> str:
    secrets = {
        str(inner)
        for value in walk(properties)
        if isinstance(value, Secret)
        for inner in walk(unwrap(value))
        if isinstance(inner, str | int | float) and str(inner)
    }
    return "(AWS's text quotes a secret)" if any(secret in text for secret in secrets) else text
