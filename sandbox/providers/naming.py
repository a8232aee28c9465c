"""Random names for resources whose program gives none, as the real providers make them."""

import hashlib
import secrets

SUFFIX_LENGTH = 7


def unique_name(prefix: str, seed: bytes, length: int = SUFFIX_LENGTH, limit: int | None = None) -> str:
    """Return `prefix` and `length` hex digits, the same for the same seed.

    Args:
        prefix: such as `reader-`.
        seed: from the engine, so that a preview and its update agree; empty for true randomness.
        length: number of hex digits.
        limit: longest name that the service takes; the prefix is cut to fit.
    """
    digits = hashlib.sha256(seed + prefix.encode()).hexdigest() if seed else secrets.token_hex(length)
    if limit is not None:
        prefix = prefix[: limit - length]
    return prefix + digits[:length]
