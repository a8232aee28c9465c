"""AWS: who reads (session, roles, sdk), how often (rate_limit, retry, calls), and what (ssm: names, tags, listing)."""

from ...core.spec.store_identity import AccessKeys
from .rate_limit import RateLimiter, RateLimiters
from .retry import Retry
from .session import AwsSession, open_reader, open_session
from .ssm.parameters import Caller, Parameter, ParameterBatch, ReadProblem
from .ssm.reader import ParameterReader

__all__ = [
    "AccessKeys",
    "AwsSession",
    "Caller",
    "Parameter",
    "ParameterBatch",
    "ParameterReader",
    "RateLimiter",
    "RateLimiters",
    "ReadProblem",
    "Retry",
    "open_reader",
    "open_session",
]
