"""Names under AWS's length limits, shortened so that two long names never become one."""

import hashlib

ROLE_NAME_LIMIT = 64
"""Characters of an IAM role's name."""
_DIGEST = 8


def shortened(name: str, limit: int) -> str:
    """A name of at most `limit` characters: itself, or its beginning and a digest of the whole.

    Args:
        name: any name.
        limit: characters that there may be, at least 10.
    """
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: limit - _DIGEST - 1].rstrip('-')}-{digest}"
