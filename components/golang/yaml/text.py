"""Turns the bytes of a file into text."""

import codecs
import re

from .yaml_errors import ProblemError, YamlError, placed
from .yaml_limits import MAX_BYTES

_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SAVE = "save it as UTF-8"


def decoded(data: bytes | str) -> str:
    """The text of a file that is UTF-8, or UTF-16 with a byte order mark; of a string, the string. Marks stay.

    Raises:
        YamlError: it is written in something else, or is too large.
    """
    if len(data) > MAX_BYTES:
        raise YamlError(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if isinstance(data, str):
        if found := _SURROGATE.search(data):
            raise placed(ProblemError(f"it holds half of a surrogate pair, U+{ord(found[0]):04X}", found.start()), data)
        return data
    encoding = "utf-8"
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            encoding = name
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise YamlError(f"it is written in UTF-32; {_SAVE}")
    if encoding == "utf-8" and 0 in data[:2]:
        raise YamlError(f"it is written in UTF-16 without a byte order mark; {_SAVE}")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        problem = f"it is not {encoding[:6].upper()} here; {_SAVE}"
        raise placed(ProblemError(problem, len(before)), before) from None
