"""The calls that External Secrets Operator 2.9 makes of AWS for what is declared, as they were counted at the wire.

It reads entry by entry: Parameter Store once for each key, Secrets Manager once for each secret and version.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..service import FIND, TAGS_OF, Service
from ..services import service_named

PARAMETER_STORE, SECRETS_MANAGER = "ParameterStore", "SecretsManager"
_PAGES = {"GetParametersByPath": 10, "DescribeParameters": 50, "ListSecrets": 100, "BatchGetSecretValue": 20}
"""How many of what a page holds, by AWS's limits, where the caller asks for no other number."""

PUSHES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    PARAMETER_STORE: {
        "create": ("GetParameter", "PutParameter"),
        "unchanged": ("GetParameter", "ListTagsForResource"),
        "changed": ("GetParameter", "ListTagsForResource", "PutParameter"),
        "if not exists, exists": ("GetParameter",),
        "if not exists, absent": ("GetParameter", "GetParameter", "PutParameter"),
        "delete": ("GetParameter", "ListTagsForResource", "DeleteParameter"),
    },
    SECRETS_MANAGER: {
        "create": ("DescribeSecret", "CreateSecret"),
        "create, policy": ("DescribeSecret", "CreateSecret", "PutResourcePolicy"),
        "unchanged": ("DescribeSecret", "GetSecretValue", "DeleteResourcePolicy"),
        "unchanged, policy": ("DescribeSecret", "GetSecretValue", "GetResourcePolicy"),
        "changed": ("DescribeSecret", "GetSecretValue", "DeleteResourcePolicy", "PutSecretValue"),
        "if not exists, exists": ("GetSecretValue",),
        "if not exists, absent": ("GetSecretValue", "DescribeSecret", "CreateSecret"),
        "delete": ("GetSecretValue", "DescribeSecret", "DeleteSecret"),
    },
}
"""Service -> what becomes of one entry of a PushSecret -> the calls, in their order."""
DECRYPTING = ("GetParameter", "GetSecretValue", "GetParametersByPath", "BatchGetSecretValue")
"""Calls for which AWS asks KMS; those for many do so once for each value."""


def reconcile(
    sources: Iterable[str], found: Mapping[str, Sequence[str]], service: Service | None = None
) -> Counter[str]:
    """The calls of one reconcile of one ExternalSecret.

    Args:
        sources: what each entry reads from one store, in order; the same as often as it is read.
        found: find -> the names that it is known to find.
        service: that of the store. Default: Parameter Store.
    """
    kind = (service or service_named()).name
    listed = list(sources)
    calls: Counter[str] = Counter()
    # The cache of Secrets Manager's client lasts for a reconcile; that of Parameter Store does not exist.
    for source in listed if kind == PARAMETER_STORE else dict.fromkeys(listed):
        if source.startswith(FIND):
            calls += _find(source, len(found.get(source, ())), kind)
        elif source.startswith(TAGS_OF):
            calls["ListTagsForResource" if kind == PARAMETER_STORE else "DescribeSecret"] += 1
        else:
            calls["GetParameter" if kind == PARAMETER_STORE else "GetSecretValue"] += 1
    return calls


def push(becomes: str, service: Service | None = None) -> Counter[str]:
    """The calls for one entry of a PushSecret."""
    return Counter(PUSHES[(service or service_named()).name][becomes])


def _find(source: str, matches: int, kind: str) -> Counter[str]:
    named, tagged, below = '"name"' in source, '"tags"' in source, '"path"' in source
    if kind == PARAMETER_STORE:
        if named:  # it passes tags over
            return Counter(GetParametersByPath=_pages("GetParametersByPath", matches))
        return Counter(DescribeParameters=_pages("DescribeParameters", matches), GetParameter=matches)
    if below or (tagged and not named):
        return Counter(BatchGetSecretValue=_pages("BatchGetSecretValue", matches))
    return Counter(ListSecrets=_pages("ListSecrets", matches), GetSecretValue=matches)


def _pages(call: str, count: int) -> int:
    return max(1, -(-count // _PAGES[call]))
