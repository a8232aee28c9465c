"""The Kubernetes API as this project needs it: Secrets only, over urllib3, so that the provider process stays small.

Kept empty on purpose: import `connection` to find a cluster and `client` to talk to it.
"""
