"""What may be shown of words that others wrote: one line, no control characters, and nothing that can be a credential.

Errors escape their own texts with `plain`. Everything else here decides whether a word may be shown at all.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

NOT_SHOWN = "(not shown)"
UNNAMED_KEY = "whose name is not shown, because it can be a value,"
UNNAMED_MANAGER = "a field manager whose name is not shown, because it can be a value"

# What can be a URL inside of a longer text.
_URL_LIKE = re.compile(r"[^\s'\"<>]+")
_LONGEST_PATH = 300
_SHORTEST_KEY = 20
_CONTENTS = re.compile(r"""-----BEGIN|[{}"]|: |\beyJ[\w-]{10}""")
# 40 characters are a secret access key's, and a session token has hundreds.
_QUOTED_KEY = re.compile(
    r"(?<=['\":])(?:[A-Za-z0-9+](?:[A-Za-z0-9/+]{39}|[A-Za-z0-9/+=]{99,})|eyJ[\w-]{10,}\.[\w.-]+)(?=['\"])"
)
_KEY_ID = re.compile(r"(AKIA|ASIA)[A-Z0-9]{16}")
_SECRET_KEY = re.compile(r"[A-Za-z0-9/+]{40}")
_KEY_PAIR = re.compile(rf"{_KEY_ID.pattern}[^A-Za-z0-9]{{1,3}}({_SECRET_KEY.pattern})(?![A-Za-z0-9/+])")
_RUN = re.compile(r"[A-Za-z0-9+=]{20,}")
_MANAGERS = re.compile(
    r"kubectl(-[a-z]+)*|helm|argocd(-[a-z]+)*|(kustomize|helm|source)-controller|flux(-[a-z]+)*|external-secrets"
    r"|externalsecrets\.external-secrets\.io/[a-z0-9.-]{1,64}|terraform(-[a-z]+)*|HashiCorp|Terraform|OpenTofu"
    r"|pulumi(-[a-z]+)*(-[0-9a-f]{8,10})?|kube-[a-z]+(-[a-z]+)*|before-first-apply|manager|node-fetch|curl|Mozilla"
    r"|OpenAPI-Generator|Go-http-client|python-requests|k9s|Lens|rancher|fabric8-kubernetes-client|sealed-secrets"
)
_WORDS = re.compile(r"[^\W_]+")
_LONGEST_NAME, _LONGEST_WORD, _LONGEST_NUMBER, _LONGEST_MIXED = 128, 24, 4, 4


def plain(text: str) -> str:
    r"""A text as one line that a terminal shows as it is.

    Line breaks, ANSI escapes, other control characters, and characters that are invisible or turn the direction of
    writing become escapes such as `\n`, `\x1b` and `\u202e`.
    """
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def without_userinfo(text: str) -> str:
    """A text with `***` in place of the user names and passwords of the URLs in it."""
    return _URL_LIKE.sub(_hide_userinfo, text) if "@" in text else text


def _hide_userinfo(found: re.Match[str]) -> str:
    """The last `@` ends a password: one that is not quoted as it should be may hold `/`, `?`, `#` and `@`.

    A search by a regular expression would begin again at each `://`, which takes too long in a long text.
    """
    scheme, separator, rest = found[0].partition("//")  # a message may show what stands before it apart
    _, at, place = rest.rpartition("@")
    return f"{scheme}{separator}***@{place}" if at else found[0]


def without_keys(text: str) -> str:
    """A text with `(not shown)` in place of what is quoted in it and looks like an AWS secret key or a token.

    A name that begins with `/` is a parameter's.
    """
    return _QUOTED_KEY.sub(lambda found: NOT_SHOWN if may_be_credential(found[0]) else found[0], text)


def shown_url(url: str) -> str:
    """A URL as it may be shown: scheme, host, port and path. Queries can hold signatures and tokens, too."""
    try:
        scheme, place, path, query, fragment = urlsplit(url)
    except ValueError:
        return NOT_SHOWN
    _, at, host = place.rpartition("@")
    if not scheme or not host or "@" in f"{path}{query}{fragment}":
        # No URL, or one whose password is not quoted as it should be, so that it reaches into the path.
        return NOT_SHOWN
    return plain(urlunsplit((scheme, f"***@{host}" if at else host, path, "", "")))


def shown_given_url(text: str) -> str:
    """What was given where a URL or a name belongs, quoted; a URL as `shown_url` shows it."""
    return repr(shown_url(text) if "://" in text or "@" in text else text)


def shown_path(path: str) -> str:
    """A file's path, unless the text looks like a file's content or a token that stands where a path belongs."""
    text = str(path)
    if not text.isprintable() or len(text) > _LONGEST_PATH or _CONTENTS.search(text) or _holds_token(text):
        return NOT_SHOWN
    return without_userinfo(text)


def _holds_token(text: str) -> bool:
    """Letters of both cases and digits in one long run: what tokens and Base64 look like, and file names do not."""
    kinds = (str.islower, str.isupper, str.isdecimal)
    return any(all(any(map(kind, run)) for kind in kinds) for run in _RUN.findall(text))


def is_access_key_id(text: str) -> bool:
    """Whether a text is the ID of an AWS access key, permanent or temporary."""
    return _KEY_ID.fullmatch(text) is not None


def holds_access_key(name: str, selector: str) -> bool:
    """Whether a name and what stands behind its colon hold the secret half of an AWS access key."""
    pair = _KEY_PAIR.search(f"{name}:{selector}")
    return (
        (is_access_key_id(name.removeprefix("/")) and selector != "")
        or may_be_secret_key(selector)
        or (pair is not None and may_be_credential(pair[2]))
    )


def may_be_secret_key(text: str) -> bool:
    """Whether a text has the length and the characters of the secret half of an AWS access key."""
    return _SECRET_KEY.fullmatch(text) is not None and may_be_credential(text)


def may_be_credential(text: str) -> bool:
    """Whether a text that is no name where one belongs may be a key or token: long, without blanks, of all kinds."""
    kinds = (str.islower, str.isupper, str.isdecimal)
    plain = " " in text or text.startswith("arn:")
    return len(text) >= _SHORTEST_KEY and not plain and all(any(map(kind, text)) for kind in kinds)


def shown_text(text: str) -> str:
    """A text that is no name where one belongs, quoted, unless it may be a credential."""
    return (
        "the string that was given (not shown, as it can hold a credential)" if may_be_credential(text) else repr(text)
    )


def shown_manager(name: str) -> str:
    """A field manager's name, where it is a well-known program's or reads like a program's.

    Who writes an object chooses this name freely, so it can be a value.
    """
    return plain(name) if is_known_manager(name) or reads_like_words(name) else UNNAMED_MANAGER


def shown_word(word: str) -> str:
    """A word that somebody else chose, such as a Secret's type, where it reads like words."""
    return word if reads_like_words(word) else NOT_SHOWN


def is_known_manager(name: str) -> bool:
    """Whether a field manager's name is that of a well-known program, or of this library."""
    return _MANAGERS.fullmatch(name) is not None


def reads_like_words(text: str) -> bool:
    """Whether a name is made of plain words, so that it is not what a generated password, key or token looks like.

    Those have letters of both cases, or digits among letters, or are long.
    """
    words = _WORDS.findall(text)
    return bool(words) and len(text) <= _LONGEST_NAME and text.isprintable() and all(map(_is_word, words))


def _is_word(word: str) -> bool:
    if word.isdecimal():
        return len(word) <= _LONGEST_NUMBER
    if word.isalpha():
        return len(word) <= _LONGEST_WORD and (word.islower() or word.isupper() or word.istitle())
    return len(word) <= _LONGEST_MIXED  # such as `k8s` and `v1`


def some_of(names: Sequence[str], most: int = 10, *, by: str = ", ") -> str:
    """The first `most` names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return by.join(names[:most]) + more
