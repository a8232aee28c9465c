"""Policy packs: each is a process that is asked about resources, as the Pulumi CLI asks it (analyzer_plugin.go).

A pack sees what providers have checked, without the keys that Pulumi itself puts there, and in the end all resources
with their outputs. Secrets reach it as plain values. It may warn, or end the operation.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from sandbox.engine.checkpoint import ORGANIZATION
from sandbox.engine.errors import ProjectError, UnsupportedError, UsageError
from sandbox.engine.events import PolicyFinding
from sandbox.engine.objectdiff import is_internal
from sandbox.engine.plugins import Plugin, PluginSettings, start_process
from sandbox.engine.project import Project, python_of
from sandbox.engine.provider_calls import answer_of
from sandbox.engine.state import Resource
from sandbox.engine.urn import is_stack, name_of, provider_urn, type_of
from sandbox.engine.values import PropertyMap, to_struct
from sandbox.engine.yaml_files import load_yaml

_LEVELS = {name.lower(): number for name, number in analyzer_pb2.EnforcementLevel.items()}
_SEVERITIES = {number: name.rpartition("_")[2].lower() for name, number in analyzer_pb2.PolicySeverity.items()}


@dataclass(frozen=True)
class PackOptions:
    """A policy pack that the user asks for.

    Attributes:
        folder: where its PulumiPolicy.yaml is.
        config: a JSON file with the configuration of its rules.
    """

    folder: Path
    config: Path | None = None


@dataclass(frozen=True)
class Pack:
    """A policy pack that runs.

    Attributes:
        plugin: its process.
        name: its name.
        version: its version, as PulumiPolicy.yaml says it.
        folder: where it is.
        severities: rule -> how bad it is to break it.
    """

    plugin: Plugin
    name: str
    version: str
    folder: Path
    severities: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name with its version."""
        return f"{self.name}@v{self.version}"

    async def analyze(self, resource: Resource, resources: Mapping[str, Resource]) -> Sequence[PolicyFinding]:
        """What the pack has against the checked inputs of a resource.

        Raises:
            ProviderError: it failed.
        """
        fields = _fields(resource, resource.inputs, resources)
        answer = await answer_of(self._stub.Analyze(analyzer_pb2.AnalyzeRequest(**fields)))
        return self._findings(answer.diagnostics, lambda _: resource.urn)

    async def analyze_stack(self, resources: Mapping[str, Resource]) -> Sequence[PolicyFinding]:
        """What the pack has against all resources together, with their outputs.

        Raises:
            ProviderError: it failed.
        """
        asked = [
            analyzer_pb2.AnalyzerResource(
                **_fields(each, each.outputs or {}, resources),
                parent=each.parent,
                dependencies=each.dependencies,
                propertyDependencies={
                    key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in each.property_dependencies.items()
                },
            )
            for each in resources.values()
        ]
        answer = await answer_of(self._stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=asked)))
        root = next((urn for urn in resources if is_stack(urn)), "")
        return self._findings(answer.diagnostics, lambda urn: urn if urn in resources else root)

    @property
    def _stub(self) -> Any:
        return analyzer_pb2_grpc.AnalyzerStub(self.plugin.channel)

    def _findings(self, diagnostics: Iterable[Any], urn_of: Any) -> Sequence[PolicyFinding]:
        return [
            PolicyFinding(
                urn_of(each.urn),
                self.title,
                each.policyName,
                analyzer_pb2.EnforcementLevel.Name(each.enforcementLevel).lower(),
                self.severities.get(each.policyName, ""),
                each.message,
            )
            for each in diagnostics
        ]


async def start_packs(
    asked: Sequence[PackOptions], settings: PluginSettings, stack: str, *, dry_run: bool
) -> Sequence[Pack]:
    """Start policy packs and configure them.

    Raises:
        EngineError: one cannot be started, or its configuration is wrong.
    """
    started: list[Pack] = []
    try:
        for each in asked:
            started.append(await _start(each, settings, stack, dry_run=dry_run))  # noqa: PERF401 - to stop those started
    except BaseException:
        await stop_packs(started)
        raise
    return started


async def stop_packs(packs: Iterable[Pack]) -> None:
    """End the processes of policy packs."""
    await asyncio.gather(*(each.plugin.stop() for each in packs))


async def _start(asked: PackOptions, settings: PluginSettings, stack: str, *, dry_run: bool) -> Pack:
    folder = asked.folder.resolve()
    described = _described(folder)
    configuration = _configuration(asked.config)
    command = [_python(folder, described), "-u", "-m", "pulumi.policy", settings.engine_address, str(folder)]
    environment = {
        **settings.environment,
        "PULUMI_PROJECT": settings.project.name,
        "PULUMI_STACK": stack,
        "PULUMI_ORGANIZATION": ORGANIZATION,
        "PULUMI_DRY_RUN": str(dry_run).lower(),
    }
    plugin = await start_process(f"policy pack {folder}", command, folder, environment, settings.say)
    try:
        stub: Any = analyzer_pb2_grpc.AnalyzerStub(plugin.channel)
        info = await answer_of(stub.GetAnalyzerInfo(empty_pb2.Empty()))
        await answer_of(stub.Configure(_request(info, configuration)))
    except BaseException:
        await plugin.stop()
        raise
    severities = {each.name: _SEVERITIES[each.severity] for each in info.policies if each.severity}
    return Pack(plugin, info.name, str(described.get("version") or info.version), folder, severities)


def _described(folder: Path) -> dict[str, Any]:
    file = folder / "PulumiPolicy.yaml"
    if not file.is_file():
        raise UsageError(f"{folder} holds no policy pack: there is no PulumiPolicy.yaml in it")
    described = load_yaml(file)
    runtime = described.get("runtime")
    if (runtime.get("name") if isinstance(runtime, dict) else runtime) != "python":
        raise UnsupportedError("policy packs in other languages than Python")
    return described


def _python(folder: Path, described: Mapping[str, Any]) -> str:
    runtime = described["runtime"]
    options = (runtime.get("options") if isinstance(runtime, dict) else None) or {}
    try:
        return python_of(Project(str(folder), folder, folder, folder, options), folder)
    except ProjectError:
        raise ProjectError(
            f"the policy pack {folder} has no virtualenv {options.get('virtualenv', '.venv')}: `make policies` creates "
            "that of this repository, `pulumi policy install` that of another"
        ) from None


def _configuration(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"the policy pack's configuration {file} cannot be read: {type(error).__name__}") from None
    if not isinstance(found, dict) or not all(isinstance(each, str | dict) for each in found.values()):
        raise UsageError(f"the policy pack's configuration {file} is no JSON object of rules with a level or an object")
    return found


def _request(info: Any, given: Mapping[str, Any]) -> analyzer_pb2.ConfigureAnalyzerRequest:
    """What each rule is configured with: its own level and defaults, the level of `all`, then what is said of it.

    Names that are no rule's are handed on, as Pulumi does.
    """
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    said = {name: {"enforcementLevel": each} if isinstance(each, str) else dict(each) for name, each in given.items()}
    levels = {name: _level(name, each.pop("enforcementLevel", None)) for name, each in said.items()}
    for policy in info.policies:
        properties = json_format.MessageToDict(policy.configSchema).get("properties") or {}
        values = {name: each["default"] for name, each in properties.items() if "default" in each}
        said[policy.name] = values | said.get(policy.name, {})
        asked = [levels.get(policy.name), levels.get("all"), policy.enforcementLevel]
        levels[policy.name] = next(each for each in asked if each is not None)
    for name, values in said.items():
        level = levels[name]
        if level is None:
            if not values:
                continue
            raise UsageError(f"the policy pack's configuration of {name}: it has no enforcement level")
        if level == analyzer_pb2.REMEDIATE:
            raise UnsupportedError(f"remediation, which the rule {name} asks for")
        entry = request.policyConfig[name]
        entry.enforcementLevel = level
        entry.properties.update(values)
    return request


def _level(name: str, said: Any) -> analyzer_pb2.EnforcementLevel.ValueType | None:
    """A level's number; None where none is said."""
    if said is not None and said not in _LEVELS:
        raise UsageError(f"the policy pack's configuration of {name}: {said!r} is no enforcement level")
    return None if said is None else _LEVELS[said]


def _fields(resource: Resource, properties: PropertyMap, resources: Mapping[str, Resource]) -> dict[str, Any]:
    provider = resources.get(provider_urn(resource.provider)) if resource.provider else None
    shown = {} if provider is None else {"provider": _provider(provider)}
    return {
        "type": resource.type,
        "urn": resource.urn,
        "name": name_of(resource.urn),
        "properties": _plain(properties),
        "options": analyzer_pb2.AnalyzerResourceOptions(
            protect=resource.protect,
            ignoreChanges=resource.ignore_changes,
            additionalSecretOutputs=resource.additional_secret_outputs,
            aliases=resource.aliases,
            parent=resource.parent,
        ),
        **shown,
    }


def _provider(provider: Resource) -> analyzer_pb2.AnalyzerProviderResource:
    return analyzer_pb2.AnalyzerProviderResource(
        type=type_of(provider.urn),
        urn=provider.urn,
        name=name_of(provider.urn),
        properties=_plain(provider.inputs),
    )


def _plain(properties: PropertyMap) -> Any:
    return to_struct({key: each for key, each in properties.items() if not is_internal(key)}, keep_secrets=False)
