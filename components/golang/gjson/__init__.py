"""Takes properties out of JSON values with the results of Go's gjson, as External Secrets Operator does."""

from .assignment import is_empty_object, obstacle, property_steps, with_property, without_property
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
    "is_empty_object",
    "object_entries",
    "obstacle",
    "property_steps",
    "with_property",
    "without_property",
]
