"""What a provider offers to the protocol: the interface between the gRPC side and the AWS and Kubernetes sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .changes import Changes

Properties = dict[str, Any]


class ProviderFailure(Exception):  # noqa: N818 - it is what the user reads, "Error" is printed before it
    """An operation failed; the text says what, where and why, and is shown to the user."""


@dataclass(frozen=True)
class Checked:
    """Inputs with defaults and names filled in, and what is wrong with them as (property, reason)."""

    inputs: Properties
    failures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class State:
    """A resource as it is: its id (empty in a preview), the inputs that would make it so, and its outputs."""

    id: str
    outputs: Properties
    inputs: Properties = field(default_factory=dict)


class Provider(Protocol):
    """One package's resources. Values may be `Secret` or `UNKNOWN`; unknown ones come in previews only."""

    package: str
    version: str

    def schema(self) -> dict[str, Any]:
        """Return the package's schema."""
        ...

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Take the provider's configuration."""
        ...

    def check(self, token: str, name: str, olds: Properties, news: Properties, seed: bytes) -> Checked:
        """Validate inputs; fill in defaults and names. `seed` makes random names repeatable; `olds` are old inputs."""
        ...

    def diff(self, token: str, old_inputs: Properties, news: Properties) -> Changes:
        """Compare checked inputs."""
        ...

    def create(self, token: str, inputs: Properties, *, preview: bool) -> State:
        """Create, or in a preview predict the outputs."""
        ...

    def read(self, token: str, id: str, inputs: Properties, outputs: Properties) -> State | None:  # noqa: A002 - Pulumi's name
        """Return the resource as it is, None if it is gone. Without inputs and outputs it is an import."""
        ...

    def update(self, token: str, old: State, news: Properties, *, preview: bool) -> State:
        """Change in place, or in a preview predict the outputs."""
        ...

    def delete(self, token: str, state: State) -> None:
        """Delete; a resource that is gone already is no failure."""
        ...

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Call a function."""
        ...
