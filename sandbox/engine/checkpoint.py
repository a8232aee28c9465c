"""Keeps a stack's state in a folder laid out as the Pulumi CLI's file backend has it, one writer at a time."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlparse

from sandbox.engine.errors import UsageError
from sandbox.engine.state import now

_VERSION = 3
_ENGINE_VERSION = "v3.260.0-sandbox"
ORGANIZATION = "organization"


def backend_directory(environment: Mapping[str, str], root: Path) -> Path:
    """Where state is kept: PULUMI_BACKEND_URL (file://DIR only), else `.sandbox` beside `Pulumi.yaml`.

    Raises:
        UsageError: The URL is of another backend.
    """
    url = environment.get("PULUMI_BACKEND_URL", "")
    if not url:
        return root / ".sandbox"
    parsed = urlparse(url)
    if parsed.scheme != "file":
        raise UsageError(
            f"PULUMI_BACKEND_URL: the sandbox engine keeps state in files only (file://DIR), got {parsed.scheme}://"
        )
    path = unquote(url.removeprefix("file://"))
    return Path(path).expanduser().resolve()


class Checkpoint:
    """The stack's checkpoint file, the journal beside it, and the lock."""

    def __init__(self, directory: Path, project: str, stack: str) -> None:
        self._root = directory / ".pulumi"
        self._stack = stack
        self._project = project
        self.file = self._root / "stacks" / project / f"{stack}.json"
        self.journal_file = self.file.with_suffix(".journal")

    def read(self) -> dict[str, Any]:
        """Return the deployment as written last (empty if there is none).

        Raises:
            UsageError: The file is not a checkpoint of version 3.
        """
        if not self.file.exists():
            return {}
        try:
            document = json.loads(self.file.read_bytes())
        except ValueError:
            raise UsageError(f"{self.file}: not a JSON document; restore it from a backup") from None
        if document.get("version") != _VERSION:
            raise UsageError(f"{self.file}: checkpoint version {document.get('version')} is not supported (3 is)")
        latest = document.get("checkpoint", {}).get("latest")
        return latest if isinstance(latest, dict) else {}

    def digest(self) -> str:
        """Identify the current content, so that a journal is applied only to what it was written for."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest() if self.file.exists() else ""

    def write(self, resources: list[dict[str, Any]], pending: list[dict[str, Any]], salt: str) -> None:
        """Replace the file at once; a reader sees the old content or the new one."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        meta = self._root / "meta.yaml"
        if not meta.exists():
            meta.write_text("version: 1\n", encoding="utf-8")
        checkpoint = {
            "stack": f"{ORGANIZATION}/{self._project}/{self._stack}",
            "latest": deployment_document(resources, pending, salt),
        }
        temporary = self.file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps({"version": _VERSION, "checkpoint": checkpoint}, indent=1), encoding="utf-8")
        temporary.chmod(0o600)
        temporary.replace(self.file)

    def lock(self) -> StackLock:
        """Keep other operations away from the stack while the lock is held."""
        return StackLock(self._root / "locks" / ORGANIZATION / self._project / self._stack)


def deployment_document(resources: list[dict[str, Any]], pending: list[dict[str, Any]], salt: str) -> dict[str, Any]:
    """Compose a deployment of version 3."""
    document: dict[str, Any] = {
        "manifest": {
            "time": now(),
            "magic": hashlib.sha256(_ENGINE_VERSION.encode()).hexdigest(),
            "version": _ENGINE_VERSION,
        }
    }
    if salt:
        document["secrets_providers"] = {"type": "passphrase", "state": {"salt": salt}}
    return {**document, "resources": resources, "pending_operations": pending}


class StackLock:
    """A file that names the process working on the stack; a lock of a dead process of this machine is taken over."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._own = directory / f"{uuid.uuid4()}.json"

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        holder = {"pid": os.getpid(), "username": _user(), "hostname": socket.gethostname(), "timestamp": now()}
        self._own.write_text(json.dumps(holder), encoding="utf-8")
        others = [
            holder
            for file in sorted(self._directory.glob("*.json"))
            if file != self._own
            for holder in _live_holder(file)
        ]
        if others:
            self._own.unlink()
            raise UsageError(
                "the stack is currently locked by 1 lock(s): "
                f"created by {others[0].get('username')}@{others[0].get('hostname')} (pid {others[0].get('pid')}) "
                f"at {others[0].get('timestamp')}. Wait for the other process to end."
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._own.unlink(missing_ok=True)


def _live_holder(file: Path) -> list[dict[str, Any]]:
    try:
        holder: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if holder.get("hostname") == socket.gethostname() and not _alive(int(holder.get("pid", 0))):
        file.unlink(missing_ok=True)
        return []
    return [holder]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
