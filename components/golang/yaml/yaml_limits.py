"""Bounds what a text may cost. kubectl bounds less: see docs/configuration.md."""

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of one text. etcd keeps no object above 1.5 MiB."""
MAX_DEPTH = 200
"""How deep lists and maps may be nested, aliases included. Go stops at 10,000."""
MAX_VALUES = 500_000
"""Values in one document, those that aliases repeat included."""
MAX_DOCUMENTS = 10_000
"""Documents in one text, empty ones included."""
MAX_DIRECTIVES = 64
"""Lines that begin with %, which libyaml compares with each other."""

_FEW_VALUES, _MANY_VALUES = 400_000, 4_000_000
_MOST_ALIASED, _LEAST_ALIASED = 0.99, 0.10


def too_aliased(aliased: int, values: int) -> bool:
    """Whether too many of the values come out of aliases, as go.yaml.in/yaml/v2 decides it (decode.go, unmarshal)."""
    if aliased <= 100 or values <= 1000:  # noqa: PLR2004 - Go's numbers
        return False
    scale = min(max((values - _FEW_VALUES) / (_MANY_VALUES - _FEW_VALUES), 0.0), 1.0)
    return aliased / values > _MOST_ALIASED - (_MOST_ALIASED - _LEAST_ALIASED) * scale
