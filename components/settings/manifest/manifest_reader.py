"""Reads manifests, given as texts, objects or files, and tells what of them is passed over."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pulumi

from ...arguments.construction import called_plainly
from ...arguments.wording import got
from ...clients.small_files import read_small
from ...core.spec.argument_types import AnyText, Characters, Expected, Instead
from ...core.spec.config_fields import printable
from ...core.spec.spelling import of_yaml
from ...display import some_of
from ...errors import SpecError
from ...golang.yaml.yaml_limits import MAX_BYTES, MAX_DEPTH
from .files import ManifestFile, find_files
from .objects import FOREIGN, Manifests, joined, passed_over, read_documents
from .other_files import KUSTOMIZATION, Reason, files_named_by, inside, reason_to_pass_over
from .parsing import manifest_text, parse_manifests

_TOLD = 20
"""How many objects of other API groups are named; what was passed over for another reason is named in full."""
_NO_OBJECT = "expected a mapping with named fields, got a {}; if this is a path, write load_manifests(path)"

FilePath = Annotated[
    Annotated[str, Characters(empty=False, any=True)] | Path,
    Expected("a path, as a string or Path"),
    Instead((list, tuple), "give each path by itself: load_manifests(*paths)"),
]


@of_yaml()
@called_plainly("manifests")
def read_manifests(
    manifests: str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]],
    *,
    where: AnyText = "manifests",
    skip_unsupported: bool = False,
) -> Manifests:
    """Read stores, ExternalSecrets and PushSecrets; pure, and strict: what is not understood is an error.

    Args:
        manifests: texts (YAML with any number of documents, or JSON) and objects; `List`s of objects too.
        where: what errors begin with, such as the file's name.
        skip_unsupported: pass over ESO's kinds that are not supported, such as ClusterPushSecret, in place of an error.

    Raises:
        InvalidArgumentsError: a manifest is not what it should be, or asks for what is not supported; the text says
            what, where, and what to do.
    """
    if isinstance(manifests, Path):
        raise SpecError(f"{where}: {_NO_OBJECT.format('Path')}")
    given: Any = manifests
    if not isinstance(given, Iterable) or isinstance(given, pulumi.Output | bytes | bytearray):
        raise SpecError(f"{where}: expected texts and objects, got {got(manifests)}")
    listed = [manifests] if isinstance(manifests, str | Mapping) else list(manifests)
    parts = []
    for number, each in enumerate(listed):
        place = where if len(listed) == 1 else f"{where}[{number}]"
        if isinstance(each, pulumi.Output | bytes | bytearray):
            raise SpecError(f"{place}: expected a string or an object, got {got(each)}")
        documents = parse_manifests(each, place) if isinstance(each, str) else [(place, each)]
        if isinstance(each, Path) or (len(documents) == 1 and isinstance(documents[0][1], str)):
            raise SpecError(f"{place}: {_NO_OBJECT.format('Path' if isinstance(each, Path) else 'string')}")
        if not isinstance(each, str):
            _refuse_deep(each, place)
        parts.append(read_documents(documents, place, skip=skip_unsupported))
    return joined(parts)


def _refuse_deep(value: Any, where: str) -> None:
    """Refuse an object of a program that is nested deeper than a text may be, or that holds itself."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner = (each for holder in level for each in inside(holder))
        level = list({id(each): each for each in inner if isinstance(each, list | Mapping)}.values())
        if not level:
            return
    raise SpecError(f"{where}: it is nested deeper than {MAX_DEPTH} levels, or holds itself")


@of_yaml()
@called_plainly("exclude", instead={"namespace": "declare(load_manifests(...), namespace=...)"})
def load_manifests(*paths: FilePath, exclude: Sequence[str] = (), skip_unsupported: bool = False) -> Manifests:
    """Read the manifests of files.

    Of a folder or a pattern, kustomize's and Helm's own files are passed over: kustomization.yaml and the files that
    it names other than as resources, Chart.yaml, and values. They are among what was `skipped`, and `declare` tells
    them.

    Args:
        paths: files, folders (all `.yaml`, `.yml` and `.json` files below them), or patterns such as `eso/*.yaml`;
            relative to the working directory, which is the project's in a Pulumi program.
        exclude: what to leave out of folders and patterns: the name of a file or folder at any depth, or, with `/`, its
            path from the folder; each may be a pattern, in which `*` stays within one name and `**` does not.
        skip_unsupported: see `read_manifests`.

    Raises:
        InvalidArgumentsError: see `read_manifests`; or no path is given, there is no such file, none of them holds an
            object, or `exclude` leaves nothing out.
    """
    if not paths:
        raise SpecError("load_manifests: no path is given; write load_manifests('eso/') or the like")
    given: Any = exclude
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(each, str) for each in exclude):
        raise SpecError("exclude: expected a sequence of strings, such as ['kustomization.yaml']")
    files = find_files(paths, exclude)
    others = _others(each.path for each in files if each.reason is None and not each.named)
    parts = []
    for file in files:
        where, reason = printable(str(file.path)), file.reason or others.get(os.path.normpath(file.path))
        found = [] if reason else _documents(file.path)
        reason = reason or _reason(file, found)
        parts.append(passed_over(where, reason) if reason else read_documents(found, where, skip=skip_unsupported))
    made = joined(parts)
    read = made.stores or made.secrets or made.pushes
    if files and not read and all(printable(str(file.path)) in made.reasons for file in files):
        raise SpecError(f"{printable(' and '.join(map(str, paths)))}: no manifest is there; {_told(made)}")
    return made


@of_yaml()
@called_plainly("manifests")
def tell(manifests: Manifests) -> None:
    """Tell what was passed over, in one line with the reasons; nothing where nothing was.

    Raises:
        InvalidArgumentsError: they were not read.
    """
    refuse_unread("tell", manifests)
    if manifests.skipped:
        warns = any(each.warns for each in manifests.reasons.values())
        (pulumi.log.warn if warns else pulumi.log.info)(_told(manifests))


def refuse_unread(where: str, manifests: Any) -> None:
    """Refuse what was never read.

    Raises:
        SpecError: these are no `Manifests`; the text says how to read them.
    """
    if not isinstance(manifests, Manifests):
        read = "read_manifests(...)" if isinstance(manifests, Mapping) else "load_manifests('eso/')"
        raise SpecError(
            f"{where}, manifests: expected what load_manifests or read_manifests returns, got {got(manifests)}; "
            f"write {where}({read})"
        )


def _told(manifests: Manifests) -> str:
    by_reason: dict[str, list[str]] = {}
    for place in manifests.skipped:
        by_reason.setdefault(manifests.reasons.get(place, FOREIGN).text, []).append(place)
    texts = []
    for reason, places in by_reason.items():
        most = _TOLD if reason == FOREIGN.text else len(places)
        texts.append(f"as {reason}: {some_of(places, most)}")
    return f"not read, {'; '.join(texts)}"


def _documents(file: Path) -> list[tuple[str, Any]]:
    where = printable(str(file))
    try:
        data = read_small(file, MAX_BYTES)
    except OSError as error:
        raise SpecError(f"{where}: it cannot be read ({error.strerror})") from None
    return parse_manifests(manifest_text(data, where), where)


def _others(files: Iterable[Path]) -> dict[str, Reason]:
    """The files that kustomizations name other than as resources; they need not even be YAML."""
    resources: set[str] = set()
    others: dict[str, Reason] = {}
    for file in files:
        if file.name in KUSTOMIZATION:
            read, named = files_named_by(_values(_documents(file)))
            resources.update(os.path.normpath(file.parent / name) for name in read)
            for name in named:
                reason = Reason(f"{printable(str(file))} names it, and not as a resource", warns=True)
                others[os.path.normpath(file.parent / name)] = reason
    return {file: reason for file, reason in others.items() if file not in resources}


def _values(documents: Sequence[tuple[str, Any]]) -> list[Any]:
    return [value for _, value in documents]


def _reason(file: ManifestFile, documents: Sequence[tuple[str, Any]]) -> Reason | None:
    """Why a file is passed over for what it holds; None where it is read.

    Raises:
        SpecError: it is no manifest, and it was named itself.
    """
    reason = reason_to_pass_over(file.path.name, _values(documents))
    if reason and file.named:
        raise SpecError(f"{printable(str(file.path))}: it is no manifest, as {reason.text}; name the manifests")
    return reason
