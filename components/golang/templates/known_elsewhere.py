"""What to write in place of a function that is not there: other languages' names of ours, and names near ours."""

from collections.abc import Collection
from difflib import get_close_matches

_SAME = {
    "b64enc or b64dec": "base64 b64",
    "b64enc": "base64encode base64enc b64encode encodebase64 tobase64",
    "b64dec": "base64decode base64dec b64decode decodebase64 frombase64",
    "b32enc or b32dec": "base32",
    "b32enc": "base32encode",
    "b32dec": "base32decode",
    "toJson or fromJson": "json",
    "toJson": "jsonencode jsonstringify",
    "toPrettyJson": "tojsonpretty",
    "fromJson": "jsondecode jsonparse parsejson",
    "toYaml or fromYaml": "yaml",
    "toYaml": "yamlencode",
    "fromYaml": "yamldecode parseyaml",
    "upper": "uppercase toupper",
    "lower": "lowercase tolower",
    "title": "capitalize",
    "trim": "trimspace strip chomp",
    "substr": "substring",
    "hasPrefix": "startswith",
    "hasSuffix": "endswith",
    "len": "length size count",
    "eq": "equals",
    "sha1sum": "sha1",
    "sha256sum": "sha256",
    "sha512sum": "sha512",
    "urlquery": "urlencode urlescape",
    "printf": "format sprintf",
    "int, int64 or float64": "tonumber",
    "toString": "tostr str",
    "regexReplaceAll": "regexreplace",
    "uuidv4": "uuid",
}
ELSEWHERE = {name: ours for ours, names in _SAME.items() for name in names.split()}
"""Well-known names, in lower case and without underscores, and what does the same here."""
_NEAR = 0.75
_TOLD_AT_MOST = 3


def in_place_of(name: str, functions: Collection[str]) -> str:
    """What to write in place of a function that is not there: the end of a sentence, or empty where nothing is near."""
    folded = name.replace("_", "").lower()
    if folded in ELSEWHERE:
        return f"; write {ELSEWHERE[folded]}"
    plain = {each.lower(): each for each in functions}
    if folded in plain:
        return f"; write {plain[folded]}"
    near = [plain[each] for each in get_close_matches(folded, plain, n=_TOLD_AT_MOST, cutoff=_NEAR)]
    return f"; near it are {', '.join(near)}" if len(near) > 1 else "".join(f"; write {each}" for each in near)
