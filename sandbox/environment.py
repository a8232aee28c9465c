"""The sandbox's machine: AWS and Kubernetes in this process, and the environment that makes programs use them."""

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from .kubernetes.calls import Call
from .kubernetes.faults import Faults
from .kubernetes.server import KubernetesApi

ROOT = Path(__file__).parents[1]
PLUGINS = ROOT / "sandbox" / "bin"
"""The sandbox's provider plugins, which belong on PATH."""
PASSPHRASE = "sandbox"  # noqa: S105  guards throw-away state only
_OTHERS = ("AWS_", "PULUMI_", "KUBECONFIG", "KUBERNETES_SERVICE_")


class Kubernetes(Protocol):
    """A Kubernetes API that can be started, looked at and made to fail; `KubernetesApi` says what each part is."""

    url: str
    token: str
    issuer: str
    faults: Faults

    def __enter__(self) -> Self:
        """Start."""

    def __exit__(self, *_: object) -> None:
        """Stop."""

    @property
    def calls(self) -> list[Call]:
        """The requests so far."""

    def clear_calls(self) -> None:
        """Forget them."""

    def create_namespace(self, name: str) -> None:
        """Create a namespace."""

    def grant(self, user: str, role: Mapping[str, Any], namespace: str) -> None:
        """Let a user do in a namespace what a ClusterRole allows."""

    def jwks(self) -> dict[str, Any]:
        """The keys of ServiceAccount tokens."""

    def kubeconfig_text(self, token: str | None = None) -> str:
        """A kubeconfig for the administrator, or for the user of another token."""


class Sandbox:
    """AWS, Kubernetes and a home for Pulumi's state, until the `with` block ends.

    Attributes:
        aws: the embedded AWS.
        kubernetes: the Kubernetes API.
        home: a private directory: kubeconfig and state; removed at the end.
    """

    def __init__(self, region: str = "eu-central-1", kubernetes: Kubernetes | None = None) -> None:
        """Nothing is started yet.

        Args:
            region: AWS's default region.
            kubernetes: An API in place of the embedded one, to be started and stopped with the rest.
        """
        from .aws.api import AwsApi  # noqa: PLC0415 - moto takes a second, and the engine's commands need none

        self.aws = AwsApi(region)
        self.kubernetes: Kubernetes = kubernetes or KubernetesApi()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start both servers on free ports of the loopback interface."""
        self.home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-")))
        try:
            self._stack.enter_context(self.aws)
            self._stack.enter_context(self.kubernetes)
            self.aws.publish_keys(self.kubernetes.issuer, self.kubernetes.jwks)
        except BaseException:
            self._stack.close()
            raise
        self.kubeconfig = self.home / "kubeconfig"
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(self.kubernetes.kubeconfig_text(), encoding="utf-8")
        (self.home / "state").mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the servers and remove the directory."""
        self._stack.__exit__(kind, error, trace)

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment for a program: ours in place of any real AWS account, cluster and Pulumi backend."""
        kept = {k: v for k, v in (os.environ if base is None else base).items() if not k.startswith(_OTHERS)}
        return {
            **kept,
            **self.variables(),
            "PATH": os.pathsep.join([str(PLUGINS), kept.get("PATH", os.defpath)]),
        }

    def shell_lines(self, base: Mapping[str, str] | None = None) -> list[str]:
        """What makes a POSIX shell's environment that of `environment`, a line each."""
        given = os.environ if base is None else base
        return [
            *(f"unset {name}" for name in sorted(given.keys() - self.environment(given).keys())),
            *(f"export {name}={shlex.quote(value)}" for name, value in self.variables().items()),
            f'export PATH={shlex.quote(str(PLUGINS))}:"$PATH"',
        ]

    def variables(self) -> dict[str, str]:
        """What `environment` sets besides PATH."""
        return {
            **self.aws.environment(),
            "KUBECONFIG": str(self.kubeconfig),
            "PULUMI_BACKEND_URL": f"file://{self.home / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


def copy_project(into: Path) -> Path:
    """Copy this repository's Pulumi project, so that running it leaves no trace in the checkout.

    Args:
        into: an existing directory.

    Returns:
        The project's directory, with the checkout's `.venv` linked into it.
    """
    project = into / "project"
    project.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, project / name)
    for name in ("components", "stacks"):
        shutil.copytree(ROOT / name, project / name)
    (project / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    return project
