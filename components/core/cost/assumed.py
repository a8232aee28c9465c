"""What an estimate takes for granted, because declarations do not say it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumed:
    """What declarations do not say.

    Attributes:
        runs: runs of `pulumi up` a month, each without the preview before it.
        previews: previews a month, those before an `up` as well.
        rotated: share of the values that change in a month.
        secure: share of the values that are SecureStrings.
        advanced: share of the parameters in the Advanced tier.
        higher_throughput: the account has Parameter Store's higher throughput, which bills each parameter that is read.
        clusters: how many clusters ESO would run in.
    """

    runs: float = 720
    previews: float = 0
    rotated: float = 0.05
    secure: float = 1.0
    advanced: float = 0.0
    higher_throughput: bool = False
    clusters: float = 1
