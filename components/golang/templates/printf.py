"""Go's fmt.Sprintf: takes a format apart and puts the arguments into it."""

import re
from collections.abc import Sequence

from .go_values import Value, type_name
from .limits import check_string
from .printing import print_value
from .runes import decode, encode
from .verbs import Flags, format_value

_TEXT = re.compile(r"[^%]*")
_FLAGS = re.compile(r"[#0+\- ]*")
_NUMBER = re.compile(r"[0-9]*")
_LARGEST = 1_000_000


def sprintf(layout: bytes, arguments: Sequence[Value]) -> bytes:
    """Format the arguments; what does not fit is shown in Go's way, such as `%!d(string=x)`.

    Raises:
        FunctionError: the result is too long, or a verb is not supported here for a value.
    """
    return _Printf(decode(layout), arguments).run()


class _Printf:
    """One run over a format, which follows fmt's own in how it reads broken ones."""

    def __init__(self, layout: str, arguments: Sequence[Value]) -> None:
        self._layout = layout
        self._arguments = arguments
        self._at = 0
        self._next = 0
        self._reordered = False
        self._good_index = True
        self._result = bytearray()

    def run(self) -> bytes:
        while True:
            self._result += encode(self._match(_TEXT))
            if self._at == len(self._layout):
                break
            self._at += 1
            self._directive()
            check_string(len(self._result))
        if not self._reordered and self._next < len(self._arguments):
            extra = b", ".join(map(_described, self._arguments[self._next :]))
            self._result += b"%!(EXTRA " + extra + b")"
        return bytes(self._result)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._layout, self._at)
        text = found[0] if found else ""
        self._at += len(text)
        return text

    def _peek(self) -> str:
        return self._layout[self._at : self._at + 1]

    def _directive(self) -> None:
        """What follows a `%`."""
        self._good_index = True
        signs = self._match(_FLAGS)
        after_index = self._index()
        minus = "-" in signs
        width: int | None
        if self._peek() == "*":
            self._at += 1
            width = self._star(b"%!(BADWIDTH)")
            if width is not None and width < 0:
                width, minus = -width, True
            after_index = False
        else:
            width = self._number()
            if after_index and width is not None:
                self._good_index = False
        precision: int | None = None
        if self._peek() == "." and self._at + 1 < len(self._layout):
            self._at += 1
            if after_index:
                self._good_index = False
            after_index = self._index()
            if self._peek() == "*":
                self._at += 1
                precision = self._star(b"", bad_negative=b"%!(BADPREC)")
                after_index = False
            else:
                precision = self._number() or 0
        if not after_index:
            self._index()
        if self._at >= len(self._layout):
            self._result += b"%!(NOVERB)"
            return
        verb = self._peek()
        self._at += 1
        flags = Flags(
            plus="+" in signs,
            minus=minus,
            sharp="#" in signs,
            space=" " in signs,
            zero="0" in signs and not minus,
            width=width,
            precision=precision,
        )
        self._verb(verb, flags)

    def _verb(self, verb: str, flags: Flags) -> None:
        if verb == "%":
            self._result += b"%"
        elif not self._good_index:
            self._result += encode(f"%!{verb}(BADINDEX)")
        elif self._next >= len(self._arguments):
            self._result += encode(f"%!{verb}(MISSING)")
        else:
            self._result += format_value(verb, flags, self._arguments[self._next])
            self._next += 1

    def _number(self) -> int | None:
        """A number in the format; None where there is none. One that is too large ends the format."""
        digits = self._match(_NUMBER)
        if not digits:
            return None
        # Go looks whether what it has read is too large before it reads a further digit.
        if len(digits) > 1 and int(digits[: min(len(digits) - 1, 8)]) > _LARGEST:
            self._at = len(self._layout)
            return None
        return int(digits)

    def _star(self, bad: bytes, bad_negative: bytes | None = None) -> int | None:
        """A number that is an argument; None, and a remark in the result, where that is no integer."""
        value = self._arguments[self._next] if self._next < len(self._arguments) else None
        self._next += self._next < len(self._arguments)
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
        if isinstance(value, int) and fits and (bad_negative is None or value >= 0):
            return int(value)
        self._result += bad if bad_negative is None else bad_negative
        return None

    def _index(self) -> bool:
        """Take an argument index such as `[2]`; whether there is one."""
        if self._peek() != "[":
            return False
        self._reordered = True
        closing = self._layout.find("]", self._at + 1)
        if closing < 0 or self._at + 3 > len(self._layout):
            self._good_index = False
            self._at += 1
            return False
        digits = self._layout[self._at + 1 : closing]
        self._at = closing + 1
        is_number = digits.isascii() and digits.isdigit() and int(digits[:8]) <= _LARGEST
        if not is_number:
            self._good_index = False
            return False
        if not 1 <= int(digits[:8]) <= len(self._arguments):
            self._good_index = False
            return True
        self._next = int(digits[:8]) - 1
        return True


def _described(value: Value) -> bytes:
    return b"<nil>" if value is None else type_name(value).encode() + b"=" + print_value(value)
