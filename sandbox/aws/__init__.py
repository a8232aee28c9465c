"""AWS on this machine: moto's server with Parameter Store as AWS answers it, a call log and faults."""

from .calls import Call
from .errors import AwsError
from .profiles import without_profiles

with without_profiles():
    from .api import AwsApi

__all__ = ["AwsApi", "AwsError", "Call"]
