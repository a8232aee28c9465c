"""Names under AWS's length limits, shortened so that two long names never become one."""

import hashlib
import re
from collections.abc import Collection

from ...errors import SpecError

ROLE_NAME_LIMIT = 64
"""Characters of an IAM role's name."""
ROLE_TAGS = 50
"""Tags of an IAM role at most (IAM quotas)."""
_DIGEST = 8
NAME_CHARACTER = r"[A-Za-z0-9_+=,.@-]"
"""A character of IAM's names (IAM API: `RoleName`, `PolicyName`), as a regular expression."""
ROLE_NAME = re.compile(f"{NAME_CHARACTER}+")


def shortened(name: str, limit: int) -> str:
    """A name of at most `limit` characters (10 or more): itself, or its beginning and a digest of the whole."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: limit - _DIGEST - 1].rstrip('-')}-{digest}"


def check_named_after(store: str) -> None:
    """Refuse a store's name that no role and policy can be named after, for its characters."""
    if not ROLE_NAME.fullmatch(store):
        raise SpecError(
            "the store creates a role and policies, which are named after it; use letters, digits and the characters "
            "_ + = , . @ - alone in the store's name"
        )


def check_tag_keys(what: str, keys: Collection[str]) -> None:
    """Refuse tags that a role cannot have together: too many, or two whose keys differ in case alone."""
    if len(keys) > ROLE_TAGS:
        raise SpecError(f"{what}: a role has up to {ROLE_TAGS} tags, not {len(keys)}")
    seen: dict[str, str] = {}
    for key in sorted(keys):
        if (other := seen.setdefault(key.lower(), key)) != key:
            raise SpecError(f"{what}: {other!r} and {key!r} are one key for IAM; leave one of them out")
