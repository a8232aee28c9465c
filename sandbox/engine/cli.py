"""The engine's commands for the sandbox's command line; options are spelled as the Pulumi CLI spells them."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from sandbox.engine.analyzer import PackOptions
from sandbox.engine.checkpoint import Checkpoint, backend_directory, deployment_document
from sandbox.engine.configuration import stack_salt
from sandbox.engine.errors import EngineError, UsageError
from sandbox.engine.operations import Options, run
from sandbox.engine.project import Project, load_project
from sandbox.engine.snapshot import Snapshot
from sandbox.engine.stored_values import to_json
from sandbox.engine.urn import is_stack
from sandbox.engine.values import Secret, unwrap

_STACK_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,100}")
_HELP = {
    "preview": "show what `up` would change",
    "up": "create, update and delete resources so that they are what the program says",
    "refresh": "take what the providers find as the state",
    "destroy": "delete all resources of the stack",
}


def add_commands(subparsers: Any) -> None:
    """Add the engine's commands to an argparse sub-parser collection; each sets `run`, which returns an exit code."""
    for name, text in _HELP.items():
        command = subparsers.add_parser(name, help=text)
        _add_stack_options(command)
        command.add_argument("--diff", action="store_true", help="show properties and not only names")
        command.add_argument(
            "--target", "-t", action="append", default=[], help="limit to this URN (repeatable, `*` allowed)"
        )
        command.add_argument("--target-dependents", action="store_true", help="include what depends on the targets")
        command.add_argument(
            "--parallel", "-p", type=int, default=0, help="provider calls at once (default: 4 x cores)"
        )
        command.add_argument("--config", "-c", action="append", default=[], help="key=value, wins over the stack file")
        command.add_argument("--refresh", "-r", action="store_true", help="refresh the state first")
        command.add_argument("--color", choices=["never"], help="there are no colours here")
        if name == "preview":
            command.add_argument("--json", "-j", action="store_true", help="print a JSON document")
            command.add_argument("--show-sames", action="store_true", help="what stays as it is, is in it")
            command.add_argument("--expect-no-changes", action="store_true", help="fail if there are changes")
        if name in ("preview", "up"):
            command.add_argument(
                "--policy-pack", action="append", default=[], type=Path, help="ask this policy pack (repeatable)"
            )
            command.add_argument(
                "--policy-pack-config", action="append", default=[], type=Path, help="its configuration, a JSON file"
            )
        if name != "preview":
            command.add_argument("--yes", "-y", action="store_true", help="do not ask after the preview")
            command.add_argument("--skip-preview", "-f", action="store_true", help="do not show a preview first")
            command.add_argument("--preview-only", action="store_true", help="only show what would be done")
            command.add_argument("--continue-on-error", action="store_true", help="go on with independent resources")
        command.set_defaults(run=_operate, operation=name)
    _add_stack_command(subparsers)


def _add_stack_command(subparsers: Any) -> None:
    stack = subparsers.add_parser("stack", help="show the stack's state or outputs")
    kinds = stack.add_subparsers(title="commands", metavar="COMMAND", required=True)
    export = kinds.add_parser("export", help="print the state as JSON")
    _add_stack_options(export)
    export.add_argument("--show-secrets", action="store_true", help="decrypt secrets")
    export.set_defaults(run=_export)
    output = kinds.add_parser("output", help="print the stack's outputs")
    _add_stack_options(output)
    output.add_argument("name", nargs="?", help="only this output")
    output.add_argument("--json", "-j", action="store_true", help="as JSON")
    output.add_argument("--show-secrets", action="store_true", help="decrypt secrets")
    output.set_defaults(run=_output)


def _add_stack_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cwd", "-C", type=Path, default=Path(), help="run as if started in this folder")
    command.add_argument("--stack", "-s", help="the stack (default: PULUMI_STACK, or the only stack file)")
    command.add_argument("--non-interactive", action="store_true", help="never ask")


def _operate(arguments: argparse.Namespace) -> int:
    try:
        operation = arguments.operation
        skip_preview = getattr(arguments, "skip_preview", False)
        interactive = sys.stdin.isatty() and sys.stdout.isatty() and not arguments.non_interactive
        changes = operation != "preview" and not arguments.preview_only
        if changes and not interactive and not (arguments.yes or skip_preview):
            raise UsageError(
                "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode"
            )
        options = Options(
            stack=_stack_name(arguments, load_project(arguments.cwd)),
            cwd=arguments.cwd,
            skip_preview=skip_preview,
            diff=arguments.diff,
            json=getattr(arguments, "json", False),
            show_sames=getattr(arguments, "show_sames", False),
            expect_no_changes=getattr(arguments, "expect_no_changes", False),
            targets=tuple(arguments.target),
            target_dependents=arguments.target_dependents,
            continue_on_error=getattr(arguments, "continue_on_error", False),
            parallel=arguments.parallel,
            refresh=arguments.refresh,
            preview_only=getattr(arguments, "preview_only", False),
            policy_packs=_packs(arguments),
            config=tuple(arguments.config),
            confirm=_agree if changes and arguments.yes else _ask,
        )
        return run(operation, options, sys.stdout).exit_code
    except EngineError as error:
        return _complain(error)


def _packs(arguments: argparse.Namespace) -> tuple[PackOptions, ...]:
    folders: list[Path] = getattr(arguments, "policy_pack", [])
    configs: list[Path] = getattr(arguments, "policy_pack_config", [])
    if configs and len(configs) != len(folders):
        raise UsageError("the number of --policy-pack-config flags must match the number of --policy-pack flags")
    return tuple(map(PackOptions, folders, configs)) if configs else tuple(map(PackOptions, folders))


def exported(snapshot: Snapshot, *, show_secrets: bool) -> str:
    """The state as `stack export` prints it."""
    resources = [resource.to_json(snapshot.crypter) for resource in snapshot.resources]
    if show_secrets:
        for document, resource in zip(resources, snapshot.resources, strict=True):
            for name, values in (("inputs", resource.inputs), ("outputs", resource.outputs)):
                if name in document:
                    document[name] = _with_plaintext(values)
    deployment = deployment_document(resources, snapshot.pending_operations, snapshot.crypter.salt)
    return json.dumps({"version": 3, "deployment": deployment}, indent=4)


def _export(arguments: argparse.Namespace) -> int:
    try:
        print(exported(_snapshot(arguments)[0], show_secrets=arguments.show_secrets))
    except EngineError as error:
        return _complain(error)
    return 0


def _output(arguments: argparse.Namespace) -> int:
    try:
        outputs = _outputs(arguments)
        if arguments.name and arguments.name not in outputs:
            raise UsageError(f"current stack does not have output property '{arguments.name}'")
    except EngineError as error:
        return _complain(error)
    shown = {key: _shown(value, secrets=arguments.show_secrets) for key, value in sorted(outputs.items())}
    if arguments.name:
        value = shown[arguments.name]
        print(json.dumps(value) if arguments.json or not isinstance(value, str) else value)
    elif arguments.json:
        print(json.dumps(shown, indent=2))
    else:
        _print_table(shown)
    return 0


def _outputs(arguments: argparse.Namespace) -> dict[str, Any]:
    snapshot, stack = _snapshot(arguments)
    roots = [resource for resource in snapshot.resources if is_stack(resource.urn)]
    if not roots:
        raise UsageError(f"stack '{stack}' has no resources yet; run `up` first")
    return roots[0].outputs or {}


def _print_table(shown: dict[str, Any]) -> None:
    if not shown:
        print("No output values currently in this stack")
        return
    width = max(len("OUTPUT"), *map(len, shown))
    print(f"Current stack outputs ({len(shown)}):")
    print(f"    {'OUTPUT':<{width}}  VALUE")
    for key, value in shown.items():
        print(f"    {key:<{width}}  {value if isinstance(value, str) else json.dumps(value)}")


def _shown(value: Any, *, secrets: bool) -> Any:
    if isinstance(value, Secret) and not secrets:
        return "[secret]"
    if isinstance(value, dict) and not secrets:
        return {key: _shown(item, secrets=False) for key, item in value.items()}
    if isinstance(value, list) and not secrets:
        return [_shown(item, secrets=False) for item in value]
    return to_json(unwrap(value), str)


def _with_plaintext(value: Any) -> Any:
    """Write secrets as `stack export --show-secrets` of the Pulumi CLI does: marked, with their JSON text."""
    document = to_json(Secret(0), str)
    if isinstance(value, Secret):
        mark = {key: item for key, item in document.items() if key != "ciphertext"}
        return {**mark, "plaintext": json.dumps(_with_plaintext(value.value))}
    if isinstance(value, dict):
        return {key: _with_plaintext(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_plaintext(item) for item in value]
    return to_json(value, str)


def _snapshot(arguments: argparse.Namespace) -> tuple[Snapshot, str]:
    project = load_project(arguments.cwd)
    stack = _stack_name(arguments, project)
    return Snapshot(_checkpoint(project, stack), stack_salt(project, stack), os.environ), stack


def _checkpoint(project: Project, stack: str) -> Checkpoint:
    return Checkpoint(backend_directory(os.environ, project.root), project.name, stack)


def _stack_name(arguments: argparse.Namespace, project: Project) -> str:
    names = sorted(
        file.name[len("Pulumi.") : -len(".yaml")] for file in project.stack_config_dir.glob("Pulumi.?*.yaml")
    )
    if arguments.stack or os.environ.get("PULUMI_STACK"):
        asked = str(arguments.stack or os.environ["PULUMI_STACK"])
        if not _STACK_NAME.fullmatch(asked):
            raise UsageError(
                f"{asked!r} is no stack's name: it may have up to 100 letters, digits, hyphens, underscores and periods"
            )
        # There is no `stack init` here, so that the first stack of a project needs no file.
        if names and asked not in names and not _checkpoint(project, asked).file.exists():
            raise UsageError(
                f"no stack named '{asked}' found (there are {', '.join(names)}); to begin one, write "
                f"{project.stack_file(asked)}"
            )
        return asked
    if len(names) == 1:
        return names[0]
    choice = f" (one of {', '.join(names)})" if names else ""
    raise UsageError(f"no stack selected; pass --stack{choice}")


def _agree(_question: str) -> bool:
    return True


def _ask(question: str) -> bool:
    try:
        return input(f"{question} Only 'yes' goes on: ").strip() == "yes"
    except EOFError:
        return False


def _complain(error: EngineError) -> int:
    print(f"error: {error}", file=sys.stderr)
    return 1
