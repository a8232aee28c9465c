"""Sealing: a store collects the references of all its secrets before it asks AWS for anything.

A coroutine behind an Output runs after the program's synchronous part, so the snapshot's inputs can depend on every
ExternalSecret that is declared after the store.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pulumi

from ..core.iam import Need
from ..core.service_writing import Writing
from ..core.services import SERVICES
from ..core.spec.groups import SECRETS
from ..core.spec.push_specs import PushMetadata
from ..core.spec.refresh import NEVER
from ..core.versions import ordered
from ..errors import SpecError
from .ending import failing_with_program

CLUSTER_TYPE = "parameterstore:index:ClusterExternalSecret"
NAMESPACE_TYPE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class Dependencies:
    """What an ExternalSecret's `depends_on` means for the reading of its parameters.

    The snapshot waits for parameters alone. Waiting for anything else could wait for ever: a Deployment that uses one
    secret of the store may be what another secret of the store depends on.

    Attributes:
        parameters: the parameters among them, and what other services keep, which the snapshot waits for.
        namespace: True where a namespace is among them.
        secrets: True where an ExternalSecret is among them, whose Secret may hold texts of a template.
        deferred: True where anything else is among them that may create a parameter: the secret then reads by itself.
    """

    parameters: tuple[pulumi.Resource, ...] = ()
    namespace: bool = False
    secrets: bool = False
    deferred: bool = False

    @classmethod
    def of(cls, opts: pulumi.ResourceOptions | None) -> "Dependencies":
        """Sort the `depends_on` of a resource's options."""
        wanted = (opts.depends_on if opts else None) or []
        listed = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
        # What is not a plain resource is an Output: what stands behind it is not known yet.
        resources = [each for each in listed if isinstance(each, pulumi.Resource)]
        written = {kind for service in SERVICES.values() for kind in service.resource_types}
        parameters = tuple(each for each in resources if each.pulumi_resource_type in written)
        namespaces = [each for each in resources if each.pulumi_resource_type == NAMESPACE_TYPE]
        secrets = [each for each in resources if each.pulumi_resource_type in (SECRETS.component, CLUSTER_TYPE)]
        return cls(
            parameters=parameters,
            namespace=bool(namespaces),
            secrets=bool(secrets),
            deferred=len(parameters) + len(namespaces) + len(secrets) < len(listed),
        )


@dataclass(frozen=True)
class Use:
    """One source that an ExternalSecret needs.

    Attributes:
        reason: the ExternalSecret, and the key or entry that needs it.
        source: what the store is asked for, see core/service.py.
        period: seconds between two readings; 0 for every apply, infinity for never again.
        part: property bag of what is wanted of the value, see core/secret/parts.py; None where any value will do.
        optional: it need not exist.
    """

    reason: str
    source: pulumi.Input[str]
    period: float = 0.0
    part: Mapping[str, pulumi.Input[Any]] | None = None
    optional: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether no Output is in it."""
        return not any(isinstance(each, pulumi.Output) for each in (self.source, *(self.part or {}).values()))


@dataclass(frozen=True)
class PushUse:
    """One parameter that a PushSecret writes.

    Attributes:
        reason: the PushSecret.
        name: the parameter's full name; None where only the Secret's keys tell it.
        metadata: what it is to be like, as far as permissions depend on it, as it is stored.
        compares: its value may be decrypted.
        deletes: it may be deleted.
        restores: it may be restored.
    """

    reason: str
    name: pulumi.Input[str] | None
    metadata: Mapping[str, pulumi.Input[Any]]
    compares: bool
    deletes: bool
    restores: bool = False

    def needs(self, writing: Writing, paths: Sequence[str]) -> list[Need]:
        """What it needs of IAM; of one whose name and metadata are known.

        Args:
            writing: what the service says of it.
            paths: the paths that the store alone owns.

        Raises:
            SpecError: its name is not known, and there are no such paths.
        """
        if self.name is None and not paths:
            raise SpecError(
                f"{self.reason} writes parameters whose names only the Secret's keys tell, so no exact policy can be "
                "made; give the store the `paths` that it alone owns, or name each key in `data`"
            )
        return [
            writing.need(
                name,
                PushMetadata.unchecked(self.metadata),
                below=self.name is None,
                compares=self.compares,
                deletes=self.deletes,
                restores=self.restores,
                reason=self.reason,
            )
            for name in (paths if self.name is None else [str(self.name)])
        ]


class ReferenceLedger:
    """What one store is asked for, open until the program's synchronous part has ended."""

    def __init__(self, store: str) -> None:
        """Open the ledger of the store with this name."""
        self._store = store
        self._uses: list[tuple[Use, Dependencies]] = []
        self._secrets: set[str] = set()
        self._targets: list[dict[str, str]] = []
        self._pushes: list[tuple[PushUse, bool]] = []
        self._sealed = False
        self._fail_with_program = failing_with_program()

    def add(self, secret: str, use: Use, dependencies: Dependencies) -> None:
        """Note what a secret needs.

        Raises:
            SpecError: the store is sealed already: the secret is declared inside `apply` or another callback.
        """
        self._check_open(secret)
        self._uses.append((use, dependencies))
        self._secrets.add(secret)

    def push(self, secret: str, uses: Sequence[PushUse], *, deferred: bool) -> None:
        """Note what a PushSecret writes.

        Args:
            secret: the PushSecret, for errors.
            uses: its parameters.
            deferred: it waits for other resources, and so looks at them by itself.

        Raises:
            SpecError: see `add`.
        """
        self._check_open(secret)
        self._pushes += [(use, deferred) for use in uses]
        self._secrets.add(secret)

    def pushes(self) -> pulumi.Output[list[PushUse]]:
        """All that is pushed to, resolved, deferred ones too; none where the program failed, which may have more."""

        def collected(_: object) -> pulumi.Output[list[PushUse]]:
            uses = [use for use, _ in self._pushes]
            named = pulumi.Output.all(*[[use.name, use.metadata] for use in uses])
            return named.apply(
                lambda known: [
                    replace(use, name=each[0], metadata=each[1]) for use, each in zip(uses, known, strict=True)
                ]
            )

        return self._declared_in_full().apply(collected)

    def _check_open(self, secret: str) -> None:
        if self._sealed:
            raise SpecError(
                f"{secret} is declared after the references of SecretStore {self._store!r} were collected. "
                "Declare it in the program itself, not inside apply() or a callback, nor after the first `await` that "
                "follows the store; its arguments may be Outputs."
            )

    def expect(self, secret: str, namespace: pulumi.Input[str] | None, name: pulumi.Input[str]) -> None:
        """Note which Secret an ExternalSecret is to write, as far as that is known without waiting."""
        known = {"namespace": namespace, "name": name}
        self._targets.append({"secret": secret, **{key: at for key, at in known.items() if isinstance(at, str)}})

    def seal(self) -> pulumi.Output[dict[str, Any]]:
        """What the snapshot is told, once all of it is known.

        Returns:
            `all`: the sources. `pending`: those that a resource of this program may yet create. `waits`: seconds that
            some may rest between two readings, below 0 for ever. `secrets`: who reads from the store. `parts`: what is
            wanted of a source's value. `optional`: those that need not exist. `pushed`: the names that PushSecrets
            write to, as far as they are known without waiting.
        """
        return self.declared().apply(lambda _: self._collected())

    def targets(self) -> pulumi.Output[list[dict[str, str]]]:
        """The Secrets of all ExternalSecrets, which are known also where a source is not, as its resource failed."""
        return self.declared().apply(lambda _: self._targets)

    def uses(self) -> pulumi.Output[list[tuple[str, str]]]:
        """All sources resolved, each with what needs it, deferred ones too; none where the program failed."""

        def collected(_: object) -> pulumi.Output[list[tuple[str, str]]]:
            # Most sources are plain texts and need no Output each.
            uses = [use for use, _ in self._uses]
            plain = [(use.source, use.reason) for use in uses if isinstance(use.source, str)]
            other = [use for use in uses if not isinstance(use.source, str)]
            return pulumi.Output.all(*[use.source for use in other]).apply(
                lambda known: plain + [(str(each), use.reason) for each, use in zip(known, other, strict=True)]
            )

        return self._declared_in_full().apply(collected)

    def declared(self) -> pulumi.Output[bool]:
        """Resolves when all that reads from the store is declared."""

        async def declared() -> bool:
            # The event loop gets its turn when the program's synchronous part has ended.
            await asyncio.sleep(0)
            self._sealed = True
            return True

        return pulumi.Output.from_input(declared())

    def _declared_in_full(self) -> pulumi.Output[bool]:
        def held(_: object) -> bool:
            self._fail_with_program()
            return True

        return self.declared().apply(held)

    def _collected(self) -> pulumi.Output[dict[str, Any]]:
        """Most sources are plain texts and need no Output each."""
        early = [(use, needs) for use, needs in self._uses if not needs.deferred]
        plain = [
            _Resolved(str(use.source), False, use.period, use.part, use.optional)
            for use, needs in early
            if use.is_plain and not needs.parameters
        ]
        other = [each for each in early if not each[0].is_plain or each[1].parameters]
        pushed = sorted({use.name for use, deferred in self._pushes if isinstance(use.name, str) and not deferred})
        return pulumi.Output.all(*[_resolve(*each) for each in other]).apply(
            lambda found: {
                **_merge([*plain, *(_Resolved(*each) for each in found)]),
                "secrets": sorted(self._secrets),
                "pushed": pushed,
            }
        )


class _Resolved(NamedTuple):
    """A source as it is known in the end, see `Use`; `pending` where it may yet be made."""

    source: str
    pending: bool
    period: float
    part: Mapping[str, Any] | None
    optional: bool


def _resolve(use: Use, dependencies: Dependencies) -> pulumi.Output[list[Any]]:
    source = pulumi.Output.from_input(use.source)
    # Waiting for the resources' URNs makes the snapshot wait for the resources themselves.
    waited = pulumi.Output.all(source, *[resource.urn for resource in dependencies.parameters])
    made = is_made_here(use.source, also=bool(dependencies.parameters))
    return pulumi.Output.all(waited, made, use.part).apply(
        lambda got: [str(got[0][0]), got[1], use.period, got[2], use.optional]
    )


def is_made_here(value: pulumi.Input[Any], *, also: bool = False) -> pulumi.Input[bool]:
    """Whether a value comes from a resource of this program, so that in preview what it names may not be there yet.

    Args:
        value: the input.
        also: True where what uses the value depends on such a resource in another way.
    """
    if also or not isinstance(value, pulumi.Output):
        return also
    output = value

    async def made() -> bool:
        return bool(await output.resources())

    return pulumi.Output.from_input(made())


def in_order(versions: pulumi.Output[Any]) -> pulumi.Output[Mapping[str, int | str]]:
    """Versions, sorted and with whole numbers: Pulumi's wire keeps no order and makes floats of numbers."""
    return versions.apply(lambda known: ordered(known) if known else known)


def _merge(found: Sequence[_Resolved]) -> dict[str, Any]:
    periods: dict[str, float] = {}
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for each in found:
        periods[each.source] = min(each.period, periods.get(each.source, NEVER))
        if each.part is not None and each.part not in parts.setdefault(each.source, []):
            parts[each.source].append(each.part)
    return {
        "all": sorted(periods),
        "pending": sorted({each.source for each in found if each.pending}),
        "waits": {source: -1 if each == NEVER else each for source, each in sorted(periods.items()) if each},
        "parts": parts,
        "optional": sorted(periods.keys() - {each.source for each in found if not each.optional}),
    }
