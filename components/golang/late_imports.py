"""Packages that are imported when a template first needs them: they take 0.1 s, and most programs do without them.

The providers work in threads. Where one imports a package while another imports a module in it, each waits for the
other, and Python lets one of them fail (`_DeadlockError`). So one thread at a time imports here, and all that belongs
together: also what a package imports by itself when it is first used.
"""

from importlib import import_module
from threading import RLock

BCRYPT = ("bcrypt",)
CRYPTOGRAPHY = (
    "cryptography.x509",
    "cryptography.hazmat.primitives.asymmetric.ec",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.asymmetric.padding",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "cryptography.hazmat.primitives.ciphers",
    "cryptography.hazmat.primitives.hashes",
    "cryptography.hazmat.primitives.serialization.pkcs12",
)
RE2 = ("re2",)

_LOCK = RLock()
_loaded: set[tuple[str, ...]] = set()


def load(modules: tuple[str, ...]) -> None:
    """Import modules, unless that is done; another thread that needs them, or others, waits."""
    if modules in _loaded:
        return
    with _LOCK:
        for each in modules:
            import_module(each)
        _loaded.add(modules)
