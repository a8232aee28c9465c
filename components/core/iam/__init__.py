"""The minimal IAM policies of a store: from what its references make the reader call to documents under AWS's limits.

place = Place("aws", "eu-central-1", "123456789012")
allowed = grants(place, [Reading("/prod/db", because="ExternalSecret db, key password")], keys=[])
documents = shards(allowed)
"""

from .access import access_rows
from .documents import Shards, policy_json, shards
from .grants import Condition, Grant, Place
from .minimal import grants
from .names import ROLE_NAME_LIMIT, check_named_after, check_tag_keys, shortened
from .needs import CustomerKey, Finding, FindingByTags, Need, Paths, Pushing, Reading, Taking, check_key_names, need

__all__ = [
    "ROLE_NAME_LIMIT",
    "Condition",
    "CustomerKey",
    "Finding",
    "FindingByTags",
    "Grant",
    "Need",
    "Paths",
    "Place",
    "Pushing",
    "Reading",
    "Shards",
    "Taking",
    "access_rows",
    "check_key_names",
    "check_named_after",
    "check_tag_keys",
    "grants",
    "need",
    "policy_json",
    "shards",
    "shortened",
]
