"""The sandbox's `kubernetes` provider: core/v1 objects by server-side apply."""
