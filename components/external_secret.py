"""ExternalSecret: one Kubernetes Secret made of parameters, kept as declared by every `pulumi up`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from .core.decoding import DecodingStrategy
from .core.errors import SpecError
from .core.kubernetes_secret import secret_key_problem, secret_name_problem
from .core.references import ParameterReference
from .core.secret_keys import NullBytePolicy
from .core.specs import RemoteRefSpec
from .core.store_conditions import admits, not_admitted
from .core.store_specs import compact
from .parameter_store import ClusterSecretStore, SecretStore, StoreBinding
from .resources import SecretSync, told
from .sealing import Dependencies, is_made_here
from .store_arguments import InvalidArgumentsError


@dataclass(frozen=True)
class RemoteRef:
    """Where the value of one secret key comes from (ESO: `data[].remoteRef`).

    Attributes:
        key: parameter name, or full ARN for a parameter that another account shares; may be an Output.
        property: gjson path into the parameter's JSON, such as `friends.1.first`; default: the whole value.
        version: version number or label; default: the latest version at each apply.
        decoding_strategy: how the value, or the property in it, is encoded: `None`, `Base64`, `Base64URL`, or `Auto`,
            which takes what looks like Base64 for Base64 (ESO: decodingStrategy).
        null_byte_policy: `Fail` refuses a decoded value with null bytes in it (ESO: nullBytePolicy).
    """

    key: pulumi.Input[str]
    property: pulumi.Input[str] | None = None
    version: pulumi.Input[str | int] | None = None
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"


class ExternalSecret(pulumi.ComponentResource):
    """A Kubernetes Secret whose keys come from a store's parameters (ESO: ExternalSecret).

    Attributes:
        secret_name: name of the Secret, for `secretKeyRef`s; known to exist once it is resolved.
        namespace: its namespace.
        synced_versions: parameter -> version that the Secret was written from.
        status: ESO's reason of condition Ready: `SecretSynced`.
        refresh_time: when the Secret was written last, ISO 8601 in UTC.
    """

    secret_name: pulumi.Output[str]
    namespace: pulumi.Output[str]
    synced_versions: pulumi.Output[Mapping[str, int]]
    status: pulumi.Output[str]
    refresh_time: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        store: SecretStore | ClusterSecretStore,
        data: Mapping[str, RemoteRef | str],
        namespace: pulumi.Input[str] | None = None,
        target: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a Secret.

        Args:
            name: resource name.
            store: where the parameters are read (ESO: `secretStoreRef`).
            data: secret key -> remote reference; a plain string is the parameter's name (ESO: `data[].secretKey`).
            namespace: namespace of the Secret; required with a ClusterSecretStore. Default: the SecretStore's.
            target: name of the Secret (ESO: `target.name`). Default: the resource name, as in ESO.
            opts: Pulumi resource options. `depends_on` may name the resources that create the parameters.

        Raises:
            InvalidArgumentsError: an argument can never work, or the ExternalSecret is declared inside `apply`.
        """
        where = f"ExternalSecret {name!r}"
        refs = {key: RemoteRef(ref) if isinstance(ref, str) else ref for key, ref in sorted(data.items())}
        target = name if target is None else target
        dependencies = Dependencies.of(opts)
        binding = store.binding
        try:
            _check(where, target, refs)
            namespace = _namespace(where, binding, namespace)
            binding.ledger.claim(where, namespace, target)
            binding.ledger.add(where, {key: _reference(ref) for key, ref in refs.items()}, dependencies)
        except SpecError as error:
            raise InvalidArgumentsError(str(error)) from None
        super().__init__("parameterstore:index:ExternalSecret", name, {}, opts)
        operation = {
            **binding.operation,
            **_undecided(binding, namespace),
            "pending": _pending(refs, dependencies),
            "pendingNamespace": is_made_here(namespace, also=dependencies.namespace),
        }
        sync = SecretSync(
            name,
            {
                "namespace": namespace,
                "secretName": target,
                "owner": f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}",
                "store": binding.store,
                "cluster": binding.cluster,
                "data": {key: _bag(ref) for key, ref in refs.items()},
                "operation": told(operation, binding.found, [_reference(ref) for ref in refs.values()]),
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.secret_name = sync.secretName
        self.namespace = pulumi.Output.from_input(namespace)
        self.synced_versions = sync.versions
        self.status = sync.status
        self.refresh_time = sync.refreshTime
        self.register_outputs(
            {
                "secretName": self.secret_name,
                "namespace": self.namespace,
                "syncedVersions": self.synced_versions,
                "status": self.status,
                "refreshTime": self.refresh_time,
            }
        )


def _namespace(where: str, binding: StoreBinding, given: pulumi.Input[str] | None) -> pulumi.Input[str]:
    """The namespace of the Secret, which the store must be for."""
    namespace = binding.namespace if given is None else given
    if namespace is None:
        raise SpecError(f"{where}: a ClusterSecretStore has no namespace of its own; name the Secret's `namespace`")
    known = isinstance(namespace, str) and isinstance(binding.namespace, str)
    if known and namespace != binding.namespace:
        raise SpecError(
            f"{where}: its store is for namespace {binding.namespace!r} alone, not for {namespace!r}; "
            "leave `namespace` out, or use a ClusterSecretStore"
        )
    if isinstance(namespace, str) and admits(binding.conditions, namespace) is False:
        raise SpecError(f"{where}: {not_admitted(namespace)}")
    return namespace


def _undecided(binding: StoreBinding, namespace: pulumi.Input[str]) -> dict[str, Any]:
    """The store's conditions where only the cluster can tell whether they admit the namespace."""
    decided = isinstance(namespace, str) and admits(binding.conditions, namespace)
    return {} if decided or not binding.conditions else {"conditions": [each.to_bag() for each in binding.conditions]}


def _check(where: str, target: pulumi.Input[str], refs: Mapping[str, RemoteRef]) -> None:
    if not refs:
        raise SpecError(f"{where}: data is empty; name at least one secret key and the parameter that it comes from")
    problems = [secret_name_problem(target) if isinstance(target, str) else None]
    problems += [secret_key_problem(key) for key in refs]
    for problem in problems:
        if problem:
            raise SpecError(f"{where}: {problem}")
    for key, ref in refs.items():
        reference = _reference(ref)
        try:
            # The key does not matter here: it may be an Output.
            RemoteRefSpec.from_bag({**_bag(ref), "key": ""})
            if isinstance(reference, str):
                ParameterReference.parse(reference)
        except SpecError as error:
            raise SpecError(f"{where}, key {key}: {error}") from None


def _bag(ref: RemoteRef) -> dict[str, Any]:
    """A reference as it is stored; defaults are left out, so that the state of a plain reference stays as it was."""
    return compact(
        {
            "key": ref.key,
            "property": ref.property,
            "version": ref.version,
            "decodingStrategy": None if ref.decoding_strategy == "None" else ref.decoding_strategy,
            "nullBytePolicy": None if ref.null_byte_policy == "Ignore" else ref.null_byte_policy,
        }
    )


def _reference(ref: RemoteRef) -> pulumi.Input[str]:
    if ref.version is None:
        return ref.key
    if isinstance(ref.key, str) and isinstance(ref.version, str | int):
        return f"{ref.key}:{ref.version}"
    return pulumi.Output.all(ref.key, ref.version).apply(lambda parts: f"{parts[0]}:{parts[1]}")


def _pending(refs: Mapping[str, RemoteRef], dependencies: Dependencies) -> pulumi.Input[list[str]]:
    """The references that a resource of this program may yet create."""
    also = bool(dependencies.parameters) or dependencies.late
    references = [_reference(ref) for ref in refs.values()]
    texts = [reference for reference in references if isinstance(reference, str)]
    if len(texts) == len(references):
        return sorted(set(texts)) if also else []
    made = [pulumi.Output.all(reference, is_made_here(reference, also=also)) for reference in references]
    return pulumi.Output.all(*made).apply(lambda pairs: sorted({reference for reference, here in pairs if here}))
