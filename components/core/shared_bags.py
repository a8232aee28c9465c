"""Property bags of many members in one resource: what a member shares with all the others is kept once, beside them."""

from collections.abc import Mapping
from typing import Any

WITHOUT = "__without"
"""The shared keys that a member does not have."""
SECRET_OF_STORES = ("cluster", "aws", "externalID", "sessionTags")
"""Properties of stores for which a program may give a secret, so that a member's are kept as secrets."""


def unfold(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A member's bag, of what is kept of it apart from what it shares."""
    without = own.get(WITHOUT) or ()
    bag = {key: value for key, value in shared.items() if key not in without}
    return bag | {key: value for key, value in own.items() if key != WITHOUT}
