"""Changes the keys that were found, as `rewrite` says, before they become keys of a Secret.

As in ESO, except that two keys that become one are an error: ESO lets a random one of them win without a word.
"""

from collections.abc import Callable, Mapping, Sequence

from ...errors import ExtractError
from ...golang.floats import format_float
from ...golang.regexp import PatternError, replace_expanded
from ...golang.templates import TemplateRenderError, parse
from ...golang.templates.go_values import GoMap, Value
from ...golang.templates.json_text import parse_json, write_json
from ...golang.templates.limits import Work
from ...golang.templates.runes import decode_valid, utf8
from ...golang.templates.template_errors import FunctionError
from ..spec.rewrite_specs import MergeRewrite, RegexpRewrite, Rewrite, TransformRewrite
from .kubernetes_secret import shown_key


def rewrite_entries(rewrites: Sequence[Rewrite], entries: Mapping[str, bytes]) -> dict[str, bytes]:
    """Apply rewrites (ESO: `dataFrom[].rewrite`) in order to what was found, by its keys.

    Raises:
        ExtractError: two keys become one, objects that are merged conflict, a value is not what a merge needs, or a
            template fails. The text begins with the rewrite's place and names keys, never a value.
    """
    result = dict(entries)
    for index, each in enumerate(rewrites):
        try:
            match each:
                case RegexpRewrite():
                    result = _renamed(result, _by_regexp(each))
                case TransformRewrite():
                    result = _renamed(result, _by_template(each))
                case MergeRewrite():
                    result = _merged(result, each)
        except ExtractError as error:
            raise ExtractError(f"rewrite[{index}].{each.kind}: {error}") from None
    return result


def _renamed(entries: Mapping[str, bytes], rename: Callable[[str], str]) -> dict[str, bytes]:
    old_names: dict[str, str] = {}
    for old in sorted(entries):
        new = rename(old)
        if new in old_names:
            raise ExtractError(
                f"keys {shown_key(old_names[new])} and {shown_key(old)} both become {shown_key(new)}; "
                "make the new keys different"
            )
        old_names[new] = old
    return {new: entries[old] for new, old in old_names.items()}


def _by_regexp(spec: RegexpRewrite) -> Callable[[str], str]:
    source, target = utf8(spec.source), utf8(spec.target)

    def rename(key: str) -> str:
        try:
            return replace_expanded(source, utf8(key), target).decode()
        except PatternError as error:
            raise ExtractError(f"key {shown_key(key)}: {error}") from None

    return rename


def _by_template(spec: TransformRewrite) -> Callable[[str], str]:
    template = parse(spec.template, "rewrite.transform.template")
    work = Work()  # of all keys together, however many were found

    def rename(key: str) -> str:
        try:
            return decode_valid(template.render({"value": utf8(key)}, work))
        except TemplateRenderError as error:
            raise ExtractError(f"key {shown_key(key)}: {error}") from None

    return rename


def _merged(entries: Mapping[str, bytes], spec: MergeRewrite) -> dict[str, bytes]:
    merged: dict[bytes, Value] = {}
    conflicts: set[str] = set()
    for key in (*sorted(entries.keys() - set(spec.priority), key=utf8), *spec.priority):
        if key in entries:
            found = _object(key, entries[key])
            conflicts |= {decode_valid(name) for name in merged.keys() & found.keys()}
            merged |= found
        elif spec.priority_policy == "Strict":
            raise ExtractError(f"priority key {key!r} was not found; priorityPolicy IgnoreNotFound goes without it")
    if conflicts and spec.conflict_policy == "Error":
        raise ExtractError(
            f"several objects have {', '.join(map(shown_key, sorted(conflicts)))}; "
            "with conflictPolicy Ignore the last one wins, in the order of keys and then of priority"
        )
    if spec.strategy == "JSON":
        return {**entries, spec.into: write_json(GoMap(merged), escape_html=False).encode()}
    return {decode_valid(key): _bytes_of(value) for key, value in merged.items()}


def _object(key: str, text: bytes) -> dict[bytes, Value]:
    try:
        value = parse_json(text)
    except FunctionError as error:
        raise ExtractError(f"the value of key {shown_key(key)} cannot be merged: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, GoMap):
        raise ExtractError(f"the value of key {shown_key(key)} cannot be merged: it is JSON, but not an object")
    return value.items


def _bytes_of(value: Value) -> bytes:
    """A member of a merged object as the value of a key of its own."""
    match value:
        case None:
            return b""
        case bytes():
            return value
        case float():
            return format_float(value, "f").encode()
    return write_json(value).encode()
