"""Sealing: a store collects the references of all its secrets before it asks AWS for anything.

A coroutine behind an Output runs after the program's synchronous part, so the snapshot's inputs can depend on every
ExternalSecret that is declared after the store.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from .core.errors import SpecError

PARAMETER_TYPE = "aws:ssm/parameter:Parameter"
NAMESPACE_TYPE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class Dependencies:
    """What an ExternalSecret's `depends_on` means for the reading of its parameters.

    The snapshot waits for parameters alone. Waiting for anything else could wait for ever: a Deployment that uses one
    secret of the store may be what another secret of the store depends on.

    Attributes:
        parameters: the SSM parameters among them, which the snapshot waits for.
        namespace: True where a namespace is among them.
        late: True where anything else is among them that may create a parameter: the secret then reads for itself.
    """

    parameters: tuple[pulumi.Resource, ...] = ()
    namespace: bool = False
    late: bool = False

    @classmethod
    def of(cls, opts: pulumi.ResourceOptions | None) -> "Dependencies":
        """Sort the `depends_on` of a resource's options."""
        wanted = (opts.depends_on if opts else None) or []
        listed = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
        # What is not a plain resource is an Output: what stands behind it is not known yet.
        resources = [each for each in listed if isinstance(each, pulumi.Resource)]
        parameters = tuple(each for each in resources if each.pulumi_resource_type == PARAMETER_TYPE)
        namespaces = [each for each in resources if each.pulumi_resource_type == NAMESPACE_TYPE]
        return cls(
            parameters=parameters,
            namespace=bool(namespaces),
            late=len(parameters) + len(namespaces) < len(listed),
        )


class ReferenceLedger:
    """The references of one store, open until the program's synchronous part has ended."""

    def __init__(self, store: str) -> None:
        """Open the ledger of the store with this name."""
        self._store = store
        self._references: list[tuple[pulumi.Input[str], Dependencies]] = []
        self._uses: list[tuple[str, pulumi.Input[str]]] = []
        self._targets: dict[tuple[str, str], str] = {}
        self._sealed = False

    def add(self, secret: str, references: Mapping[str, pulumi.Input[str]], dependencies: Dependencies) -> None:
        """Note what a secret needs, by secret key.

        Raises:
            SpecError: the store is sealed already: the secret is declared inside `apply` or another callback.
        """
        if self._sealed:
            raise SpecError(
                f"{secret} is declared after the references of SecretStore {self._store!r} were collected. "
                "Declare it in the program itself, not inside apply() or a callback; its arguments may be Outputs."
            )
        self._uses.extend((f"{secret}, key {key}", reference) for key, reference in references.items())
        if not dependencies.late:
            self._references.extend((reference, dependencies) for reference in references.values())

    def claim(self, secret: str, namespace: pulumi.Input[str], target: pulumi.Input[str]) -> None:
        """Note which Secret an ExternalSecret writes, as far as it is known while the program runs.

        Raises:
            SpecError: another ExternalSecret of this store writes the same Secret.
        """
        if isinstance(namespace, str) and isinstance(target, str):
            other = self._targets.setdefault((namespace, target), secret)
            if other != secret:
                raise SpecError(f"{secret} and {other} both write Secret {namespace}/{target}; give one another target")

    def seal(self) -> pulumi.Output[dict[str, list[str]]]:
        """The references resolved: `all`, and those that a resource of this program may yet create (`pending`)."""
        return self._declared().apply(lambda _: self._collected())

    def uses(self) -> pulumi.Output[list[tuple[str, str]]]:
        """All references resolved, each with the secret key that needs it, late ones too."""

        def collected(_: object) -> pulumi.Output[list[tuple[str, str]]]:
            # Most references are plain texts and need no Output each.
            plain = [(value, because) for because, value in self._uses if isinstance(value, str)]
            other = [(because, value) for because, value in self._uses if not isinstance(value, str)]
            return pulumi.Output.all(*[value for _, value in other]).apply(
                lambda known: plain + [(str(each), because) for each, (because, _) in zip(known, other, strict=True)]
            )

        return self._declared().apply(collected)

    def _declared(self) -> pulumi.Output[bool]:
        async def declared() -> bool:
            # The event loop gets its turn when the program's synchronous part has ended.
            await asyncio.sleep(0)
            self._sealed = True
            return True

        return pulumi.Output.from_input(declared())

    def _collected(self) -> pulumi.Output[dict[str, list[str]]]:
        """Most references are plain texts and need no Output each."""
        plain = {value for value, needs in self._references if isinstance(value, str) and not needs.parameters}
        other = [each for each in self._references if not isinstance(each[0], str) or each[1].parameters]
        return pulumi.Output.all(*[_resolve(*each) for each in other]).apply(lambda found: _merge(plain, found))


def _resolve(value: pulumi.Input[str], dependencies: Dependencies) -> pulumi.Output[dict[str, Any]]:
    reference = pulumi.Output.from_input(value)
    # Waiting for the resources' URNs makes the snapshot wait for the resources themselves.
    waited = pulumi.Output.all(reference, *[resource.urn for resource in dependencies.parameters])
    made = is_made_here(value, also=bool(dependencies.parameters))
    return pulumi.Output.all(waited, made).apply(lambda got: {"reference": str(got[0][0]), "pending": got[1]})


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


def _merge(plain: set[str], found: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    pending = {each["reference"] for each in found if each["pending"]}
    return {"all": sorted(plain.union(each["reference"] for each in found)), "pending": sorted(pending)}
