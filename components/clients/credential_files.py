"""Small files of credentials and certificates, read without a wait and without end.

To open a named pipe that nobody writes to waits for ever, and to read `/dev/zero` has no end; so a file has to be a
regular one. What is behind a link, as in volumes of Kubernetes, counts.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 1 << 20
"""Bytes that a token or certificates may have; a bundle of all public certificate authorities has a quarter of it."""


def read_small(path: Path) -> bytes:
    """Read a file as a whole.

    Raises:
        OSError: It cannot be read, is no regular file, or is too large. `strerror` is for people, and quotes nothing.
    """
    with os.fdopen(_opened(path), "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST >> 20} MiB")
    return data


def refuse_unusual(path: Path) -> None:
    """Raise OSError where a file that somebody else opens cannot be read, or not without a wait."""
    os.close(_opened(path))


def _opened(path: Path) -> int:
    # Without O_NONBLOCK a pipe is waited for before one can see that it is one.
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise OSError(errno.EINVAL, "it is a folder, pipe or device, not a file")
    return opened
