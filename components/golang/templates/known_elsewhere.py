"""What to write in place of a function that is not there: other languages' names of ours, and names near ours."""

from collections.abc import Collection
from difflib import get_close_matches

ELSEWHERE = {
    "base64": "b64enc or b64dec",
    "base64encode": "b64enc",
    "base64enc": "b64enc",
    "b64": "b64enc or b64dec",
    "b64encode": "b64enc",
    "encodebase64": "b64enc",
    "tobase64": "b64enc",
    "base64decode": "b64dec",
    "base64dec": "b64dec",
    "b64decode": "b64dec",
    "decodebase64": "b64dec",
    "frombase64": "b64dec",
    "base32": "b32enc or b32dec",
    "base32encode": "b32enc",
    "base32decode": "b32dec",
    "json": "toJson or fromJson",
    "jsonencode": "toJson",
    "jsonstringify": "toJson",
    "tojsonpretty": "toPrettyJson",
    "jsondecode": "fromJson",
    "jsonparse": "fromJson",
    "parsejson": "fromJson",
    "yaml": "toYaml or fromYaml",
    "yamlencode": "toYaml",
    "yamldecode": "fromYaml",
    "parseyaml": "fromYaml",
    "uppercase": "upper",
    "toupper": "upper",
    "lowercase": "lower",
    "tolower": "lower",
    "capitalize": "title",
    "trimspace": "trim",
    "strip": "trim",
    "chomp": "trim",
    "substring": "substr",
    "startswith": "hasPrefix",
    "endswith": "hasSuffix",
    "length": "len",
    "size": "len",
    "count": "len",
    "equals": "eq",
    "sha1": "sha1sum",
    "sha256": "sha256sum",
    "sha512": "sha512sum",
    "urlencode": "urlquery",
    "urlescape": "urlquery",
    "format": "printf",
    "sprintf": "printf",
    "tonumber": "int, int64 or float64",
    "tostr": "toString",
    "str": "toString",
    "regexreplace": "regexReplaceAll",
    "uuid": "uuidv4",
}
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
