"""From parameter values to the data of one Secret, built in memory before anything is written."""

from collections.abc import Mapping

from .decoding import decode
from .errors import ExtractError
from .json_path import JsonDocument, PropertyNotFoundError, extract_property
from .secret_keys import check_null_bytes
from .secret_value import Secret
from .specs import RemoteRefSpec


def build_values(data: Mapping[str, RemoteRefSpec], values: Mapping[str, Secret]) -> dict[str, bytes]:
    """The values of a Secret's keys.

    Args:
        data: secret key -> where its value comes from.
        values: reference (`name` or `name:selector`) -> decrypted value; holds every reference in `data`.

    Raises:
        ExtractError: a property is missing, its path cannot be read, or the value is not encoded as `decodingStrategy`
            says; the text names key, parameter and property.
    """
    documents = {reference: JsonDocument(value.reveal()) for reference, value in values.items()}
    return {key: _value(key, ref, documents[ref.reference], values[ref.reference]) for key, ref in data.items()}


def _value(key: str, ref: RemoteRefSpec, document: JsonDocument, whole: Secret) -> bytes:
    try:
        text = whole.reveal() if ref.property_path is None else extract_property(document, ref.property_path)
        value = decode(_encoded(text), ref.decoding_strategy)
    except PropertyNotFoundError:
        raise ExtractError(f"key {key}: parameter {ref.reference} has no JSON property {ref.property_path!r}") from None
    except ExtractError as error:
        raise ExtractError(f"key {key}: parameter {ref.reference}: {error}") from None
    check_null_bytes({key: value}, ref.null_byte_policy)
    return value


def _encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate becomes U+FFFD as in Go, since an exception about it would quote the value."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
