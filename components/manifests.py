"""Reads External Secrets Operator's manifests, so that what is written for it runs here unchanged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pulumi

from .core.config_fields import Fields, kind_of
from .core.errors import SpecError
from .core.manifest_texts import parse_manifests
from .declaring import declare_all
from .external_secret import ExternalSecret
from .invalid_arguments import plainly
from .secret_config import SecretConfig, read_secret_spec
from .store_config import KINDS, StoreConfig, StoreKind, read_store_spec

GROUP = "external-secrets.io"
VERSIONS = (f"{GROUP}/v1", f"{GROUP}/v1beta1")
ADOPT = "pulumi-parameter-store/adopt"
REPLACE_IMMUTABLE = "pulumi-parameter-store/replace-immutable"
_OURS = "pulumi-parameter-store/"
_NOT_COPIED = ("kubectl.kubernetes.io/last-applied-configuration",)
_BOOKKEEPING = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
_TAKE_IT_OUT = "take it out, or read with skip_unsupported (skipUnsupported: true in a stack's settings)"
_FILES = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Manifests:
    """What was read.

    Attributes:
        stores: SecretStores and ClusterSecretStores, in order.
        secrets: ExternalSecrets, in order.
        skipped: the objects that were passed over, each with its place: those of other API groups, and on request those
            of ESO's kinds that are not supported.
    """

    stores: tuple[StoreConfig, ...] = ()
    secrets: tuple[SecretConfig, ...] = ()
    skipped: tuple[str, ...] = ()

    def __add__(self, other: "Manifests") -> "Manifests":
        return Manifests(self.stores + other.stores, self.secrets + other.secrets, self.skipped + other.skipped)

    def within(self, namespace: str | None) -> "Manifests":
        """The same, with a namespace for those objects that name none and need one."""
        return replace(
            self,
            stores=tuple(
                replace(each, namespace=namespace) if each.kind == "SecretStore" and not each.namespace else each
                for each in self.stores
            ),
            secrets=tuple(each if each.namespace else replace(each, namespace=namespace) for each in self.secrets),
        )

    def under(self, where: str) -> "Manifests":
        """The same, with the place that names their files before their own."""
        return replace(
            self,
            stores=tuple(replace(each, where=f"{where}: {each.where}") for each in self.stores),
            secrets=tuple(replace(each, where=f"{where}: {each.where}") for each in self.secrets),
        )


@plainly
def read_manifests(
    manifests: str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]],
    *,
    where: str = "manifests",
    skip_unsupported: bool = False,
) -> Manifests:
    """Read SecretStores, ClusterSecretStores and ExternalSecrets; pure, and strict: what is not understood is an error.

    Args:
        manifests: texts (YAML with any number of documents, or JSON) and objects; `List`s of objects too.
        where: what errors begin with, such as the file's name.
        skip_unsupported: pass over ESO's kinds that are not supported, such as PushSecret, in place of an error.

    Raises:
        InvalidArgumentsError: a manifest is not what it should be, or asks for what is not supported; the text says
            what, where, and what to do.
    """
    if not isinstance(manifests, Iterable):
        raise SpecError(f"{where}: expected texts and objects, got {kind_of(manifests)}")
    listed = [manifests] if isinstance(manifests, str | Mapping) else list(manifests)
    made = Manifests()
    for number, each in enumerate(listed):
        place = where if len(listed) == 1 else f"{where}[{number}]"
        for spot, found in parse_manifests(each, place) if isinstance(each, str) else [(place, each)]:
            for inner_spot, inner in _unlisted(found, spot):
                made += _read(inner, inner_spot, skip=skip_unsupported)
    return made


@plainly
def load_manifests(*paths: str | Path, skip_unsupported: bool = False) -> Manifests:
    """Read the manifests of files.

    Args:
        paths: files, folders (all `.yaml`, `.yml` and `.json` files below them), or patterns such as `eso/*.yaml`;
            relative to the working directory, which is the project's in a Pulumi program.
        skip_unsupported: see `read_manifests`.

    Raises:
        InvalidArgumentsError: see `read_manifests`; or there is no such file.
    """
    made = Manifests()
    for file in dict.fromkeys(file for path in paths for file in _files(Path(path))):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SpecError(f"{file}: it cannot be read ({error})") from None
        made += read_manifests(text, where=str(file), skip_unsupported=skip_unsupported)
    return made


@plainly
def declare(
    manifests: Manifests, *, namespace: str | None = None, opts: pulumi.ResourceOptions | None = None
) -> dict[str, ExternalSecret]:
    """Declare the components that manifests stand for.

    Args:
        manifests: what was read.
        namespace: namespace of those that name none, as `kubectl apply --namespace` has it.
        opts: Pulumi resource options of all of them, such as the providers that decide account and cluster.

    Returns:
        `namespace/name` -> ExternalSecret.

    Raises:
        InvalidArgumentsError: an ExternalSecret names a store that is not among them, or a component refuses its
            arguments.
    """
    placed = manifests.within(namespace)
    return declare_all(placed.stores, placed.secrets, opts)


def _files(path: Path) -> list[Path]:
    if path == Path(path.anchor) and path.anchor:
        raise SpecError(f"{path}: all files of the machine are no manifests; name their folder")
    try:
        found = sorted(_found(path))
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: it cannot be looked for ({error})") from None
    if not found:
        raise SpecError(f"{path}: there is no such file, or no manifest below it")
    return found


def _found(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.suffix in _FILES and file.is_file())
    elif path.is_file():
        yield path
    else:
        base = Path(path.anchor) if path.is_absolute() else Path()
        yield from (file for file in base.glob(str(path.relative_to(base))) if file.is_file())


def _unlisted(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """The objects in a List, or the object itself."""
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list):
        for index, item in enumerate(value["items"]):
            yield from _unlisted(item, f"{where}: items[{index}]")
    else:
        yield where, value


def _read(value: Any, where: str, *, skip: bool) -> Manifests:
    fields = Fields(value, where)
    version, kind = fields.text("apiVersion"), fields.text("kind")
    named = f"{where}: {kind} {_name_of(value)}"
    if not version.partition("/")[0].endswith(GROUP):
        return Manifests(skipped=(named,))
    if kind not in (*KINDS, "ExternalSecret"):
        if skip:
            return Manifests(skipped=(named,))
        raise SpecError(f"{named}: {_unsupported_kind(kind)}")
    if version not in VERSIONS:
        raise SpecError(f"{named}: apiVersion {version!r} is not supported; write {' or '.join(VERSIONS)}")
    fields.ignore("status")
    metadata, spec = fields.mapping("metadata"), fields.mapping("spec")
    fields.where = named
    fields.end()
    if metadata is None or spec is None:
        raise SpecError(f"{named}: {'metadata' if metadata is None else 'spec'} is required")
    metadata.where, spec.where = f"{named}: metadata", f"{named}: spec"
    name, namespace = metadata.text("name"), metadata.optional_text("namespace") or None
    labels, annotations = metadata.pairs("labels"), metadata.pairs("annotations")
    metadata.ignore(*_BOOKKEEPING)
    metadata.end()
    if kind == "ExternalSecret":
        looks = {**_own(annotations, named), "labels": labels, "annotations": _copied(annotations)}
        return Manifests(secrets=(read_secret_spec(spec, name, namespace, manifest=True, looks=looks),))
    return Manifests(stores=(read_store_spec(spec, cast("StoreKind", kind), name, namespace),))


def _name_of(value: Mapping[str, Any]) -> str:
    metadata = value.get("metadata")
    given = metadata if isinstance(metadata, Mapping) else {}
    return "/".join(str(given[part]) for part in ("namespace", "name") if given.get(part)) or "without a name"


def _unsupported_kind(kind: str) -> str:
    if kind == "PushSecret":
        return f"PushSecrets are not supported yet; {_TAKE_IT_OUT}"
    if kind == "ClusterExternalSecret":
        return "not supported; write an ExternalSecret for each namespace, or declare them in a loop in your program"
    return f"this kind of External Secrets Operator is not supported; {_TAKE_IT_OUT}"


def _own(annotations: Mapping[str, str], where: str) -> dict[str, bool]:
    """What annotations of ours ask for, as ESO's manifests have no fields for it."""
    known = {ADOPT: "adopt", REPLACE_IMMUTABLE: "replace_immutable"}
    asked = {}
    for name, value in annotations.items():
        if name.startswith(_OURS):
            if name not in known:
                raise SpecError(f"{where}: annotation {name!r} is not known; there are {' and '.join(known)}")
            if value not in ("true", "false"):
                raise SpecError(f'{where}: annotation {name!r} is {value!r}; write "true" or "false"')
            asked[known[name]] = value == "true"
    return asked


def _copied(annotations: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in annotations.items() if name not in _NOT_COPIED and not name.startswith(_OURS)
    }
