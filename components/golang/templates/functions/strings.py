"""Sprig's functions on strings."""

from ..function import Family
from ..go_values import GoList, GoMap, Value, strings
from ..limits import check_items, check_string
from ..printing import print_value, to_string
from ..runes import decode, encode, quote
from ..template_errors import FunctionError

STRINGS = Family()

SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Go's unicode.IsSpace says yes to."""


@STRINGS.add("quote", weight=4)
def _quote(*values: Value) -> bytes:
    return b" ".join(encode(quote(to_string(value))) for value in values if value is not None)


@STRINGS.add("repeat")
def _repeat(count: int, text: bytes) -> bytes:
    if count < 0:
        raise FunctionError("cannot repeat less than 0 times")
    check_string(count * len(text))
    return text * count


@STRINGS.add("replace")
def _replace(old: bytes, new: bytes, text: bytes) -> bytes:
    if not old:
        check_string((len(text) + 1) * (len(new) + 1))
        return encode(decode(text).replace("", decode(new)))
    check_string(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


@STRINGS.add("substr")
def _substr(start: int, end: int, text: bytes) -> bytes:
    first = max(start, 0)
    last = len(text) if start >= 0 and (end < 0 or end > len(text)) else end
    if not 0 <= first <= last <= len(text):
        raise FunctionError("the positions are outside of the string")
    return text[first:last]


@STRINGS.add("indent")
def _indent(spaces: int, text: bytes) -> bytes:
    if spaces < 0:
        raise FunctionError("cannot indent by less than 0")
    check_string(len(text) + spaces * (1 + text.count(b"\n")))
    blanks = b" " * spaces
    return blanks + text.replace(b"\n", b"\n" + blanks)


@STRINGS.add("toStrings")
def _to_strings(value: Value) -> GoList:
    if isinstance(value, GoList) and value.element == "string":
        return value
    return strings(texts(value))


def texts(value: Value) -> list[bytes]:
    """What sprig makes of a value where it wants a list of strings: nil is left out."""
    if isinstance(value, GoList):
        return [to_string(item) for item in value.items if item is not None]
    return [] if value is None else [to_string(value)]


@STRINGS.add("join")
def _join(separator: bytes, value: Value) -> bytes:
    parts = texts(value)
    check_string(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)


def _split(separator: bytes, text: bytes, count: int) -> list[bytes]:
    """At most so many parts; all of them where the count is negative."""
    if count == 0:
        return []
    if separator:
        check_items(text.count(separator) if count < 0 else 0)
        return text.split(separator, count - 1 if count > 0 else -1)
    check_items(len(text) if count < 0 else min(count, len(text)))
    characters = decode(text)
    if 0 < count < len(characters):
        return [encode(character) for character in characters[: count - 1]] + [encode(characters[count - 1 :])]
    return [encode(character) for character in characters]


def _numbered(parts: list[bytes]) -> GoMap:
    return GoMap({b"_%d" % position: part for position, part in enumerate(parts)}, "string")


@STRINGS.add("sortAlpha")
def _sort_alpha(value: Value) -> GoList:
    if not isinstance(value, GoList):
        return strings([to_string(value)])
    ordered = sorted(texts(value))
    if value.element != "string":
        return strings(ordered)
    # Go sorts a []string in place, for all who hold it.
    value.items[:] = ordered
    return value


STRINGS.table(
    {
        "hello()": lambda: b"Hello!",
        "trim(string)": lambda text: encode(decode(text).strip(SPACES)),
        "trimAll|trimall(string, string)": lambda characters, text: (
            encode(decode(text).strip(decode(characters))) if characters else text
        ),
        "trimSuffix(string, string)": lambda suffix, text: text.removesuffix(suffix),
        "trimPrefix(string, string)": lambda prefix, text: text.removeprefix(prefix),
        "contains(string, string)": lambda part, text: part in text,
        "hasPrefix(string, string)": lambda prefix, text: text.startswith(prefix),
        "hasSuffix(string, string)": lambda suffix, text: text.endswith(suffix),
        "trunc(int, string)": lambda count, text: text[count:] if count < 0 else text[:count],
        "nindent(int, string)": lambda spaces, text: b"\n" + _indent(spaces, text),
        "squote(...any)": lambda *values: b" ".join(
            b"'" + print_value(value) + b"'" for value in values if value is not None
        ),
        "cat(...any)": lambda *values: b" ".join(print_value(value) for value in values if value is not None),
        "toString(any)": to_string,
        "splitList(string, string)": lambda separator, text: strings(_split(separator, text, -1)),
        "split(string, string)": lambda separator, text: _numbered(_split(separator, text, -1)),
        "splitn(string, int, string)": lambda separator, count, text: _numbered(_split(separator, text, count)),
        "plural(string, string, int)": lambda one, many, count: one if count == 1 else many,
    }
)
