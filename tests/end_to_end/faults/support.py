"""A stack of three Secrets that is put through faults, and what must hold after each of them."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.environment import Sandbox
from sandbox.kubernetes.calls import Call
from sandbox.kubernetes.faults import Fault
from tests.end_to_end.engines import Outcome, ProjectEngine
from tests.end_to_end.support import Project

KEYS = ("user", "password")
FIRST, SECOND, THIRD = NAMES = ("db", "mail", "queue")


class Stack(Project):
    """One store and three Secrets of two keys; remembers every value that a Secret may rightly hold."""

    def __init__(self, sandbox: Sandbox, directory: Path, engine: ProjectEngine) -> None:
        super().__init__(sandbox, directory, engine)
        self._generations: dict[str, list[dict[str, str]]] = {name: [] for name in NAMES}
        for name in NAMES:
            self.declare(name, f"/app/{name}", *KEYS)
            self.rotate(name)

    def rotate(self, *names: str) -> None:
        """Write a new version of the parameters of these Secrets."""
        for name in names:
            self._generations[name].append(self.put(f"/app/{name}", *KEYS))

    def shorten(self, file: str, before: str, after: str) -> None:
        """Shorten a time limit in this project's copy of the library, as nobody wants to wait for the real one."""
        path = self.path / "components" / file
        text = path.read_text()
        assert text.count(before) == 1, f"{file} sets this limit no more: {before}"
        path.write_text(text.replace(before, after))

    def shorten_kubernetes(self) -> None:
        """Both limits of a call to Kubernetes by the same factor."""
        self.shorten("clients/kubernetes/backoff.py", "budget: float = 30.0", "budget: float = 1.5")
        self.shorten("clients/kubernetes/client.py", "read_timeout: float = 10.0", "read_timeout: float = 0.5")

    def current(self, name: str) -> bool:
        """Whether a Secret holds the latest values."""
        return self.secret(name) == self._generations[name][-1]

    def check_no_partial_secret(self) -> None:
        """Each Secret is absent, or holds all keys of one and the same version."""
        for name in NAMES:
            # The comparison is made outside of assert: pytest would print the values of both sides.
            whole = self.secret(name) in [None, *self._generations[name]]
            assert whole, f"Secret {name} mixes versions or lacks keys"

    def check_failure(self, outcome: Outcome, *words: str) -> None:
        """It failed without a traceback, said why in these words, and left no partial Secret."""
        assert "Traceback" not in outcome.output, outcome.output
        assert outcome.result.exit_code == 1, outcome.output
        missing = [word for word in words if word not in outcome.output]
        assert not missing, f"{missing} not in:\n{outcome.output}"
        self.check_no_partial_secret()

    def check_settled(self) -> None:
        """All Secrets hold the latest values, and a preview finds nothing to do."""
        assert [name for name in NAMES if not self.current(name)] == []
        preview = self.preview()
        assert (preview.result.exit_code, preview.changes) == (0, {}), preview.output

    def check_recovers(self) -> None:
        """The faults end, and the next update completes."""
        self.sandbox.aws.faults.clear()
        self.sandbox.kubernetes.faults.clear()
        up = self.up()
        assert up.result.exit_code == 0, up.output
        self.check_settled()


@dataclass(frozen=True)
class WriteFault(Fault):
    """A fault that befalls real writes of Secrets and lets the dry run pass that comes before them.

    Attributes:
        struck: set when a write was hit.
    """

    struck: threading.Event = field(default_factory=threading.Event, compare=False)

    def matches(self, call: Call) -> bool:
        """Whether it is such a write."""
        hit = call.verb == "patch" and not call.dry_run and super().matches(call)
        if hit:
            self.struck.set()
        return hit
