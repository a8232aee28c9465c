"""The minimal IAM policies of a store: from what its references make the reader call to documents under AWS's limits.

location = Location("aws", "eu-central-1", "123456789012")
allowed = grants(location, [ParameterNeed("/prod/db", reason="ExternalSecret db, key password")], keys=[])
documents = shards(allowed)
"""

from .grants import Condition, Grant, Location, access_rows
from .minimal import grants
from .names import ROLE_NAME_LIMIT, check_named_after, check_tag_keys, shortened
from .needs import CustomerKey, Need, NextRoleNeed, check_key_names
from .policies import Shards, managed, policy_json, shards

__all__ = [
    "ROLE_NAME_LIMIT",
    "Condition",
    "CustomerKey",
    "Grant",
    "Location",
    "Need",
    "NextRoleNeed",
    "Shards",
    "access_rows",
    "check_key_names",
    "check_named_after",
    "check_tag_keys",
    "grants",
    "managed",
    "policy_json",
    "shards",
    "shortened",
]
