"""Sprig's functions on maps."""

from collections.abc import Sequence

from ..function import Family
from ..go_values import ANY, GoList, GoMap, Value, strings, type_name
from ..printing import to_string
from ..template_errors import FunctionError
from .reflection import is_empty

DICTS = Family()


@DICTS.add("dict")
def _dict(*values: Value) -> GoMap:
    keys = map(to_string, values[::2])
    # A key without a value gets an empty string.
    return GoMap(dict(zip(keys, (*values[1::2], b""), strict=False)))


@DICTS.add("set")
def _set(mapping: GoMap, key: bytes, value: Value) -> GoMap:
    if mapping.is_nil:
        raise FunctionError("a nil map takes no keys")
    mapping.items[key] = value
    return mapping


@DICTS.add("unset")
def _unset(mapping: GoMap, key: bytes) -> GoMap:
    mapping.items.pop(key, None)
    return mapping


def _merged(target: GoMap, sources: Sequence[GoMap], *, overwrites: bool) -> GoMap:
    if target.is_nil and not all(source.is_nil for source in sources):
        target = GoMap()
    for source in sources:
        _merge_into(target, source, overwrites=overwrites)
    return target


def _merge_into(target: GoMap, source: GoMap, *, overwrites: bool) -> None:
    """What mergo does: maps become one; else an empty value gives way, and with `overwrites` any."""
    for key, item in source.sorted():
        present = target.items.get(key)
        if isinstance(item, GoMap) and isinstance(present, GoMap) and not present.is_nil:
            _merge_into(present, item, overwrites=overwrites)
            if present.items:
                continue
        sets = overwrites or (item is not None and (key not in target.items or is_empty(present)))
        if target.element not in {source.element, ANY} and (sets or isinstance(item, GoList)):
            raise FunctionError(f"a {type_name(target)} takes no values of other types")
        if sets:
            target.items[key] = item


@DICTS.add("dig")
def _dig(*arguments: Value) -> Value:
    if len(arguments) < len(("key", "default", "map")):
        raise FunctionError("takes at least one key, a default and a map")
    *names, fallback, value = arguments
    keys = [name for name in names if isinstance(name, bytes)]
    if len(keys) < len(names):
        raise FunctionError("a key is a string")
    for key in keys:
        if not isinstance(value, GoMap) or type_name(value) != type_name(GoMap()):
            raise FunctionError(f"a key leads into a {type_name(value)} instead of a map")
        if key not in value.items:
            return fallback
        value = value.items[key]
    return value


@DICTS.add("deepCopy", "mustDeepCopy")
def _deep_copy(value: Value) -> Value:
    if value is None:
        raise FunctionError("there is nothing to copy")
    return _copied(value)


def _copied(value: Value) -> Value:
    match value:
        case GoMap():
            return GoMap({key: _copied(item) for key, item in value.items.items()}, value.element, value.is_nil)
        case GoList():
            return GoList([_copied(item) for item in value.items], value.element, value.is_nil)
    return value


DICTS.table(
    {
        "get(map, string)": lambda mapping, key: mapping.items.get(key, b""),
        "hasKey(map, string)": lambda mapping, key: key in mapping.items,
        "pluck(string, ...map)": lambda key, *mappings: GoList(
            [mapping.items[key] for mapping in mappings if key in mapping.items]
        ),
        # Go's order is another one each time; here it is sorted, so that nothing changes by chance.
        "keys(...map)": lambda *mappings: strings(key for mapping in mappings for key, _ in mapping.sorted()),
        "values(map)": lambda mapping: GoList([item for _, item in mapping.sorted()]),
        "pick(map, ...string)": lambda mapping, *keys: GoMap(
            {key: mapping.items[key] for key in keys if key in mapping.items}
        ),
        "omit(map, ...string)": lambda mapping, *keys: GoMap(
            {key: item for key, item in mapping.items.items() if key not in keys}
        ),
        "merge|mustMerge(map, ...map)": lambda target, *sources: _merged(target, sources, overwrites=False),
        "mergeOverwrite|mustMergeOverwrite(map, ...map)": lambda target, *sources: _merged(
            target, sources, overwrites=True
        ),
    }
)
