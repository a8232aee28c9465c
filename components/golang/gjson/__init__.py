"""Takes properties out of JSON values with the results of Go's gjson, as External Secrets Operator does."""

from .lookup import JsonDocument, Result, get
from .properties import extract_property, object_entries
from .property_errors import PropertyNotFoundError, UnsupportedPathError

__all__ = [
    "JsonDocument",
    "PropertyNotFoundError",
    "Result",
    "UnsupportedPathError",
    "extract_property",
    "get",
    "object_entries",
]
