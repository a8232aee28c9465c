"""A Kubernetes API server for development: real enough that a Secret writer and kubectl cannot tell."""

from .access import Rule, User
from .calls import Call
from .faults import Fault
from .server import KubernetesApi

__all__ = ["Call", "Fault", "KubernetesApi", "Rule", "User"]
