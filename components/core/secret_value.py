"""A wrapper for what must never be shown: printing, formatting, logging or pickling it does not give the value away."""

import hmac
from typing import NoReturn


class Secret:
    """One secret text that only `reveal` gives out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value. Call it where the value is used, not earlier."""
        return self._value

    def __repr__(self) -> str:
        return "[secret]"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_encoded(self), _encoded(other))

    __hash__ = None  # type: ignore[assignment] # a hash of a short value can be guessed

    def __reduce__(self) -> NoReturn:
        # Pulumi pickles providers into the state: a value that got there by mistake must fail loudly.
        raise TypeError("a Secret is never pickled or copied")


def _encoded(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")
