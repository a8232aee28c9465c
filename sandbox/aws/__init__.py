"""AWS on this machine: moto's server with Parameter Store as AWS answers it, a call log and faults."""

from .api import AwsApi
from .calls import Call
from .errors import AwsError

__all__ = ["AwsApi", "AwsError", "Call"]
