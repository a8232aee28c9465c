"""From a kubeconfig or a pod's ServiceAccount to a `ClusterConnection`: all it takes to reach a cluster."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ...display import NOT_SHOWN, shown_path, shown_url
from ..small_files import read_small
from .backoff import Clock
from .cluster_errors import CredentialsError, KubeconfigError
from .credentials import Credential, Credentials, FixedCredentials, TokenFile, checked_token
from .exec_plugin import API_VERSIONS, ExecPlugin, ExecSpec
from .kubeconfig import Entry, Kubeconfig, find_kubeconfig, why_none
from .proxy import choose_proxy, is_loopback, split_url
from .tls import ClientCertificate, Trust, pem_text

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts a pod's token and the cluster's CA."""

_DIGITS = 16

_LONGEST_HOST = 255
_INTERACTIVE_MODES = ("", "Never", "IfAvailable", "Always")


@dataclass(frozen=True)
class ClusterConnection:
    """How to reach one cluster, and as whom.

    Attributes:
        label: What error texts call the cluster.
        server: The API server's URL, without a trailing slash.
        trust: How the server proves who it is.
        proxy: Proxy URL, None for a direct connection.
        credentials: Who we are.
        namespace: The context's namespace, `default` if it sets none.
        context: The context's name; empty for a pod's own cluster.
    """

    label: str
    server: str = field(repr=False)
    trust: Trust = field(repr=False)
    proxy: str | None = field(repr=False)
    credentials: Credentials = field(repr=False)
    namespace: str = "default"
    context: str = ""

    @property
    def authority(self) -> str:
        """A digest of who vouches for the server, and under which name; empty where the kubeconfig does not say."""
        ca, name = self.trust.ca_pem, self.trust.server_name
        if not ca or not self.trust.verify:
            return ""
        return hashlib.sha256(f"{''.join(ca.split())} {name or ''}".encode()).hexdigest()[:_DIGITS]


def load_cluster(
    kubeconfig: str | None,
    context: str | None,
    environ: Mapping[str, str],
    *,
    cluster: str | None = None,
    service_account: Path = SERVICE_ACCOUNT,
    clock: Clock | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ClusterConnection:
    """Find the cluster as kubectl does. Reads files, runs nothing, connects to nothing.

    Args:
        kubeconfig: Path or contents of a kubeconfig; None for KUBECONFIG, then ~/.kube/config, then the pod's own
            cluster.
        context: Name of the context; None for the current context.
        environ: The environment, usually `os.environ`; exec plugins get it too.
        cluster: Name of a cluster in the kubeconfig; None for the context's.
        service_account: Where a pod's token and CA are.
        clock: Time, for expiring credentials.
        progress: Told that an exec plugin is waited for.

    Raises:
        KubeconfigError: There is no kubeconfig, it lacks the context, or it uses what is not supported.
        CredentialsError: A token in it cannot be one.
    """
    config = find_kubeconfig(kubeconfig, environ)
    if config is None:
        return _in_cluster(environ, service_account)
    return connection_of(config, context, environ, clock or Clock(), progress, cluster=cluster)


def context_names(kubeconfig: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The contexts of a kubeconfig, sorted; none in a pod. The arguments and errors are those of `load_cluster`."""
    config = find_kubeconfig(kubeconfig, environ)
    return tuple(sorted(config.contexts)) if config else ()


def connection_of(
    config: Kubeconfig,
    context: str | None,
    environ: Mapping[str, str],
    clock: Clock,
    progress: Callable[[str], None] = lambda _: None,
    *,
    cluster: str | None = None,
) -> ClusterConnection:
    """The connection that a kubeconfig's context describes; the arguments and errors are those of `load_cluster`."""
    chosen, at, user = config.choose(context, cluster)
    server = _server(at)
    trust = _trust(at)
    proxy = choose_proxy(server, at.text("proxy-url") or None, environ)
    credentials = _credentials(user, at, trust, environ, clock, progress)
    if credentials != FixedCredentials(Credential()):
        _refuse_plain_text(server, at)
    namespace = chosen.text("namespace") or "default"
    return ClusterConnection(_label(str(chosen), server), server, trust, proxy, credentials, namespace, chosen.name)


def _in_cluster(environ: Mapping[str, str], folder: Path) -> ClusterConnection:
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    token_file = folder / "token"
    if not host or not port or not token_file.is_file():
        raise KubeconfigError(
            f"No Kubernetes cluster is configured: {why_none(environ)}, and this is not a pod with a ServiceAccount. "
            "Create a kubeconfig, for example: `aws eks update-kubeconfig --name <cluster>`."
        )
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    try:
        trust = Trust(ca_pem=pem_text(read_small(folder / "ca.crt")))
        namespace_file = folder / "namespace"
        namespace = read_small(namespace_file).decode("ascii").strip() if namespace_file.is_file() else "default"
    except (OSError, UnicodeDecodeError):
        raise KubeconfigError(f"Cannot read the pod's ServiceAccount files in {folder}.") from None
    proxy = choose_proxy(server, None, environ)
    return ClusterConnection(
        _label("this pod's cluster", server), server, trust, proxy, TokenFile(token_file), namespace
    )


def _label(name: str, server: str) -> str:
    return f"{name} ({shown_url(server)})"


def _server(cluster: Entry) -> str:
    url = split_url(cluster.text("server"))
    # What is behind a path could not be sent.
    if url is None or url.scheme not in {"http", "https"} or url.query or url.fragment:
        raise KubeconfigError(f"'server' of {cluster} in the kubeconfig must be an https:// URL.")
    # User name and password in a URL would be basic authentication, and would end up in error texts.
    if "@" in url.netloc:
        raise KubeconfigError(f"'server' of {cluster} in the kubeconfig holds a user name: that is not supported.")
    return urlunsplit((url.scheme, url.netloc, url.path.rstrip("/"), "", ""))


def _refuse_plain_text(server: str, cluster: Entry) -> None:
    """Refuse to send credentials over the network unencrypted, where kubectl sends none and goes on as anonymous."""
    url = urlsplit(server)
    if url.scheme == "http" and not is_loopback(url.hostname or ""):
        raise KubeconfigError(
            f"'server' of {cluster} in the kubeconfig is an http:// URL, to which no credentials are sent; write "
            "https://, or take the user out of the context."
        )


def _trust(cluster: Entry) -> Trust:
    ca_pem = _pem(cluster, "certificate-authority")
    insecure = cluster.flag("insecure-skip-tls-verify")
    if insecure and ca_pem is not None:
        raise KubeconfigError(
            f"{cluster} in the kubeconfig sets both insecure-skip-tls-verify and a certificate authority; remove one."
        )
    if isinstance(ca_pem, Path):
        try:
            ca_pem = pem_text(read_small(ca_pem))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a PEM file"
            raise KubeconfigError(
                f"Cannot read the certificate authority {shown_path(str(ca_pem))} of {cluster}: {reason}."
            ) from None
    name = cluster.text("tls-server-name")
    try:
        usable = name.isprintable() and len(name.encode("idna")) <= _LONGEST_HOST
    except UnicodeError:
        usable = False
    if not usable:
        raise KubeconfigError(
            f"'tls-server-name' of {cluster} in the kubeconfig is not a host name; write the one in the certificate."
        )
    return Trust(ca_pem, verify=not insecure, server_name=name or None)


def _credentials(
    user: Entry | None,
    cluster: Entry,
    trust: Trust,
    environ: Mapping[str, str],
    clock: Clock,
    progress: Callable[[str], None],
) -> Credentials:
    if user is None:
        return FixedCredentials(Credential())
    _refuse_unsupported(user)
    chain, key = _pem(user, "client-certificate"), _pem(user, "client-key")
    if (chain is None) != (key is None):
        raise KubeconfigError(f"{user} in the kubeconfig has only one of client-certificate and client-key.")
    certificate = ClientCertificate(chain, key) if chain is not None and key is not None else None
    token, token_file = user.text("token") or None, user.path("tokenFile")
    if token_file is not None:
        return TokenFile(token_file, token, certificate)
    if token is not None:
        return FixedCredentials(Credential(checked_token(token, f"{user} in the kubeconfig"), certificate))
    if user.fields.get("exec") is not None:
        spec = _exec_spec(user, cluster, trust)
        return ExecPlugin(spec, environ, certificate=certificate, now=clock.now, progress=progress)
    return FixedCredentials(Credential(None, certificate))


def _refuse_unsupported(user: Entry) -> None:
    reasons = {
        "auth-provider": "an auth-provider, which Kubernetes removed; use an exec plugin",
        "username": "basic authentication, which Kubernetes removed; use a token or an exec plugin",
        "password": "basic authentication, which Kubernetes removed; use a token or an exec plugin",
        "as": "impersonation",
        "as-groups": "impersonation",
        "as-uid": "impersonation",
        "as-user-extra": "impersonation",
    }
    for name, reason in reasons.items():
        if user.fields.get(name):
            raise KubeconfigError(f"{user} in the kubeconfig uses {reason}: that is not supported.")


def _exec_spec(user: Entry, cluster: Entry, trust: Trust) -> ExecSpec:
    block = user.fields["exec"]
    problem = KubeconfigError(f"The exec block of {user} in the kubeconfig is malformed.")
    if not isinstance(block, dict):
        raise problem
    whole = Entry("exec block of user", user.name, block, user.folder)
    version, command = block.get("apiVersion"), block.get("command")
    args, env = block.get("args") or [], block.get("env") or []
    if not isinstance(command, str) or not command or not isinstance(args, list) or not isinstance(env, list):
        raise problem
    if not all(isinstance(each, str) for each in args) or not all(map(_is_variable, env)):
        raise problem
    if version not in API_VERSIONS:
        raise KubeconfigError(
            f"The exec block of {user} in the kubeconfig has the API version '{_shown(version)}': that is not "
            f"supported. Use {' or '.join(sorted(API_VERSIONS))}, for example by running `aws eks update-kubeconfig` "
            "again."
        )
    if whole.text("interactiveMode") not in _INTERACTIVE_MODES:
        raise problem
    if whole.text("interactiveMode") == "Always":
        raise CredentialsError(f"The exec plugin of {user} in the kubeconfig wants a terminal; there is none here.")
    program = str(user.folder / command) if "/" in command else command
    return ExecSpec(
        api_version=version,
        command=(program, *args),
        env={pair["name"]: pair["value"] for pair in env},
        cluster=_cluster_info(cluster, trust) if whole.flag("provideClusterInfo") else None,
        install_hint=whole.text("installHint").strip(),
    )


def _is_variable(pair: Any) -> bool:
    return isinstance(pair, dict) and isinstance(pair.get("name"), str) and isinstance(pair.get("value"), str)


def _shown(version: Any) -> str:
    """An API version that is not known here, if it is one of exec plugins at all."""
    known = isinstance(version, str) and re.fullmatch(r"client\.authentication\.k8s\.io/v\w{1,10}", version)
    return str(version) if known else NOT_SHOWN


def _cluster_info(cluster: Entry, trust: Trust) -> dict[str, Any]:
    """The cluster entry as plugins get it: the CA always as data, and their own extension as `config`."""
    info: dict[str, Any] = {
        name: cluster.fields[name]
        for name in ("server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url")
        if cluster.fields.get(name)
    }
    if trust.ca_pem:
        info["certificate-authority-data"] = base64.b64encode(trust.ca_pem.encode()).decode()
    extensions = cluster.fields.get("extensions") or []
    if not isinstance(extensions, list):
        raise KubeconfigError(f"'extensions' of {cluster} in the kubeconfig must be a list.")
    for extension in extensions:
        if isinstance(extension, dict) and extension.get("name") == "client.authentication.k8s.io/exec":
            info["config"] = extension.get("extension")
    return info


def _pem(entry: Entry, name: str) -> Path | str | None:
    """PEM text from `<name>-data`, else the path in `<name>`."""
    data = entry.text(f"{name}-data")
    if not data:
        return entry.path(name)
    try:
        return pem_text(base64.b64decode("".join(data.split()), validate=True))
    except ValueError:
        raise KubeconfigError(f"'{name}-data' of {entry} in the kubeconfig is not base64 of a PEM text.") from None
