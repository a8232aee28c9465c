"""What a store's program says of its identity, with defaults still open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pulumi

    from ...arguments.auth import AssumedRole, Auth, KmsKey
    from ...core.service import Service


@dataclass(frozen=True)
class Asked:
    """The identity arguments of a store, as its program gives them.

    Attributes:
        name: resource name of the store.
        namespace: the store's own namespace; None for a ClusterSecretStore.
        region: where the store reads.
        service: the service of AWS that it reads from.
        auth: base credentials.
        additional_roles: roles to take before the last one.
        role: the last role.
        external_id: for the last role.
        session_tags: for the last role.
        transitive_tag_keys: for the last role.
        kms_keys: customer keys, and the parameters that each encrypts.
        paths: paths that are granted as a whole.
        uses: gives every reference with the secret key that needs it.
        cluster: what the store says of its cluster, by the names of Pulumi's Kubernetes provider.
        cluster_provider: the provider that it names in place of that.
    """

    name: str
    namespace: pulumi.Input[str] | None
    region: pulumi.Input[str]
    service: Service
    auth: Auth | None
    additional_roles: Sequence[pulumi.Input[str]]
    role: pulumi.Input[str] | AssumedRole | None
    external_id: pulumi.Input[str] | None = field(repr=False)
    session_tags: Mapping[str, pulumi.Input[str]]
    transitive_tag_keys: Sequence[str]
    kms_keys: Sequence[KmsKey]
    paths: Sequence[str]
    uses: Callable[[], pulumi.Output[list[tuple[str, str]]]]
    cluster: Mapping[str, pulumi.Input[str]]
    cluster_provider: pulumi.ProviderResource | None

    def in_namespace(self, given: pulumi.Input[str] | None) -> pulumi.Input[str]:
        """The namespace of a reference: its own, else the store's; `check_arguments` saw to it that there is one."""
        namespace = self.namespace if given is None else given
        assert namespace is not None, "a ClusterSecretStore's references name theirs"  # noqa: S101
        return namespace
