"""What a PushSecret writes where (ESO: PushSecret, with its PushSecretMetadata)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, Self

from ...errors import SpecError
from .argument_types import TAG_KEY, TAG_VALUE, Characters, Expected
from .fields import Declaration, Named, Text
from .owner import Owner
from .refresh import RefreshSpec
from .store_specs import ClusterSpec, StoreSpec

SecretType = Literal["String", "StringList", "SecureString"]
Tier = Literal["Standard", "Advanced", "Intelligent-Tiering"]
UpdatePolicy = Literal["Replace", "IfNotExists"]
PushDeletionPolicy = Literal["None", "Delete"]

MANAGED_BY = "managed-by"
"""Key of the tag that ESO, and we like it, put on what is pushed."""
MANAGER = "external-secrets"
OWNER_TAG = "pulumi-parameter-store/owner"
"""Key of the tag that bears the mark."""
DESCRIPTION = "secret 'managed-by:external-secrets'"
DEFAULT_KEY = "alias/aws/ssm"
_MOST_TAGS = 50
_LONGEST_DESCRIPTION = 1024
_OWN_TAGS = (MANAGED_BY, OWNER_TAG)


@dataclass(frozen=True)
class PushMetadata(Declaration, Generic[Text]):
    """What a pushed parameter is like (ESO: PushSecretMetadata).

    Attributes:
        secret_type: `SecureString`, which KMS encrypts; `String` or `StringList`, which whoever may read parameters can
            read. Default: `SecureString`; in manifests `String`, as in ESO (ESO: secretType).
        kms_key_id: the key of a SecureString, by ID, ARN or alias. Default: AWS's own key for Parameter Store
            (ESO: kmsKeyID).
        tier: `Standard` for up to 4 KiB, `Advanced` for up to 8 KiB, or `Intelligent-Tiering`, which takes Advanced
            where that is needed (ESO: `tier.type`).
        policies: parameter policies, each with `Type`, `Version` and `Attributes` as AWS writes them; not for
            `Standard` (ESO: `tier.policies`).
        tags: tags; those that others put on the parameter stay.
        description: the parameter's description. Default: ESO's, which says that it is managed.
        encode_as_decoded: of a whole Secret the values stand in the JSON as they are, and not in Base64
            (ESO: encodeAsDecoded).
    """

    secret_type: SecretType = "SecureString"  # noqa: S105 - a type
    kms_key_id: Annotated[Text, Named("kmsKeyID")] | None = None
    tier: Annotated[Tier, Named("tier.type")] = "Standard"
    policies: Annotated[Sequence[Mapping[str, Any]], Expected("a list of mappings"), Named("tier.policies")] = ()
    tags: Mapping[Annotated[str, TAG_KEY], Annotated[Text, Characters(), TAG_VALUE]] = field(default_factory=dict)
    description: Text | None = None
    encode_as_decoded: bool = False

    def check(self) -> None:
        """Check the choices, the tags and the policies; see `Declaration.check`."""
        super().check()
        for key, value in self.tags.items():
            problem = TAG_KEY.problem(key) or TAG_VALUE.problem(str(value))
            if problem:
                raise SpecError(f"metadata.tags: {problem}")
            if key in _OWN_TAGS:
                raise SpecError(f"metadata.tags: the tag {key!r} is this library's own; leave it out")
        if len(self.tags) + len(_OWN_TAGS) > _MOST_TAGS:
            raise SpecError(f"metadata.tags: AWS allows {_MOST_TAGS} tags, and {len(_OWN_TAGS)} are this library's own")
        for at, policy in enumerate(self.policies):
            if not {"Type", "Version"} <= policy.keys():
                raise SpecError(f"metadata.tier.policies[{at}]: Type and Version are required, as AWS writes them")
        if len(str(self.description or "")) > _LONGEST_DESCRIPTION:
            raise SpecError(f"metadata.description: AWS allows {_LONGEST_DESCRIPTION:,} characters")

    @property
    def without_effect(self) -> str | None:
        """What of it changes nothing, as ESO passes it over; None where nothing is such."""
        if self.policies and self.tier == "Standard":
            return "tier.policies are for the tiers Advanced and Intelligent-Tiering"
        if self.kms_key_id is not None and self.secret_type != "SecureString":  # noqa: S105 - a type
            return "kmsKeyID is for secretType SecureString"
        return None

    @property
    def described(self) -> str:
        """The description as it is sent. Of metadata that is known."""
        return DESCRIPTION if self.description is None else str(self.description)

    @property
    def key(self) -> str | None:
        """The KMS key that is asked for; None where nothing is encrypted. Of metadata that is known."""
        if self.secret_type != "SecureString":  # noqa: S105 - a type
            return None
        return DEFAULT_KEY if self.kms_key_id is None else str(self.kms_key_id)


@dataclass(frozen=True)
class PushData(Declaration, Generic[Text]):
    """One key of the Secret, or all of it, and the parameter that it is written to (ESO: `data[]`).

    Attributes:
        remote_key: the parameter's name, after the store's `prefix` (ESO: `match.remoteRef.remoteKey`).
        secret_key: key of the Secret; default: the whole Secret, as JSON (ESO: `match.secretKey`).
        property: the value goes into this property of the parameter's JSON, of which all else stays as it is: keys with
            `.` between them. Default: it is the whole value (ESO: `match.remoteRef.property`).
        metadata: what the parameter is like.
    """

    remote_key: Annotated[Text, Expected("a parameter's name")]
    secret_key: str | None = None
    property: Annotated[str, Characters(any=True)] | None = None
    metadata: PushMetadata[Text] = field(default_factory=PushMetadata)

    def to_bag(self) -> dict[str, Any]:
        """The entry as it is stored; metadata that say nothing are left out."""
        return {name: value for name, value in super().to_bag().items() if value != {}}

    def check(self) -> None:
        """Check the metadata too; see `Declaration.check`."""
        super().check()
        self.metadata.check()


@dataclass(frozen=True)
class PushSpec:
    """One PushSecret as its resource is told of it.

    Attributes:
        namespace: namespace of the Secret.
        secret: name of the Secret.
        owner: the PushSecret, by which parameters are marked.
        data: what is written where.
        stores: the stores that it is written to, by name.
        prefixes: what stands before the parameters' names, by store; of those that have one.
        cluster: where the Secret is.
        update_policy: `Replace`, or `IfNotExists`: what is there already is left as it is.
        deletion_policy: `None`, or `Delete`: what is not declared any more is deleted.
        adopt: parameters that somebody else made are taken over.
        refresh: how old the last push must be before a changed Secret is pushed again.
    """

    namespace: str
    secret: str
    owner: Owner
    data: tuple[PushData[str], ...]
    stores: Mapping[str, StoreSpec]
    prefixes: Mapping[str, str]
    cluster: ClusterSpec
    update_policy: UpdatePolicy = "Replace"
    deletion_policy: PushDeletionPolicy = "None"
    adopt: bool = False
    refresh: RefreshSpec = field(default_factory=RefreshSpec)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The PushSecret out of a property bag.

        Raises:
            SpecError: a field is wrong; the text says which.
        """
        return cls(
            namespace=bag["namespace"],
            secret=bag["secret"],
            owner=Owner.from_bag(bag["owner"]),
            data=tuple(map(PushData.from_bag, bag.get("data") or ())),
            stores={name: StoreSpec.from_bag(store) for name, store in bag["stores"].items()},
            prefixes=bag.get("prefixes") or {},
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
            update_policy=bag.get("updatePolicy") or "Replace",
            deletion_policy=bag.get("deletionPolicy") or "None",
            adopt=bool(bag.get("adopt")),
            refresh=RefreshSpec.from_bag(bag.get("refresh") or {}),
        )
