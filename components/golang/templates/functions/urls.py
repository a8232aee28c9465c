"""Sprig's urlParse and urlJoin, with the rules of Go's net/url."""

import ipaddress
import re
from urllib.parse import unquote_to_bytes

from ..function import Family
from ..go_values import GoMap, type_name
from ..template_errors import FunctionError

URLS = Family()

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
_SCHEME = re.compile(rb"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)", re.DOTALL)
_USER = re.compile(rb"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")
_PORT = re.compile(rb"(?::[0-9]*)?")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:\[\]<>\"\x80-\xff-]|%25|%[89A-Fa-f][0-9A-Fa-f])*")
_IN_PATH, _IN_USER, _IN_FRAGMENT = b"$&+,/:;=@-_.~", b"$&+,;=-_.~", b"$&+,/:;=?@!()*-_.~"
_IN_HOST = b"-_.~!$&'()*+,;=:[]<>\""


def _wrong(what: str) -> FunctionError:
    return FunctionError(f"the string is no URL: {what}")


def _unescape(text: bytes) -> bytes:
    if _BAD_ESCAPE.search(text):
        raise _wrong("a % is not followed by two hexadecimal digits")
    return unquote_to_bytes(text)


def _escape(text: bytes, kept: bytes) -> bytes:
    return b"".join(
        b"%c" % byte if byte in kept or (byte < 0x80 and chr(byte).isalnum()) else b"%%%02X" % byte  # noqa: PLR2004 - ASCII
        for byte in text
    )


@URLS.add("urlParse")
def _url_parse(text: bytes) -> GoMap:
    return GoMap(dict(_parts(text)))


def _parts(text: bytes) -> dict[bytes, bytes]:
    if _CONTROL.search(text):
        raise _wrong("there is a control character in it")
    before, _, fragment = text.partition(b"#")
    scheme, rest = b"", before
    found = _SCHEME.fullmatch(before)
    if found:
        scheme, rest = found[1].lower(), found[2]
    elif before.startswith(b":"):
        raise _wrong("nothing stands before the colon")
    rest, _, query = rest.partition(b"?")
    opaque = host = user = b""
    if scheme and not rest.startswith(b"/"):
        opaque, rest = rest, b""
    elif not rest.startswith(b"/") and b":" in rest.partition(b"/")[0]:
        raise _wrong("a colon stands in the first part of its path")
    if rest.startswith(b"//") and (scheme or not rest.startswith(b"///")):
        authority, slash, path = rest[2:].partition(b"/")
        rest = slash + path
        user, host = _authority(scheme, authority)
    return {
        b"scheme": scheme,
        b"host": host,
        b"hostname": _hostname(host),
        b"path": _unescape(rest),
        b"query": query,
        b"opaque": opaque,
        b"fragment": _unescape(fragment),
        b"userinfo": user,
    }


def _authority(scheme: bytes, text: bytes) -> tuple[bytes, bytes]:
    """User information, escaped again as Go does, and host."""
    user, at, host = text.rpartition(b"@")
    host = _host(scheme, host)
    if not at:
        return b"", host
    if not _USER.fullmatch(user):
        raise _wrong("the user information has a character that has to be escaped")
    name, colon, password = user.partition(b":")
    escaped = _escape(_unescape(name), _IN_USER)
    return (escaped + b":" + _escape(_unescape(password), _IN_USER) if colon else escaped), host


def _host(scheme: bytes, text: bytes) -> bytes:
    if b"[" in text:
        address, closing, port = text.rpartition(b"]")
        try:
            ipaddress.IPv6Address(unquote_to_bytes(address[1:]).decode())
        except ValueError:
            closing = b""
        if not closing or not text.startswith(b"["):
            raise _wrong("what is in brackets is not an address of IPv6")
    else:
        # Lists of hosts may have more colons, but not with HTTP.
        start = text.find(b":") if scheme in {b"http", b"https"} else text.rfind(b":")
        port = text[start:] if start >= 0 else b""
    if not _PORT.fullmatch(port):
        raise _wrong("the port is not a number")
    if not _HOST.fullmatch(text) or _BAD_ESCAPE.search(text):
        raise _wrong("the host has a character that cannot stand there")
    return _unescape(text)


def _hostname(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    if not (colon and _PORT.fullmatch(colon + port)):
        name = host
    return name[1:-1] if name.startswith(b"[") and name.endswith(b"]") else name


@URLS.add("urlJoin")
def _url_join(parts: GoMap) -> bytes:
    scheme, host, path = _part(parts, b"scheme"), _part(parts, b"host"), _part(parts, b"path")
    query, opaque, fragment = _part(parts, b"query"), _part(parts, b"opaque"), _part(parts, b"fragment")
    user = _parts(b"proto://" + _part(parts, b"userinfo") + b"@host")[b"userinfo"]
    url = scheme + b":" if scheme else b""
    if opaque:
        url += opaque
    else:
        if (scheme or host or user) and (host or path or user):
            url += b"//" + (user + b"@" if user else b"") + _escape(host, _IN_HOST)
        escaped = path if path == b"*" else _escape(path, _IN_PATH)
        if escaped and not escaped.startswith(b"/") and host:
            url += b"/"
        if not url and b":" in escaped.partition(b"/")[0]:
            url += b"./"
        url += escaped
    return url + (b"?" + query if query else b"") + (b"#" + _escape(fragment, _IN_FRAGMENT) if fragment else b"")


def _part(parts: GoMap, name: bytes) -> bytes:
    value = parts.items.get(name, b"")
    if not isinstance(value, bytes):
        raise FunctionError(f"the key {name.decode()} is a {type_name(value)} instead of a string")
    return value
