"""Prepares Pulumi's dynamic provider process before its threads work in it.

A program imports the providers for their names alone, so what they work with is imported late: here, in `configure`, of
which Pulumi runs one at a time. Were it left to the methods, which run in four threads, two could import at once. Where
one imports a package while the other imports a module in it, each waits for the other, and Python lets one of them fail
(`_DeadlockError`).
"""

from . import plain_errors


def prepare() -> None:
    """Set this process up, and import what its threads need; doing it again changes nothing."""
    plain_errors.install()
    # ruff: noqa: PLC0415, F401  see the module's text
    import botocore.session

    from ...clients.aws import rate_limit, readers, writes
    from ...clients.aws.identity import pod_identity, web_identity
    from ...clients.kubernetes import backoff, client, connection, lookups
