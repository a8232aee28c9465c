"""The two engines that a scenario can run under, behind one interface: the sandbox's own and the Pulumi CLI."""

import io
import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

from sandbox.engine.analyzer import PackOptions
from sandbox.engine.checkpoint import Checkpoint, backend_directory
from sandbox.engine.cli import exported
from sandbox.engine.configuration import stack_salt
from sandbox.engine.operations import Options, Result, run
from sandbox.engine.project import load_project
from sandbox.engine.results import StepEvent
from sandbox.engine.snapshot import Snapshot
from sandbox.engines import Engine

STACK = "dev"
_EXPORT = ("stack", "export", "--show-secrets", "--stack", STACK)
# What the CLI says besides: where the plan is, that a destroyed stack can be removed, and that after a failure it
# interrupted the program (by Python's own traceback of Pulumi's launcher).
_ASIDES = re.compile(
    r"Update plan written to .*\n+Run `pulumi up --plan.*\n+|"
    r"The resources in the stack have been deleted, but .*\n+If you want to remove the stack completely, .*\n+|"
    r"(During handling of the above exception, another exception occurred:\n+)?"
    r"Traceback \(most recent call last\):\n(\s.*\n|\n)*KeyboardInterrupt\n+"
)


@dataclass(frozen=True)
class Outcome:
    """What one operation of an engine came to."""

    result: Result
    output: str

    @property
    def changes(self) -> dict[str, str]:
        """Resource name -> operation, of everything but `same`."""
        return {step.urn.rpartition("::")[2]: step.op for step in self.result.steps if step.op != "same"}


class ProjectEngine(Protocol):
    """Runs operations on the stack `dev` of a project."""

    def prepare(self, project: Path, environment: Mapping[str, str]) -> None:
        """Make the project ready for its first operation."""

    def operate(
        self, operation: str, project: Path, environment: Mapping[str, str], traces: Path, **options: Any
    ) -> Outcome:
        """Run one operation and show property diffs.

        Args:
            operation: `preview`, `up`, `refresh` or `destroy`.
            project: the project's folder.
            environment: the environment of the engine, the program and the plugins.
            traces: a folder for all that the engine writes besides its state.
            options: `skip_preview` and `continue_on_error`, as the CLI spells them, a list of `targets`, and folders of
                `policy_packs` with their `policy_pack_configs`.
        """

    def export(self, project: Path, environment: Mapping[str, str]) -> str:
        """The state as `stack export --show-secrets` prints it."""


class SandboxEngine:
    """The sandbox's engine, in this process."""

    def prepare(self, project: Path, environment: Mapping[str, str]) -> None:
        """Nothing to do."""

    def operate(
        self,
        operation: str,
        project: Path,
        environment: Mapping[str, str],
        traces: Path,  # noqa: ARG002 - it writes nothing but its state
        **options: Any,
    ) -> Outcome:
        out = io.StringIO()
        configs = options.pop("policy_pack_configs", ())
        given = zip_longest(options.pop("policy_packs", ()), configs)
        options["policy_packs"] = tuple(PackOptions(*each) for each in given)
        asked = Options(stack=STACK, cwd=project, diff=True, environment=environment, **options)
        result = run(operation, asked, out)
        return Outcome(result, out.getvalue())

    def export(self, project: Path, environment: Mapping[str, str]) -> str:
        found = load_project(project)
        checkpoint = Checkpoint(backend_directory(environment, found.root), found.name, STACK)
        return exported(Snapshot(checkpoint, stack_salt(found, STACK), environment), show_secrets=True)


class PulumiCli:
    """The real CLI; it writes event logs, update plans and its most verbose log beside each operation."""

    def __init__(self, cli: Engine) -> None:
        self.cli = cli

    def prepare(self, project: Path, environment: Mapping[str, str]) -> None:
        self.cli.prepare(project, environment)

    def operate(
        self, operation: str, project: Path, environment: Mapping[str, str], traces: Path, **options: Any
    ) -> Outcome:
        trace = traces / f"{len(list(traces.glob('*.log'))):02}-{operation}"
        targets: Sequence[str] = options.pop("targets", ())
        packs: Sequence[Path] = options.pop("policy_packs", ())
        configs: Sequence[Path] = options.pop("policy_pack_configs", ())
        flags = [f"--{name.replace('_', '-')}" for name, wanted in options.items() if wanted]
        flags += [flag for target in targets for flag in ("--target", target)]
        flags += [flag for pack in packs for flag in ("--policy-pack", str(pack))]
        flags += [flag for file in configs for flag in ("--policy-pack-config", str(file))]
        if operation == "preview":
            flags += ["--save-plan", f"{trace}.plan.json"]
        else:
            flags += ["--yes"]
        flags += ["--diff", "--stack", STACK, "--cwd", str(project), "--event-log", f"{trace}.events.jsonl"]
        with Path(f"{trace}.log").open("w", encoding="utf-8") as log:
            done = subprocess.run(
                [*self.cli.command, operation, *flags, "-v=9", "--logtostderr", "--logflow"],
                env={**environment, "PULUMI_DEBUG_COMMANDS": "true"},  # for --event-log
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                check=False,
            )
        said = [line for line in Path(f"{trace}.log").read_text("utf-8").splitlines() if not line.startswith('{"')]
        output = _ASIDES.sub("", "\n".join([done.stdout, *said, ""]))
        return Outcome(_result(done.returncode, Path(f"{trace}.events.jsonl").read_text("utf-8")), output)

    def export(self, project: Path, environment: Mapping[str, str]) -> str:
        return self.cli.run(project, environment, *_EXPORT).stdout


def _result(exit_code: int, log: str) -> Result:
    """Read a CLI's event log."""
    events = [json.loads(line) for line in log.splitlines()]
    begins = [number for number, event in enumerate(events) if "preludeEvent" in event]
    last = events[begins[-1] :] if begins else events  # `up` writes its preview and its update
    summary = next((event["summaryEvent"]["resourceChanges"] for event in last if "summaryEvent" in event), None)
    told = [event["diagnosticEvent"] for event in last if "diagnosticEvent" in event]
    return Result(
        exit_code,
        summary or {},
        tuple(_steps(last)),
        tuple((item.get("urn", ""), item["severity"], item["message"]) for item in told if item["severity"] != "debug"),
    )


def _steps(events: list[dict[str, Any]]) -> Iterator[StepEvent]:
    """What was done; default providers, which neither engine shows, left out."""

    def metadata(kind: str) -> list[dict[str, Any]]:
        found = [event[kind]["metadata"] for event in events if kind in event]
        return [step for step in found if "::pulumi:providers:" not in step["urn"] or "::default" not in step["urn"]]

    failed = {(step["op"], step["urn"]) for step in metadata("resOpFailedEvent")}
    for step in metadata("resourcePreEvent"):
        if step["op"] != "refresh":
            error = "failed" if (step["op"], step["urn"]) in failed else ""
            yield StepEvent(step["op"], step["urn"], error=error)
    # What a refresh came to is told with its outputs.
    refreshed = {step["urn"] for step in metadata("resourcePreEvent") if step["op"] == "refresh"}
    for step in metadata("resOutputsEvent"):
        if step["urn"] in refreshed:
            yield StepEvent(step["op"], step["urn"])
