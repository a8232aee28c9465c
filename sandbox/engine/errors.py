"""What can go wrong in the engine, told apart by who has to act: the user (usage, project) or a provider."""

from __future__ import annotations


class EngineError(Exception):
    """Base of everything that the engine reports as one clean line."""


class UsageError(EngineError):
    """The command line, the environment or the state does not allow the operation."""


class ProjectError(EngineError):
    """`Pulumi.yaml`, the stack file or the configuration is wrong."""


class UnsupportedError(EngineError):
    """The program asks for something that only the Pulumi CLI offers."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the sandbox engine does not support {what}; use the pulumi CLI")


class BailError(EngineError):
    """The operation must stop; the reason has been reported already."""


class ProviderError(EngineError):
    """A provider answered a call with an error."""


class PartialFailureError(ProviderError):
    """The provider created or updated the resource, but it did not become healthy (kept with `initErrors`)."""

    def __init__(self, message: str, resource_id: str, outputs: dict[str, object], reasons: list[str]) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.outputs = outputs
        self.reasons = reasons


class ProtectedError(EngineError):
    """A protected resource was to be deleted."""

    def __init__(self, urn: str) -> None:
        super().__init__(
            f'resource "{urn}" cannot be deleted\n'
            "because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in "
            "your Pulumi program and run `pulumi up`, or use the command:\n"
            f"`pulumi state unprotect '{urn}'`"
        )
