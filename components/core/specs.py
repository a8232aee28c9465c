"""What the dynamic resources are told: plain specs that survive the trip through a property bag and back.

A bag is what Pulumi stores in state and shows in previews, so its keys are spelled as in ESO's manifests and it never
holds a secret value. Numbers come back from the wire as floats; the `from_bag` functions put that right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, get_args

from .decoding import DecodingStrategy
from .errors import SpecError
from .secret_keys import NullBytePolicy
from .store_conditions import StoreCondition
from .store_specs import ClusterSpec, StoreSpec

DEFAULT_REQUESTS_PER_SECOND = 40.0
"""AWS's default quota for GetParameter, GetParameters and GetParametersByPath together, per account and region."""


@dataclass(frozen=True)
class RemoteRefSpec:
    """One entry of an ExternalSecret's data (ESO: `data[].remoteRef`), with everything resolved.

    Attributes:
        key: parameter name or full ARN, as sent to SSM.
        property_path: gjson path into the parameter's JSON, or None for the whole value.
        version: version number or label, or None for the latest.
        decoding_strategy: how the value is encoded.
        null_byte_policy: whether a decoded value may hold null bytes.

    Raises:
        SpecError: a strategy or policy is none that ESO knows; the text lists them.
    """

    key: str
    property_path: str | None = None
    version: str | None = None
    decoding_strategy: DecodingStrategy = "None"
    null_byte_policy: NullBytePolicy = "Ignore"

    def __post_init__(self) -> None:
        check_choice("decodingStrategy", self.decoding_strategy, get_args(DecodingStrategy))
        check_choice("nullBytePolicy", self.null_byte_policy, get_args(NullBytePolicy))

    @property
    def reference(self) -> str:
        """The parameter as SSM is asked for it: `name` or `name:selector`."""
        return f"{self.key}:{self.version}" if self.version else self.key

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The reference out of a property bag."""
        version = bag.get("version")
        if isinstance(version, float) and version.is_integer():
            version = int(version)
        return cls(
            key=bag["key"],
            property_path=bag.get("property"),
            version=None if version is None else str(version),
            decoding_strategy=bag.get("decodingStrategy", "None"),
            null_byte_policy=bag.get("nullBytePolicy", "Ignore"),
        )

    def describe(self, version: int | None) -> str:
        """How a preview names the source of a secret key: parameter, version and property, never a value."""
        words = [self.key]
        if version is None:
            words.append("version known during up")
        elif self.version and self.version != str(version):
            words.append(f"version {version} ({self.version})")
        else:
            words.append(f"version {version}")
        if self.property_path:
            words.append(f"property {self.property_path}")
        return ", ".join(words)


@dataclass(frozen=True)
class SecretSpec:
    """One Kubernetes Secret that an ExternalSecret keeps: where it is, whose it is, and what its keys are made of.

    Attributes:
        namespace: namespace of the Secret.
        name: name of the Secret (ESO: `target.name`).
        owner: `project/stack/resource name`, written on the Secret so that nobody else's is ever touched.
        data: secret key -> where its value comes from.
        store: how the parameters are read.
        cluster: where the Secret is written.
    """

    namespace: str
    name: str
    owner: str
    data: Mapping[str, RemoteRefSpec]
    store: StoreSpec
    cluster: ClusterSpec

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The Secret out of a property bag."""
        return cls(
            namespace=bag["namespace"],
            name=bag["secretName"],
            owner=bag["owner"],
            data={key: RemoteRefSpec.from_bag(ref) for key, ref in sorted(bag["data"].items())},
            store=StoreSpec.from_bag(bag["store"]),
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
        )

    @property
    def references(self) -> tuple[str, ...]:
        """The distinct parameters that the Secret needs, sorted."""
        return tuple(sorted({ref.reference for ref in self.data.values()}))


@dataclass(frozen=True)
class Operation:
    """What the running operation is, told by the program and stripped by `check`: it is neither shown nor stored.

    Attributes:
        preview: True in `pulumi preview` and in the preview phase of `pulumi up`.
        decrypt: True where values may be decrypted: in `up`, and in preview if the user asked for full validation.
        pending: references that another resource of the same program makes, so that in preview they may be missing.
        pending_namespace: True where the namespace is made by the same program.
        fresh_role: True where the store's role is made by the same program, so that AWS may need time to know it.
        requests_per_second: the share of the account's rate limit that this operation may use.
        versions: what the snapshot found, for a sync: reference -> version.
        problems: why it did not find others, for a sync: reference -> text.
        conditions: which namespaces may use the store, for a sync whose namespace's name alone does not tell.
    """

    preview: bool
    decrypt: bool
    pending: frozenset[str] = frozenset()
    pending_namespace: bool = False
    fresh_role: bool = False
    requests_per_second: float = DEFAULT_REQUESTS_PER_SECOND
    versions: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[StoreCondition, ...] = ()

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The operation out of a property bag; a bag without one (an older program) counts as `up`."""
        preview = bool(bag.get("preview", False))
        return cls(
            preview=preview,
            decrypt=bool(bag.get("decrypt", not preview)),
            pending=frozenset(bag.get("pending") or ()),
            pending_namespace=bool(bag.get("pendingNamespace", False)),
            fresh_role=bool(bag.get("freshRole", False)),
            requests_per_second=float(bag.get("requestsPerSecond", DEFAULT_REQUESTS_PER_SECOND)),
            versions=versions_from_bag(bag.get("versions")),
            problems=dict(bag.get("problems") or {}),
            conditions=tuple(map(StoreCondition.from_bag, bag.get("conditions") or ())),
        )


def check_choice(field: str, value: str, choices: tuple[str, ...]) -> None:
    """Check a field that takes one of a few words.

    Raises:
        SpecError: it is none of them.
    """
    if value not in choices:
        raise SpecError(f"{field} {value!r} is not known; write {', '.join(choices[:-1])} or {choices[-1]}")


def versions_from_bag(bag: Mapping[str, Any] | None) -> dict[str, int]:
    """Parameter versions out of a property bag, as the integers that they are."""
    return {reference: int(version) for reference, version in (bag or {}).items()}
