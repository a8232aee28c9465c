"""AWS: who reads (session, roles, sdk), how often (rate_limit, retry, calls), and what (ssm: names, tags, listing)."""

from ...core.identity import AccessKeys
from .parameters import Caller, Parameter, ParameterBatch, ReadProblem
from .rate_limit import RateLimiter, RateLimiters
from .retry import Retry
from .session import AwsSession, open_reader, open_session
from .ssm import ParameterReader

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
