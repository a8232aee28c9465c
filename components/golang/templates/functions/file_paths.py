"""Sprig's functions on file paths; the `os` ones are those of Linux, where ESO runs."""

import posixpath

from ..function import Family

PATHS = Family()


@PATHS.add("clean", "osClean")
def _clean(path: bytes) -> bytes:
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith(b"//") else cleaned


@PATHS.add("base", "osBase")
def _base(path: bytes) -> bytes:
    if not path:
        return b"."
    return path.rstrip(b"/").rpartition(b"/")[2] or b"/"


@PATHS.add("dir", "osDir")
def _dir(path: bytes) -> bytes:
    before, slash, _ = path.rpartition(b"/")
    return _clean(before + slash)


@PATHS.add("ext", "osExt")
def _ext(path: bytes) -> bytes:
    _, dot, extension = path.rpartition(b"/")[2].rpartition(b".")
    return dot + extension if dot else b""


@PATHS.add("isAbs", "osIsAbs")
def _is_abs(path: bytes) -> bool:
    return path.startswith(b"/")
