"""A headless Chromium, spoken to over pipes by its DevTools protocol, so that nothing but the browser is needed."""

import fcntl
import json
import os
import select
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 60.0
"""Seconds that an answer may take."""
_HIGH = 20
"""From here on file descriptors are free: 3 and 4 are the browser's."""


class Browser:
    """One tab of one browser. Events that come meanwhile are kept.

    Attributes:
        events: (method, parameters) of each event so far.
    """

    def __init__(self, program: str, profile: Path) -> None:
        """Start it."""
        asked, told = (tuple(fcntl.fcntl(end, fcntl.F_DUPFD, _HIGH) for end in os.pipe()) for _ in range(2))

        def wire() -> None:
            os.dup2(asked[0], 3)
            os.dup2(told[1], 4)

        options = ["--headless", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe", "about:blank"]
        if os.geteuid() == 0:
            options.insert(0, "--no-sandbox")  # its own sandbox does not run as root
        self._process = subprocess.Popen(
            [program, f"--user-data-dir={profile}", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=wire,  # noqa: PLW1509 - there are no threads here
        )
        os.close(asked[0])
        os.close(told[1])
        self._ask, self._answers = os.fdopen(asked[1], "wb", buffering=0), os.fdopen(told[0], "rb")
        self._ids = count(1)
        self._buffer = b""
        self._session: str | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __enter__(self) -> Self:
        """Open the tab; RuntimeError or OSError where the browser does not work."""
        try:
            (page,) = [each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page"]
            attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        except BaseException:
            self._end()
            raise
        self._session = attached["sessionId"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        # Its children write to the profile until it has ended by itself.
        with suppress(OSError, RuntimeError, subprocess.TimeoutExpired):
            self.call("Browser.close")
            self._process.wait(_PATIENCE)
        self._process.kill()
        self._process.wait()
        self._ask.close()
        self._answers.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; RuntimeError where the browser refuses, or has ended."""
        number = next(self._ids)
        session = {"sessionId": self._session} if self._session else {}
        self._ask.write(json.dumps({"id": number, "method": method, "params": parameters, **session}).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result

    def wait_for(self, method: str) -> None:
        """Wait for an event."""
        while not any(each[0] == method for each in self.events):
            self._next()

    def run(self, script: str) -> Any:
        """The value of a script's last expression, awaited."""
        done = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"].get("exception", {}).get("description", "the script failed"))
        return done["result"].get("value")

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            answers = self._answers.fileno()
            if not select.select([answers], [], [], _PATIENCE)[0]:
                raise RuntimeError("the browser does not answer")
            part = os.read(answers, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self._buffer += part
        first, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(first)
        if "method" in message:
            self.events.append((message["method"], message.get("params", {})))
        return message


def complaints(events: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """What the console said, and which requests were made besides that of the page itself."""
    told = []
    for method, parameters in events:
        if method == "Runtime.exceptionThrown":
            told.append(f"exception: {parameters['exceptionDetails']['text']}")
        elif method == "Log.entryAdded":
            told.append(f"console: {parameters['entry']['text']}")
        elif method == "Runtime.consoleAPICalled":
            told.append(f"console: {parameters['type']}")
        elif method == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith(("file:", "data:")):
            told.append(f"request: {parameters['request']['url']}")
    files = [each for method, each in events if method == "Network.requestWillBeSent"]
    return told + ([f"{len(files)} files were loaded"] if len(files) > 1 else [])
