"""Single changes of single resources: what applying each of them does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sandbox.engine.errors import PartialFailureError, ProtectedError, ProviderError
from sandbox.engine.provider import Provider
from sandbox.engine.registry import ProviderRegistry
from sandbox.engine.state import Resource, now
from sandbox.engine.urn import is_provider_type

SAME: Final = "same"
CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"
REPLACE: Final = "replace"
CREATE_REPLACEMENT: Final = "create-replacement"
DELETE_REPLACED: Final = "delete-replaced"
READ: Final = "read"
DISCARD: Final = "discard"
REFRESH: Final = "refresh"
FORGET: Final = "remove-pending-replace"

# The order in which the summary lists operations.
OPS: Final = (
    SAME,
    CREATE,
    UPDATE,
    DELETE,
    REPLACE,
    CREATE_REPLACEMENT,
    DELETE_REPLACED,
    READ,
    REFRESH,
    DISCARD,
    FORGET,
)
PREFIXES: Final[Mapping[str, str]] = {
    SAME: "  ",
    CREATE: "+ ",
    UPDATE: "~ ",
    DELETE: "- ",
    REPLACE: "+-",
    CREATE_REPLACEMENT: "++",
    DELETE_REPLACED: "--",
    READ: "> ",
    REFRESH: "~ ",
    DISCARD: "< ",
    FORGET: "~ ",
}

# How a registration is answered: the state, and whether it failed or was skipped.
Answer = Callable[[Resource, str], None]
SUCCESS: Final = ""
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
UNKNOWN_RESULT: Final = "unknown"


def no_answer(_state: Resource, _result: str) -> None:
    """Nobody waits for this step."""


class Context(Protocol):
    """What steps need of the operation they belong to."""

    @property
    def dry_run(self) -> bool:
        """Whether this is a preview."""

    @property
    def registry(self) -> ProviderRegistry:
        """The providers."""

    @property
    def deletions(self) -> set[str]:
        """URNs that this operation deletes."""

    def warn(self, urn: str, message: str) -> None:
        """Tell the user something about a resource."""


@dataclass(eq=False)
class Step:
    """One change: from `old` to `new`; either may be missing.

    Attributes:
        op: The kind of change, one of the constants above.
        old: The resource before.
        new: The resource after.
        answer: Called with the new state when the step is done.
        diff_keys: Keys that cause the change, as the provider told.
        detailed: Property paths that changed, where the provider told.
        replacing: The step is a part of a replacement.
        condemn: Create first: the old resource is deleted at the end.
        pending: Delete first: the old resource stays in state, marked, until its replacement exists.
        skipped_create: The resource is not created as it is not a target.
        untargeted: The step only carries the old state over.
    """

    op: str
    old: Resource | None
    new: Resource | None
    answer: Answer = no_answer
    diff_keys: tuple[str, ...] = ()
    detailed: tuple[str, ...] | None = None
    replacing: bool = False
    condemn: bool = False
    pending: bool = False
    skipped_create: bool = False
    untargeted: bool = False
    result_op: str = ""
    ignore_changes: list[str] = field(default_factory=list)

    @property
    def resource(self) -> Resource:
        """The resource that the step is about: the new state if there is one."""
        found = self.new or self.old
        if found is None:
            raise AssertionError("a step has a resource")
        return found

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.resource.urn

    @property
    def logical(self) -> bool:
        """Whether the step counts as one change for people (parts of a replacement do not, the replacement does)."""
        return not (self.replacing and self.op != REPLACE) and self.op not in (REFRESH, FORGET)

    @property
    def calls_provider(self) -> bool:
        """Whether applying the step takes a plugin's time."""
        return self.resource.custom and self.op not in (SAME, REPLACE, FORGET)

    async def apply(self, context: Context) -> None:
        """Make the change.

        Raises:
            ProviderError: The provider refused; `PartialFailureError` when the resource exists all the same.
            ProtectedError: The resource must not be deleted.
        """
        await _APPLY[self.op](self, context)


async def _same(step: Step, context: Context) -> None:
    old, new = step.old, step.new
    if old is None or new is None:
        return  # a skipped create
    new.id, new.outputs = old.id, old.outputs
    new.created, new.modified, new.init_errors = old.created, old.modified, list(old.init_errors)
    if is_provider_type(new.type) and not step.untargeted:
        await context.registry.use(new.urn, new.id, old.inputs)


async def _create(step: Step, context: Context) -> None:
    new = step.resource
    if new.custom:
        try:
            if is_provider_type(new.type):
                new.id, new.outputs = await context.registry.create(new.urn, new.inputs, preview=context.dry_run)
            else:
                provider = await _provider(new, context)
                new.id, new.outputs = await provider.create(new.urn, new.inputs, preview=context.dry_run)
                if not new.id and not context.dry_run:
                    raise ProviderError("provider did not return an ID from Create")
        except PartialFailureError as error:
            _keep_partial(new, error)
            _made(step, new)
            raise
    _made(step, new)


def _made(step: Step, new: Resource) -> None:
    new.created = new.modified = now()
    if step.condemn and step.old is not None:
        step.old.delete = True


async def _update(step: Step, context: Context) -> None:
    old, new = step.old, step.new
    if old is None or new is None:
        raise AssertionError("an update has both states")
    new.id, new.created, new.modified = old.id, old.created, old.modified
    if not new.custom:
        new.outputs = old.outputs
    elif is_provider_type(new.type):
        new.outputs = await context.registry.update(new.urn, new.id, new.inputs)
    else:
        provider = await _provider(new, context)
        try:
            new.outputs = await provider.update(
                new.urn, old.id, old.inputs, old.outputs or {}, new.inputs, preview=context.dry_run
            )
        except PartialFailureError as error:
            new.inputs = old.inputs  # the resource was not made with the new ones
            _keep_partial(new, error)
            raise
    new.modified = now()


async def _delete(step: Step, context: Context) -> None:
    old = step.resource
    if old.protect and not step.replacing:
        raise ProtectedError(old.urn)
    if context.dry_run or not old.custom or old.external or old.retain_on_delete or is_provider_type(old.type):
        return
    if old.deleted_with and old.deleted_with in context.deletions:
        return
    provider = await _provider(old, context)
    await provider.delete(old.urn, old.id, old.inputs, old.outputs or {})


async def _read(step: Step, context: Context) -> None:
    new = step.resource
    provider = await _provider(new, context)
    id_, outputs, inputs = await provider.read(new.urn, new.id, new.inputs, {})
    if not id_:
        raise ProviderError(f"resource '{new.id}' does not exist")
    new.id, new.outputs = id_, outputs
    if inputs is not None:
        new.inputs = inputs


async def _nothing(_step: Step, _context: Context) -> None:
    return


def _keep_partial(new: Resource, error: PartialFailureError) -> None:
    new.id = error.resource_id or new.id
    new.outputs = dict(error.outputs)
    new.init_errors = error.reasons


async def _provider(resource: Resource, context: Context) -> Provider:
    return context.registry.get(resource.provider) or await context.registry.ensure(resource.provider)


_APPLY: Final[Mapping[str, Callable[[Step, Context], Any]]] = {
    SAME: _same,
    CREATE: _create,
    CREATE_REPLACEMENT: _create,
    UPDATE: _update,
    DELETE: _delete,
    DELETE_REPLACED: _delete,
    DISCARD: _delete,
    REPLACE: _nothing,
    FORGET: _nothing,
    READ: _read,
}
