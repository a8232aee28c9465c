"""The roles that a store may create: the one that `auth` stands for, and the one that is assumed last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi

from ...arguments.auth import AssumedRole, NewRole, PodIdentityAuth
from ...arguments.invalid import InvalidArgumentsError, plainly
from ...arguments.provider_options import given_to
from ...core.iam import ROLE_NAME_LIMIT, Grant, managed, shards, shortened, trust
from ...core.spec.store_identity import ROLE_ANNOTATION
from ..provider_settings import unchanged
from .roles import attach, attach_each, declare_role
from .whereabouts import Oidc, account_of, cluster_arn, cluster_name, oidc_of, role_of_runner

if TYPE_CHECKING:
    import pulumi_aws as aws

    from ...arguments.auth import OidcProvider
    from .arguments import IdentityArguments

_PUSHES = 14
"""Characters that are appended to the name of what is granted for pushing."""
_SUFFIX = 8
"""Characters that Pulumi appends to a name that the program does not choose: a hyphen and seven digits."""


@dataclass(frozen=True)
class Allowed:
    """What a role is granted.

    Attributes:
        reads: what reading needs, or taking the next role.
        pushes: what pushing needs.
    """

    reads: pulumi.Output[list[Grant]]
    pushes: pulumi.Output[list[Grant]]

    @property
    def whole(self) -> pulumi.Output[list[Grant]]:
        """All of it, each grant once."""
        return pulumi.Output.all(self.reads, self.pushes).apply(lambda got: list(dict.fromkeys([*got[0], *got[1]])))


@dataclass(frozen=True)
class Made:
    """A role that was declared.

    Attributes:
        arn: its ARN.
        allowed: what it is granted.
        attached: resolves when all that belongs to it is there.
        bag: what the dynamic resources are told of it.
    """

    arn: pulumi.Output[str]
    allowed: pulumi.Output[list[Grant]]
    attached: pulumi.Output[Any] = field(repr=False)
    bag: dict[str, pulumi.Input[Any]] = field(repr=False)


class RoleMaker:
    """Declares roles as children of one store.

    Attributes:
        account: where they are made.
    """

    def __init__(self, store: str, parent: pulumi.Resource) -> None:
        """Look up the account that `parent`'s AWS provider works in."""
        self._store = store
        self._where = f"store {store!r}"
        self._parent = parent
        self.account = account_of(parent)

    def last(
        self,
        store: IdentityArguments,
        assumed: AssumedRole,
        before: Sequence[pulumi.Input[str]],
        allowed: Allowed,
    ) -> Made:
        """Declare the role that is assumed last.

        Args:
            store: the store's arguments.
            assumed: what is said of the role.
            before: the identities before it in the chain; none means the identity that runs Pulumi.
            allowed: what it is granted.
        """
        principals = list(assumed.principals) or list(before) or [role_of_runner(self.account, self._parent)]
        identity = store.identity
        tags = identity.session_tags
        document = pulumi.Output.all(
            pulumi.Output.all(*principals), identity.external_id, pulumi.Output.all(*[value for _, value in tags])
        ).apply(
            plainly(
                lambda got: trust.assumed_by(
                    got[0],
                    got[1],
                    list(zip([key for key, _ in tags], got[2], strict=True)),
                    identity.transitive_tag_keys,
                    allow_wildcards=assumed.allow_wildcards,
                ),
                self._where,
            )
        )
        role = self._role(self._store, assumed.role, document)
        attached = self._attach(self._store, role, assumed.role, allowed)
        return Made(role.arn, allowed.whole, attached, {"role": role.arn})

    def for_service_account(
        self,
        store: IdentityArguments,
        provider: OidcProvider,
        looks: NewRole,
        ref: Mapping[str, Any],
        allowed: Allowed,
    ) -> Made:
        """Declare the role of a ServiceAccount, and the ServiceAccount.

        Args:
            store: the store's arguments.
            provider: the cluster's OIDC provider.
            looks: how the role looks.
            ref: the ServiceAccount, as the dynamic resources are told of it.
            allowed: what the role is granted.
        """
        import pulumi_kubernetes as kubernetes  # noqa: PLC0415  see the package's text

        namespace, account_name = ref["namespace"], ref["name"]

        def document(known: list[Any]) -> str:
            oidc: Oidc = known[0]
            return trust.web_identity(oidc.arn, oidc.issuer, known[1], known[2])

        oidc = oidc_of(provider, self.account)
        name = self._base_name(store)
        role = self._role(
            name, looks, pulumi.Output.all(oidc, namespace, account_name).apply(plainly(document, self._where))
        )
        metadata: Any = {"name": account_name, "namespace": namespace, "annotations": {ROLE_ANNOTATION: role.arn}}
        options = self._in_cluster(name, store)
        if store.cluster.said and isinstance(options.provider, pulumi.ProviderResource):
            # Not made before it is known that the engine's `transforms` left the provider alone.
            metadata = pulumi.Output.all(metadata, unchanged(options.provider, self._where)).apply(lambda got: got[0])
        account = kubernetes.core.v1.ServiceAccount(name, metadata=metadata, opts=options)
        attached = pulumi.Output.all(self._attach(name, role, looks, allowed), account.id)
        return Made(role.arn, allowed.whole, attached, {"serviceAccountRef": ref})

    def for_pods(self, store: IdentityArguments, auth: PodIdentityAuth, allowed: Allowed) -> Made:
        """Declare the role of the pods of a ServiceAccount, and the association that hands it to them."""
        import pulumi_aws as aws  # noqa: PLC0415  see the package's text

        namespace = auth.placed(store.namespace).namespace
        cluster = cluster_arn(auth.cluster, self.account, store.identity.region)
        document = pulumi.Output.all(cluster, self.account, namespace, auth.service_account).apply(
            plainly(lambda got: trust.pod_identity(got[0], got[1].id, got[2], got[3]), self._where)
        )
        name = self._base_name(store)
        role = self._role(name, auth.role, document)
        association = aws.eks.PodIdentityAssociation(
            name,
            cluster_name=cluster_name(auth.cluster),
            namespace=namespace,
            service_account=auth.service_account,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        attached = pulumi.Output.all(self._attach(name, role, auth.role, allowed), association.id)
        return Made(role.arn, allowed.whole, attached, {"podIdentityRole": role.arn})

    def _base_name(self, store: IdentityArguments) -> str:
        return f"{self._store}-base" if isinstance(store.given.get("role"), AssumedRole) else self._store

    def _role(self, name: str, looks: NewRole, document: pulumi.Output[str]) -> aws.iam.Role:
        return declare_role(shortened(name, ROLE_NAME_LIMIT - _SUFFIX), looks, document, self._parent)

    def _attach(self, name: str, role: aws.iam.Role, looks: NewRole, allowed: Allowed) -> pulumi.Output[bool]:
        parts = allowed.reads.apply(
            plainly(lambda found: shards(found, managed_policies=looks.managed_policies), self._where)
        )
        reads = attach(shortened(name, ROLE_NAME_LIMIT - _SUFFIX), role, parts, self._parent)
        documents = allowed.pushes.apply(plainly(managed, self._where))
        pushes = attach_each(shortened(name, ROLE_NAME_LIMIT - _SUFFIX - _PUSHES), role, documents, self._parent)
        return pulumi.Output.all(reads, pushes).apply(lambda _: True)

    def _in_cluster(self, name: str, store: IdentityArguments) -> pulumi.ResourceOptions:
        """The cluster that the store names; else that of the provider which it has in its options, or inherits."""
        import pulumi_kubernetes as kubernetes  # noqa: PLC0415  see the package's text

        options = pulumi.ResourceOptions(parent=self._parent)
        asked: Mapping[str, Any] = store.cluster.asked
        if store.cluster.provider is not None:
            options.provider = store.cluster.provider
        elif asked:
            made = kubernetes.Provider(name, opts=pulumi.ResourceOptions(parent=self._parent), **asked)
            given = given_to(made)  # where no kubeconfig is asked for, the SDK fills in the environment's
            if any(given.get(each) != asked.get(each) for each in {*asked, "context", "cluster"}):
                raise InvalidArgumentsError(
                    f"{self._where}: a transformation changed the Kubernetes provider of its `cluster`; give the store "
                    "a provider in place of it, or have the transformation pass over it"
                )
            options.provider = made
        return options
