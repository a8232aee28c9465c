"""Go's regular expressions (RE2 syntax), which take time in proportion to the text, whatever the pattern."""

import re
from functools import lru_cache
from typing import Any

_ANY_BYTE = re.compile(rb"(?<!\\)(?:\\\\)*\\C")


class PatternError(ValueError):
    """Go would not compile the pattern either."""


@lru_cache(maxsize=256)
def compile_pattern(pattern: bytes) -> Any:
    """A compiled pattern, which searches bytes.

    Raises:
        PatternError: it is none.
    """
    import re2  # noqa: PLC0415 - a binary module, which programs without regular expressions do without

    options = re2.Options()
    options.log_errors = False
    try:
        if not _ANY_BYTE.search(pattern):
            return re2.compile(pattern, options)
    except re2.error:
        pass
    raise PatternError("the regular expression is not valid (Go's syntax is RE2)")
