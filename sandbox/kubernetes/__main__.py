"""`python -m sandbox.kubernetes`: the API server as a process of its own, until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from .server import KubernetesApi


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.kubernetes",
        description="A Kubernetes API server in memory: Namespaces, Secrets, ConfigMaps, ServiceAccounts and tokens.",
        epilog="GET, DELETE /sandbox/calls and GET, POST, DELETE /sandbox/faults show requests and inject failures "
        "(administrator's token needed).",
    )
    parser.add_argument("--host", default="127.0.0.1", help="IP address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--tls", action="store_true", help="serve HTTPS with a certificate authority made for this run")
    parser.add_argument("--kubeconfig", type=Path, metavar="PATH", help="write a kubeconfig (context: sandbox) here")
    parser.add_argument(
        "--namespace", action="append", default=[], metavar="NAME", help="create this namespace (may be repeated)"
    )
    chosen = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with KubernetesApi(host=chosen.host, port=chosen.port, tls=chosen.tls, namespaces=chosen.namespace) as api:
        if chosen.kubeconfig:
            api.kubeconfig(chosen.kubeconfig)
        print(api.url, flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
