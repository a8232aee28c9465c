"""AWS: who reads (session, identity), how often (rate_limit, retry), and what (readers, and a package a service)."""

from ...core.spec.store_identity import AccessKeys
from .rate_limit import RateLimiter, RateLimiters
from .readers import Access, open_access
from .reads import Answer, Caller, Item, Reader, ReadProblem
from .retry import Retry
from .session import AwsSession, open_session

__all__ = [
    "Access",
    "AccessKeys",
    "Answer",
    "AwsSession",
    "Caller",
    "Item",
    "RateLimiter",
    "RateLimiters",
    "ReadProblem",
    "Reader",
    "Retry",
    "open_access",
    "open_session",
]
