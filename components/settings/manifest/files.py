"""Finds the files of manifests: single ones, those of folders, and those that a pattern matches."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from ...core.spec.config_fields import printable
from ...errors import SpecError
from .kinds import is_near_name
from .other_files import KUSTOMIZATION, Reason

SUFFIXES = (".yaml", ".yml", ".json")
_ANYWHERE = "**"


@dataclass(frozen=True)
class ManifestFile:
    """A file that was found.

    Attributes:
        path: the file.
        named: it was named itself, and is no part of a folder or pattern.
        reason: why it is passed over; None where it is read.
        problem: why it cannot be read; None where nothing is known of that.
    """

    path: Path
    named: bool = False
    reason: Reason | None = None
    problem: str | None = None


def find_files(paths: Sequence[str | Path], exclude: Sequence[str] = ()) -> list[ManifestFile]:
    """The files of paths, in order, each once.

    Args:
        paths: files, folders (all `.yaml`, `.yml` and `.json` files below them) and patterns.
        exclude: patterns of what to leave out of folders and patterns: the name of a file or folder at any depth, or,
            with `/`, a path from the folder; `*` stays within one name, `**` does not.

    Raises:
        SpecError: there is no such file, one cannot be read, or a pattern of `exclude` is none or leaves nothing out.
    """
    patterns = [_parts(pattern, f"exclude[{at}]") for at, pattern in enumerate(exclude)]
    used: set[int] = set()
    found: dict[Path, ManifestFile] = {}
    for path in paths:
        base, files = _files(Path(path))
        for each in files:
            inside = () if base is None else Path(os.path.relpath(each.path, base)).parts
            left_out = {at for at, parts in enumerate(patterns) if inside and _leaves_out(parts, inside)}
            used |= left_out
            if left_out:
                found[each.path] = ManifestFile(each.path, reason=Reason("`exclude` leaves it out"))
            else:
                found.setdefault(each.path, each)
    for at, pattern in enumerate(exclude):
        if at not in used:
            where = printable(" and ".join(map(str, paths)))
            raise SpecError(
                f"exclude[{at}]: {pattern!r} leaves nothing out of {where}; write the name of a file or folder that is "
                "there, or with '/' its path from the folder that is read"
            )
    for each in found.values():
        if each.problem and not each.reason:
            raise SpecError(f"{printable(str(each.path))}: {each.problem}; correct it, or leave it out (exclude)")
    return list(found.values())


def _parts(pattern: str, where: str) -> tuple[str, ...]:
    """A pattern of `exclude` by the names in its path."""
    whole = pattern.rstrip("/")
    parts = tuple(whole.removeprefix("./").split("/"))
    if not all(parts) or ".." in parts:
        raise SpecError(f"{where}: {pattern!r}: write the name of a file or folder, or its path from the folder")
    return parts if "/" in whole else (_ANYWHERE, *parts)


@lru_cache(maxsize=10_000)  # else a pattern of many `**` would try all ways to share out the path
def _leaves_out(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a pattern matches a path, or a folder that it is in."""
    if not pattern:
        return True
    if pattern[0] == _ANYWHERE:
        return any(_leaves_out(pattern[1:], path[at:]) for at in range(len(path)))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _leaves_out(pattern[1:], path[1:])


def _files(path: Path) -> tuple[Path | None, list[ManifestFile]]:
    """The files, and the folder that they are in; none for a single file."""
    if path == Path(path.anchor) and path.anchor:
        raise SpecError(f"{path}: all files of the machine are no manifests; name their folder")
    try:
        if path.is_file():
            return None, [ManifestFile(path, named=True)]
        base, found = (path, _below(path)) if path.is_dir() else _matching(path)
        files = sorted(found, key=lambda each: each.path)
    except (OSError, ValueError) as error:
        raise SpecError(f"{printable(str(path))}: it cannot be looked for ({printable(str(error))})") from None
    if not files and path.name == _ANYWHERE:
        folder = printable(str(path.parent))
        raise SpecError(f"{printable(str(path))}: ** stands for folders alone; write {folder!r} for all below it")
    if all(each.reason for each in files):
        looked = "" if path.is_absolute() else f" (looked for in {printable(str(Path.cwd()))})"
        raise SpecError(f"{printable(str(path))}: there is no such file, or no manifest below it{looked}")
    return base, files


def _below(folder: Path) -> Iterator[ManifestFile]:
    for root, folders, names in os.walk(folder, onerror=_fail):
        for name in folders:
            if (link := Path(root, name)).is_symlink():
                yield ManifestFile(link, reason=Reason("it is a link to a folder, which is not followed"))
        for name in names:
            file = Path(root, name)
            if file.suffix in SUFFIXES or name in KUSTOMIZATION:
                yield _regular(file)
            elif _is_nearly_read(file):
                yield ManifestFile(file, reason=Reason(f"only {', '.join(SUFFIXES)} in small letters are read"))


def _is_nearly_read(file: Path) -> bool:
    """Whether a file that is not read is named like one that is: `a.YAML`, `a.jsno`, `a.yaml.j2`, `.yaml`."""
    _, *endings = file.name.lower().rstrip("~ ").split(".")
    last = next(filter(None, reversed(endings)), "")
    words = [each[1:] for each in SUFFIXES]
    return (
        any(each.startswith(tuple(words)) for each in endings)
        or last.endswith(tuple(words))
        or any(each[0] == last[:1] and is_near_name(last, each) for each in words)
    )


def _matching(pattern: Path) -> tuple[Path, Iterator[ManifestFile]]:
    """The files that a pattern matches, and the folder before its first wildcard."""
    anchor = Path(pattern.anchor) if pattern.is_absolute() else Path()
    parts = pattern.relative_to(anchor).parts
    if not parts or any(_ANYWHERE in part and part != _ANYWHERE for part in parts):
        raise ValueError("** stands alone between two /")
    wild = next((at for at, part in enumerate(parts[:-1]) if _is_wild(part)), len(parts) - 1)
    base = anchor.joinpath(*parts[:wild])
    found = _expanded(base, parts[wild:], set()) if base.is_dir() else iter(())
    return base, (_regular(each) for each in sorted(set(found)) if not each.is_dir())


def _expanded(folder: Path, parts: Sequence[str], seen: set[tuple[Path, int]]) -> Iterator[Path]:
    """What a pattern matches in a folder; unlike pathlib's glob it raises where a folder cannot be read.

    Args:
        folder: the folder.
        parts: what is left of the pattern.
        seen: folders with how much of the pattern was left in them; `**` leads to one again and again.
    """
    if (folder, len(parts)) in seen:
        return
    seen.add((folder, len(parts)))
    head, rest = parts[0], parts[1:]
    if head == _ANYWHERE:
        for root, _, _ in os.walk(folder, onerror=_fail) if rest else ():
            yield from _expanded(Path(root), rest, seen)
        return
    inner = [folder / head]
    if _is_wild(head):
        inner = [each for each in folder.iterdir() if fnmatchcase(each.name, head)]
    for each in inner:
        if rest and each.is_dir():
            yield from _expanded(each, rest, seen)
        elif not rest and os.path.lexists(each):
            yield each


def _is_wild(part: str) -> bool:
    return any(each in part for each in "*?[")


def _fail(error: OSError) -> None:
    raise error


def _regular(file: Path) -> ManifestFile:
    if file.is_file():
        return ManifestFile(file)
    return ManifestFile(file, problem="it is a link to nothing" if file.is_symlink() else "it is not a regular file")
