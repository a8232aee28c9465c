"""A wrapper for what must never be shown: printing, formatting, logging or pickling it does not give the value away."""

import hmac
from typing import NoReturn


class Secret:
    """One secret text that only `reveal` gives out, or bytes.

    Bytes are the text that they are in UTF-8, in which a byte that does not fit is a lone surrogate, as Python has it.
    """

    __slots__ = ("_is_bytes", "_value")

    def __init__(self, value: str | bytes) -> None:
        self._is_bytes = isinstance(value, bytes)
        self._value = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

    @property
    def is_bytes(self) -> bool:
        """Whether it was made of bytes."""
        return self._is_bytes

    def reveal(self) -> str:
        """Return the value. Call it where the value is used, not earlier."""
        return self._value

    def encoded(self) -> bytes:
        """The value in UTF-8; bytes as they are.

        A lone surrogate of a text becomes U+FFFD as in Go, since an exception about it would quote the value.
        """
        if self._is_bytes:
            return self._value.encode("utf-8", "surrogateescape")
        return self._value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()

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
