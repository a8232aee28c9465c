"""The sandbox's `kubernetes` provider: core/v1 objects and Deployments by server-side apply."""
