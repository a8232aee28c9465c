"""The functions of Go's text/template itself."""

from urllib.parse import quote_plus

from ..function import Family
from ..go_values import GoList, GoMap, Uint8, Value, is_true, kind_name, type_name
from ..printf import sprintf
from ..printing import print_value, sprint
from ..runes import INVALID, decode, encode
from ..template_errors import FunctionError
from ..times import Time, same_time

BUILTINS = Family()

_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SCRIPT = {
    **{code: f"\\u{code:04X}" for code in range(0x20)},
    **{ord(character): f"\\u{ord(character):04X}" for character in "<>&="},
    **{ord(character): f"\\{character}" for character in "\\'\""},
}


@BUILTINS.add("and", "or")
def _logic(first: Value, *others: Value) -> Value:
    """What calls it evaluates one argument after the other; this only says which ones it takes."""
    raise FunctionError(f"cannot take {1 + len(others)} arguments at once, the first a {type_name(first)}")


@BUILTINS.add("printf", weight=4)
def _printf(layout: bytes, *values: Value) -> bytes:
    return sprintf(layout, values)


@BUILTINS.add("js")
def _js(*values: Value) -> bytes:
    text = decode(_text(values)).translate(_SCRIPT)
    return encode("".join(map(_in_script, text)))


def _in_script(character: str) -> str:
    if character.isascii() or character.isprintable() or INVALID.match(character):
        return character
    return f"\\u{ord(character):04X}"


def _text(values: tuple[Value, ...]) -> bytes:
    return sprint(b"<no value>" if value is None else value for value in values)


@BUILTINS.add("len")
def _len(value: Value) -> int:
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, GoMap | GoList):
        return len(value.items)
    raise FunctionError(f"there is no length of {_shown(value)}")


@BUILTINS.add("index")
def _index(value: Value, *indexes: Value) -> Value:
    for index in indexes:
        value = _item(value, index)
    if value is None and not indexes:
        raise FunctionError("there is nothing in nil")
    return value


def _item(value: Value, index: Value) -> Value:
    match value:
        case GoMap():
            if not isinstance(index, bytes):
                raise FunctionError(f"the key of a map is a string, not {_shown(index)}")
            return value.items.get(index, b"" if value.element == "string" else None)
        case GoList() | bytes():
            items = value if isinstance(value, bytes) else value.items
            if isinstance(index, bool) or not isinstance(index, int):
                raise FunctionError(f"an index is a whole number, not {_shown(index)}")
            if not 0 <= index < len(items):
                raise FunctionError("the index is out of range")
            item = items[index]
            return Uint8(item) if isinstance(value, bytes) and isinstance(item, int) else item
    raise FunctionError(f"there is nothing in {_shown(value)}")


def _shown(value: Value) -> str:
    return "nil" if value is None else f"a {type_name(value)}"


_BASIC = {"bool": "bool", "string": "string", "float64": "float", "int": "int", "int64": "int", "uint8": "uint"}


def _basic(value: Value) -> str | None:
    return _BASIC.get(kind_name(value))


def _equal(left: Value, right: Value) -> bool:
    first, second = _basic(left), _basic(right)
    if first != second and {first, second} != {"int", "uint"}:
        if left is None or right is None:
            return _is_nil(left) and _is_nil(right) and None in {first, second} and first == second
        raise FunctionError(f"{_shown(left)} and {_shown(right)} cannot be compared")
    if first is not None:
        return left == right
    if left is not None and right is not None and kind_name(left) != kind_name(right):
        raise FunctionError(f"{_shown(left)} and {_shown(right)} cannot be compared")
    if _is_nil(left) or _is_nil(right):
        return _is_nil(left) == _is_nil(right)
    if isinstance(left, GoMap | GoList):
        raise FunctionError(f"{_shown(left)} cannot be compared")
    return same_time(left, right) if isinstance(left, Time) and isinstance(right, Time) else left == right


def _is_nil(value: Value) -> bool:
    return value is None or (isinstance(value, GoMap | GoList) and value.is_nil)


def _less(left: Value, right: Value) -> bool:
    first, second = _basic(left), _basic(right)
    if None in {first, second} or (first != second and {first, second} != {"int", "uint"}) or first == "bool":
        raise FunctionError(f"{_shown(left)} and {_shown(right)} have no order")
    return left < right  # type: ignore[operator] # both numbers or both strings


@BUILTINS.add("eq")
def _eq(first: Value, *others: Value) -> bool:
    if not others:
        raise FunctionError("takes at least 2 arguments, not 1")
    return any(_equal(first, other) for other in others)


@BUILTINS.add("le")
def _le(first: Value, second: Value) -> bool:
    return _less(first, second) or _equal(first, second)


BUILTINS.table(
    {
        "not(any)": lambda value: not is_true(value),
        "print(...any)": lambda *values: sprint(values),
        "println(...any)": lambda *values: b" ".join(map(print_value, values)) + b"\n",
        "html(...any)": lambda *values: encode(decode(_text(values)).translate(_HTML)),
        "urlquery(...any)": lambda *values: quote_plus(_text(values), safe="").encode(),
        "ne(any, any)": lambda first, second: not _equal(first, second),
        "lt(any, any)": _less,
        "gt(any, any)": lambda first, second: not _le(first, second),
        "ge(any, any)": lambda first, second: not _less(first, second),
    }
)
