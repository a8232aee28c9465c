"""Repeats what Go's libraries do, where Kubernetes and External Secrets Operator show it to their users."""
