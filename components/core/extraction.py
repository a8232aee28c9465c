"""From parameter values to the data of one Secret, built in memory before anything is written."""

from collections.abc import Mapping

from .errors import ExtractError
from .json_path import PropertyNotFoundError, extract_property
from .secret_value import Secret
from .specs import RemoteRefSpec


def build_values(data: Mapping[str, RemoteRefSpec], values: Mapping[str, Secret]) -> dict[str, bytes]:
    """The values of a Secret's keys.

    Args:
        data: secret key -> where its value comes from.
        values: reference (`name` or `name:selector`) -> decrypted value; holds every reference in `data`.

    Raises:
        ExtractError: a property is missing or its path cannot be read; the text names key, parameter and property.
    """
    built: dict[str, bytes] = {}
    for key, ref in data.items():
        text = values[ref.reference].reveal()
        if ref.property_path is None:
            built[key] = text.encode()
            continue
        try:
            built[key] = extract_property(text, ref.property_path).encode()
        except PropertyNotFoundError:
            raise ExtractError(
                f"key {key}: parameter {ref.reference} has no JSON property {ref.property_path!r}"
            ) from None
        except ExtractError as error:
            raise ExtractError(
                f"key {key}: parameter {ref.reference}, property {ref.property_path!r}: {error}"
            ) from None
    return built
