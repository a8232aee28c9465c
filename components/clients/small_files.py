"""Files that a user or a configuration names, read without a wait and without end.

To open a named pipe that nobody writes to waits for ever, and to read `/dev/zero` has no end; so a file has to be a
regular one. What is behind a link, as in volumes of Kubernetes, counts.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 1 << 20
"""Bytes that a token or certificates may have; a bundle of all public certificate authorities has a quarter of it."""


def read_small(path: Path, limit: int = LARGEST) -> bytes:
    """Read a file as a whole, of up to `limit` bytes.

    Raises:
        OSError: It cannot be read, is no regular file, or is too large. `strerror` is for people, and quotes nothing.
    """
    with os.fdopen(_opened(path, limit), "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:  # it grew, or is one of /proc, which have no size
        raise _too_large(limit)
    return data


def refuse_unusual(path: Path, limit: int = LARGEST) -> None:
    """Raise OSError where a file that somebody else opens cannot be read, or not without a wait and an end."""
    os.close(_opened(path, limit))


def _opened(path: Path, limit: int) -> int:
    # Without O_NONBLOCK a pipe is waited for before one can see that it is one.
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode):
        os.close(opened)
        raise OSError(errno.EINVAL, "it is a folder, pipe or device, not a file")
    if found.st_size > limit:
        os.close(opened)
        raise _too_large(limit)
    return opened


def _too_large(limit: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {limit >> 20} MiB")
