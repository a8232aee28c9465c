"""What can go wrong when a property is taken out of a JSON value; the texts name the path and never the value."""

from ...errors import ExtractError

_SHOWN = 80


def shown(path: str) -> str:
    """A path as it stands in an error text: quoted, and cut where it is very long."""
    return repr(path if len(path) <= _SHOWN else path[:_SHOWN] + "...")


class UnsupportedPathError(ExtractError):
    """The path is one that we refuse to evaluate, because it needs more work or nesting than any real secret does."""


class PropertyNotFoundError(ExtractError):
    """The value holds nothing under the property (ESO: `key <property> does not exist in secret <key>`)."""
