"""What manifests, or a stack's settings, come to: each key of each Secret and where it comes from, for a review.

The components are declared as in a preview, with all their checks, against mocks in place of Pulumi's engine: nothing
is asked of AWS or a cluster, and no value is read.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import mocks

from .core.spec.entries import Find, RemoteRef
from .core.spec.groups import PUSHES, SECRETS
from .core.spec.namespace_choice import NamespaceChoice
from .core.spec.push_specs import PushData
from .core.spec.target_specs import Target
from .display import plain
from .errors import SpecError
from .golang.yaml.documents import read_document
from .golang.yaml.text import decoded
from .golang.yaml.yaml_errors import YamlError
from .manifests import load_manifests, tell
from .settings.declaration import Declared, declare_all
from .settings.project_file import PROJECT_FILES, project_file
from .settings.stack_file import refuse_unread
from .stack_program import declare_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADERS = ("NAMESPACE", "NAME", "SECRET", "KEY", "", "SOURCE", "STORE")
_FROM, _TO = "<-", "->"
_KINDS = {
    SECRETS.member: SECRETS.noun,
    "parameterstore:ClusterSecretSync": "ClusterExternalSecret",
    PUSHES.member: PUSHES.noun,
    "parameterstore:ClusterSecretPush": "ClusterPushSecret",
}
"""Dynamic resource -> the kind that it is of, in the order of the lines."""
_GROUPS = {kind.resource: kind for kind in (SECRETS, PUSHES)}
"""Resource that keeps those of a grouped store -> what they are."""
_GAP = "   "
_CONFIG = "PULUMI_CONFIG"
_ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Line:
    """One key of a Secret, or one entry that gives or takes several.

    Attributes:
        kind: `ExternalSecret`, `PushSecret`, `ClusterExternalSecret` or `ClusterPushSecret`.
        namespace: of the Secret; of a cluster-wide kind which ones are chosen, in words.
        name: of the ExternalSecret or the other kind.
        secret: name of the Secret.
        key: the key; `*` where only `up` tells which.
        source: the parameter, with version and property as they are asked for, or the template.
        store: what it is read from or written to.
        only_for_templates: the Secret does not hold it.
    """

    kind: str
    namespace: str
    name: str
    secret: str
    key: str
    source: str
    store: str
    only_for_templates: bool = False


class _Recorder(mocks.Mocks):
    """Keeps what is registered, and answers as a preview of what is not there yet does."""

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in _KINDS}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        resource, inputs = args.typ.rpartition("/")[2], dict(args.inputs)
        if group := _GROUPS.get(resource):
            for name, bag in inputs.pop(group.kept).items():
                self.inputs[group.member][name] = {**inputs, **group.identity({}, name), **bag}
        elif resource in self.inputs:
            self.inputs[resource][args.name] = inputs
        return None, dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """What a store that creates its role asks of AWS; nothing of it is shown."""
        arn = f"arn:aws:iam::{_ACCOUNT}:user/reviewer"
        return {**args.args, "accountId": _ACCOUNT, "arn": arn, "partition": "aws", "issuerArn": arn}, []


def review_manifests(paths: Sequence[str], namespace: str | None = None, exclude: Sequence[str] = ()) -> list[Line]:
    """What manifests come to, see `load_manifests`.

    Raises:
        SpecError: they would fail in preview, too; the text says where and why.
    """
    for path in paths:
        if Path(path).name in PROJECT_FILES or Path(path).match("Pulumi.*.y*ml"):
            raise SpecError(
                f"{path}: it is a file of Pulumi and no manifest; give a stack's settings with --settings FILE"
            )

    def program() -> Declared:
        read = [load_manifests(path, exclude=exclude) for path in paths]
        found = sum(read[1:], read[0]).within(namespace)
        tell(found)
        return declare_all(
            found.stores,
            found.secrets,
            pushes=found.pushes,
            cluster_secrets=found.cluster_secrets,
            cluster_pushes=found.cluster_pushes,
        )

    return _lines(program, {}, "review")


def review_settings(file: Path) -> list[Line]:
    """What the settings in a stack's file come to; paths of manifests count from the working folder, as for Pulumi.

    Raises:
        SpecError: they would fail in preview, too; the text says where and why.
    """
    if file.name in PROJECT_FILES:
        raise SpecError(f"{file}: it is the project's file, which has no stack's settings; give Pulumi.<stack>.yaml")
    project = _project_of(file)
    document = _read(file)
    refuse_unread(document, file, project)
    config = _mapping(document.get("config"), f"{file}: config")
    return _lines(declare_stack, dict(_settings(config, project, file)), project)


def _settings(config: Mapping[str, Any], project: str, file: Path) -> Iterator[tuple[str, str]]:
    for name, value in config.items():
        key = name if ":" in name else f"{project}:{name}"
        if _is_encrypted(value):
            if key.partition(":")[0] == project:
                raise SpecError(f"{file}: {key} is encrypted, which `render` does not read")
            yield key, "encrypted"
        else:
            yield key, value if isinstance(value, str) else json.dumps(value)


def _is_encrypted(value: Any) -> bool:
    """Whether a setting is encrypted, in whole or in part."""
    if isinstance(value, Mapping):
        return value.keys() == {"secure"} or any(map(_is_encrypted, value.values()))
    return isinstance(value, list) and any(map(_is_encrypted, value))


def _project_of(file: Path) -> str:
    """The name of the project that a stack's file belongs to."""
    found = project_file(file.parent)
    if found is None:
        _read(file)  # which says so where the file itself is none
        raise SpecError(f"{file}: there is no Pulumi.yaml in its folder or above, so its settings belong to no project")
    name = _read(found).get("name")
    if not isinstance(name, str):
        raise SpecError(f"{found}: name is required")
    return name


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return _mapping(read_document(decoded(file.read_bytes())), str(file))
    except OSError as error:
        raise SpecError(f"{file}: it cannot be read ({error.strerror})") from None
    except YamlError as error:
        line = f", line {error.line}" if error.line else ""
        raise SpecError(f"{file}{line}: it is not YAML that can be read: {error.problem}") from None


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise SpecError(f"{where}: expected a mapping")
    return value


def _lines(program: Callable[[], Declared], settings: Mapping[str, str], project: str) -> list[Line]:
    recorder = _Recorder()
    _declare(recorder, program, settings, project)
    return [
        line
        for resource, kind in _KINDS.items()
        for name, inputs in sorted(recorder.inputs[resource].items())
        for each in _variants(inputs)
        for line in (_of_push if "Push" in kind else _of_secret)(kind, name, each)
    ]


def _variants(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """What is declared; of a cluster-wide kind with the choice of namespaces, or one for each that has stores."""
    if "choice" not in inputs:
        return [inputs]
    chosen = NamespaceChoice.from_bag(inputs["choice"]).words
    own = inputs.get("storesOf") or [{}]
    return [{**inputs, **each, "namespace": f"{each['namespace']}, if {chosen}" if each else chosen} for each in own]


def _declare(recorder: _Recorder, program: Callable[[], Declared], settings: Mapping[str, str], project: str) -> None:
    with _handed_over(settings), redirect_stdout(sys.stderr):
        asyncio.set_event_loop(_loop())
        mocks.set_mocks(recorder, project=project, stack="review", preview=True)
        try:
            pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # it has no types
        except pulumi.RunError as error:
            raise SpecError(str(error)) from None


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The loop for Pulumi, which leaves loops in its executor's threads, so that it stays open with the process.

    It says nothing of Outputs that fail with the error that is told anyway.
    """
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    return loop


@contextmanager
def _handed_over(settings: Mapping[str, str]) -> Iterator[None]:
    """Settings as Pulumi hands them to a program."""
    before = os.environ.get(_CONFIG)
    os.environ[_CONFIG] = json.dumps(dict(settings))
    try:
        yield
    finally:
        del os.environ[_CONFIG]
        if before is not None:
            os.environ[_CONFIG] = before


def _of_secret(kind: str, name: str, inputs: Mapping[str, Any]) -> Iterable[Line]:
    target = Target[str].from_bag(inputs.get("target") or {})
    data = inputs.get("data") or {}
    data_from = inputs.get("dataFrom") or []
    template = target.template
    hidden = template is not None and not template.keeps_what_was_read
    own = inputs.get("storeName") or ""

    def line(key: str, source: str, store: str, *, only_for_templates: bool = False) -> Line:
        return Line(
            kind,
            inputs["namespace"],
            name.removeprefix(f"{inputs['namespace']}/"),
            inputs["secretName"],
            key,
            source,
            store,
            only_for_templates,
        )

    for key, bag in sorted(data.items()):
        yield line(key, _asked(RemoteRef.from_bag(bag)), bag.get("store") or own, only_for_templates=hidden)
    for bag in data_from:
        store = bag.get("store") or own
        yield line("*", _entry(bag), store, only_for_templates=hidden)
    if template is not None:
        for key in sorted(template.data):
            yield line(key, "template", "")
        for source in template.template_from:
            if source.target == "Data":
                holder = f"ConfigMap {source.config_map}" if source.config_map else f"Secret {source.secret}"
                yield line("*", "template" if source.literal is not None else f"template in {holder}", "")


def _entry(bag: Mapping[str, Any]) -> str:
    if "extract" in bag:
        return f"{_asked(RemoteRef.from_bag(bag['extract']))}: all members"
    find: Find[str] = Find.from_bag(bag)
    words = [
        f"below {find.path}" if find.path else "",
        f"name {find.name!r}" if find.name is not None else "",
        *(f"tag {key}={value}" for key, value in sorted(find.tags.items())),
    ]
    return f"find: {', '.join(filter(None, words))}"


def _asked(ref: RemoteRef[str, str, str]) -> str:
    """A reference as it is asked for."""
    words = [
        f"tags of {ref.key}" if ref.metadata_policy == "Fetch" else ref.key,
        f"version {ref.version}" if ref.version else "",
        f"property {ref.property}" if ref.property else "",
        ref.decoding_strategy if ref.decoding_strategy != "None" else "",
        "optional" if ref.optional else "",
    ]
    return ", ".join(filter(None, words))


def _of_push(kind: str, name: str, inputs: Mapping[str, Any]) -> Iterable[Line]:
    namespace, prefixes = inputs["namespace"], inputs.get("prefixes") or {}
    secret = inputs.get("secret") or "by labels"

    def line(key: str, source: str, store: str) -> Line:
        return Line(kind, namespace, name.removeprefix(f"{namespace}/"), secret, key, source, store)

    for store in inputs["stores"]:
        prefix = prefixes.get(store, "")
        for bag in inputs.get("data") or []:
            each = PushData[str].from_bag(bag)
            told = [f"{prefix}{each.remote_key}", f"property {each.property}" if each.property else ""]
            yield line(each.secret_key or "*", ", ".join(filter(None, told)), store)
        for bag in inputs.get("dataTo") or []:
            if bag.get("store") in (None, store):
                yield line("*", f"{prefix}{bag.get('remoteKey') or '<key>'}", store)


def as_json(lines: Sequence[Line]) -> str:
    """The lines as JSON."""
    return json.dumps([asdict(each) for each in lines], indent=2)


def as_table(lines: Sequence[Line]) -> str:
    """The lines as a table."""
    rows = [_HEADERS, *map(_cells, lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    key = f"({line.key})" if line.only_for_templates else line.key
    arrow = _TO if "Push" in line.kind else _FROM
    return tuple(plain(each) for each in (line.namespace, line.name, line.secret, key, arrow, line.source, line.store))
