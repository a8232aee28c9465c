"""What a PushSecret writes where (ESO: PushSecret, with its PushSecretMetadata)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from ...errors import SpecError
from ...golang.regexp import PatternError, check_pattern, shown_pattern
from .argument_types import KMS_KEY_ID, TAG_KEY, TAG_VALUE, Characters, Expected, MayRepeat
from .fields import Declaration, Elsewhere, Field, Named, Text, fields_of
from .owner import Owner
from .refresh import RefreshSpec
from .rewrite_specs import MergeRewrite, RegexpRewrite, TransformRewrite, rewrite_from_bag
from .store_conditions import LabelRequirement
from .store_specs import ClusterSpec, StoreSpec
from .target_specs import Template

SecretType = Literal["String", "StringList", "SecureString"]
Tier = Literal["Standard", "Advanced", "Intelligent-Tiering"]
UpdatePolicy = Literal["Replace", "IfNotExists"]
PushFormat = Literal["string", "binary"]
PushConversion = Literal["None", "ReverseUnicode"]
PushDeletionPolicy = Literal["None", "Delete"]

MANAGED_BY = "managed-by"
"""Key of the tag that ESO, and we like it, put on what is pushed."""
MANAGER = "external-secrets"
OWNER_TAG = "pulumi-parameter-store/owner"
"""Key of the tag that bears the mark."""
DESCRIPTION = "secret 'managed-by:external-secrets'"
OF_ESO = frozenset({"secret_type", "secret_push_format"})
"""The attributes of metadata for which ESO's manifests have other defaults, each of one service."""
_MOST_TAGS = 50
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]{1,2}")
_LONGEST_DESCRIPTION = 1024
_OWN_TAGS = (MANAGED_BY, OWNER_TAG)


@dataclass(frozen=True)
class PushMetadata(Declaration, Generic[Text]):
    """What a pushed parameter is like (ESO: PushSecretMetadata).

    Attributes:
        secret_type: `SecureString`, which KMS encrypts; `String` or `StringList`, which everyone can read who may
            read parameters. Default: `SecureString`; in manifests `String`, as in ESO (ESO: secretType).
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
        secret_push_format: of Secrets Manager: `string`, or `binary`, which keeps any bytes and which most readers do
            not look for. Default: `string`; in manifests `binary`, as in ESO (ESO: secretPushFormat).
        resource_policy: of Secrets Manager: the secret's policy, as JSON. Default: it is left to others.
        block_public_policy: a policy that lets everybody in is refused (ESO: `resourcePolicy.blockPublicPolicy`).
        replication_locations: of Secrets Manager: the regions that the secret is copied to. Default: they are left to
            others (ESO: replicationLocations).
    """

    secret_type: SecretType = "SecureString"  # noqa: S105 - a type
    kms_key_id: Annotated[Text, Named("kmsKeyID"), KMS_KEY_ID] | None = None
    tier: Annotated[Tier, Named("tier.type")] = "Standard"
    policies: Annotated[Sequence[Mapping[str, Any]], Expected("a list of mappings"), Named("tier.policies")] = ()
    tags: Mapping[Annotated[str, TAG_KEY], Annotated[Text, Characters(), TAG_VALUE]] = field(default_factory=dict)
    description: Text | None = None
    encode_as_decoded: bool = False
    secret_push_format: PushFormat = "string"  # noqa: S105 - a format
    resource_policy: Annotated[Text, Characters(any=True), Named("resourcePolicy.policy")] | None = None
    block_public_policy: Annotated[bool, Named("resourcePolicy.blockPublicPolicy")] = False
    replication_locations: Annotated[Sequence[str], Expected("a list of regions")] = ()

    def check(self) -> None:
        """Check the choices, the tags and the policies; see `Declaration.check`."""
        super().check()
        self._check_places()
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

    def _check_places(self) -> None:
        """Check who else may read it, and where."""
        for region in self.replication_locations:
            if not _REGION.fullmatch(region) or list(self.replication_locations).count(region) > 1:
                raise SpecError(f"metadata.replicationLocations: {region!r} is no region, or named twice")
        if isinstance(self.resource_policy, str) and not _is_object(self.resource_policy):
            raise SpecError("metadata.resourcePolicy: it is no JSON object; write a policy as IAM has it")

    @property
    def given(self) -> frozenset[str]:
        """The attributes that are not as by default."""
        return frozenset(each.attribute for each in fields_of(PushMetadata) if self._is_given(each))

    def _is_given(self, field_: Field) -> bool:
        value = getattr(self, field_.attribute)
        return value is not None and value != field_.default

    @property
    def without_effect(self) -> str | None:
        """What of it changes nothing, as ESO passes it over; None where nothing is such."""
        if self.policies and self.tier == "Standard":
            return "tier.policies are for the tiers Advanced and Intelligent-Tiering"
        if self.block_public_policy and self.resource_policy is None:
            return "blockPublicPolicy is for a policy that is declared"
        if self.kms_key_id is not None and self.secret_type != "SecureString":  # noqa: S105 - a type
            return "kmsKeyID is for secretType SecureString"
        return None

    def for_permissions(self) -> dict[str, Any]:
        """How it is stored, without what no permission depends on and what may be known late."""
        bag = {name: value for name, value in self.to_bag().items() if name not in ("tags", "description")}
        return bag | ({"resourcePolicy": {"policy": "{}"}} if "resourcePolicy" in bag else {})

    @property
    def described(self) -> str:
        """The description as it is sent. Of metadata that is known."""
        return DESCRIPTION if self.description is None else str(self.description)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


@dataclass(frozen=True)
class PushData(Declaration, Generic[Text]):
    """One key of the Secret, or all of it, and the parameter that it is written to (ESO: `data[]`).

    Attributes:
        remote_key: the parameter's name, after the store's `prefix` (ESO: `match.remoteRef.remoteKey`).
        secret_key: key of the Secret; default: the whole Secret, as JSON (ESO: `match.secretKey`).
        property: the value goes into this property of the parameter's JSON, of which all else stays as it is: keys with
            `.` between them. Default: it is the whole value (ESO: `match.remoteRef.property`).
        metadata: what the parameter is like.
        conversion_strategy: `ReverseUnicode` turns `_U002f_` in the Secret's keys into `/` and so on, before
            `secret_key` is looked for (ESO: conversionStrategy).
    """

    remote_key: Annotated[Text, Expected("a parameter's name")]
    secret_key: str | None = None
    property: Annotated[str, Characters(any=True)] | None = None
    metadata: PushMetadata[Text] = field(default_factory=PushMetadata)
    conversion_strategy: PushConversion = "None"

    def to_bag(self) -> dict[str, Any]:
        """The entry as it is stored; metadata that say nothing are left out."""
        return {name: value for name, value in super().to_bag().items() if value != {}}

    def check(self) -> None:
        """Check the metadata too; see `Declaration.check`."""
        super().check()
        self.metadata.check()


Store = TypeVar("Store")
"""A store; in the state its name."""


@dataclass(frozen=True)
class PushDataTo(Declaration, Generic[Text, Store]):
    """All keys of the Secret that match, each to a parameter, or all to one (ESO: `dataTo[]`).

    A key that an entry of `data` names is left to that one.

    Attributes:
        store: the one of the PushSecret's stores that they are written to; default: all of them (ESO: `storeRef`).
        match: regular expression (RE2) that a key must match somewhere; default: any key (ESO: `match.regexp`).
        rewrite: how a key becomes a parameter's name, in this order; default: it is the name.
        remote_key: the one parameter that gets all of them as JSON; not with `rewrite`.
        metadata: what the parameters are like.
        conversion_strategy: see `PushData`; `match` and `rewrite` see the converted keys.
    """

    store: Annotated[Store, Elsewhere()] | None = None
    match: Annotated[str, Characters(any=True), Named("match.regexp")] | None = None
    rewrite: Annotated[
        Sequence[RegexpRewrite | TransformRewrite], Expected("a list of rewrites"), MayRepeat(), Elsewhere()
    ] = ()
    remote_key: Text | None = None
    metadata: PushMetadata[Text] = field(default_factory=PushMetadata)
    conversion_strategy: PushConversion = "None"

    def to_bag(self) -> dict[str, Any]:
        """The entry as it is stored, without its store."""
        bag = {name: value for name, value in super().to_bag().items() if value != {}}
        return bag | ({"rewrite": [each.to_bag() for each in self.rewrite]} if self.rewrite else {})

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any], **given: Any) -> Self:
        """The entry out of a property bag."""
        rewrites = tuple(map(rewrite_from_bag, bag.get("rewrite") or ()))
        return super().from_bag(bag, **{"store": bag.get("store"), "rewrite": rewrites, **given})

    def check(self) -> None:
        """Check the expression and the metadata too; see `Declaration.check`."""
        super().check()
        self.metadata.check()
        if self.remote_key is not None and self.rewrite:
            raise SpecError("remoteKey and rewrite do not go together: rewrite makes a name of each key; leave one out")
        if any(isinstance(each, MergeRewrite) for each in self.rewrite):
            raise SpecError("rewrite: merge is for ExternalSecrets; write regexp or transform")
        try:
            check_pattern(self.match or "")
        except (PatternError, UnicodeEncodeError) as error:
            raise SpecError(f"match.regexp {shown_pattern(self.match or '')}: {error}") from None


@dataclass(frozen=True)
class PushSpec:
    """One PushSecret as its resource is told of it.

    Attributes:
        namespace: namespace of the Secret.
        secret: name of the Secret; None where labels say which.
        owner: the PushSecret, by which parameters are marked.
        data: what is written where.
        stores: the stores that it is written to, by name.
        prefixes: what stands before the parameters' names, by store; of those that have one.
        cluster: where the Secret is.
        update_policy: `Replace`, or `IfNotExists`: what is there already is left as it is.
        deletion_policy: `None`, or `Delete`: what is not declared any more is deleted.
        adopt: parameters that somebody else made are taken over.
        restore: what is marked for deletion is restored.
        selector: the labels that the Secrets must have; None where one is named.
        data_to: all keys that match, by store.
        template: templates of further keys.
        refresh: how old the last push must be before a changed Secret is pushed again.
    """

    namespace: str
    secret: str | None
    owner: Owner
    data: tuple[PushData[str], ...]
    stores: Mapping[str, StoreSpec]
    prefixes: Mapping[str, str]
    cluster: ClusterSpec
    update_policy: UpdatePolicy = "Replace"
    deletion_policy: PushDeletionPolicy = "None"
    adopt: bool = False
    restore: bool = False
    selector: tuple[LabelRequirement, ...] | None = None
    data_to: tuple[PushDataTo[str, str], ...] = ()
    template: Template[str] | None = None
    refresh: RefreshSpec = field(default_factory=RefreshSpec)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The PushSecret out of a property bag.

        Raises:
            SpecError: a field is wrong; the text says which.
        """
        selector = bag.get("selector")
        return cls(
            namespace=bag["namespace"],
            secret=bag.get("secret"),
            owner=Owner.from_bag(bag["owner"]),
            data=tuple(map(PushData.from_bag, bag.get("data") or ())),
            stores={name: StoreSpec.from_bag(store) for name, store in bag["stores"].items()},
            prefixes=bag.get("prefixes") or {},
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
            update_policy=bag.get("updatePolicy") or "Replace",
            deletion_policy=bag.get("deletionPolicy") or "None",
            adopt=bool(bag.get("adopt")),
            restore=bool(bag.get("restore")),
            selector=None if selector is None else tuple(map(LabelRequirement.from_bag, selector)),
            data_to=tuple(map(PushDataTo.from_bag, bag.get("dataTo") or ())),
            template=Template.from_bag(bag["template"]) if bag.get("template") else None,
            refresh=RefreshSpec.from_bag(bag.get("refresh") or {}),
        )
