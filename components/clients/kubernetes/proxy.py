"""Which proxy stands before the API server: the kubeconfig's, else the environment's, by the rules of kubectl."""

import ipaddress
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from .cluster_errors import KubeconfigError

_KINDS = frozenset({"socks", "socks4", "socks4a", "socks5", "socks5h", "ftp", "ws", "wss", "tcp", "unix", "file"})
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def choose_proxy(server: str, proxy_url: str | None, environ: Mapping[str, str]) -> str | None:
    """The URL of the proxy for a server; None for a direct connection.

    The cluster entry's `proxy-url` beats the environment and NO_PROXY; variables are looked up in upper, then lower
    case.

    Raises:
        KubeconfigError: The proxy is neither http nor https, such as SOCKS.
    """
    target = urlsplit(server)
    proxy, source = proxy_url, "proxy-url in the kubeconfig"
    if not proxy:
        variable = f"{target.scheme.upper()}_PROXY"
        proxy, source = _variable(environ, variable), f"the environment variable {variable}"
        if not proxy or _is_exempt(target, _variable(environ, "NO_PROXY")):
            return None
        if "://" not in proxy:
            proxy = f"http://{proxy}"
    url = split_url(proxy)
    if url is not None and url.scheme not in {"http", "https"}:
        kind = f" of the kind '{url.scheme}'" if url.scheme in _KINDS else " of this kind"
        raise KubeconfigError(f"A proxy{kind} is not supported ({source}); use an http:// or https:// proxy.")
    if url is None:
        raise KubeconfigError(
            f"{source} is not a URL: write http(s)://host:port; it is not shown, as it can hold a password."
        )
    return proxy


def split_url(text: str) -> SplitResult | None:
    r"""The parts of a URL with a host; None where it is none, or where connections would go to another host than this.

    What connects reads a URL in its own way: `https://a\b` is the host `a` there. Errors of both quote the URL.
    """
    if not text.isprintable() or any(each in text for each in '\\ "<>'):
        return None
    try:
        url, connected = urlsplit(text), parse_url(text).host or ""
        host, port = url.hostname or "", url.port
    except (ValueError, HTTPError):
        return None
    same = not host.isascii() or ":" in host or connected.lower() == host
    return url if host and same and port != 0 else None


def proxy_login(proxy: str) -> str | None:
    """What a proxy's URL holds before the `@`, for its header; in UTF-8, as kubectl sends it."""
    login, at, _ = urlsplit(proxy).netloc.rpartition("@")
    user, _, password = login.partition(":")
    return b64encode(f"{unquote(user)}:{unquote(password)}".encode("utf-8", "replace")).decode() if at else None


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host, as `urlsplit` tells it, stays on this machine."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.lower()) or ""


def _is_exempt(target: SplitResult, no_proxy: str) -> bool:
    host = (target.hostname or "").lower()
    address = _address(host)
    if is_loopback(host):
        return True
    port = str(target.port or (443 if target.scheme == "https" else 80))
    return any(
        _matches(rule, host, address, port) for rule in (part.strip().lower() for part in no_proxy.split(",")) if rule
    )


def _matches(rule: str, host: str, address: _Address | None, port: str) -> bool:
    """A rule is `*`, an address, a CIDR block, a domain (and all below) or `.domain` (all below); maybe with a port."""
    if _address(rule) is None and "/" not in rule and ":" in rule:
        rule, _, wanted = rule.rpartition(":")
        if wanted != port:
            return False
    if rule == "*":
        return True
    if address is not None:
        return _in_network(address, rule.strip("[]"))
    if rule.startswith((".", "*.")):
        return host.endswith(rule.removeprefix("*"))
    return host == rule or host.endswith(f".{rule}")


def _in_network(address: _Address, rule: str) -> bool:
    try:
        return address in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
