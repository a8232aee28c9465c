"""Serves the program: Pulumi's ResourceMonitor (resources, invokes) and Engine (log messages) over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from sandbox.engine.checkpoint import ORGANIZATION
from sandbox.engine.configuration import Configuration
from sandbox.engine.deployment import Deployment
from sandbox.engine.errors import EngineError, UnsupportedError
from sandbox.engine.executor import Executor
from sandbox.engine.goal import Goal, goal_of
from sandbox.engine.registry import default_provider_inputs
from sandbox.engine.source_events import Ended, Outputs, Read, Registration
from sandbox.engine.state import Resource
from sandbox.engine.steps import FAILED, SKIPPED, UNKNOWN_RESULT, Answer
from sandbox.engine.urn import PROVIDER_PREFIX, is_provider_type, package_of, provider_reference
from sandbox.engine.values import UNKNOWN_ID, from_struct, to_struct

_FEATURES: Mapping[str, Any] = {
    "secrets": resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "aliasSpecs": resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "deletedWith": resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    # Offered so that using them ends in this engine's own message and not in the SDK's advice to update the CLI.
    "replacementTrigger": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    "replaceWith": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "transforms": resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "invokeTransforms": resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    "parameterization": resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    "resourceHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    "errorHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
}
_RESULTS = {FAILED: resource_pb2.Result.FAIL, SKIPPED: resource_pb2.Result.FAIL}


@dataclass(frozen=True)
class ProgramInfo:
    """What the program may ask about the operation."""

    configuration: Configuration
    parallel: int


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Passes what the program registers to the executor and waits for the answers."""

    def __init__(self, deployment: Deployment, executor: Executor, info: ProgramInfo) -> None:
        self._deployment = deployment
        self._executor = executor
        self._info = info
        self._default_providers: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def GetDeploymentInfo(self, request: empty_pb2.Empty, context: Any) -> resource_pb2.DeploymentInfo:  # noqa: ARG002, N802
        """Describe the operation and the features of this engine."""
        configuration = self._info.configuration
        return resource_pb2.DeploymentInfo(
            project=self._deployment.project,
            stack=self._deployment.stack,
            organization=ORGANIZATION,
            config={key: value.text for key, value in configuration.items()},
            configSecretKeys=[key for key, value in configuration.items() if value.secret],
            dryRun=self._deployment.dry_run,
            parallel=self._info.parallel,
            supportedFeatures=list(_FEATURES.values()),
        )

    async def SupportsFeature(self, request: Any, context: Any) -> resource_pb2.SupportsFeatureResponse:  # noqa: ARG002, N802
        """Tell older SDKs about one feature."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    async def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest, context: Any
    ) -> resource_pb2.RegisterResourceResponse:
        """Register a resource and wait until it is what the program wants."""
        try:
            goal = goal_of(request)
        except UnsupportedError as error:
            await self._refuse(error, context)
        provider = goal.provider
        if goal.custom and not provider and not is_provider_type(goal.type):
            provider = await self._default_provider(package_of(goal.type), goal.version)
        goal = _as_provider(goal) if is_provider_type(goal.type) else _with_provider(goal, provider)
        state, result = await self._ask(lambda answer: Registration(goal, answer))
        outputs = (state.outputs or {}) if state.custom else {}
        return resource_pb2.RegisterResourceResponse(
            urn=state.urn,
            id="" if state.id == UNKNOWN_ID else state.id,
            object=to_struct(outputs, keep_secrets=request.acceptSecrets, keep_resources=request.acceptResources),
            result=_RESULTS.get(result, resource_pb2.Result.SUCCESS),
            unknown=result == UNKNOWN_RESULT,
        )

    async def RegisterResourceOutputs(  # noqa: N802
        self,
        request: resource_pb2.RegisterResourceOutputsRequest,
        context: Any,  # noqa: ARG002
    ) -> empty_pb2.Empty:
        """Set the outputs of a component."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        event = Outputs(request.urn, from_struct(request.outputs), lambda: _resolve(done))
        self._executor.events.put_nowait(event)
        await done
        return empty_pb2.Empty()

    async def ReadResource(  # noqa: N802
        self,
        request: resource_pb2.ReadResourceRequest,
        context: Any,  # noqa: ARG002
    ) -> resource_pb2.ReadResourceResponse:
        """Read a resource that somebody else manages."""
        provider = request.provider or await self._default_provider(package_of(request.type), request.version)
        goal = Goal(
            type=request.type,
            name=request.name,
            custom=True,
            inputs=from_struct(request.properties),
            parent=request.parent,
            provider=provider,
            dependencies=tuple(request.dependencies),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
        )
        state, result = await self._ask(lambda answer: Read(goal, request.id, answer))
        return resource_pb2.ReadResourceResponse(
            urn=state.urn,
            id=state.id,
            properties=to_struct(state.outputs or {}, keep_secrets=request.acceptSecrets),
            result=_RESULTS.get(result, resource_pb2.Result.SUCCESS),
        )

    async def Invoke(self, request: resource_pb2.ResourceInvokeRequest, context: Any) -> Any:  # noqa: N802
        """Call a function of a provider."""
        package = package_of(request.tok)
        if package == "pulumi":
            await self._refuse(UnsupportedError(f"the built-in function {request.tok}"), context)
        reference = request.provider or await self._default_provider(package, request.version)
        try:
            provider = await self._deployment.registry.ensure(reference)
            result, failures = await provider.invoke(
                request.tok, from_struct(request.args), preview=self._deployment.dry_run
            )
        except EngineError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, f"invocation of {request.tok} returned an error: {error}")
        self._deployment.redactor.learn(result)
        return _invoke_response(result, failures)

    async def SignalAndWaitForShutdown(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Let the program end: it has registered everything, and there are no hooks that would still need it."""
        return empty_pb2.Empty()

    async def Call(self, request: Any, context: Any) -> NoReturn:  # noqa: N802
        """Refuse: methods of resources need the Pulumi CLI."""
        await self._refuse(UnsupportedError(f"resource methods (Call of {request.tok})"), context)

    async def RegisterPackage(self, request: Any, context: Any) -> NoReturn:  # noqa: N802
        """Refuse parameterized packages."""
        await self._refuse(UnsupportedError(f"parameterized packages ({request.name})"), context)

    async def RegisterStackTransform(self, request: Any, context: Any) -> NoReturn:  # noqa: ARG002, N802
        """Refuse transforms."""
        await self._refuse(UnsupportedError("stack transforms"), context)

    async def RegisterStackInvokeTransform(self, request: Any, context: Any) -> NoReturn:  # noqa: ARG002, N802
        """Refuse invoke transforms."""
        await self._refuse(UnsupportedError("stack invoke transforms"), context)

    async def RegisterResourceHook(self, request: Any, context: Any) -> NoReturn:  # noqa: ARG002, N802
        """Refuse hooks."""
        await self._refuse(UnsupportedError("resource hooks"), context)

    async def RegisterErrorHook(self, request: Any, context: Any) -> NoReturn:  # noqa: ARG002, N802
        """Refuse hooks."""
        await self._refuse(UnsupportedError("error hooks"), context)

    async def _ask(self, event: Any) -> tuple[Resource, str]:
        future: asyncio.Future[tuple[Resource, str]] = asyncio.get_running_loop().create_future()
        self._executor.events.put_nowait(event(_answer(future)))
        return await future

    async def _default_provider(self, package: str, version: str) -> str:
        key = (package, version)
        if key not in self._default_providers:
            self._default_providers[key] = asyncio.create_task(self._register_default_provider(package, version))
        return await asyncio.shield(self._default_providers[key])

    async def _register_default_provider(self, package: str, version: str) -> str:
        suffix = f"_{version.replace('.', '_')}" if version else ""
        goal = Goal(
            type=f"{PROVIDER_PREFIX}{package}",
            name=f"default{suffix}",
            custom=True,
            inputs=default_provider_inputs(package, version, self._info.configuration),
        )
        state, _ = await self._ask(lambda answer: Registration(goal, answer))
        return provider_reference(state.urn, state.id)

    async def _refuse(self, error: EngineError, context: Any) -> NoReturn:
        """Stop the operation with one clean line instead of a traceback of the program."""
        self._executor.events.put_nowait(Ended(str(error)))
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        raise error


def _answer(future: asyncio.Future[tuple[Resource, str]]) -> Answer:
    def answer(state: Resource, result: str) -> None:
        if not future.done():
            future.set_result((state, result))

    return answer


def _resolve(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _with_provider(goal: Goal, provider: str) -> Goal:
    return goal if provider == goal.provider else Goal(**{**vars(goal), "provider": provider})


def _as_provider(goal: Goal) -> Goal:
    """Put the plugin version among an explicit provider's inputs, where the state keeps it."""
    if not goal.version:
        return goal
    return Goal(**{**vars(goal), "inputs": {**goal.inputs, "__internal": {}, "version": goal.version}})


def _invoke_response(result: Any, failures: list[tuple[str, str]]) -> Any:
    response = resource_pb2.ResourceInvokeResponse(
        failures=[provider_pb2.CheckFailure(property=key, reason=reason) for key, reason in failures]
    )
    getattr(response, "return").CopyFrom(to_struct(result, keep_secrets=True))  # `return` is a word of Python
    return response
