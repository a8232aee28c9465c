"""Builds and asks the Go program beside this file: it answers as kubectl's decoders do."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class NotBuiltError(Exception):
    """There is no program, and why."""


class GoDecoder:
    """The program."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def ask(self, questions: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]]:
        """What Go makes of texts: `values`, or an `error`.

        Args:
            questions: each "stream" for a manifest, or "document" for a kubeconfig, with the text.
        """
        lines = [json.dumps({"as": kind, "text": base64.b64encode(text).decode()}) for kind, text in questions]
        done = subprocess.run([self._program], input="\n".join(lines), capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]


@contextmanager
def go_decoder() -> Iterator[GoDecoder]:
    """The program, built from Go modules into a folder that is removed afterwards.

    Raises:
        NotBuiltError: there is no Go, or the modules cannot be had or built.
    """
    if shutil.which("go") is None:
        raise NotBuiltError("there is no `go` on PATH; install Go (go.dev/doc/install)")
    with tempfile.TemporaryDirectory(prefix="kubectl-yaml-") as directory:
        program = Path(directory, "kubectl-yaml")
        command = ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", str(program), "."]
        environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotBuiltError(f"`go build` in {HERE} failed:\n{done.stderr.rstrip()}")
        yield GoDecoder(program)
