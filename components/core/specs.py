"""What the dynamic resources are told: plain specs that survive the trip through a property bag and back.

A bag is what Pulumi stores in state and shows in previews, so its keys are spelled as in ESO's manifests and it never
holds a secret value. Numbers come back from the wire as floats; the `from_bag` functions put that right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

DEFAULT_REQUESTS_PER_SECOND = 40.0
"""AWS's default quota for GetParameter, GetParameters and GetParametersByPath together, per account and region."""


def compact(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the keys that were not given: Pulumi drops None-valued inputs as well, so both sides stay comparable."""
    return {key: value for key, value in bag.items() if value is not None}


@dataclass(frozen=True)
class SecretKey:
    """One key of a Kubernetes Secret (ESO: SecretKeySelector)."""

    name: str
    key: str

    def to_bag(self) -> dict[str, Any]:
        """The selector as a property bag."""
        return {"name": self.name, "key": self.key}

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The selector out of a property bag."""
        return cls(name=bag["name"], key=bag["key"])


@dataclass(frozen=True)
class AccessKeysSource:
    """Where static AWS access keys are kept: keys of Kubernetes Secrets (ESO: `auth.secretRef`)."""

    namespace: str
    access_key_id: SecretKey
    secret_access_key: SecretKey
    session_token: SecretKey | None = None

    def to_bag(self) -> dict[str, Any]:
        """The source as a property bag."""
        return compact(
            {
                "namespace": self.namespace,
                "accessKeyIDSecretRef": self.access_key_id.to_bag(),
                "secretAccessKeySecretRef": self.secret_access_key.to_bag(),
                "sessionTokenSecretRef": self.session_token.to_bag() if self.session_token else None,
            }
        )

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The source out of a property bag."""
        token = bag.get("sessionTokenSecretRef")
        return cls(
            namespace=bag["namespace"],
            access_key_id=SecretKey.from_bag(bag["accessKeyIDSecretRef"]),
            secret_access_key=SecretKey.from_bag(bag["secretAccessKeySecretRef"]),
            session_token=SecretKey.from_bag(token) if token else None,
        )


@dataclass(frozen=True)
class ClusterSpec:
    """Which cluster: a kubeconfig file and a context in it; both default as kubectl's do."""

    kubeconfig: str | None = None
    context: str | None = None

    def to_bag(self) -> dict[str, Any]:
        """The cluster as a property bag."""
        return compact({"kubeconfig": self.kubeconfig, "context": self.context})

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The cluster out of a property bag."""
        return cls(kubeconfig=bag.get("kubeconfig"), context=bag.get("context"))


@dataclass(frozen=True)
class StoreSpec:
    """How one store's parameters are read: where and as whom.

    Attributes:
        region: AWS region of the parameters.
        role: ARN of the role to assume last (ESO: `provider.aws.role`), or None.
        access_keys: where the base credentials are, or None for the SDK's default chain.
        cluster: where `access_keys` are read.
    """

    region: str
    role: str | None = None
    access_keys: AccessKeysSource | None = None
    cluster: ClusterSpec = ClusterSpec()

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The store out of a property bag."""
        keys = bag.get("secretRef")
        return cls(
            region=bag["region"],
            role=bag.get("role"),
            access_keys=AccessKeysSource.from_bag(keys) if keys else None,
            cluster=ClusterSpec.from_bag(bag.get("cluster") or {}),
        )


@dataclass(frozen=True)
class RemoteRefSpec:
    """One entry of an ExternalSecret's data (ESO: `data[].remoteRef`), with everything resolved.

    Attributes:
        key: parameter name or full ARN, as sent to SSM.
        property_path: gjson path into the parameter's JSON, or None for the whole value.
        version: version number or label, or None for the latest.
    """

    key: str
    property_path: str | None = None
    version: str | None = None

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
        return cls(key=bag["key"], property_path=bag.get("property"), version=None if version is None else str(version))

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
    """

    preview: bool
    decrypt: bool
    pending: frozenset[str] = frozenset()
    pending_namespace: bool = False
    fresh_role: bool = False
    requests_per_second: float = DEFAULT_REQUESTS_PER_SECOND
    versions: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

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
        )


def versions_from_bag(bag: Mapping[str, Any] | None) -> dict[str, int]:
    """Parameter versions out of a property bag, as the integers that they are."""
    return {reference: int(version) for reference, version in (bag or {}).items()}
