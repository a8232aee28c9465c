"""The JSON values from which properties were taken last: a value is read once for all that is wanted of it."""

from collections import OrderedDict
from threading import Lock

from ...golang.gjson import JsonDocument

_MOST = 8
"""How many are kept: what is read of a value takes many times its own memory."""


class JsonDocuments:
    """Values as they were read, found again by their text."""

    def __init__(self) -> None:
        """Begin with none."""
        self._recent: OrderedDict[str, JsonDocument] = OrderedDict()
        self._lock = Lock()

    def of(self, text: str) -> JsonDocument:
        """The document of a value."""
        with self._lock:
            document = self._recent.get(text) or JsonDocument(text)
            self._recent[text] = document
            self._recent.move_to_end(text)
            if len(self._recent) > _MOST:
                self._recent.popitem(last=False)
            return document
