"""AWS SSM Parameter Store secrets for Kubernetes as Pulumi components.

Kept empty on purpose: the dynamic provider's process imports this package before anything else, so that whatever
stands here is paid for in every preview. Import from `components.parameter_store` and `components.external_secret`.
"""
