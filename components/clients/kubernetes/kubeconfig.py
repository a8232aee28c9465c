"""Kubeconfig files: where they are, how kubectl merges several, and which cluster and user a context stands for.

Only reads and checks; `connection` turns the chosen entries into something to connect with.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.spec.runner_specs import is_contents
from ...display import NOT_SHOWN, shown_path
from ...golang.yaml.documents import read_document
from ...golang.yaml.yaml_errors import YamlError
from ...golang.yaml.yaml_limits import MAX_BYTES
from ..small_files import read_small
from .cluster_errors import KubeconfigError

GIVEN = "(given by its contents)"
"""Stands for the file of a kubeconfig that is given by its contents; paths in it begin in the working directory."""


_TOLD_AT_MOST = 5
_ENDINGS = (".yaml", ".yml", ".json", ".conf", ".config", ".cfg", ".kubeconfig")


@dataclass(frozen=True)
class Entry:
    """One named cluster, user or context. Its fields may hold credentials; relative paths start in its folder."""

    kind: str
    name: str
    fields: Mapping[str, Any] = field(repr=False)
    folder: Path

    def text(self, name: str) -> str:
        """A field that is a string; empty when it is missing, KubeconfigError when it is something else."""
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise KubeconfigError(f"'{name}' of {self} in the kubeconfig must be a string.")
        return value

    def flag(self, name: str) -> bool:
        """A field that is true or false; false when it is missing. The string 'false' is an error, not guessed at."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise KubeconfigError(f"'{name}' of {self} in the kubeconfig must be true or false, without quotes.")
        return bool(value)

    def path(self, name: str) -> Path | None:
        """A field that is a path, None when it is missing."""
        text = self.text(name)
        return self.folder / text if text else None

    def __str__(self) -> str:
        return f"{self.kind} '{shown_path(self.name)}'"


@dataclass(frozen=True)
class Kubeconfig:
    """The merged content of some files: entries by name, and the context to use where none is asked for, if any."""

    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]
    contexts: Mapping[str, Entry]
    current_context: str
    files: tuple[Path, ...]

    def choose(self, context: str | None, cluster: str | None = None) -> tuple[Entry, Entry, Entry | None]:
        """The context (None: the current one), its cluster or a named one in its place, and its user, if it names one.

        Raises:
            KubeconfigError: The context, or what it refers to, does not exist.
        """
        name = context or self.current_context
        known = ", ".join(sorted(map(shown_path, self.contexts))) or "none"
        if not name:
            raise KubeconfigError(
                f"{self._where()} sets no current-context; choose one: `kubectl config use-context`. Contexts: {known}."
            )
        if name not in self.contexts:
            raise KubeconfigError(f"There is no context '{shown_path(name)}' in {self._where()}. Contexts: {known}.")
        chosen = self.contexts[name]
        if cluster and cluster not in self.clusters:
            there = ", ".join(sorted(map(shown_path, self.clusters))) or "none"
            raise KubeconfigError(f"There is no cluster '{shown_path(cluster)}' in {self._where()}. Clusters: {there}.")
        cluster, user = cluster or chosen.text("cluster"), chosen.text("user")
        if cluster not in self.clusters:
            raise KubeconfigError(
                f"The {chosen} refers to the cluster '{shown_path(cluster)}', which {self._where()} lacks."
            )
        if user and user not in self.users:
            raise KubeconfigError(f"The {chosen} refers to the user '{shown_path(user)}', which {self._where()} lacks.")
        return chosen, self.clusters[cluster], self.users[user] if user else None

    def _where(self) -> str:
        return "the kubeconfig " + ", ".join(map(_called, self.files))


def find_kubeconfig(explicit: str | None, environ: Mapping[str, str]) -> Kubeconfig | None:
    """Read the kubeconfig as kubectl does: `explicit`, else the files in KUBECONFIG, else ~/.kube/config.

    Args:
        explicit: The path of a file, or, as Pulumi's Kubernetes provider takes it, the contents of one.
        environ: The environment.

    Returns:
        None when nothing was asked for explicitly and there is no file, or only empty ones.

    Raises:
        KubeconfigError: `explicit` does not exist, or a file cannot be read or parsed.
    """
    if explicit:
        home = _home(environ)
        path = Path(home, explicit[2:]) if home and explicit.startswith("~/") else Path(explicit)
        if not _is_file(path):
            if is_contents(explicit):
                return parse_kubeconfig(explicit, Path.cwd() / GIVEN)
            raise KubeconfigError(_no_file(path, explicit))
        paths = [path]
    else:
        paths = _paths(environ)
    # kubectl passes over files of KUBECONFIG that do not exist.
    files = tuple(path.absolute() for path in dict.fromkeys(paths) if _is_there(path))
    merged = _merge(files, [_read(path) for path in files])
    return merged if explicit or merged.contexts or merged.clusters or merged.users else None


def why_none(environ: Mapping[str, str]) -> str:
    """Why `find_kubeconfig` found nothing in this environment: a clause that names each path, unless it may be none."""
    paths = _paths(environ)
    if not environ.get("KUBECONFIG"):
        return f"KUBECONFIG is not set, and {_lacking(paths[0])}" if paths else "neither KUBECONFIG nor HOME is set"
    if not paths:
        return "KUBECONFIG names no file"
    if any(shown_path(str(path)) == NOT_SHOWN or not _looks_like_path(str(path)) for path in paths):
        return "KUBECONFIG does not name a file that exists; it is not shown here, as it can hold credentials"
    told = [_lacking(path) for path in paths[:_TOLD_AT_MOST]]
    more = f" and {len(paths) - _TOLD_AT_MOST} more files" if len(paths) > _TOLD_AT_MOST else ""
    return f"KUBECONFIG names no kubeconfig: {', '.join(told)}{more}"


def _lacking(path: Path) -> str:
    shown = shown_path(str(path))
    return f"{shown} has no cluster in it" if _is_file(path) else f"{shown} does not exist{_from(path)}"


def _from(path: Path) -> str:
    """Where a relative path begins, which for Pulumi is the program's folder and not that of the terminal."""
    return "" if path.is_absolute() else f" in {shown_path(str(Path.cwd()))}, where relative paths begin"


def _home(environ: Mapping[str, str]) -> str | None:
    return environ.get("HOME") or environ.get("USERPROFILE")


def _paths(environ: Mapping[str, str]) -> list[Path]:
    """Where the environment's kubeconfigs are."""
    if environ.get("KUBECONFIG"):
        return [Path(part) for part in environ["KUBECONFIG"].split(os.pathsep) if part]
    home = _home(environ)
    return [Path(home, ".kube", "config")] if home else []


def _called(path: Path) -> str:
    return "that was given by its contents" if path.name == GIVEN else shown_path(str(path))


def _mode(path: Path) -> int | None:
    """What a path leads to; None where it leads to nothing that we may see."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):  # longer than a path can be, as the contents of a kubeconfig are; OSError quotes it
        return None


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(_mode(path) or 0)


def _is_there(path: Path) -> bool:
    """Whether a path of KUBECONFIG leads to a file; only what does not exist is passed over, and /dev/null."""
    mode = _mode(path)
    if mode is None or stat.S_ISREG(mode):
        return mode is not None
    if path == Path(os.devnull):
        return False
    raise KubeconfigError(f"The kubeconfig {shown_path(str(path))} is {_kind(mode)}, not a file; write it to a file.")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"


def _no_file(path: Path, written: str) -> str:
    shown = shown_path(str(path)) if _looks_like_path(written) else NOT_SHOWN
    if shown == NOT_SHOWN:
        return (
            "The kubeconfig that was given is neither the path of a file nor the contents of one. It is not shown "
            "here, as it can hold credentials."
        )
    mode = _mode(path)
    if mode is None:
        return f"The kubeconfig {shown} does not exist{_from(path)}."
    if stat.S_ISDIR(mode):
        return f"The kubeconfig {shown} is a folder. Give the path of a file in it."
    return f"The kubeconfig {shown} is {_kind(mode)}, not a file; write it to a file."


def _looks_like_path(text: str) -> bool:
    """Whether a string is written as a path is: a word can be a token, with dots in it or without."""
    return text.startswith(("/", "./", "../", "~")) or text.endswith(_ENDINGS) or text[1:3] in (":\\", ":/")


def parse_kubeconfig(text: str, origin: Path) -> Kubeconfig:
    """Read a kubeconfig that is at hand; errors name `origin`, and file names in it are relative to its folder."""
    return _merge((origin,), [_parse(text, origin)])


def _merge(files: tuple[Path, ...], documents: Iterable[Mapping[str, Any]]) -> Kubeconfig:
    """The first file that has an entry, or sets current-context, wins; entries are never mixed."""
    entries: dict[str, dict[str, Entry]] = {"cluster": {}, "user": {}, "context": {}}
    current = ""
    for path, document in zip(files, documents, strict=True):
        current = current or document.get("current-context") or ""
        for kind, known in entries.items():
            listed = [_entry(kind, item, path) for item in document.get(f"{kind}s") or ()]
            own = {entry.name: entry for entry in listed}
            if len(own) < len(listed):
                twice = next(entry for entry in listed if own[entry.name] is not entry)
                raise KubeconfigError(
                    f"The kubeconfig {_called(path)} has two entries of the {twice}, which kubectl refuses. Keep one."
                )
            entries[kind] = {**own, **known}
    return Kubeconfig(entries["cluster"], entries["user"], entries["context"], current, files)


def _entry(kind: str, item: Any, path: Path) -> Entry:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise KubeconfigError(f"An item of '{kind}s' in the kubeconfig {_called(path)} has no name.")
    fields = item.get(kind) or {}
    if not isinstance(fields, dict):
        raise KubeconfigError(
            f"The {kind} '{shown_path(item['name'])}' in the kubeconfig {_called(path)} must be a mapping."
        )
    return Entry(kind, item["name"], fields, path.parent)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = read_small(path, MAX_BYTES)
    except OSError as error:
        raise KubeconfigError(f"Cannot read the kubeconfig {path}: {error.strerror}.") from None
    return _parse(data, path)


def _parse(text: str | bytes, path: Path) -> Mapping[str, Any]:
    try:
        # A key that is written twice is no error to kubectl; the last one counts.
        document = read_document(text, unique_keys=False)
    except YamlError as error:
        # Its problem quotes nothing of the file, which holds credentials.
        place = f" (line {error.line}, column {error.column})" if error.line else ""
        raise KubeconfigError(f"The kubeconfig {_called(path)} is not valid YAML{place}: {error.problem}.") from None
    if document is None:
        return {}
    if (
        not isinstance(document, dict)
        or not all(isinstance(document.get(f"{kind}s") or [], list) for kind in ("cluster", "user", "context"))
        or not isinstance(document.get("current-context") or "", str)
        or document.get("apiVersion") not in (None, "", "v1")
        or document.get("kind") not in (None, "", "Config")
    ):
        named = "What was given by its contents" if path.name == GIVEN else path
        raise KubeconfigError(f"{named} is not a kubeconfig.")
    return document
