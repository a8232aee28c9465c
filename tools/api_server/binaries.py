"""Builds kube-apiserver and etcd from their Go modules, once, into a cache outside of the repository."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NOT_RUN = 77  # the exit code of what cannot run here; what automake's test harness, too, takes for "skipped"
HERE = Path(__file__).parent
_PACKAGES = ("go.etcd.io/etcd/server/v3", "k8s.io/kubernetes/cmd/kube-apiserver")
_STAMP = "k8s.io/component-base/version"
_REPORT_SECONDS = 15.0
_LAST_WORDS = 15  # lines of what go said, where it failed


class NotBuiltError(Exception):
    """There are no binaries, and why."""


@dataclass(frozen=True)
class Binaries:
    """Two executables."""

    etcd: Path
    api_server: Path


def version() -> str:
    """The version of Kubernetes that go.mod names, such as `v1.36.3`."""
    lines = [line.split() for line in (HERE / "go.mod").read_text("utf-8").splitlines()]
    return next(parts[1] for parts in lines if parts[:1] == ["k8s.io/kubernetes"])


def built() -> Binaries | None:
    """What an earlier build left in the cache."""
    found = _binaries(_folder())
    return found if found.etcd.exists() and found.api_server.exists() else None


def build(say: Callable[[str], None]) -> Binaries:
    """Take the binaries from the cache, or build them.

    A first build takes five to ten minutes on two cores, 2 GiB of memory and 3 GB of Go's own caches.

    Args:
        say: Receives lines that tell how far it is.

    Raises:
        NotBuiltError: There is no Go, it is too old, or the modules cannot be had or built.
    """
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another build of the API server ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        found = built()
        if found is not None:
            return found
        if shutil.which("go") is None:
            raise NotBuiltError("there is no `go` on PATH. Install Go (go.dev/doc/install) to build the API server.")
        with tempfile.TemporaryDirectory(dir=folder.parent) as directory:
            made = Path(directory, "bin")
            _go_build(made, say)
            (made / "server").rename(_binaries(made).etcd)  # go names it after its package
            made.rename(folder)  # all or nothing
    return _binaries(folder)


def _command() -> list[str]:
    major, minor, _ = version().removeprefix("v").split(".")
    # Without these the server calls itself v0.0.0-master.
    stamps = {"gitVersion": version(), "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s", "-w", *(f"-X {_STAMP}.{name}={value}" for name, value in stamps.items())])
    return ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-v", "-ldflags", flags]


def _folder() -> Path:
    """Where the cache has the binaries of just these modules, built in just this way."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    what = [(HERE / name).read_bytes() for name in ("go.mod", "go.sum")] + [" ".join(_command()).encode()]
    digest = hashlib.sha256(b"\0".join(what)).hexdigest()
    return caches / "pulumi-parameter-store" / "api-server" / f"{version()}-{digest[:12]}"


def _binaries(folder: Path) -> Binaries:
    return Binaries(folder / "etcd", folder / "kube-apiserver")


def _go_build(into: Path, say: Callable[[str], None]) -> None:
    say(f"Building kube-apiserver {version()} and etcd from Go modules: once, about 7 minutes on 2 cores ...")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    began = reported = time.monotonic()
    compiled = 0
    last: deque[str] = deque(maxlen=_LAST_WORDS)
    with subprocess.Popen(
        [*_command(), "-o", f"{into}/", *_PACKAGES],
        cwd=HERE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr or ():
            last.append(line.rstrip())
            compiled += not line.startswith("go: ")  # -v names each package
            if time.monotonic() - reported > _REPORT_SECONDS:
                reported = time.monotonic()
                say(f"  {reported - began:4.0f} s: {compiled} packages compiled, of about 2,000; now {last[-1]}")
    if process.returncode != 0:
        raise NotBuiltError("\n".join([f"`go build` in {HERE} failed:", *last]))
    say(f"Built in {time.monotonic() - began:.0f} s.")
